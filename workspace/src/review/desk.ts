// What lies on a person's desk: the question being asked and the next ones, already there. A key moves to the next at
// once; answers leave by the outbox, questions come in ahead of need, holds are renewed, and given back on leaving.
import { ApiError, passing } from "../lib/api.ts";
import type { Answer, Question, Questions, Undone } from "../lib/types.ts";
import type { Deed, Heard, Wish } from "./outbox.ts";
import { pause } from "./outbox.ts";

/** The server's holds last this long; renewed at a third of it. */
export const HOLD = 600;
const RENEW = HOLD / 3;
/** Nobody answered for so long: the questions go back to the others. */
export const IDLE = 20 * 60;
const LOW = 2;
/** So few held, and an answer brings more back. */
const FEW = 3;
const LEAST = 4;
const MOST = 10;
/** The server lets one person hold no more. */
const CAP = 20;

export interface Door {
  questions(n: number): Promise<Questions>;
  renew(tokens: string[]): Promise<{ expires: Record<string, number> }>;
  /** Best effort; `last` when the page is going away. */
  release(tokens: string[], last: boolean): void;
  undo(): Promise<Undone>;
}

export interface Post {
  add(deed: Deed): string;
  takeBack(key: string): boolean;
  settled(project: string, seconds: number): Promise<boolean>;
  hear(heard: Heard): () => void;
  carry(project: string, wish: () => Wish | null): () => void;
  readonly waiting: readonly { project: string; token: string; kind: string }[];
}

export interface Clock {
  /** Seconds that only go forward. */
  now(): number;
  after(seconds: number, run: () => void): () => void;
  chance(): number;
}

/** Why no question is on the table. */
export type Rest = "opening" | "fetching" | "learning" | "waiting" | "done" | "offline" | "moved" | "idle" | "failed";

export interface View {
  question: Question | null;
  /** The one that comes after it, where it lies ready. */
  next: Question | null;
  /** Another one lies ready: an answer shows it at once. */
  ready: number;
  rest: Rest;
  advice: Questions["advice"]["kind"] | null;
  working: boolean;
  /** What this person said to the question before: taken back, or a draft. */
  was: Answer | null;
  undoing: boolean;
  /** The question came after a wait: a key pressed just then was not meant for it. */
  delayed: boolean;
  /** Counts what was put on the table, so that the same question coming back is a new showing. */
  showing: number;
  answered: number;
  error: unknown;
}

/** What an undo came to, for a note. */
export type UndoEnd = "back" | "nothing" | "elsewhere" | "restored" | "offline" | { certificate: string };

interface Past {
  key: string;
  question: Question;
  answer: Answer | null;
}

export class Desk {
  #held: Question[] = [];
  /** Answered, skipped or given back here: the server may still name them until it has heard. */
  #gone = new Set<string>();
  #past: Past[] = [];
  #was = new Map<string, Answer>();
  #rest: Rest = "opening";
  #advice: Questions["advice"]["kind"] | null = null;
  #working = false;
  #undoing: Promise<UndoEnd> | null = null;
  #delayed = true;
  #showing = 0;
  #answered = 0;
  #error: unknown = null;
  #filling = false;
  #again = false;
  #failures = 0;
  #empties = 0;
  #timer: (() => void) | null = null;
  #renewal: (() => void) | null = null;
  #touched = 0;
  #shown = 0;
  #hidden = 0;
  #away: number | null = null;
  #closed = false;
  #deaf: () => void;
  #alone: () => void;
  /** How long the server took lately, and the person: how many to hold ahead. */
  #trip = 0.1;
  #pace = 4;

  constructor(
    private readonly project: string,
    private readonly door: Door,
    private readonly post: Post,
    private readonly clock: Clock,
    private readonly tell: (view: View) => void,
  ) {
    this.#touched = clock.now();
    this.#deaf = post.hear((entry, how) => entry.project === project && this.#left(entry, how));
    this.#alone = post.carry(project, () => this.#wish());
  }

