import { describe, expect, it } from "vitest";
import { cut, LEAST, points, TOLD } from "./marks.ts";

const joined = (text: string, words: Parameters<typeof cut>[1]): string => cut(text, words).map((one) => one.text).join("");

describe("words that are marked", () => {
  it("are cut out where they stand, with their sign and their share of the strongest", () => {
    const text = "great app, wrong invoice";
    const pieces = cut(text, [{ start: 17, end: 24, score: 0.4 }, { start: 0, end: 5, score: -0.2 }]);
    expect(pieces.map((one) => [one.text, one.share])).toEqual([["great", -0.5], [" app, wrong ", 0], ["invoice", 1]]);
    expect(joined(text, [{ start: 17, end: 24, score: 0.4 }])).toBe(text);
  });

  it("are found behind characters that take two units, and in Chinese", () => {
    expect(cut("😀😀 坏了，退款", [{ start: 6, end: 8, score: 0.3 }]).map((one) => one.text)).toEqual(["😀😀 坏了，", "退款"]);
  });

  it("leave out what hardly counts, and all where nothing counts", () => {
    const words = [{ start: 0, end: 1, score: 1 }, { start: 2, end: 3, score: LEAST / 2 }];
    expect(cut("a b", words).filter((one) => one.share)).toHaveLength(1);
    expect(cut("a b", [{ start: 0, end: 1, score: 0 }])).toEqual([{ text: "a b", share: 0, note: "" }]);
    expect(cut("", [])).toEqual([]);
  });

  it("have numbers beside the strongest alone", () => {
    const text = "a b c d e f g h";
    const words = [...text].flatMap((_, i) => (i % 2 ? [] : [{ start: i, end: i + 1, score: 1 - i / 30 }]));
    expect(cut(text, words).filter((one) => one.note)).toHaveLength(TOLD);
    expect(joined(text, words)).toBe(text);
  });

  it("have their numbers in points, with the sign", () => {
    expect([0.123, -0.08, 0.004, 0].map(points)).toEqual(["+12", "-8", "+0.4", "0"]);
  });

  it("that overlap or lie outside of the text do no harm", () => {
    expect(joined("abcd", [{ start: 0, end: 3, score: 1 }, { start: 2, end: 4, score: 1 }, { start: 9, end: 12, score: 1 }])).toBe("abcd");
  });
});
