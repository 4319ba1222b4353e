// The core in its surroundings: the server, other tabs, the clock, the browser's shelf. One outbox for the whole page.
import { api, at } from "../lib/api.ts";
import type { Answer, Questions, Stored, Undone } from "../lib/types.ts";
import { chance, key } from "../lib/tools.ts";
import type { Clock, Door } from "./desk.ts";
import { Outbox } from "./outbox.ts";
import { bestShelf, type Entry, type Shelf } from "./shelf.ts";

class Mail {
  unsent = $state(0);
  aside = $state.raw<Entry[]>([]);
  trouble = $state<Outbox["trouble"]>("");
}
/** What is to be seen of the outbox. */
export const mail = new Mail();

export const clock: Clock = {
  now: () => performance.now() / 1000,
  chance,
  after(seconds, run) {
    const timer = setTimeout(run, seconds * 1000);
    return () => clearTimeout(timer);
  },
};

async function send(entry: Entry, n: number): Promise<Questions | null> {
  const { token, item, answer, seconds, note } = entry;
  // A request under way outlives the tab.
  const how = { keepalive: true };
  if (entry.kind === "skip") await api.post(at(entry.project, "skips"), { token }, how);
  else if (entry.kind === "flag") await api.post(at(entry.project, "flags"), { item, note }, how);
  else {
    const given = { token, item, answer, seconds, key: entry.key, next: n, why: entry.reasons ?? false };
    return (await api.post<Stored>(at(entry.project, "answers"), given, how)).next ?? null;
  }
  return null;
}

function sleep(seconds: number): { over: Promise<void>; cut: () => void } {
  let cut = () => {};
  const over = new Promise<void>((done) => {
    const timer = setTimeout(done, seconds * 1000);
    cut = () => (clearTimeout(timer), done());
  });
  return { over, cut: () => cut() };
}

const place = bestShelf();
const shelf: Shelf = {
  all: () => place.then((s) => s.all()),
  put: (e) => place.then((s) => s.put(e)),
  drop: (k) => place.then((s) => s.drop(k)),
};
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("cowise.outbox") : null;

function stay(e: BeforeUnloadEvent): void {
  e.preventDefault();
}

function changed(): void {
  const unsent = outbox.waiting.length;
  if (!!unsent !== !!mail.unsent) (unsent ? addEventListener : removeEventListener)("beforeunload", stay as EventListener);
  mail.unsent = unsent;
  mail.trouble = outbox.trouble;
  const aside = outbox.aside;
  if (aside.length || mail.aside.length) mail.aside = aside;
}

export const outbox = new Outbox(shelf, {
  send,
  sleep,
  chance,
  key,
  now: () => Date.now() / 1000,
  alone: (run) => ("locks" in navigator ? (navigator.locks.request("cowise.outbox", run) as ReturnType<typeof run>) : run()),
  tell: () => channel?.postMessage(0),
  changed,
});

if (channel) channel.onmessage = () => void outbox.sync();
addEventListener("online", () => outbox.kick());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && outbox.kick());

/** The server as one project's desk sees it. */
export function door(project: string): Door {
  return {
    questions: (n) => api.post<Questions>(at(project, "questions"), { n }),
    renew: (tokens) => api.post(at(project, "renewals"), { tokens }),
    release: (tokens) => void api.post(at(project, "releases"), { tokens }, { keepalive: true }).catch(() => {}),
    undo: () => api.post<Undone>(at(project, "undo")),
  };
}

/** Corrects an answer given before. */
export const correct = (project: string, item: string, answer: Answer): Promise<{ reopened: boolean }> =>
  api.post(at(project, "corrections"), { item, answer });

/** Of several tabs of one person the newest asks; `moved` is called in the others. Where tabs cannot talk, each asks. */
export function seat(project: string, account: string, moved: () => void): { take: () => void; leave: () => void } {
  if (!("BroadcastChannel" in globalThis)) return { take: () => {}, leave: () => {} };
  const tab = key();
  const tabs = new BroadcastChannel("cowise.desk");
  tabs.onmessage = (e: MessageEvent<{ project: string; account: string; tab: string }>) => {
    if (e.data.project === project && e.data.account === account && e.data.tab !== tab) moved();
  };
  let open = true;
  return {
    take: () => void (open && tabs.postMessage({ project, account, tab })),
    leave: () => ((open = false), tabs.close()),
  };
}
