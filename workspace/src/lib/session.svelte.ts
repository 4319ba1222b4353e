// Who sits here, and what they may do.
import { may, type Action } from "./access.ts";
import { api, ApiError, onSignedOut } from "./api.ts";
import { speak, wanted } from "./i18n/index.svelte.ts";
import { go, href, parse } from "./router.svelte.ts";
import type { Me, Role } from "./types.ts";

class Session {
  /** null when signed out, undefined while that is not known. */
  me = $state.raw<Me | null | undefined>(undefined);
}
const session = new Session();
let back = "";
/** Counts who sat down here: an answer to an older question must not unseat them. */
let turn = 0;

export const me = (): Me | null | undefined => session.me;

/** Takes what a sign-in or a change of the account gave. */
export async function seated(next: Me): Promise<void> {
  turn++;
  session.me = next;
  await speak(wanted(next.account.language));
}

/** Asks the server who sits here; whoever sat down meanwhile stays. */
export async function refresh(): Promise<void> {
  const asked = turn;
  try {
    const found = await api.get<Me>("/me", { quiet: true });
    if (turn === asked) await seated(found);
  } catch (error) {
    if (turn !== asked) return;
    if (!(error instanceof ApiError) || error.kind !== "unauthenticated") throw error;
    session.me = null;
  }
}

/** The role in a project; the owner of the workspace is owner of all. */
export function role(project: string): Role | null {
  const who = session.me;
  if (!who) return null;
  return who.projects.find((p) => p.name === project)?.role ?? (who.account.owner ? "owner" : null);
}

/** Whether this person may do an action in a project ("" for the workspace). */
export function can(action: Action, project = ""): boolean {
  if (project) return may(role(project), action);
  return !!session.me?.account.owner;
}

/** To the page that was asked for before the sign-in. */
export function goOn(): void {
  const to = back;
  back = "";
  go(to || href(), true);
}

/** Ends the session here and on the server. */
export async function leave(): Promise<void> {
  await api.delete("/session");
  go(href("signin"), true);
  session.me = null;
  back = "";
}

onSignedOut(() => {
  remember(location.hash);
  session.me = null;
});

/** Remembers where to come back to when the page itself finds nobody signed in. */
export function remember(hash: string): void {
  if (!["signin", "enter", "join"].includes(parse(hash).page)) back = hash;
}