  view(): View {
    const question = this.#rest === "moved" || this.#rest === "idle" ? null : (this.#held[0] ?? null);
    return {
      question, next: question ? (this.#held[1] ?? null) : null, ready: Math.max(0, this.#held.length - 1), rest: this.#rest, advice: this.#advice, working: this.#working,
      was: question ? (this.#was.get(question.item) ?? null) : null, undoing: this.#undoing !== null,
      delayed: this.#delayed, showing: this.#showing, answered: this.#answered, error: this.#error,
    };
  }

  /** Begins, or goes on after a rest. */
  start(): void {
    this.#closed = false;
    this.#rest = this.#held.length ? this.#rest : "opening";
    this.#touched = this.clock.now();
    this.#plan();
    void this.#fill();
  }

  /** Keeps an answer and puts the next question on the table, all before this returns. False: nothing to answer.
   * `reasons`: why the model suggests what it does was on show. */
  answer(answer: Answer, reasons = false): boolean {
    return this.#finish((question, seconds) => ({
      project: this.project, kind: "answer", token: question.token, item: question.item, answer, seconds,
      text: question.text.slice(0, 300), ...(reasons && { reasons }),
    }), answer);
  }

  /** Passes the question on. */
  skip(): boolean {
    return this.#finish((question) => ({
      project: this.project, kind: "skip", token: question.token, item: question.item, text: question.text.slice(0, 300),
    }), null);
  }

  /** Notes a trouble with the item; it stays on the table. */
  flag(note: string): boolean {
    const question = this.view().question;
    if (!question) return false;
    const { token, item, text } = question;
    this.post.add({ project: this.project, kind: "flag", token, item, note, text: text.slice(0, 300) });
    this.touch();
    return true;
  }

  /** Remembers what was said to an item before, to show it should the item come again. */
  remember(item: string, answer: Answer): void {
    this.#was.set(item, answer);
  }

  /** Takes the newest answer or skip back; its question lies on the table again. */
  undo(): Promise<UndoEnd> {
    this.touch();
    this.#undoing ??= this.#undo().finally(() => {
      this.#undoing = null;
      this.#say();
    });
    this.#say();
    return this.#undoing;
  }

  /** Somebody is here: holds go on being renewed. */
  touch(): void {
    this.#touched = this.clock.now();
    if (this.#rest === "idle") this.start();
  }

  /** The project or the connection changed: look again if nothing is on the table. */
  wake(): void {
    if (this.#closed || this.#rest === "moved" || this.#rest === "idle") return;
    if (this.#held.length >= LOW) return;
    this.#failures = 0;
    void this.#fill();
  }

  /** The tab went out of sight or came back: time out of sight is not time on the question. */
  hide(hidden: boolean): void {
    if (hidden) this.#away ??= this.clock.now();
    else if (this.#away !== null) {
      this.#hidden += this.clock.now() - this.#away;
      this.#away = null;
      void this.#renew();
    }
  }

  /** Another tab of this person asks now; what is held is hers. */
  move(): void {
    this.#stop();
    this.#held = [];
    this.#set("moved");
  }

  /** Gives the questions back. `last`: the page goes away. */
  leave(last = false): void {
    if (this.#closed) return;
    const tokens = this.#rest === "moved" ? [] : this.#held.map((q) => q.token);
    this.#stop();
    this.#deaf();
    this.#alone();
    this.#held = [];
    if (tokens.length) this.door.release(tokens, last);
  }

  #stop(): void {
    this.#closed = true;
    this.#timer?.();
    this.#renewal?.();
    this.#timer = this.#renewal = null;
  }

  #finish(deed: (question: Question, seconds: number) => Deed, answer: Answer | null): boolean {
    const question = this.view().question;
    if (!question || this.#undoing) return false;
    const seconds = Math.max(0, Math.min(3600, this.clock.now() - this.#shown - this.#hidden));
    this.#held.shift();
    this.#gone.add(question.token);
    if (this.#gone.size > 5000) this.#gone.delete(this.#gone.values().next().value as string);
    const key = this.post.add(deed(question, Math.round(seconds * 100) / 100));
    this.#past.push({ key, question, answer });
    if (this.#past.length > 200) this.#past.shift();
    this.#was.delete(question.item);
    this.#pace = 0.7 * this.#pace + 0.3 * Math.max(0.3, seconds);
    this.#answered += answer ? 1 : 0;
    this.#touched = this.clock.now();
    if (!this.#held.length) this.#rest = "fetching";
    this.#show(!this.#held.length);
    // An answer brings more back, but answers leave one after the other: who is faster than that does not wait for them.
    if (this.#held.length <= LOW) void this.#fill();
    return true;
  }

  /** The first question is now another one. */
  #show(delayed: boolean): void {
    this.#delayed = delayed;
    this.#showing++;
    this.#shown = this.clock.now();
    this.#hidden = 0;
    if (this.#away !== null) this.#away = this.#shown;
    this.#say();
  }

  #say(): void {
    this.tell(this.view());
  }

  #set(rest: Rest, error: unknown = null): void {
    this.#rest = rest;
    this.#error = error;
    this.#say();
  }

  /** How many to hold: enough for two trips to the server at this person's pace. */
  get #ahead(): number {
    return Math.min(MOST, Math.max(LEAST, Math.ceil((2 * this.#trip) / this.#pace) + 2));
  }

  async #fill(): Promise<void> {
    if (this.#filling) return void (this.#again = true);
    if (this.#closed) return;
    const want = this.#want(0);
    try {
      want.took(await this.door.questions(want.n));
    } catch (error) {
      want.failed(error);
    }
  }

  /** What an answer that leaves now is to bring back; null while enough is here, or asked for already. */
  #wish(): Wish | null {
    if (this.#closed || this.#filling || this.#rest === "moved" || this.#held.length > FEW) return null;
    const want = this.#want(1);
    // An answer may be refused for what it is: that says nothing of the next questions.
    return {
      ...want,
      failed: (error) => {
        want.failed(passing(error) ? error : null);
        if (!passing(error) && this.#held.length <= LOW) void this.#fill();
      },
    };
  }

  /** How many to ask for now and what to do with the reply; `leaving` answers are on the same way. */
  #want(leaving: number): Wish {
    this.#filling = true;
    this.#timer?.();
    this.#timer = null;
    const before = new Set(this.#held.map((q) => q.token));
    const unheard = this.#unheard();
    for (const e of unheard) this.#gone.add(e.token); // its answer may arrive before the reply that still names it
    const asked = this.clock.now();
    const late = Math.max(0, unheard.length - leaving);
    const over = (then: () => void) => {
      if (!this.#closed) then();
      this.#filling = false;
      if (this.#again && !this.#closed) {
        this.#again = false;
        if (this.#held.length <= LOW) void this.#fill();
      }
    };
    return {
      n: Math.min(CAP, Math.max(this.#ahead, this.#held.length) + late),
      took: (found) =>
        over(() => {
          this.#trip = 0.7 * this.#trip + 0.3 * (this.clock.now() - asked);
          this.#take(found, before, late);
        }),
      failed: (error) => over(() => error && this.#failed(error)),
    };
  }

  /** Questions that the server still counts as ours because the answer is on its way. */
  #unheard(): Post["waiting"] {
    return this.post.waiting.filter((e) => e.project === this.project && e.kind !== "flag");
  }

  #take(found: Questions, before: Set<string>, unheard: number): void {
    this.#failures = 0;
    this.#advice = found.advice.kind;
    this.#working = found.working;
    const named = new Set(found.questions.map((q) => q.token));
    // What lies further back and is no longer named was handed over; the one being read is kept, its answer as a draft.
    this.#held = this.#held.filter((q, i) => i === 0 || !before.has(q.token) || named.has(q.token));
    const empty = !this.#held.length;
    const waiting = new Set(this.post.waiting.filter((e) => e.kind !== "flag").map((e) => e.token));
    const here = new Set(this.#held.map((q) => q.item));
    for (const q of found.questions)
      if (!this.#gone.has(q.token) && !waiting.has(q.token) && !here.has(q.item)) this.#held.push(q);
    this.#error = null;
    if (this.#held.length) {
      this.#empties = 0;
      this.#rest = "fetching";
      if (empty) this.#show(true);
      else this.#say();
      return;
    }
    this.#none(unheard);
  }

  /** Nothing to ask now: say why, and look again in a moment. */
  #none(unheard: number): void {
    if (unheard) {
      this.#set(this.#rest === "opening" ? "opening" : "fetching");
      void this.post.settled(this.project, 20).then(() => this.#later(0.2));
      return;
    }
    this.#empties++;
    if (this.#working) {
      this.#set("learning");
      this.#later(Math.min(5, 0.7 * 1.4 ** this.#empties));
    } else {
      const over = this.#advice === "stop" || this.#advice === "add" || this.#advice === "enough";
      this.#set(over ? "done" : "waiting");
      this.#later(over ? 30 : Math.min(15, 1.5 * this.#empties));
    }
  }

  #later(seconds: number): void {
    if (this.#closed) return;
    this.#timer?.();
    this.#timer = this.clock.after(seconds, () => {
      this.#timer = null;
      void this.#fill();
    });
  }

  #failed(error: unknown): void {
    const again = passing(error) || (error instanceof ApiError && error.status >= 500 && this.#failures < 3);
    // No seat or no project any more: what is held here is held for nothing, and its answers would be refused.
    const over = error instanceof ApiError && ["forbidden", "missing"].includes(error.kind);
    if (over) this.#held = [];
    if (!again && !this.#held.length) return this.#set("failed", error);
    if (!again) return void (this.#error = error);
    const wait = pause(this.#failures++, this.clock.chance(), (error as ApiError).retryAfter ?? 0);
    if (!this.#held.length) this.#set("offline");
    this.#later(wait);
  }

  #plan(): void {
    this.#renewal?.();
    this.#renewal = this.clock.after(RENEW, () => {
      if (this.clock.now() - this.#touched > IDLE) return this.#sleep();
      void this.#renew();
      this.#plan();
    });
  }

  /** Nobody is here: others get the questions. */
  #sleep(): void {
    const tokens = this.#held.map((q) => q.token);
    this.#held = [];
    this.#timer?.();
    this.#timer = null;
    this.#set("idle");
    if (tokens.length) this.door.release(tokens, false);
  }

  async #renew(): Promise<void> {
    const tokens = this.#held.map((q) => q.token);
    if (!tokens.length || this.#closed) return;
    try {
      const { expires } = await this.door.renew(tokens);
      const asked = new Set(tokens);
      const kept = this.#held.filter((q, i) => i === 0 || !asked.has(q.token) || q.token in expires);
      if (kept.length < this.#held.length) this.#held = kept;
      if (this.#held.length <= LOW) void this.#fill();
    } catch {
      // The next renewal or an answer will tell.
    }
  }

  #left(entry: { item: string; answer?: Answer; token: string }, how: "sent" | "stale" | "refused"): void {
    if (how === "stale" && entry.answer) this.remember(entry.item, entry.answer);
    if (how !== "sent") this.#past = this.#past.filter((p) => p.question.token !== entry.token);
    // Something is amiss beyond this one answer, it may be: the next questions tell.
    if (how === "refused") void this.#fill();
    else if (!this.#held.length) this.wake();
  }

  async #undo(): Promise<UndoEnd> {
    const last = this.#past.at(-1);
    if (last && this.post.takeBack(last.key)) {
      this.#past.pop();
      this.#back(last.question, last.answer);
      return "back";
    }
    if (!(await this.post.settled(this.project, 6))) return "offline";
    try {
      const end = await this.door.undo();
      if (end.question) {
        this.#past.pop();
        this.#back(end.question, end.was);
        return "back";
      }
      if (end.why !== "nothing") this.#past.pop();
      return end.why === "nothing" ? "nothing" : end.why === "restored" ? "restored" : "elsewhere";
    } catch (error) {
      if (error instanceof ApiError && error.kind === "conflict" && typeof error.details.item === "string")
        return { certificate: error.details.item };
      if (passing(error)) return "offline";
      throw error;
    }
  }

  #back(question: Question, was: Answer | null): void {
    this.#gone.delete(question.token);
    this.#held = [question, ...this.#held.filter((q) => q.item !== question.item)];
    if (was) {
      this.#was.set(question.item, was);
      this.#answered = Math.max(0, this.#answered - 1);
    }
    this.#undoing = null;
    this.#show(false);
  }
}
