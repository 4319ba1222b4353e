// Type to find among any number of labels: prepared once, a few thousand are searched within a frame.

interface Prepared {
  label: string;
  place: number;
  /** Small letters, no accents, one width. */
  plain: string;
  words: string[];
  initials: string;
}

export interface Finder {
  readonly labels: readonly string[];
  readonly prepared: readonly Prepared[];
  readonly place: ReadonlyMap<string, number>;
}

export interface Found {
  labels: string[];
  total: number;
}

/** Ｃafé → cafe: how a person who types thinks of it. */
export function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Words by spaces, signs, camelCase and changes of script; each Chinese character may begin one. */
export function words(label: string): string[] {
  const cut = label.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").replace(/(\p{L})(\p{N})/gu, "$1 $2");
  return plain(cut).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

export function finder(labels: readonly string[]): Finder {
  const prepared = labels.map((label, place) => {
    const parts = words(label);
    return { label, place, plain: plain(label), words: parts, initials: parts.map((w) => w[0] ?? "").join("") };
  });
  return { labels, prepared, place: new Map(labels.map((l, i) => [l, i])) };
}

/** How well a label fits what was typed: 0 is it, Infinity not at all. */
function distance(it: Prepared, typed: string, parts: readonly string[]): number {
  if (it.plain === typed) return 0;
  if (it.plain.startsWith(typed)) return 1;
  const joined = parts.join("");
  if (it.words.some((w) => w.startsWith(joined))) return 2;
  if (joined.length > 1 && it.initials.startsWith(joined)) return 3;
  if (parts.length > 1 && inOrder(it.words, parts)) return 4;
  if (it.plain.includes(typed)) return 5;
  if (joined.length > 1 && it.initials.includes(joined)) return 6;
  if (parts.length > 1 && parts.every((p) => it.plain.includes(p))) return 7;
  return Infinity;
}

/** "lo ca" finds "lost card": each part begins a word, one after the other. */
function inOrder(all: readonly string[], parts: readonly string[]): boolean {
  let i = 0;
  for (const word of all) if (i < parts.length && word.startsWith(parts[i] as string)) i++;
  return i === parts.length;
}

/** The labels that fit, best first; equals by how likely they are, then by their place in the project. */
export function find(index: Finder, typed: string, order: readonly string[] | null, most: number): Found {
  const query = plain(typed).trim();
  const likely = new Map((order ?? []).map((l, i) => [l, i]));
  if (!query) {
    const first = (order ?? []).filter((l) => index.place.has(l));
    const out = first.slice(0, most);
    for (let i = 0; out.length < most && i < index.labels.length; i++) {
      const label = index.labels[i] as string;
      if (!likely.has(label)) out.push(label);
    }
    return { labels: out, total: index.labels.length };
  }
  const parts = query.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const fits: { label: string; d: number; r: number }[] = [];
  for (const it of index.prepared) {
    const d = distance(it, query, parts.length ? parts : [query]);
    if (d < Infinity) fits.push({ label: it.label, d, r: likely.get(it.label) ?? likely.size + it.place });
  }
  fits.sort((a, b) => a.d - b.d || a.r - b.r);
  return { labels: fits.slice(0, most).map((f) => f.label), total: fits.length };
}
