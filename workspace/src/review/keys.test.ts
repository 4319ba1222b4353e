import { describe, expect, test } from "vitest";
import { layout, likeliest, named, pressed, pressedInFinder, way, ways, type Press } from "./keys.ts";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key, code: /^[a-z]$/i.test(key) ? "Key" + key.toUpperCase() : /^\d$/.test(key) ? "Digit" + key : "", ctrl: false,
  alt: false, meta: false, shift: false, repeat: false, composing: false, on: "page", ...more,
});
const few = layout(["bug", "billing", "praise"]);
const many = layout(Array.from({ length: 77 }, (_, i) => "label " + i));

describe("keys of labels", () => {
  test("digits by place, the tenth on 0", () => {
    const ten = layout("abcdefghij".split(""));
    expect([...ten.digits.values()]).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]);
    expect(pressed(press("0"), ten)).toEqual({ do: "label", label: "j" });
  });

  test("initials where they are a label's own and no command's", () => {
    expect([...few.initials]).toEqual([["praise", "P"]]);
    expect([...layout(["spam", "Ham", "undo", "取消", "Éclair", "_z"]).initials]).toEqual([["Éclair", "E"], ["_z", "Z"]]);
    expect(pressed(press("p"), few)).toEqual({ do: "label", label: "praise" });
    expect(pressed(press("P", { shift: true }), few)).toEqual({ do: "label", label: "praise" });
  });

  test("they do not depend on anything but the project's order", () => {
    expect(layout(["bug", "billing", "praise"])).toEqual(few);
    expect(layout(["bug", "billing", "praise", "new"]).digits.get("bug")).toBe("1");
  });

  test("an unknown key does nothing", () => {
    for (const key of ["4", "z", "Tab", "Escape", "F1", "ArrowDown", " ", "阿", "Dead", "Process", ""])
      expect(pressed(press(key), few), key).toBeNull();
  });
});

describe("commands", () => {
  test.each([["u", "undo"], ["S", "skip"], ["f", "flag"], ["n", "none"], ["d", "unsure"], ["i", "instructions"], ["h", "past"], ["?", "help"], ["？", "help"], ["Enter", "accept"]])(
    "%s", (key, what) => expect(pressed(press(key), few)).toEqual({ do: what }),
  );

  test("yes and no", () => {
    const two = layout(["spam", "ham"], true);
    expect(pressed(press("y"), two)).toEqual({ do: "yes" });
    expect(pressed(press("n"), two)).toEqual({ do: "no" });
    expect(pressed(press("0"), two)).toEqual({ do: "none" });
    expect(pressed(press("2"), two)).toEqual({ do: "label", label: "ham" });
  });

  test("every key shown is one that works", () => {
    for (const keys of [few, layout(["a", "b"], true)])
      for (const [what, key] of Object.entries(keys.commands)) expect(pressed(press(key), keys), what).toEqual({ do: what });
    for (const [what, key] of Object.entries(many.commands)) {
      const shift = key.startsWith("⇧") || key === "?";
      expect(pressed(press(key.replace("⇧", ""), { shift }), many), what).toEqual({ do: what });
    }
  });
});

describe("what is not for us", () => {
  test.each([["ctrl", { ctrl: true }], ["alt", { alt: true }], ["meta", { meta: true }], ["repeat", { repeat: true }], ["composing", { composing: true }], ["typing", { on: "field" as const }]])(
    "%s", (_, more) => {
      for (const key of ["1", "u", "Enter", "?"]) expect(pressed(press(key, more), few)).toBeNull();
    },
  );

  test("Enter on a button presses the button", () => {
    expect(pressed(press("Enter", { on: "control" }), few)).toBeNull();
    expect(pressed(press("1", { on: "control" }), few)).toEqual({ do: "label", label: "bug" });
  });

  test("Shift with a digit is a sign, not a digit", () => {
    expect(pressed(press("!", { code: "Digit1", shift: true }), few)).toBeNull();
  });
});

describe("keyboards of the world", () => {
  test("a French digit row without Shift, a Russian letter, a number pad, Dvorak", () => {
    expect(named(press("&", { code: "Digit1" }))).toBe("1");
    expect(named(press("é", { code: "Digit2" }))).toBe("2");
    expect(named(press("г", { code: "KeyU" }))).toBe("U");
    expect(named(press("3", { code: "Numpad3" }))).toBe("3");
    expect(named(press("u", { code: "KeyF" }))).toBe("U");
  });
});

describe("over ten labels", () => {
  test("letters and digits are left to the finder, commands take Shift", () => {
    for (const key of ["u", "s", "1", "n"]) expect(pressed(press(key), many)).toBeNull();
    expect(pressed(press("U", { shift: true }), many)).toEqual({ do: "undo" });
    expect(many.commands.undo).toBe("⇧U");
    expect(pressed(press("S", { shift: true, on: "field" }), many)).toBeNull();
    expect(pressedInFinder(press("S", { shift: true, on: "field" }), many)).toEqual({ do: "skip" });
    expect(pressed(press("Enter"), many)).toEqual({ do: "accept" });
  });
});

describe("the likeliest few", () => {
  const labels = "abcdefgh".split("");
  const order = ["f", "b", "h", "a", "c"];

  test("the suggested one first, then by how likely they are", () => {
    expect(likeliest(labels, "3", "f", order)).toEqual(["f", "b", "h"]);
    expect(likeliest(labels, "5", "h", order)).toEqual(["h", "f", "b", "a", "c"]);
    expect(likeliest(labels, "5", "f", ["f", "gone", "b"])).toEqual(["f", "b"]);
  });

  test("a question without a suggestion shows all: an order would be one", () => {
    expect(likeliest(labels, "3", null, order)).toBeNull();
    expect(likeliest(labels, "3", null, null)).toBeNull();
    expect(likeliest(labels, "3", "f", null)).toBeNull();
    expect(likeliest(labels, "3", "f", ["f"])).toBeNull();
  });

  test("other ways, and labels that are few themselves, show all", () => {
    for (const other of ["all", "binary"] as const) expect(likeliest(labels, other, "f", order)).toBeNull();
    expect(likeliest(["a", "b", "c"], "3", "a", ["a", "b", "c"])).toBeNull();
  });

  test("a label's key is its own whatever is shown", () => {
    const keys = layout(labels);
    for (const hidden of [false, true])
      labels.forEach((label, i) => expect(pressed(press(String(i + 1)), keys, hidden)).toEqual({ do: "label", label }));
    expect(layout(labels)).toEqual(keys);
  });

  test("the point opens the others, where there are any", () => {
    for (const keys of [few, many])
      for (const key of [".", "。"]) {
        expect(pressed(press(key, { code: "Period" }), keys, true)).toEqual({ do: "others" });
        expect(pressed(press(key, { code: "Period" }), keys)).toBeNull();
        expect(pressed(press(key, { code: "Period", on: "field" }), keys, true)).toBeNull();
      }
    expect(pressed(press(">", { code: "Period", shift: true }), few, true)).toBeNull();
  });
});

describe("ways of answering", () => {
  test("few are offered where there are more", () => {
    expect(ways(2)).toEqual(["all", "binary"]);
    expect(ways(5)).toEqual(["all", "binary", "3"]);
    expect(ways(77)).toEqual(["all", "binary", "3", "5"]);
  });

  test("the chosen one is kept while it is there", () => {
    expect(way("5", 77)).toBe("5");
    expect(way("5", 4)).toBe("all");
    expect([way(null, 2), way(null, 3), way("all", 2), way("nonsense", 9)]).toEqual(["binary", "all", "all", "all"]);
  });
});
