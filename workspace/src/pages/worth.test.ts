import { beforeEach, expect, test } from "vitest";
import { more, speak } from "../lib/i18n/index.svelte.ts";
import type { RosterRow } from "../lib/types.ts";
import { accepted, notes, often, right } from "./worth.ts";

const range = (value: number, low: number, high: number, n = 50) => ({ value, low, high, n });
const row = (more: Partial<RosterRow> = {}): RosterRow => ({
  id: "1", name: "Ann", role: "reviewer", active: true, answers: 50, today: 5, held: 0, seconds_median: 3, per_day: 20,
  right: null, tells: null, same: null, slower: null, steadier: null, taken_in: null, ...more,
});

beforeEach(async () => {
  await speak("en");
  await more();
});

test("shares as people say them", () => {
  expect([0.9, 0.84, 0.5, 0.95, 0.97, 0.99, 1, 0.03, 0].map((one) => { const { k, all } = often(one); return `${k}/${all}`; })).toEqual(
    ["9/10", "8/10", "5/10", "19/20", "19/20", "99/100", "100/100", "1/20", "0/100"],
  );
});

test("how often somebody is right, with the range", async () => {
  expect(right(range(0.9, 0.842, 0.951))).toBe("right about 9 times in 10 (84% to 95%)");
  expect(right(range(0.999, 0.98, 1))).toBe("practically always right (98% to 100%)");
  await speak("zh");
  expect(right(range(0.9, 0.842, 0.951))).toBe("10 次中约答对 9 次（84% 到 95%）");
});

test("nothing stands out where a range holds no change", () => {
  expect(notes(row({ slower: range(1.2, 0.9, 1.6), steadier: range(-0.02, -0.1, 0.05) }))).toEqual([]);
});

test("what stands out is said with its evidence", () => {
  const said = notes(row({
    same: { label: "bug", own: 0.98, others: 0.31 }, slower: range(1.5, 1.2, 1.9), steadier: range(-0.12, -0.2, -0.03),
    taken_in: range(0.6, 0.26, 0.88, 10),
  }));
  expect(said.map((one) => one.text)).toEqual([
    "The answers tell nothing: 98% of them are “bug”, and 31% of everybody else's.",
    "Slower towards the end: 1.5 times as long (1.2 to 1.9).",
    "Less often right towards the end: 12 in 100 fewer (3 to 20).",
    "Accepted 6 of 10 wrong suggestions (26% to 88%).",
  ]);
  expect(said.map((one) => one.tone)).toEqual(["warn", "plain", "warn", "plain"]);
});

test("wrong suggestions accepted, with their range", () => {
  expect(accepted({ value: 0.6, low: 0.26, high: 0.88, n: 10 })).toBe("6 of 10 (26% – 88%)");
  expect(accepted(null)).toBe("—");
});
