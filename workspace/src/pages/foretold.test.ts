import { beforeEach, expect, test } from "vitest";
import { more, speak } from "../lib/i18n/index.svelte.ts";
import { counts, shares, stops, within } from "./foretold.ts";

beforeEach(async () => {
  await speak("en");
  await more();
});

const span = (low: number, high: number) => ({ low, middle: (low + high) / 2, high });

test("a range is said as one, a point as a point", () => {
  expect(shares(span(0.62, 0.71))).toBe("62% to 71%");
  expect(shares(span(0.7, 0.7))).toBe("70%");
  expect(counts(span(1200, 3000))).toBe("1,200 to 3,000");
});

test("what was granted is held against what was foretold, ends included", () => {
  const foretold = { automation: span(0.62, 0.71), answers: span(1, 2), chance: 1 };
  expect(within({ foretold, granted: 0.62 })).toBe(true);
  expect(within({ foretold, granted: 0.72 })).toBe(false);
  expect(within({ foretold, granted: null })).toBe(null);
  expect(within({ foretold: null, granted: 0.7 })).toBe(null);
});

test("the slider has the project's own promise among its stops, once", () => {
  expect(stops(0.07)).toContain(0.07);
  expect(stops(0.05).filter((one) => one === 0.05)).toHaveLength(1);
  expect(stops(0.07)).toEqual([...stops(0.07)].sort((a, b) => a - b));
});
