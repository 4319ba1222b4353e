// Labels of a text that is tried, beside those of the text it is compared with.

export interface Chance {
  label: string;
  p: number;
}

/** Each label with how much its probability changed; null where there is nothing to compare with. */
export function changed(now: readonly Chance[], before: readonly Chance[] | null): (Chance & { change: number | null })[] {
  const was = new Map((before ?? []).map((one) => [one.label, one.p]));
  return now.map((one) => ({ ...one, change: was.has(one.label) ? one.p - (was.get(one.label) as number) : null }));
}
