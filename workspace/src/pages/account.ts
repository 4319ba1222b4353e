// How an answer came about, in plain words.
import { percent, t } from "../lib/i18n/index.svelte.ts";
import type { Account, Voice } from "../lib/types.ts";
import { called } from "../review/sets.ts";
import { often } from "./worth.ts";

/** "Ann says “bug”: right about 9 times in 10 on “bug”." */
export function voiced(voice: Voice, mine: string): string {
  const said = saying(voice, mine);
  const more = voice.p !== null ? [t("items.voice_sure", { share: percent(voice.p, 1) })] : [];
  return [said, ...more, ...measured(voice)].join(", ") + ".";
}

function saying({ by, machine, label: cell }: Voice, mine: string): string {
  const label = called(cell);
  const you = !!by && by === mine;
  const who = by === "…" || !by ? t("items.somebody") : by;
  if (machine) return by ? t("items.voice_llm", { who: by, label }) : t("items.voice_machine", { label });
  if (!label) return you ? t("items.voice_you_none") : t("items.voice_none", { who });
  return you ? t("items.voice_you", { label }) : t("items.voice_person", { who, label });
}

function measured({ by, label, machine, right, on_label }: Voice): string[] {
  if (!label || (by === "…" && right === null)) return [];
  if (right === null) return machine ? [] : [t("items.often_unknown")];
  const { k, all } = often(right);
  if (k >= all) return [t("items.often_always")];
  return [on_label ? t("items.often_label", { k, all, label: called(label) }) : t("items.often", { k, all })];
}

/** What all of them come to; "" where nobody said anything that could be weighed. */
export function together({ together: both, voices, count, needed }: Account): string {
  const best = both[0];
  if (best) return t("items.together_same", { label: called(best[0]), share: percent(best[1], 0) });
  const people = voices.some((voice) => !voice.machine && voice.label);
  return people && count < needed ? t("items.together_few", { n: count, needed }) : "";
}
