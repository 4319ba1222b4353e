// Names of the languages that texts are in: codes such as zh, or scripts where the text says no more.
const SCRIPTS: Record<string, string> = { latin: "Latn", cyrillic: "Cyrl", arabic: "Arab", greek: "Grek", hebrew: "Hebr", devanagari: "Deva", thai: "Thai" };

/** A language in the words of the reader's own; what has no name stands as it is. */
export function tongue(code: string, tag: string): string {
  const script = SCRIPTS[code];
  try {
    return new Intl.DisplayNames([tag], { type: script ? "script" : "language" }).of(script ?? code) ?? code;
  } catch {
    return code;
  }
}

/** "en, zh" or "en，zh" as codes, each once. */
export function codes(typed: string): string[] {
  return [...new Set(typed.split(/[\s,，、;；]+/u).filter(Boolean))];
}
