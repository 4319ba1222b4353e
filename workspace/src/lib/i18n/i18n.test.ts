import { beforeEach, describe, expect, test } from "vitest";
import enPages from "./en.pages.ts";
import enFirst from "./en.ts";
import { bytes, duration, more, number, percent, pieces, say, speak, t, wanted } from "./index.svelte.ts";
import zhPages from "./zh.pages.ts";
import zhFirst from "./zh.ts";

const en = { ...enFirst, ...enPages };
const zh = { ...zhFirst, ...zhPages };

type Tree = Record<string, Record<string, string | { one?: string; other: string }>>;
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
const forms = (message: string | { one?: string; other: string }) =>
  typeof message === "string" ? [message] : [message.other, ...(message.one === undefined ? [] : [message.one])];
const flat = (tree: Tree) =>
  new Map(Object.entries(tree).flatMap(([s, texts]) => Object.entries(texts).map(([k, m]) => [`${s}.${k}`, m] as const)));

describe("the two languages", () => {
  const a = flat(en as unknown as Tree);
  const b = flat(zh as unknown as Tree);

  test("have the same keys", () => {
    expect([...b.keys()].sort()).toEqual([...a.keys()].sort());
  });

  test("have the same placeholders and kinds of message", () => {
    for (const [key, message] of a) {
      const other = b.get(key) ?? "";
      expect(typeof other, key).toBe(typeof message);
      const n = typeof message === "string" ? [] : ["n"];
      const want = new Set([...holes(forms(message)[0] ?? ""), ...n]);
      for (const form of [...forms(message), ...forms(other)])
        expect([...want].sort(), key).toEqual([...new Set([...holes(form), ...n])].sort());
    }
  });

  test("leave no text empty, with a space at an end, or untranslated", () => {
    for (const [key, message] of [...a, ...b])
      for (const form of forms(message)) expect(form.trim() === form && form !== "", key).toBe(true);
    const han = /\p{Script=Han}/u;
    const same = [...b].filter(([, m]) => forms(m).some((f) => /\p{L}{3}/u.test(f.replace(/\{\w+\}/g, "")) && !han.test(f)));
    const names = /^(Markdown|cowise|CSV|JSON Lines|Parquet|Label Studio|Enter|Esc|Shift)/;
    expect(same.filter(([, m]) => !forms(m).every((f) => names.test(f))).map(([k]) => k)).toEqual([]);
    expect([...a].filter(([, m]) => forms(m).some((f) => han.test(f))).map(([k]) => k)).toEqual([]);
  });

  test("use the punctuation of their script", () => {
    for (const [key, message] of b)
      for (const form of forms(message)) expect(/\p{Script=Han}[,;:?!]/u.test(form), `${key}: ${form}`).toBe(false);
  });
});

describe("speaking", () => {
  beforeEach(() => speak("en"));

  test("a text follows the language", async () => {
    expect(t("common.save")).toBe("Save");
    await speak("zh");
    expect(t("common.save")).toBe("保存");
  });

  test("texts of the pages come when one of them is opened, in every language from then on", async () => {
    expect(say("start.name")).toBeNull();
    await more();
    expect(t("start.name")).toBe("Name");
    await speak("zh");
    expect(t("start.name")).toBe("名字");
  });

  test("a key made at run time may be missing", () => {
    expect(say("errors.offline")).toContain("server");
    expect(say("errors.constructor")).toBeNull();
    expect(say("nothing")).toBeNull();
  });

  test("numbers, shares, durations and sizes", async () => {
    expect(number(1234567)).toBe("1,234,567");
    expect([percent(0.5), percent(0.021), percent(0.0215, 2)]).toEqual(["50%", "2.1%", "2.15%"]);
    expect([duration(40), duration(7500), duration(86_400 * 3)]).toEqual(["40 sec", "2 hr 5 min", "3 days"]);
    expect(bytes(12_345_678)).toBe("12 MB");
    await speak("zh");
    expect(duration(7500)).toContain("小时");
  });

  test("a sentence is split at its holes", () => {
    expect(pieces("common.save")).toEqual(["Save"]);
  });

  test("the browser's first known language is taken, the account's before it", () => {
    expect(wanted("", ["fr", "zh-CN", "en"])).toBe("zh");
    expect(wanted("en", ["zh-CN"])).toBe("en");
    expect(wanted("", ["fr"])).toBe("en");
  });
});
