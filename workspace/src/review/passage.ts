// A long text in pieces that the browser lays out one by one, so that a megabyte does not freeze the page.

const SIZE = 4000;

/** Cuts a text into pieces of about `size`: at a line's end where there is one near, else at a space, else anywhere
 * that does not tear a character. Joined by "\n" where `line` is set, else by nothing, they are the text again. */
export function pieces(text: string, size = SIZE): { text: string; line: boolean }[] {
  const out: { text: string; line: boolean }[] = [];
  let from = 0;
  while (text.length - from > size * 1.5) {
    const to = from + size;
    const line = text.slice(from, to + 1).lastIndexOf("\n");
    if (line >= size / 4) {
      out.push({ text: text.slice(from, from + line), line: true });
      from += line + 1;
      continue;
    }
    const end = gap(text, from + size / 4, to);
    out.push({ text: text.slice(from, end), line: false });
    from = end;
  }
  out.push({ text: text.slice(from), line: false });
  return out;
}

/** The last place not after `to` where a line may break. */
function gap(text: string, least: number, to: number): number {
  for (let i = to; i > least; i--) if (/\s/.test(text[i - 1] as string)) return i;
  let i = to;
  while (i > least && torn(text, i)) i--;
  return i;
}

/** Whether a cut before `i` would tear a surrogate pair, a letter from its marks, or joined signs. */
function torn(text: string, i: number): boolean {
  const before = text.charCodeAt(i - 1);
  if (before >= 0xd800 && before <= 0xdbff) return true;
  if (before === 0x200d) return true;
  return /^[\p{M}\u200d\ufe0f\u{1f3fb}-\u{1f3ff}]/u.test(text.slice(i, i + 2));
}

/** The beginning on one line, for a screen reader and for lists. */
export function start(text: string, most = 300): string {
  const cut = text.slice(0, most).replace(/\s+/g, " ").trim();
  return text.length > most ? cut.replace(/[\ud800-\udbff]$/, "") + "…" : cut;
}
