import { expect, test } from "vitest";
import { address, asked, filters, narrowed } from "./ask.ts";

test("filters go into the address and come back", () => {
  const f = { ...filters(new URLSearchParams("")), q: "a & b", label: "标签 1", flag: "true", split: "true" };
  const text = address(f, { after: 12 });
  expect(filters(new URLSearchParams(text))).toEqual(f);
  expect(new URLSearchParams(text).get("after")).toBe("12");
  expect(narrowed(f)).toBe(3);
  expect(address(filters(new URLSearchParams()))).toBe("");
});

test("percent become shares, and what is no number is left out", () => {
  expect(asked(new URLSearchParams("min_p=80&max_p=95&after=7"), 50)).toBe("?min_p=0.8&max_p=0.95&after=7&limit=50");
  expect(asked(new URLSearchParams("min_p=x&max_p=300&after=-1&before=1e9"), 50)).toBe("?max_p=1&limit=50");
});
