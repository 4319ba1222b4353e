// The ledger's words about an item, as sentences in the reader's language.
import { duration, percent, say, t } from "../lib/i18n/index.svelte.ts";
import type { Answer, ItemStory } from "../lib/types.ts";

export type Told = ItemStory["story"][number];
export type Actor = "person" | "machine" | "data";

/** What an answer says; a label stays as it is. */
export function worded(answer: Answer | Record<string, unknown> | null): string {
  if (answer?.kind === "none") return t("review.none");
  if (answer?.kind === "unsure") return t("review.unsure");
  if (answer?.kind === "labels" && Array.isArray(answer.value)) return answer.value.join("; ") || t("review.none");
  return typeof answer?.value === "string" ? answer.value : "—";
}

/** Who it was that did it: "…" stands for somebody whose name the reader may not see. */
export function who(by: string, mine: string): string {
  if (by && by === mine) return t("items.you");
  return by === "…" || !by ? t("items.somebody") : by;
}

/** Text in quotes of the server's language, e.g. came with the label 'x' → x. */
function quoted(what: string): string {
  return /^came with the label (['"])([\s\S]*)\1$/.exec(what)?.[2] ?? "—";
}

/** One sentence for one thing that happened, and what else is known of it. */
export function sentence(told: Told, mine: string): { actor: Actor; text: string; more: string[] } {
  const { what, by, answer, details } = told;
  const [kind = "", state = ""] = (/^(answered|decided)(?: \(|: )([a-z]+)\)?$/.exec(what) ?? []).slice(1);
  const args = { who: who(by, mine), answer: worded(answer) };
  if (kind === "answered") return { actor: "person", text: say(`items.told_${state}`, args) ?? t("items.told_current", args), more: answered(details) };
  if (kind === "decided") {
    const text = say(`items.told_${state}`, args) ?? t("items.told_other", { what });
    return { actor: state === "automated" ? "machine" : "person", text, more: state === "automated" ? decided(details) : [] };
  }
  if (what.startsWith("came with the label")) {
    const label = { answer: quoted(what), who: by };
    return { actor: "data", text: by ? t("items.told_label_by", label) : t("items.told_label", label), more: [] };
  }
  return { actor: by ? "person" : "machine", text: t("items.told_other", { what }), more: [] };
}

/** What people say of an item now, and how many of those who could tell say what most say; the earliest at a tie. */
export function answers(story: readonly Told[]): { all: Told[]; sure: number; same: number } {
  const all = story.filter((one) => one.what === "answered (current)" && one.answer);
  const said = all.filter((one) => one.answer?.kind !== "unsure").map((one) => JSON.stringify([one.answer?.kind, one.answer?.value]));
  const same = Math.max(0, ...said.map((one) => said.filter((other) => other === one).length));
  return { all, sure: said.length, same };
}

function answered(details: Record<string, unknown>): string[] {
  const seconds = typeof details.seconds === "number" && details.seconds > 0 ? [t("items.took", { time: duration(details.seconds) })] : [];
  return [details.blind ? t("items.blind") : t("items.seen"), ...seconds];
}

function decided(details: Record<string, unknown>): string[] {
  return [
    ...(typeof details.p === "number" ? [t("items.p", { share: percent(details.p, 1) })] : []),
    ...(details.certificate ? [t("items.certificate", { id: String(details.certificate) })] : []),
    ...(details.version ? [t("items.version", { id: String(details.version) })] : []),
  ];
}
