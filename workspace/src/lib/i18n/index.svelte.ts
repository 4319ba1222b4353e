// Texts, plural forms, numbers, dates. `t("section.key", {…})` is reactive: a change of language redraws the page.
import { kept } from "../tools.ts";
import type { Language } from "../types.ts";
import type { Message, Params, Plural, Same, Value } from "./types.ts";

type EnglishFirst = typeof import("./en.ts").default;
type EnglishMore = typeof import("./en.pages.ts").default;
export type English = EnglishFirst & EnglishMore;
/** What the shell and the review page need, and what the other pages load with them. */
export type First = { readonly [S in keyof EnglishFirst]: Same<EnglishFirst[S]> };
export type More = { readonly [S in keyof EnglishMore]: Same<EnglishMore[S]> };
export type Catalogue = First & More;
export type Key = { [S in keyof English]: `${S}.${keyof English[S] & string}` }[keyof English];
type At<K> = K extends `${infer S}.${infer M}`
  ? S extends keyof English
    ? M extends keyof English[S]
      ? English[S][M]
      : never
    : never
  : never;
type Args<K extends Key> = [Params<At<K>>] extends [never] ? [] : [Record<Params<At<K>>, Value>];

const FIRST: Record<Language, () => Promise<{ default: First }>> = {
  en: () => import("./en.ts"),
  zh: () => import("./zh.ts"),
};
const MORE: Record<Language, () => Promise<{ default: More }>> = {
  en: () => import("./en.pages.ts"),
  zh: () => import("./zh.pages.ts"),
};
/** What goes into `lang`; also the locale of Intl. */
export const TAGS: Record<Language, string> = { en: "en", zh: "zh-Hans" };
export const LANGUAGES: Record<Language, string> = { en: "English", zh: "中文" };

class Speech {
  language = $state<Language>("en");
  /** Empty until the first `speak`: each reader loads one language only. */
  texts = $state.raw<Catalogue>({} as Catalogue);
  tag = $derived(TAGS[this.language]);
}
const speech = new Speech();

/** The language on the page now. */
export const language = (): Language => speech.language;

/** Chosen on this device, else by the account, else by the browser. */
export function wanted(account: Language | "" = "", browser: readonly string[] = navigator.languages): Language {
  const chosen = kept.get("language");
  if (chosen === "en" || chosen === "zh") return chosen;
  if (account) return account;
  for (const tag of browser) {
    if (tag.toLowerCase().startsWith("zh")) return "zh";
    if (tag.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

let wide = false;

async function read(next: Language): Promise<Catalogue> {
  const [first, more] = await Promise.all([FIRST[next](), wide ? MORE[next]() : null]);
  return { ...first.default, ...more?.default } as Catalogue;
}

/** Loads what the pages beside review say; once, and from then on with every language. */
export async function more(): Promise<void> {
  if (wide) return;
  wide = true;
  try {
    speech.texts = await read(speech.language);
  } catch (error) {
    wide = false;
    throw error;
  }
}

/** Loads a language's texts and shows them everywhere. */
export async function speak(next: Language, keep = false): Promise<void> {
  if (keep) kept.set("language", next);
  speech.texts = await read(next);
  speech.language = next;
  if (typeof document !== "undefined") document.documentElement.lang = TAGS[next];
}

function filled(text: string, args: Record<string, Value>): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = args[name];
    if (value === undefined) return hole;
    return typeof value === "number" ? number(value) : value;
  });
}

function worded(message: Message, args: Record<string, Value>): string {
  if (typeof message === "string") return filled(message, args);
  const form = new Intl.PluralRules(speech.tag).select(Number(args.n));
  return filled((form === "one" && message.one) || (message as Plural).other, args);
}

/** The text of a key in the page's language. Numbers given as values are written in the language's way. */
export function t<K extends Key>(key: K, ...args: Args<K>): string {
  return say(key, (args[0] ?? {}) as Record<string, Value>) ?? key;
}

/** The same for a key made at run time; null when there is no such text. */
export function say(key: string, args: Record<string, Value> = {}): string | null {
  const [section = "", name = ""] = key.split(".", 2);
  const found = (speech.texts as unknown as Record<string, Record<string, Message>>)[section];
  const message = found && Object.hasOwn(found, name) ? found[name] : undefined;
  return message === undefined ? null : worded(message, args);
}

/** Splits a text at its holes, to put elements into a sentence: "Press {key}." → ["Press ", {hole: "key"}, "."] */
export function pieces<K extends Key>(key: K): (string | { hole: string })[] {
  const [section = "", name = ""] = key.split(".", 2);
  const message = (speech.texts as unknown as Record<string, Record<string, Message>>)[section]?.[name] ?? key;
  const text = typeof message === "string" ? message : message.other;
  return text.split(/(\{\w+\})/).filter(Boolean).map((p) => (/^\{\w+\}$/.test(p) ? { hole: p.slice(1, -1) } : p));
}

/** 1,234.5 */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(speech.tag, { maximumFractionDigits: digits }).format(value);
}

/** 0.1234 → 12.3 %; small shares keep a digit that shows them. */
export function percent(share: number, digits?: number): string {
  const most = digits ?? (share > 0 && share < 0.1 ? 1 : 0);
  return new Intl.NumberFormat(speech.tag, { style: "percent", maximumFractionDigits: most }).format(share);
}

/** Date and time; the year only when it is another one. */
export function when(at: number): string {
  const date = new Date(at * 1000);
  const same = date.getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(speech.tag, {
    ...(same ? {} : { year: "numeric" }), month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
  }).format(date);
}

/** Date only. */
export function day(at: number): string {
  return new Intl.DateTimeFormat(speech.tag, { dateStyle: "medium" }).format(new Date(at * 1000));
}

/** "3 minutes ago" */
export function ago(at: number, now = Date.now() / 1000): string {
  const s = at - now;
  const format = new Intl.RelativeTimeFormat(speech.tag, { numeric: "auto" });
  const size = Math.abs(s);
  if (size < 45) return format.format(0, "second");
  if (size < 2700) return format.format(Math.round(s / 60), "minute");
  if (size < 79_200) return format.format(Math.round(s / 3600), "hour");
  return format.format(Math.round(s / 86_400), "day");
}

const unit = (value: number, name: string, digits = 0): string =>
  new Intl.NumberFormat(speech.tag, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits })
    .format(value);

/** How long something takes, by its two biggest units at most: "2 hr 5 min", "40 sec". */
export function duration(seconds: number): string {
  if (seconds < 90) return unit(seconds, "second", seconds < 10 ? 1 : 0);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return unit(Math.round(hours / 24), "day");
  const rest = minutes % 60;
  return unit(hours, "hour") + (rest ? " " + unit(rest, "minute") : "");
}

/** 12.3 MB */
export function bytes(size: number): string {
  const names = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let i = 0;
  for (; size >= 1000 && i < names.length - 1; i++) size /= 1000;
  return unit(size, names[i] as string, size < 10 && i ? 1 : 0);
}

/** "a, b and c" */
export function list(words: string[]): string {
  return new Intl.ListFormat(speech.tag, { type: "conjunction" }).format(words);
}
