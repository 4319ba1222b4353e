import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { guarantee } from "./guarantee.ts";

test("the server's sentences are sorted; what is unknown stays general", () => {
  const open = "a look is open: at most 1,149 audits by lot are to be answered, blind, among others; answer them with: cowise review x, then certify again";
  expect(guarantee(open)).toEqual({ what: "audits", n: 1149 });
  expect(guarantee("no certificate: 5 wrong among 30 audits, 2 tolerated. They train the model now").what).toBe("none");
  expect(guarantee("a model needs answers first: asked to certify with 1 answer(s) of 1 label(s)").what).toBe("answers");
  expect(guarantee("learn: got 0 answer(s) of 0 label(s), needs at least 3 of 2").what).toBe("answers");
  expect(guarantee("project 'x' has no undecided text to promise about").what).toBe("nothing");
  expect(guarantee("error <= 0.05 needs at least 59 texts reserved by lot, got 3").what).toBe("reserve");
  expect(guarantee("something new").what).toBe("other");
});

test("the same sentences are sorted alike in Chinese, as the server has them", () => {
  const file = new URL("../../../cowise/core/errors_zh.json", import.meta.url);
  const { loop } = JSON.parse(readFileSync(file, "utf-8")) as { loop: Record<string, string> };
  const filled = (text: string) => text.replace(/\{\d*(:\w+)?\}/g, "1,149");
  const sorted = Object.entries(loop).filter(([en]) => guarantee(filled(en)).what !== "other");
  expect(sorted.length).toBeGreaterThan(6);
  for (const [en, zh] of Object.entries(loop)) expect(guarantee(filled(zh)), zh).toEqual(guarantee(filled(en)));
});
