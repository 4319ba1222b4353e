import { beforeEach, expect, test } from "vitest";
import { more, speak } from "../lib/i18n/index.svelte.ts";
import type { Account, Voice } from "../lib/types.ts";
import { together, voiced } from "./account.ts";

const voice = (more: Partial<Voice> = {}): Voice => ({ by: "Ann", machine: false, label: "bug", agrees: true, blind: true, right: 0.9, on_label: false, p: null, ...more });
const account = (more: Partial<Account> = {}): Account => ({
  hidden: "", route: "reviewed", label: "bug", voices: [voice()], together: [], count: 3, needed: 50, next: "stands", ...more,
});

beforeEach(async () => {
  await speak("en");
  await more();
});

test("who said what, and how often that is right", () => {
  expect(voiced(voice(), "")).toBe("Ann says “bug”, right about 9 times in 10.");
  expect(voiced(voice({ on_label: true }), "Ann")).toBe("You say “bug”, right about 9 times in 10 on “bug”.");
  expect(voiced(voice({ right: 1 }), "")).toBe("Ann says “bug”, hardly ever wrong.");
  expect(voiced(voice({ right: null }), "")).toBe("Ann says “bug”, too few answers to say how often that is right.");
  expect(voiced(voice({ by: "…", right: null }), "")).toBe("somebody says “bug”.");
  expect(voiced(voice({ by: "", machine: true, p: 0.987, right: 0.95 }), "")).toBe("The machine says “bug”, 98.7% sure, right about 19 times in 20.");
  expect(voiced(voice({ by: "qwen", machine: true, p: 0.8, right: 0.7 }), "")).toBe("The language model qwen says “bug”, 80% sure, right about 7 times in 10.");
  expect(voiced(voice({ label: "" }), "")).toBe("Ann names no label.");
});

test("what all come to, or why nothing is weighed", () => {
  expect(together(account({ together: [["bug", 0.93], ["praise", 0.05]] }))).toContain("“bug” with 93%");
  expect(together(account())).toContain("before 50 texts have several answers, and 3 have");
  expect(together(account({ voices: [voice({ machine: true })] }))).toBe("");
});

test("in Chinese as well", async () => {
  await speak("zh");
  expect(voiced(voice({ on_label: true }), "")).toBe("Ann 说“bug”, 在“bug”上大约 10 次里对 9 次.");
});
