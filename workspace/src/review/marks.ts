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
  score: number;
  share: number;
  /** Among the strongest, so that its number stands beside it. */
  told: boolean;
}

/** Words below this share of the strongest are not marked. */
export const LEAST = 0.12;
/** So many have their number beside them. */
export const TOLD = 5;

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
    if (from > at) pieces.push({ text: text.slice(at, from), score: 0, share: 0, told: false });
    pieces.push({ text: text.slice(from, to), score: one.score, share: one.score / most, told: told.has(one) });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), score: 0, share: 0, told: false });
  return pieces;
}

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
