// What a list of items asks for, kept in the address.
import { query } from "../lib/api.ts";

export const FILTERS = ["q", "route", "label", "person", "flag", "split", "min_p", "max_p"] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filters = Record<FilterName, string>;

/** The filters that an address names; "" for any. */
export function filters(from: URLSearchParams): Filters {
  return Object.fromEntries(FILTERS.map((name) => [name, from.get(name) ?? ""])) as Filters;
}

/** Whether any filter but the words narrows the list. */
export const narrowed = (f: Filters): number => FILTERS.filter((name) => name !== "q" && f[name]).length;

/** The part after `?` of a page of the list, for the address (`after`, `before`: where the page lies). */
export function address(f: Filters, place: { after?: number | null; before?: number | null } = {}): string {
  return query({ ...f, ...place });
}

/** What the server is asked: percent in the address are shares there. */
export function asked(from: URLSearchParams, limit: number): string {
  const f = filters(from);
  const share = (text: string) => (text && Number.isFinite(Number(text)) ? Math.min(100, Math.max(0, Number(text))) / 100 : "");
  const whole = (name: string) => (/^\d{1,15}$/.test(from.get(name) ?? "") ? from.get(name) : null);
  return query({ ...f, min_p: share(f.min_p), max_p: share(f.max_p), after: whole("after"), before: whole("before"), limit });
}

const last = new Map<string, string>();

/** Remembers how a project's list was left, so that an item's page leads back to the same place. */
export function remember(project: string, address: string): void {
  last.set(project, address);
}

/** The address of a project's list as it was left; null before it was opened. */
export const left = (project: string): string | null => last.get(project) ?? null;
