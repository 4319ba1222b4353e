// What a refusal for the promise's sake means, read from the server's sentence; what is unknown stays general.

export type Guarantee = { what: "audits"; n: number } | { what: "answers" | "nothing" | "none" | "reserve" | "other" };

/** Sorts a sentence of kind `guarantee`. */
export function guarantee(message: string): Guarantee {
  const waits = /at most ([\d,]+) audits/.exec(message);
  if (waits) return { what: "audits", n: Number((waits[1] ?? "0").replaceAll(",", "")) };
  if (/reserved by lot/.test(message)) return { what: "reserve" };
  if (/needs answers first|answer\(s\) of/.test(message)) return { what: "answers" };
  if (/no undecided text/.test(message)) return { what: "nothing" };
  if (/^no certificate:/.test(message)) return { what: "none" };
  return { what: "other" };
}
