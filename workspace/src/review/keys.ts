// Which key does what. A label's key depends on its place in the project alone: it never changes from question to
// question, so that fingers can learn it.

export type Command =
  | "accept" | "undo" | "skip" | "flag" | "none" | "unsure" | "instructions" | "help" | "past" | "reasons" | "yes" | "no";
export type Act = { do: "label"; label: string } | { do: Command | "others" };
/** How one answers: by all labels, by yes or no, or by so many of the likeliest. */
export type Way = "all" | "binary" | "3" | "5";

/** keys: up to ten labels, each with a key. find: more, by typing. */
export type Mode = "keys" | "find";

export interface Layout {
  mode: Mode;
  binary: boolean;
  labels: readonly string[];
  digits: ReadonlyMap<string, string>;
  initials: ReadonlyMap<string, string>;
  /** The key of each command, as it is shown. */
  commands: Readonly<Record<Exclude<Command, "yes" | "no">, string>>;
}

const LETTERS = { undo: "U", skip: "S", flag: "F", none: "N", unsure: "D", instructions: "I", past: "H", reasons: "X" } as const;
const TAKEN = new Set<string>([...Object.values(LETTERS), "Y"]);
export const FEW = 10;

/** The keys of a set of labels. Over ten labels letters type to find, and commands take Shift. */
export function layout(labels: readonly string[], binary = false): Layout {
  const mode: Mode = labels.length > FEW ? "find" : "keys";
  const shift = mode === "find" ? "⇧" : "";
  const letters = Object.fromEntries(Object.entries(LETTERS).map(([c, k]) => [c, shift + k])) as Record<
    keyof typeof LETTERS, string
  >;
  // N says no where a question is answered by yes and no.
  if (binary && mode === "keys") letters.none = "0";
  const digits = mode === "find" ? [] : labels.map((label, i) => [label, String((i + 1) % 10)] as const);
  return {
    mode, binary, labels, digits: new Map(digits), initials: mode === "find" ? new Map() : initials(labels),
    commands: { ...letters, accept: "Enter", help: "?" },
  };
}

/** First letters, where they are Latin, each label's own and no command's. */
function initials(labels: readonly string[]): Map<string, string> {
  const first = labels.map((label) => {
    const letter = label.normalize("NFKD").replace(/^[^\p{L}]+/u, "")[0]?.toUpperCase() ?? "";
    return /^[A-Z]$/.test(letter) && !TAKEN.has(letter) ? letter : "";
  });
  return new Map(labels.flatMap((label, i) => {
    const letter = first[i] as string;
    return letter && first.filter((f) => f === letter).length === 1 ? [[label, letter] as const] : [];
  }));
}

/** The ways there are for so many labels. */
export function ways(labels: number): Way[] {
  return ["all", "binary", ...(["3", "5"] as const).filter((few) => labels > Number(few))];
}

/** The way that was chosen, if it is there; else yes or no for two labels, and all of more. */
export function way(chosen: string | null, labels: number): Way {
  return ways(labels).find((one) => one === chosen) ?? (labels === 2 ? "binary" : "all");
}

/** The labels to show instead of all, the suggested one first; null for all: where nothing is suggested, or all are few.
 *
 * A question without a suggestion shows every label in its own place, always: an order would be a suggestion. */
export function likeliest(
  labels: readonly string[], chosen: Way, suggestion: string | null, order: readonly string[] | null,
): string[] | null {
  const most = Number(chosen);
  if (!most || labels.length <= most || suggestion === null || !order) return null;
  const known = new Set(labels);
  const first = [...new Set([suggestion, ...order])].filter((label) => known.has(label));
  return first.length < 2 ? null : first.slice(0, most);
}

/** The key that shows the labels that are hidden. */
export const OTHERS = ".";

export interface Press {
  key: string;
  code: string;
  ctrl: boolean;
  alt: boolean;
  meta: boolean;
  shift: boolean;
  repeat: boolean;
  /** An input method is at work. */
  composing: boolean;
  /** Where the focus is: a field in which one types, something that Enter presses, or neither. */
  on: "field" | "control" | "page";
}

/** Seconds after a question came up late in which no key can have been meant for it. */
export const UNREAD = 0.15;

/** The letter or digit of a press, on any keyboard: by what it types, else by where it lies. */
export function named(press: Pick<Press, "key" | "code" | "shift">): string {
  if (/^[a-z0-9]$/i.test(press.key)) return press.key.toUpperCase();
  if (/^[!-~]$/.test(press.key) && !/^Digit\d$/.test(press.code)) return press.key;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(press.code)?.[1];
  if (digit && !press.shift) return digit;
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
  return letter && press.key.length === 1 && press.key > "\u007f" ? letter : press.key;
}

/** What a press asks for, null when it is not for us. `hidden`: some labels are; their keys work all the same. */
export function pressed(press: Press, keys: Layout, hidden = false): Act | null {
  if (press.ctrl || press.alt || press.meta || press.repeat || press.composing) return null;
  if (press.on === "field") return null;
  if (press.key === "Enter") return press.on === "page" && !press.shift ? { do: "accept" } : null;
  if (press.key === "?" || press.key === "？") return { do: "help" };
  const name = named(press);
  if (hidden && !press.shift && (name === OTHERS || name === "。")) return { do: "others" };
  if (keys.mode === "find") return press.shift ? command(name, "⇧", keys) : null;
  if (press.shift && !/^[A-Z]$/.test(name)) return null;
  if (keys.binary && (name === "Y" || name === "N")) return { do: name === "Y" ? "yes" : "no" };
  return command(name, "", keys) ?? labelled(name, keys);
}

/** In the field where one types to find, commands still work, with Shift, while it is empty. */
export function pressedInFinder(press: Press, keys: Layout): Act | null {
  return pressed({ ...press, on: "page" }, keys);
}

function command(name: string, shift: string, keys: Layout): Act | null {
  for (const [what, key] of Object.entries(keys.commands)) if (key === shift + name) return { do: what as Command };
  return null;
}

function labelled(name: string, keys: Layout): Act | null {
  for (const [label, key] of [...keys.digits, ...keys.initials]) if (key === name) return { do: "label", label };
  return null;
}
