// The project that is open now: its labels, promise and instructions, kept fresh by events.
import { api, at } from "./api.ts";
import { onProject } from "./events.svelte.ts";
import type { ProjectDetails } from "./types.ts";

class Opened {
  name = $state("");
  details = $state.raw<ProjectDetails | null>(null);
  error = $state.raw<unknown>(null);
}
const opened = new Opened();
let stop = () => {};

/** The open project's details; null until they are there. */
export const details = (): ProjectDetails | null => (opened.details?.name === opened.name ? opened.details : null);
/** Why they cannot be had, or null. */
export const trouble = (): unknown => opened.error;

/** Reads the details again. */
export async function reload(): Promise<void> {
  const name = opened.name;
  if (!name) return;
  try {
    const found = await api.get<ProjectDetails>(at(name));
    if (opened.name === name) {
      opened.details = found;
      opened.error = null;
    }
  } catch (error) {
    if (opened.name === name && !details()) opened.error = error;
  }
}

/** Opens another project ("" for none); the shell calls it when the route changes. */
export function open(name: string): void {
  if (name === opened.name) return;
  stop();
  opened.name = name;
  opened.error = null;
  if (!name) return void (opened.details = null);
  stop = onProject(name, () => void reload(), ["status"]);
  void reload();
}

/** Takes details that a change gave back, without asking again. */
export function changed(next: ProjectDetails): void {
  opened.name = next.name;
  opened.details = next;
}
