// Labels merged and split: what is asked of the server, and what it says that would do.
import { t } from "../lib/i18n/index.svelte.ts";
import { labelsOf } from "../start/labels.ts";

export interface Cost {
  moved: number;
  again: number;
  withdrawn: number;
  back: number;
}

/** The counts that a refused change of labels carries; null for another refusal. */
export function costOf(details: Record<string, unknown>): Cost | null {
  const { moved, again, withdrawn, back } = details;
  return [moved, again, withdrawn, back].every((one) => typeof one === "number") ? (details as unknown as Cost) : null;
}

/** What a change would do, a sentence each. */
export function consequences(cost: Cost): string[] {
  const found = [
    ...(cost.moved ? [t("settings.reshape_moved", { n: cost.moved })] : []),
    ...(cost.again ? [t("settings.reshape_again", { n: cost.again })] : []),
    ...(cost.withdrawn ? [t("settings.reshape_withdrawn", { n: cost.withdrawn })] : []),
    ...(cost.back ? [t("settings.confirm_count", { n: cost.back })] : []),
  ];
  return found.length ? found : [t("settings.reshape_nothing")];
}

/** The labels that a text names, one on each line; null while they are too few or one is there already. */
export function partsOf(text: string, labels: readonly string[]): string[] | null {
  const parts = labelsOf(text);
  return parts.length >= 2 && !parts.some((one) => labels.includes(one)) ? parts : null;
}
