// What somebody's answers are worth, in plain words.
import { number, percent, t } from "../lib/i18n/index.svelte.ts";
import type { Range, RosterRow } from "../lib/types.ts";

/** A share as people say it: 9 times in 10, 19 in 20, 97 in 100. */
export function often(share: number): { k: number; all: number } {
  const all = share > 0.985 || share < 0.015 ? 100 : share > 0.925 || share < 0.075 ? 20 : 10;
  return { k: Math.round(share * all), all };
}

/** "right about 9 times in 10 (84% to 95%)" */
export function right(range: Range): string {
  const { k, all } = often(range.value);
  const ends = { low: percent(range.low, 0), high: percent(range.high, 0) };
  return k === all ? t("people.right_always", ends) : t("people.right_often", { k, all, ...ends });
}

/** "6 of 10 (26% – 88%)" of wrong suggestions; a dash where there were none. */
export function accepted(range: Range | null): string {
  if (!range) return "—";
  return t("people.advice_of", { k: Math.round(range.value * range.n), n: range.n, low: percent(range.low, 0), high: percent(range.high, 0) });
}

/** What stands out in somebody's answers; what a range does not show to be so is left out. */
export function notes(row: RosterRow): { tone: "warn" | "plain"; text: string }[] {
  const found: { tone: "warn" | "plain"; text: string }[] = [];
  const { same, slower, steadier, taken_in: taken } = row;
  if (same) found.push({ tone: "warn", text: t("people.note_same", { label: same.label, own: percent(same.own, 0), others: percent(same.others, 0) }) });
  if (slower && slower.low > 1) found.push({ tone: "plain", text: t("people.note_slower", { times: number(slower.value, 1), low: number(slower.low, 1), high: number(slower.high, 1) }) });
  if (steadier && steadier.high < 0)
    found.push({ tone: "warn", text: t("people.note_tired", { fewer: number(-100 * steadier.value), low: number(-100 * steadier.high), high: number(-100 * steadier.low) }) });
  if (taken) found.push({ tone: "plain", text: t("people.note_taken", { k: Math.round(taken.value * taken.n), all: taken.n, low: percent(taken.low, 0), high: percent(taken.high, 0) }) });
  return found;
}
