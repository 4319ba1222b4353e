// Words of a text with what each adds, as pieces to show one after the other.

export interface Word {
  /** Places in characters (code points), as the server counts them. */
  start: number;
  end: number;
  score: number;
}

/** A piece of the text; `share` of the strongest word's score with its sign, 0 where it is not marked. */
export interface Piece {
  text: string;
  share: number;
  /** What stands beside it: the number of one of the strongest, else nothing. */
  note: string;
}

/** Words below this share of the strongest are not marked. */
export const LEAST = 0.12;
/** So many have their number beside them. */
export const TOLD = 5;

/** What a word adds to a probability, with its sign, in points of a hundred: 0.123 → +12. */
export function points(score: number): string {
  return new Intl.NumberFormat("en", { signDisplay: "exceptZero", maximumFractionDigits: Math.abs(score) < 0.01 ? 1 : 0 }).format(100 * score);
}

/** Cuts a text at its marked words. Joined, the pieces are the text again. */
export function cut(text: string, words: readonly Word[]): Piece[] {
  const most = Math.max(0, ...words.map((one) => Math.abs(one.score)));
  const marked = words.filter((one) => most > 0 && Math.abs(one.score) >= LEAST * most && one.end > one.start);
  const told = new Set([...marked].sort((a, b) => Math.abs(b.score) - Math.abs(a.score)).slice(0, TOLD));
  const place = places(text, marked.flatMap((one) => [one.start, one.end]));
  const pieces: Piece[] = [];
  let at = 0;
  for (const one of [...marked].sort((a, b) => a.start - b.start)) {
    const [from, to] = [place.get(one.start) ?? at, place.get(one.end) ?? at];
    if (from < at || to <= from) continue;
    if (from > at) pieces.push(plain(text.slice(at, from)));
    pieces.push({ text: text.slice(from, to), share: one.score / most, note: told.has(one) ? points(one.score) : "" });
    at = to;
  }
  if (at < text.length) pieces.push(plain(text.slice(at)));
  return pieces;
}

const plain = (text: string): Piece => ({ text, share: 0, note: "" });

/** Where characters lie in the string: a character outside the basic plane takes two units. */
function places(text: string, wanted: readonly number[]): Map<number, number> {
  const open = new Set(wanted);
  const found = new Map<number, number>();
  let count = 0;
  for (let i = 0; open.size && i <= text.length; count++) {
    if (open.delete(count)) found.set(count, i);
    if (i === text.length) break;
    i += (text.codePointAt(i) as number) > 0xffff ? 2 : 1;
  }
  return found;
}
