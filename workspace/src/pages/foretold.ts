// How a forecast stands beside what came, in words.
import { number, percent, t } from "../lib/i18n/index.svelte.ts";
import type { Promises, Span } from "../lib/types.ts";

export type Kept = Promises["looks"][number];

/** "62 % to 71 %"; one figure where both ends are the same. */
export function shares(span: Span): string {
  return span.low === span.high ? percent(span.low) : t("forecast.span", { low: percent(span.low), high: percent(span.high) });
}

/** "430 to 520" answers. */
export function counts(span: Span): string {
  return span.low === span.high ? number(span.low) : t("forecast.span", { low: number(span.low), high: number(span.high) });
}

/** Whether a look granted what was foretold; null where one of the two is missing. */
export function within(look: Pick<Kept, "foretold" | "granted">): boolean | null {
  if (!look.foretold || look.granted === null) return null;
  return look.foretold.automation.low <= look.granted && look.granted <= look.foretold.automation.high;
}

/** The accepted errors of the slider, the project's own among them. */
export function stops(own: number): number[] {
  return [...new Set([0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, own])].sort((a, b) => a - b);
}
