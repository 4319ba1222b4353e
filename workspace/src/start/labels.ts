// Lists typed or pasted by people, and texts made into a file.

/** The distinct lines of a text, trimmed, empty ones left out, in their order. */
export function labelsOf(text: string): string[] {
  return [...new Set(text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean))];
}

/** Lines as a CSV file with the one column `text`: whatever a line holds, it stays one row. */
export function fileOf(lines: string[], name: string): File {
  const quoted = lines.map((line) => `"${line.replaceAll('"', '""')}"`);
  return new File([["text", ...quoted, ""].join("\n")], name, { type: "text/csv" });
}

/** A project's name made from a file's, not one of those taken. */
export function nameOf(file: string, taken: readonly string[]): string {
  const bare = file.replace(/(\.(csv|tsv|txt|jsonl?|ndjson|parquet|gz))+$/i, "").replace(/[/\\\p{C}]+/gu, " ").trim().slice(0, 180);
  const name = bare || "texts";
  for (let n = 2; ; n++) {
    const next = n === 2 && !taken.includes(name) ? name : `${name} ${n}`;
    if (!taken.includes(next)) return next;
  }
}

/** Whether a name can be a project's: 1 to 200 characters, no slash, nothing that cannot be seen. */
export function nameFits(name: string): boolean {
  return name.length <= 200 && !/[/\\\p{C}]/u.test(name);
}

/** The language that most of some texts seem to be in. */
export function languageOf(texts: readonly string[]): "zh" | "en" | "" {
  const all = texts.join(" ").slice(0, 20_000);
  const letters = all.match(/\p{L}/gu)?.length ?? 0;
  if (!letters) return "";
  if (/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(all)) return "";
  if ((all.match(/\p{Script=Han}/gu)?.length ?? 0) > letters * 0.3) return "zh";
  const plain = all.match(/[a-z]/gi)?.length ?? 0;
  const words = all.match(/\b(the|and|is|to|of|my|in|it|for|you|was|this|that|have|not)\b/gi)?.length ?? 0;
  return plain > letters * 0.97 && words > 0 ? "en" : "";
}
