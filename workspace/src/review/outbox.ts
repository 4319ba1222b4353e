// Answers on their way. Everything is kept on a shelf until the server has acknowledged it, is sent in the order it was
// done, again and again under the same key, and is never thrown away without the person having seen it.
import { ApiError } from "../lib/api.ts";
import type { Questions } from "../lib/types.ts";
import type { Entry, Shelf } from "./shelf.ts";

export type Verdict = "sent" | "later" | "signin" | "stale" | "refused";

/** What a failed attempt means for an entry. */
export function judge(error: unknown, entry: Pick<Entry, "kind">): Verdict {
  if (!(error instanceof ApiError)) return "later";
  if (error.kind === "unauthenticated") return "signin";
  if (error.kind === "offline" || error.kind === "rate" || error.status >= 500) return "later";
  const over = error.kind === "conflict" || error.kind === "missing";
  // A skip of a question that is no longer ours has got what it wanted.
  if (entry.kind === "skip" && over) return "sent";
  if (entry.kind === "answer" && error.kind === "conflict") return "stale";
  return "refused";
}

/** Seconds until the next attempt: doubling from 0.4 to 20, each between half and one and a half of it. */
export function pause(failures: number, chance: number, least = 0): number {
  return Math.max(least, Math.min(20, 0.4 * 2 ** Math.min(failures, 10)) * (0.5 + chance));
}

/** Questions that an answer on its way is to bring back: how many to hold from then on, and who takes them. */
export interface Wish {
  n: number;
  took(found: Questions): void;
  failed(error: unknown): void;
}

export interface Surroundings {
  /** Sends an entry; with `n` the reply to an answer holds the next questions. */
  send(entry: Entry, n: number): Promise<Questions | null>;
  /** Waits; rejects never. `kick` ends it early. */
  sleep(seconds: number): { over: Promise<void>; cut: () => void };
  chance(): number;
  key(): string;
  now(): number;
  /** Runs with no other tab of this browser sending at the same time. */
  alone<T>(run: () => Promise<T>): Promise<T>;
  /** Tells other tabs that the shelf changed. */
  tell(): void;
  /** Called after every change, with what is to be seen. */
  changed(): void;
}

export type Deed = Pick<Entry, "project" | "kind" | "token" | "item" | "answer" | "seconds" | "note" | "reasons" | "text">;

/** How an entry left: acknowledged, or set aside. */
export type Heard = (entry: Entry, how: "sent" | "stale" | "refused") => void;

export class Outbox {
  #all = new Map<string, Entry>();
  #written = new Set<string>();
  #gone = new Set<string>();
  #inflight = "";
  #order = 0;
  #running = false;
  #failures = 0;
  #rest: { over: Promise<void>; cut: () => void } | null = null;
  #waiters: (() => void)[] = [];
  #heard = new Set<Heard>();
  #wishes = new Map<string, () => Wish | null>();
  #loaded: Promise<void> = Promise.resolve();
  account = "";
  /** Why nothing goes out now. */
  trouble: "" | "offline" | "signin" | "shelf" = "";

  constructor(
    private readonly shelf: Shelf,
    private readonly around: Surroundings,
  ) {}

  /** Takes what an earlier page left, and goes on sending for this account. */
  open(account: string): Promise<void> {
    this.account = account;
    if (this.trouble === "signin") this.trouble = "";
    this.#loaded = this.sync().then(() => this.kick());
    return this.#loaded;
  }

  /** What is not acknowledged, oldest first. */
  get waiting(): Entry[] {
    return this.#mine().filter((e) => e.state === "waiting");
  }

  /** What the server did not take: kept until the person has seen it. */
  get aside(): Entry[] {
    return this.#mine().filter((e) => e.state !== "waiting");
  }

  #mine(project?: string): Entry[] {
    const all = [...this.#all.values()].filter((e) => e.account === this.account && (!project || e.project === project));
    return all.sort((a, b) => a.at - b.at || a.order - b.order);
  }

  /** Keeps a deed and sends it as soon as it can be; the key under which it goes. Never waits. */
  add(deed: Deed): string {
    const entry: Entry = {
      ...deed, key: this.around.key(), account: this.account, at: this.around.now(), order: ++this.#order, tries: 0,
      state: "waiting",
    };
    this.#all.set(entry.key, entry);
    void this.#write(entry).then(() => this.kick());
    this.around.changed();
    return entry.key;
  }

