// Short notes at the edge of the page, and the one live region that a screen reader hears.
import { untrack } from "svelte";
import { ApiError } from "./api.ts";
import { say, t } from "./i18n/index.svelte.ts";

export interface Note {
  id: number;
  tone: "plain" | "good" | "bad";
  text: string;
  detail: string;
  action: { label: string; do: () => void } | null;
}

class Notes {
  all = $state<Note[]>([]);
  spoken = $state("");
}
export const notes = new Notes();
let last = 0;

/** Shows a note for some seconds (0: until closed). */
export function note(text: string, how: Partial<Omit<Note, "id" | "text">> & { seconds?: number } = {}): number {
  const id = ++last;
  notes.all = [...untrack(() => notes.all).slice(-2), { id, text, tone: "plain", detail: "", action: null, ...how }];
  const seconds = how.seconds ?? (how.tone === "bad" ? 12 : 5);
  if (seconds) setTimeout(() => drop(id), seconds * 1000);
  return id;
}

export function drop(id: number): void {
  notes.all = notes.all.filter((n) => n.id !== id);
}

/** Tells a screen reader something that others see anyway. */
export function announce(text: string): void {
  // Read without becoming a dependency: effects announce too.
  notes.spoken = untrack(() => notes.spoken) === text ? text + "\u00a0" : text;
}

/** What a refusal says to a person: a sentence in their language, and the server's own as the detail. */
export function explained(error: unknown): { text: string; detail: string } {
  if (!(error instanceof ApiError)) return { text: t("errors.page"), detail: error instanceof Error ? error.message : "" };
  const extra = say("errors." + String(error.details.code ?? ""));
  return { text: extra ?? say("errors." + error.kind) ?? t("errors.fault"), detail: error.message };
}

/** Shows a refusal as a note; an aborted call says nothing. */
export function complain(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  note(explained(error).text, { tone: "bad", detail: explained(error).detail });
}
