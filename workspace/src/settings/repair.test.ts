import { expect, test } from "vitest";
import { worths } from "./repair.ts";

test("what the project has is among the choices, once and in its place", () => {
  expect(worths(0)).toEqual([0, 3, 5, 10, 20]);
  expect(worths(7.5)).toEqual([0, 3, 5, 7.5, 10, 20]);
});