  /** Takes back what never left: true when nothing of it can have reached the server. */
  takeBack(key: string): boolean {
    const entry = this.#all.get(key);
    if (!entry || entry.tries > 0 || this.#inflight === key || entry.state !== "waiting") return false;
    this.#forget(key);
    return true;
  }

  /** Forgets a draft that the person has seen. */
  dismiss(key: string): void {
    this.#forget(key);
  }

  /** Resolves true when everything of a project is out, false after some seconds. */
  async settled(project: string, seconds: number): Promise<boolean> {
    await this.#loaded;
    const rest = this.around.sleep(seconds);
    let late = false;
    void rest.over.then(() => (late = true));
    while (!late && this.#mine(project).some((e) => e.state === "waiting")) {
      this.kick();
      await Promise.race([rest.over, new Promise<void>((done) => this.#waiters.push(done))]);
    }
    rest.cut();
    return !this.#mine(project).some((e) => e.state === "waiting");
  }

  /** Hears of every entry that leaves. */
  hear(heard: Heard): () => void {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  }

  /** Asks before each answer of a project what it is to bring back; a function that ends this. */
  carry(project: string, wish: () => Wish | null): () => void {
    this.#wishes.set(project, wish);
    return () => void (this.#wishes.get(project) === wish && this.#wishes.delete(project));
  }

  /** Reads the shelf again: other tabs add to it and send from it. */
  async sync(): Promise<void> {
    const written = new Set(this.#written);
    let found: Entry[];
    try {
      found = await this.shelf.all();
    } catch {
      return;
    }
    const there = new Map(found.map((e) => [e.key, e]));
    for (const key of written)
      if (!there.has(key) && key !== this.#inflight && this.#all.has(key)) this.#leave(key, "sent");
    for (const entry of found) {
      this.#order = Math.max(this.#order, entry.order);
      if (!this.#all.has(entry.key) && this.#gone.has(entry.key)) continue;
      const old = this.#all.get(entry.key);
      if (!old) this.#all.set(entry.key, entry);
      else if (old.state === "waiting" && entry.state !== "waiting") Object.assign(old, entry);
      this.#written.add(entry.key);
    }
    this.around.changed();
  }

  /** Something may go now: the connection is back, somebody signed in. */
  kick(): void {
    this.#rest?.cut();
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running || !this.account) return;
    this.#running = true;
    try {
      while (this.waiting.length) {
        const how = await this.around.alone(() => this.#drain());
        if (how === "done") continue;
        if (how === "signin") break;
        this.#rest = this.around.sleep(pause(this.#failures++, this.around.chance(), how));
        await this.#rest.over;
        this.#rest = null;
      }
    } finally {
      this.#running = false;
    }
  }

  /** Sends what waits, oldest first, until one has to wait. */
  async #drain(): Promise<"done" | "signin" | number> {
    await this.sync();
    for (let entry = this.waiting[0]; entry; entry = this.waiting[0]) {
      const { verdict, error, brought } = await this.#attempt(entry);
      if (verdict === "signin") return this.#say("signin"), "signin";
      if (verdict === "later") {
        this.#say("offline");
        // A fault of the server with this one must not hold up the others for ever.
        if (error instanceof ApiError && error.kind === "fault" && entry.tries % 3 === 0) this.#last(entry);
        return error instanceof ApiError ? error.retryAfter : 0;
      }
      this.#failures = 0;
      this.#say("");
      if (verdict === "sent") this.#leave(entry.key, "sent");
      else this.#setAside(entry, verdict, error);
      brought?.();
    }
    return "done";
  }

  async #attempt(entry: Entry): Promise<{ verdict: Verdict; error?: unknown; brought?: () => void }> {
    this.#inflight = entry.key;
    entry.tries++;
    const wish = entry.kind === "answer" ? (this.#wishes.get(entry.project)?.() ?? null) : null;
    try {
      const found = await this.around.send(entry, wish?.n ?? 0);
      return { verdict: "sent", brought: () => (found ? wish?.took(found) : wish?.failed(null)) };
    } catch (error) {
      // What could not be asked for is asked for in another way, before the entry's own fate is told.
      wish?.failed(error);
      return { verdict: judge(error, entry), error };
    } finally {
      this.#inflight = "";
    }
  }

  #last(entry: Entry): void {
    entry.at = this.around.now();
    entry.order = ++this.#order;
    void this.#write(entry);
  }

  #say(trouble: Outbox["trouble"]): void {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    this.around.changed();
  }

  #setAside(entry: Entry, state: "stale" | "refused", error: unknown): void {
    entry.state = state;
    entry.why = error instanceof Error ? error.message : "";
    void this.#write(entry);
    for (const heard of this.#heard) heard(entry, state);
    this.#wake();
  }

  #leave(key: string, how: "sent"): void {
    const entry = this.#all.get(key);
    this.#forget(key);
    if (entry) for (const heard of this.#heard) heard(entry, how);
  }

  #forget(key: string): void {
    this.#all.delete(key);
    this.#written.delete(key);
    this.#gone.add(key);
    if (this.#gone.size > 2000) this.#gone.delete(this.#gone.values().next().value as string);
    void this.shelf.drop(key).then(() => this.around.tell(), () => {});
    this.#wake();
  }

  async #write(entry: Entry): Promise<void> {
    try {
      await this.shelf.put({ ...entry });
      // It may have been sent while it was being written.
      if (this.#all.has(entry.key)) this.#written.add(entry.key);
      else await this.shelf.drop(entry.key);
    } catch {
      this.#say("shelf");
    }
  }

  #wake(): void {
    const all = this.#waiters;
    this.#waiters = [];
    for (const done of all) done();
    this.around.changed();
  }
}
