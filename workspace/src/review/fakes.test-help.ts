// Stand-ins at the edges of the core for its tests: a clock one turns by hand, a server in memory that can fail.
import { ApiError } from "../lib/api.ts";
import type { Question, Questions, Undone } from "../lib/types.ts";
import type { Clock, Door } from "./desk.ts";
import type { Surroundings } from "./outbox.ts";
import type { Entry } from "./shelf.ts";

export class FakeClock implements Clock {
  t = 1000;
  #timers: { at: number; run: () => void }[] = [];
  now = () => this.t;
  chance = () => 0.5;
  after(seconds: number, run: () => void): () => void {
    const timer = { at: this.t + seconds, run };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((x) => x !== timer));
  }
  /** Lets time pass, with everything that was to happen in it. */
  async pass(seconds: number): Promise<void> {
    const end = this.t + seconds;
    await quiet();
    for (;;) {
      const next = this.#timers.filter((x) => x.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((x) => x !== next);
      this.t = Math.max(this.t, next.at);
      next.run();
      await quiet();
    }
    this.t = end;
  }
}

/** Waits until promises have run. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}

export const offline = () => new ApiError("offline", 0, "");
export const refusal = (kind: "conflict" | "unauthenticated" | "fault" | "input" | "missing" | "forbidden", status: number, details = {}) =>
  new ApiError(kind, status, kind, details);

/** One project for one person: leases, fences, idempotent answers, undo; `cut` makes every call fail, `deaf` loses
 * the reply after the call was done. */
export class FakeServer implements Door {
  open: string[];
  held = new Map<string, string>();
  stored: { key: string; item: string; value: string | null }[] = [];
  calls: string[] = [];
  released: string[] = [];
  cut: unknown = null;
  deaf = 0;
  working = false;
  someoneElse = false;
  kind: Questions["advice"]["kind"] = "answer";
  #lease = 0;
  constructor(n: number) {
    this.open = Array.from({ length: n }, (_, i) => `i${i}`);
  }
  #call(name: string): void {
    this.calls.push(name);
    if (this.cut) throw this.cut;
  }
  #reply(): void {
    if (this.deaf > 0 && this.deaf--) throw offline();
  }
  #question(token: string): Question {
    const item = this.held.get(token) as string;
    return { token, item, text: "text " + item, meta: {}, suggestion: null, p: null, order: null, reason: "", expires: 0 };
  }
  #hold(item: string): string {
    const token = "t" + ++this.#lease;
    this.held.set(token, item);
    return token;
  }
  async questions(n: number): Promise<Questions> {
    this.#call("questions");
    return this.#laid(n);
  }
  #laid(n: number): Questions {
    while (this.held.size < n && this.open.length) this.#hold(this.open.shift() as string);
    this.#reply();
    return {
      questions: [...this.held.keys()].slice(0, n).map((t) => this.#question(t)), working: this.working,
      advice: { kind: this.open.length || this.held.size || this.someoneElse || this.working || this.kind !== "answer" ? this.kind : "stop", queued: 0, needed: 0, reason: "" },
    };
  }
  async renew(tokens: string[]): Promise<{ expires: Record<string, number> }> {
    this.#call("renew");
    return { expires: Object.fromEntries(tokens.filter((t) => this.held.has(t)).map((t) => [t, 0])) };
  }
  release(tokens: string[]): void {
    this.released.push(...tokens);
    for (const t of tokens) this.held.delete(t);
  }
  certified = "";
  async undo(): Promise<Undone> {
    this.#call("undo");
    if (this.certified) throw refusal("conflict", 409, { item: this.certified });
    const last = this.stored.pop();
    if (!last) return { question: null, item: "", was: null, why: "nothing" };
    const token = this.#hold(last.item);
    return { question: this.#question(token), item: last.item, was: { kind: "label", value: last.value }, why: null };
  }
  async send(entry: Entry, n = 0): Promise<Questions | null> {
    this.#call(entry.kind === "answer" && n ? "answer and next" : entry.kind);
    if (entry.kind === "flag") return null;
    if (!this.stored.some((s) => s.key === entry.key)) {
      if (!this.held.has(entry.token)) throw refusal("conflict", 409);
      this.held.delete(entry.token);
      if (entry.kind === "answer") this.stored.push({ key: entry.key, item: entry.item, value: String(entry.answer?.value ?? "") || null });
    }
    if (n) return this.#laid(n);
    this.#reply();
    return null;
  }
}

/** What an outbox stands in, with a clock turned by hand. */
export function surroundings(clock: FakeClock, send: Surroundings["send"], told = () => {}): Surroundings {
  let n = 0;
  const id = Math.random().toString(36).slice(2);
  return {
    send,
    sleep(seconds) {
      let cut = () => {};
      const over = new Promise<void>((done) => {
        const off = clock.after(seconds, done);
        cut = () => (off(), done());
      });
      return { over, cut: () => cut() };
    },
    chance: () => 0.5,
    key: () => `${id}-${++n}`,
    now: () => clock.t,
    alone: (run) => run(),
    tell: told,
    changed: () => {},
  };
}
