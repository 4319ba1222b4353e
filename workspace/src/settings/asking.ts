const OFFERED = { repair: [0, 3, 5, 10, 20], balance: [0, 0.25, 0.5, 1] } as const;

/** What a mended error may cost in answers, or how much earlier rare labels are asked about: the choices, with what is set among them. */
export function choices(what: keyof typeof OFFERED, now: number): number[] {
  return [...new Set([...OFFERED[what], now])].sort((a, b) => a - b);
}
