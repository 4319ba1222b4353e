import { beforeEach, expect, test } from "vitest";
import { more, speak } from "../lib/i18n/index.svelte.ts";
import { answers, sentence, worded } from "./story.ts";

const told = (what: string, more = {}) => ({ at: 1, what, by: "Ann", answer: { kind: "label", value: "bug" }, details: {}, ...more });

beforeEach(async () => {
  await speak("en");
  await more();
});

test("the ledger's codes become sentences", () => {
  expect(sentence(told("answered (current)", { details: { blind: true, seconds: 4 } }), "")).toEqual({
    actor: "person", text: "Ann answered “bug”", more: ["without seeing a suggestion", "took 4 sec"],
  });
  expect(sentence(told("answered (undone)"), "").text).toBe("Ann answered “bug” and took it back");
  expect(sentence(told("answered (current)", { by: "…" }), "").text).toBe("somebody answered “bug”");
  const machine = sentence(told("decided: automated", { by: "", details: { p: 0.987, certificate: "c-1", version: "v-1" } }), "");
  expect(machine).toEqual({
    actor: "machine", text: "The machine decided “bug”, under the certificate",
    more: ["the machine was 98.7% sure", "certificate c-1", "model v-1"],
  });
  expect(sentence(told("came with the label 'a \"b\" c'", { by: "", answer: null }), "").text).toBe("It came with the label “a \"b\" c”");
  expect(sentence(told("something new", { by: "" }), "").text).toBe("Recorded: something new");
});

test("in Chinese as well", async () => {
  await speak("zh");
  expect(sentence(told("answered (corrected)"), "").text).toBe("Ann 回答“bug”，后来作了更正");
  expect(sentence(told("answered (current)"), "Ann").text).toBe("你 回答“bug”");
  expect(sentence(told("decided: reviewed"), "").text).toBe("依据人工回答，决定为“bug”");
});

test("answers that are no label", () => {
  expect([worded({ kind: "none", value: null }), worded({ kind: "unsure", value: null }), worded(null)]).toEqual(["None of these", "Cannot tell", "—"]);
});

test("answers stand side by side, and who cannot tell does not disagree", () => {
  const label = (value: string) => told("answered (current)", { answer: { kind: "label", value } });
  const unsure = told("answered (current)", { answer: { kind: "unsure", value: null } });
  const past = told("answered (corrected)");
  expect(answers([label("bug"), past, told("decided: reviewed")])).toEqual({ all: [label("bug")], sure: 1, same: 1 });
  expect(answers([label("bug"), unsure])).toMatchObject({ sure: 1, same: 1 });
  expect(answers([label("a"), label("b"), label("b")])).toMatchObject({ sure: 3, same: 2 });
  expect(answers([unsure])).toMatchObject({ sure: 0, same: 0 });
});
