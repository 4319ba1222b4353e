import { beforeEach, expect, test } from "vitest";
import { more, speak } from "../lib/i18n/index.svelte.ts";
import { consequences, costOf, partsOf } from "./reshape.ts";

beforeEach(async () => {
  await speak("en");
  await more();
});

test("what a change would do is said in as many sentences as it does things", () => {
  expect(consequences({ moved: 3, again: 0, withdrawn: 1, back: 260 })).toEqual([
    "3 answers get another label.", "1 certificate is withdrawn.", "260 texts go back to people.",
  ]);
  expect(consequences({ moved: 0, again: 1, withdrawn: 0, back: 0 })).toEqual(["1 answer is set aside, and its text is asked again."]);
  expect(consequences({ moved: 0, again: 0, withdrawn: 0, back: 0 })).toHaveLength(1);
});

test("only a refusal with all counts is one of labels", () => {
  expect(costOf({ moved: 1, again: 0, withdrawn: 0, back: 0 })).toEqual({ moved: 1, again: 0, withdrawn: 0, back: 0 });
  expect(costOf({ item: "x" })).toBe(null);
  expect(costOf({})).toBe(null);
});

test("a label is split into two or more that are new", () => {
  expect(partsOf("crash\n slow \n", ["bug"])).toEqual(["crash", "slow"]);
  expect(partsOf("crash", ["bug"])).toBe(null);
  expect(partsOf("crash\nbug", ["bug"])).toBe(null);
});
