// Why the model suggests what it does: asked for while the question before is on the table, kept for the sitting.
import { api, at } from "../lib/api.ts";
import type { Question, Reasons } from "../lib/types.ts";

const KEPT = 40;

/** Reasons by the token of a question; "wait" while they are computed, null where none came. */
export class Why {
  #told = $state.raw<ReadonlyMap<string, Reasons | "wait" | null>>(new Map());

  constructor(private readonly project: string) {}

  of(question: Question | null): Reasons | "wait" | null {
    return question ? (this.#told.get(question.token) ?? null) : null;
  }

  /** Asks for each question in turn that has a suggestion; what was asked for is not asked for again. */
  async ask(questions: readonly (Question | null)[]): Promise<void> {
    for (const one of questions) {
      if (!one || one.suggestion === null || this.#told.has(one.token)) continue;
      this.#put(one.token, "wait");
      const found = await api.post<Reasons>(at(this.project, "reasons"), { token: one.token }, { tries: 0 }).catch(() => null);
      this.#put(one.token, found);
    }
  }

  #put(token: string, told: Reasons | "wait" | null): void {
    const next = new Map(this.#told).set(token, told);
    for (const old of [...next.keys()].slice(0, -KEPT)) next.delete(old);
    this.#told = next;
  }
}
