import { describe, expect, test } from "vitest";
import { pieces, start } from "./passage.ts";

const joined = (text: string, size?: number) => pieces(text, size).map((p) => p.text + (p.line ? "\n" : "")).join("");

describe("a long text", () => {
  test("nothing is lost, whatever it is", () => {
    const texts = ["", "short", "a\nb\n".repeat(3000), "x".repeat(20_000), "词".repeat(9001), "😀".repeat(5000), "e\u0301".repeat(6000), "👩‍👩‍👧‍👦".repeat(2000), " \t\n".repeat(5000), "שלום ".repeat(3000)];
    for (const text of texts) expect(joined(text)).toBe(text);
  });

  test("a megabyte is cut into pieces of bounded size within a frame or two", () => {
    const text = "lorem ipsum dolor ".repeat(60_000);
    const t = performance.now();
    const all = pieces(text);
    expect(performance.now() - t).toBeLessThan(100);
    expect(Math.max(...all.map((p) => p.text.length))).toBeLessThanOrEqual(6000);
    expect(all.length).toBeGreaterThan(200);
  });

  test("cuts at lines, then spaces, and tears no sign", () => {
    expect(pieces("aaaa\nbbbb\ncccc\ndddd", 8)[0]).toEqual({ text: "aaaa", line: true });
    expect(pieces("aaaa bbbb cccc dddd", 8)[0]).toEqual({ text: "aaaa ", line: false });
    for (const sign of ["😀", "e\u0301", "👍🏽"])
      for (const p of pieces(sign.repeat(100), 31)) expect([...new Intl.Segmenter().segment(p.text)].every((s) => s.segment === sign)).toBe(true);
  });

  test("a hostile pile of marks ends", () => {
    expect(joined("a" + "\u0301".repeat(30_000))).toHaveLength(30_001);
  });

  test("its beginning on one line", () => {
    expect(start("  a\n\n b ")).toBe("a b");
    expect(start("x".repeat(400))).toBe("x".repeat(300) + "…");
    expect(start("😀".repeat(200), 3)).toBe("😀…");
  });
});
