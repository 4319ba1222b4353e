import { beforeEach, expect, test } from "vitest";
import { more, speak, t } from "../lib/i18n/index.svelte.ts";
import { consequences, costOf, partsOf } from "./reshape.ts";

beforeEach(async () => {
  await speak("en");
  await more();
});

const none = { moved: 0, again: 0, without: 0, withdrawn: 0, back: 0, given_up: false };

test("what a change would do is said in as many sentences as it does things", () => {
  expect(consequences({ ...none, moved: 3, withdrawn: 1, back: 260 })).toEqual([
    "3 answers get another label.", "1 certificate is withdrawn.", "260 texts go back to people.",
  ]);
  expect(consequences({ ...none, again: 1 })).toEqual(["1 answer is set aside, and its text is asked again."]);
  expect(consequences({ ...none, without: 2, given_up: true })).toEqual([
    "2 answers given so far count as without each new label, and their texts are not asked again.",
    "The audits that are under way are given up; their answers then train the model.",
  ]);
  expect(consequences(none)).toHaveLength(1);
});

test("the words beside the labels say what a new name costs", async () => {
  expect(t("settings.labels_lead")).toContain("a certificate that stands is withdrawn");
  await speak("zh");
  await more();
  expect(t("settings.labels_lead")).toContain("有效的证书会被撤销");
});

test("only a refusal with all counts says what a change would do", () => {
  expect(costOf({ ...none, moved: 1 })).toEqual({ ...none, moved: 1 });
  expect(costOf({ item: "x" })).toBe(null);
  expect(costOf({})).toBe(null);
});

test("a label is split into two or more that are new", () => {
  expect(partsOf("crash\n slow \n", ["bug"])).toEqual(["crash", "slow"]);
  expect(partsOf("crash", ["bug"])).toBe(null);
  expect(partsOf("crash\nbug", ["bug"])).toBe(null);
});
