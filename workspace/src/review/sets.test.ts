import { expect, test } from "vitest";
import { apart, atFirst, given, labelsIn, several, toggled } from "./sets.ts";

const LABELS = ["anger", "joy", "fear"];

test("a cell of the server's is read back", () => {
  expect(labelsIn("joy; fear")).toEqual(["joy", "fear"]);
  expect(labelsIn("[]")).toEqual([]);
  expect(labelsIn(null)).toEqual([]);
});

test("a label is put in and taken out, in the order of the task", () => {
  expect(toggled(["fear"], "anger", LABELS)).toEqual(["anger", "fear"]);
  expect(toggled(["anger", "fear"], "anger", LABELS)).toEqual(["fear"]);
});

test("what was said before comes before what is suggested, and unknown labels are left out", () => {
  expect(atFirst({ kind: "labels", value: ["joy"] }, "fear", LABELS)).toEqual(["joy"]);
  expect(atFirst({ kind: "labels", value: [] }, "fear", LABELS)).toEqual([]);
  expect(atFirst(null, "fear; gone", LABELS)).toEqual(["fear"]);
  expect(atFirst(null, null, LABELS)).toEqual([]);
});

test("an answer's labels", () => {
  expect(given({ kind: "label", value: "joy" })).toEqual(["joy"]);
  expect(given({ kind: "unsure", value: null })).toEqual([]);
});

test("a column of sets is told from one of labels", () => {
  expect(several(["joy; fear", "joy", "fear", "fear; anger", "joy; anger", "anger"])).toBe(true);
  expect(several(["joy", "fear", "either; or"])).toBe(false);
});

test("labels that people wrote in one column come apart", () => {
  expect(apart(["joy; fear", "joy|anger", "a, b", '["x", "y, z"]', "好，坏", ""])).toEqual([
    "joy", "fear", "anger", "a", "b", "x", "y, z", "好", "坏",
  ]);
});
