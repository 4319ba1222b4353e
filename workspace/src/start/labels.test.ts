import { expect, test } from "vitest";
import { fileOf, labelsOf, languageOf, nameFits, nameOf } from "./labels.ts";

test("labels are the distinct lines", () => {
  expect(labelsOf(" a \r\n\nb\na\n 中文 ")).toEqual(["a", "b", "中文"]);
  expect(labelsOf(" \n ")).toEqual([]);
});

test("pasted lines become one column, whatever they hold", async () => {
  expect(await fileOf(['say "hi", you', "b"], "t.csv").text()).toBe('text\n"say ""hi"", you"\n"b"\n');
});

test("a project is named after its file, and never like another", () => {
  expect(nameOf("tickets.csv", [])).toBe("tickets");
  expect(nameOf("tickets.jsonl.gz", ["tickets"])).toBe("tickets 2");
  expect(nameOf("tickets.csv", ["tickets", "tickets 2"])).toBe("tickets 3");
  expect(nameOf(".csv", [])).toBe("texts");
  expect(nameFits(nameOf("a/b\u0000\u202e.csv", []))).toBe(true);
  expect([nameFits("a/b"), nameFits("a\nb"), nameFits("x".repeat(201)), nameFits("旅行 2")]).toEqual([false, false, false, true]);
});

test("the language is guessed only where it is plain", () => {
  expect(languageOf(["I want to change the PIN of my card"])).toBe("en");
  expect(languageOf(["你好，我想订一家酒店 WiFi"])).toBe("zh");
  expect(languageOf(["東京タワーはどこですか"])).toBe("");
  expect(languageOf(["Où est la gare, s'il vous plaît ?"])).toBe("");
  expect(languageOf(["123", ""])).toBe("");
});
