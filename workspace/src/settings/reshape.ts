// A change of labels or promise: what the server says that it would do, and what is asked of it.
import { t } from "../lib/i18n/index.svelte.ts";
import { labelsOf } from "../start/labels.ts";

export interface Cost {
  moved: number;
  again: number;
  without: number;
  withdrawn: number;
  back: number;
  given_up: boolean;
}

/** The counts that a refused change carries; null for another refusal. */
export function costOf(details: Record<string, unknown>): Cost | null {
  const { moved, again, without, withdrawn, back } = details;
  return [moved, again, without, withdrawn, back].every((one) => typeof one === "number") ? (details as unknown as Cost) : null;
}

/** What a change would do, a sentence each. */
export function consequences(cost: Cost): string[] {
  const found = [
    ...(cost.moved ? [t("settings.reshape_moved", { n: cost.moved })] : []),
    ...(cost.again ? [t("settings.reshape_again", { n: cost.again })] : []),
    ...(cost.without ? [t("settings.reshape_without", { n: cost.without })] : []),
    ...(cost.withdrawn ? [t("settings.reshape_withdrawn", { n: cost.withdrawn })] : []),
    ...(cost.back ? [t("settings.confirm_count", { n: cost.back })] : []),
    ...(cost.given_up ? [t("settings.reshape_given_up")] : []),
  ];
  return found.length ? found : [t("settings.reshape_nothing")];
}

/** The labels that a text names, one on each line; null while they are too few or one is there already. */
export function partsOf(text: string, labels: readonly string[]): string[] | null {
  const parts = labelsOf(text);
  return parts.length >= 2 && !parts.some((one) => labels.includes(one)) ? parts : null;
}
