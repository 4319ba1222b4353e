import { expect, test } from "vitest";
import { inline, markdown, type Block, type Inline } from "./markdown.ts";

const plain = (all: Inline[]): string =>
  all.map((x) => ("inside" in x ? plain(x.inside) : x.kind === "break" ? "\n" : x.text)).join("");

test("blocks", () => {
  const kinds = (text: string) => markdown(text).map((b) => b.kind);
  expect(kinds("# a\n\nb\nc\n\n- d\n- e\n\n1. f\n\n> g\n\n```\nh\n```\n---")).toEqual([
    "heading", "paragraph", "list", "list", "quote", "code", "rule",
  ]);
  expect(markdown("###### deep")).toEqual([{ kind: "heading", level: 3, inside: [{ kind: "text", text: "deep" }] }]);
  expect(markdown("1、一\n2、二")).toMatchObject([{ kind: "list", ordered: true, items: [{}, {}] }]);
});

test("words", () => {
  expect(inline("a **b *c*** `d*` [e](https://x.org/y)")).toEqual([
    { kind: "text", text: "a " },
    { kind: "bold", inside: [{ kind: "text", text: "b " }, { kind: "italic", inside: [{ kind: "text", text: "c" }] }] },
    { kind: "text", text: " " },
    { kind: "code", text: "d*" },
    { kind: "text", text: " " },
    { kind: "link", href: "https://x.org/y", inside: [{ kind: "text", text: "e" }] },
  ]);
  expect(plain(inline("**重要**：先看_这里_"))).toBe("重要：先看这里");
  expect(inline("\\*a\\*")).toHaveLength(3);
  expect(inline("snake_case_name 2*3*4")).toEqual([{ kind: "text", text: "snake_case_name 2*3*4" }]);
});

test("only http and https links become links; markup stays text", () => {
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "//x.org", "vbscript:x", " https://x", "ftp://x"]) {
    const found = inline(`[a](${bad})`);
    expect(found.some((x) => x.kind === "link"), bad).toBe(false);
  }
  expect(plain(inline("<img src=x onerror=alert(1)>"))).toBe("<img src=x onerror=alert(1)>");
});

test("hostile texts end quickly and lose nothing", () => {
  const texts = ["*".repeat(20_000), "[".repeat(20_000), ">".repeat(20_000), "`".repeat(20_000), "**a ".repeat(5_000), "_a*".repeat(6_000)];
  for (const text of texts) {
    const start = performance.now();
    markdown(text);
    expect(performance.now() - start, text.slice(0, 4)).toBeLessThan(1500);
  }
  const deep = (b: Block[]): number => Math.max(0, ...b.map((x) => (x.kind === "quote" ? 1 + deep(x.inside) : 0)));
  expect(deep(markdown(">".repeat(100) + "a"))).toBeLessThanOrEqual(6);
});
