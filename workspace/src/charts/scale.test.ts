import { describe, expect, test } from "vitest";
import { line, nearest, path, some, ticks, up } from "./scale.ts";

describe("axes", () => {
  test("ticks are round, begin at 0 and reach the most", () => {
    expect(ticks(873)).toEqual([0, 500, 1000]);
    expect(ticks(1000)).toEqual([0, 500, 1000]);
    expect(ticks(0.32)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
    expect(ticks(0)).toEqual([0, 1]);
    for (const most of [1, 7, 99, 456, 2406, 1e6, 3e-4]) {
      const found = ticks(most);
      expect(found.at(-1)).toBeGreaterThanOrEqual(most);
      expect(found.length).toBeLessThan(8);
    }
  });

  test("a range of no width maps to the middle", () => {
    expect(line([5, 5], [0, 10])(5)).toBe(5);
    expect(line([0, 10], [100, 0])(2.5)).toBe(75);
  });

  test("a bound is never rounded down", () => {
    expect(up(0.04987531)).toBe(0.05);
    expect(up(0.0441)).toBe(0.045);
    expect(up(0.05)).toBe(0.05);
    expect(up(0.02)).toBe(0.02);
    for (let i = 0; i <= 1000; i++) expect(up(i / 1000)).toBe(i / 1000);
  });

  test("a path may hold its value", () => {
    expect(path([[0, 1], [2, 3]])).toBe("M0 1L2 3");
    expect(path([[0, 1], [2, 3]], true)).toBe("M0 1H2V3");
  });

  test("the nearest of a sorted list", () => {
    expect([-5, 0, 0.4, 0.6, 2.9, 99].map((x) => nearest([0, 1, 3], x))).toEqual([0, 0, 0, 1, 2, 2]);
  });

  test("some of many keep the ends", () => {
    const many = Array.from({ length: 500 }, (_, i) => i);
    const few = some(many, 24);
    expect([few.length, few[0], few.at(-1)]).toEqual([24, 0, 499]);
    expect(some([1, 2], 24)).toEqual([1, 2]);
  });
});
