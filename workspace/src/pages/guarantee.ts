// What a refusal for the promise's sake means, read from the server's sentence in either language; what is unknown stays general.

export type Guarantee = { what: "audits"; n: number } | { what: "answers" | "nothing" | "none" | "reserve" | "other" };

/** Sorts a sentence of kind `guarantee`. */
export function guarantee(message: string): Guarantee {
  const waits = /at most ([\d,]+) audits|至多还有 ([\d,]+) 个待答/.exec(message);
  if (waits) return { what: "audits", n: Number((waits[1] ?? waits[2] ?? "0").replaceAll(",", "")) };
  if (/reserved by lot|抽签留出/.test(message)) return { what: "reserve" };
  if (/needs answers first|answer\(s\) of|先需要回答|得到涉及/.test(message)) return { what: "answers" };
  if (/no undecided text|没有待定的文本/.test(message)) return { what: "nothing" };
  if (/^(no certificate:|没有证书：)/.test(message)) return { what: "none" };
  return { what: "other" };
}
