import { expect, test } from "vitest";
import { codes, tongue } from "./tongues.ts";

test("languages of texts have names in the reader's language", () => {
  expect(tongue("zh", "en")).toBe("Chinese");
  expect(tongue("latin", "en")).toBe("Latin");
  expect(tongue("not a code", "en")).toBe("not a code");
});

test("languages are read from what somebody types", () => {
  expect(codes(" en, zh，zh、de ")).toEqual(["en", "zh", "de"]);
  expect(codes("  ")).toEqual([]);
});
