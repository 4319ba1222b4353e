import { expect, test } from "vitest";
import { choices } from "./asking.ts";

test("what the project has is among the choices, once and in its place", () => {
  expect(choices("repair", 0)).toEqual([0, 3, 5, 10, 20]);
  expect(choices("repair", 7.5)).toEqual([0, 3, 5, 7.5, 10, 20]);
  expect(choices("balance", 0.3)).toEqual([0, 0.25, 0.3, 0.5, 1]);
});
