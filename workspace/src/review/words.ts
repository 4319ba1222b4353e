// How answers and reasons read.
import { say, t } from "../lib/i18n/index.svelte.ts";
import type { Answer } from "../lib/types.ts";
import { given } from "./sets.ts";

/** What an answer says, in the page's language; a label stays as it is. */
export function worded(answer: Answer | null): string {
  if (!answer) return t("review.skipped");
  if (answer.kind === "none") return t("review.none");
  if (answer.kind === "unsure") return t("review.unsure");
  if (answer.kind === "labels") return given(answer).join("; ") || t("review.none");
  return typeof answer.value === "string" ? answer.value : "";
}

/** Why this question came; the same sentence for all questions of a kind, whatever they are used for. */
export function because(reason: string): string {
  return say("review.reason_" + reason) ?? (/^[a-z_]*$/.test(reason) ? t("review.reason_person") : reason);
}
