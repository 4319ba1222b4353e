// Jobs of a project as they go: read once, then kept fresh by events, or by asking now and then where those are missing.
import { api, at, query } from "../lib/api.ts";
import { onProject, wire } from "../lib/events.svelte.ts";
import { say, t } from "../lib/i18n/index.svelte.ts";
import type { Job } from "../lib/types.ts";

/** Whether a job still waits or runs. */
export const alive = (job: Job): boolean => job.state === "ready" || job.state === "running";

/** What a job does, in words. */
export const named = (job: Job): string => say("project.job_" + job.kind) ?? t("project.job_other");

/** Its present step, in words; "" when none is known. */
export function step(job: Job): string {
  return job.what ? (say("project.what_" + job.what.replaceAll(/[^a-z]+/g, "_")) ?? "") : "";
}

/** The newest jobs first. */
export class Jobs {
  list = $state.raw<Job[]>([]);

  constructor(
    private readonly project: string,
    private readonly most = 6,
  ) {}

  /** Takes one job's news. */
  take(job: Job): void {
    const others = this.list.filter((one) => one.id !== job.id);
    if (job.kind === "advance" && job.state !== "failed") this.list = others;
    else this.list = [job, ...others].sort((a, b) => b.created - a.created).slice(0, this.most);
  }

  /** Events speak the browser's language: why a job failed is asked for in the page's. */
  #hear(job: Job): void {
    if (job.state === "failed") void this.load().catch(() => this.take(job));
    else this.take(job);
  }

  async load(): Promise<void> {
    this.list = (await api.get<{ jobs: Job[] }>(at(this.project, "jobs") + query({ limit: this.most }))).jobs;
  }

  /** Follows until the returned function is called. */
  follow(): () => void {
    void this.load().catch(() => {});
    const stop = onProject(this.project, (e) => e.job && this.#hear(e.job), ["job"]);
    // A step may be missed when the stream breaks, so what runs is looked at now and then.
    const timer = setInterval(() => void (this.list.some(alive) && this.load().catch(() => {})), 4000);
    return () => {
      stop();
      clearInterval(timer);
    };
  }
}

/** Calls `what` when something happens in a project, and every few seconds while no events come. */
export function fresh(project: string, what: () => void, kinds: ("status" | "queue" | "people")[]): () => void {
  const stop = onProject(project, what, kinds);
  const timer = setInterval(() => {
    if (!wire.live && document.visibilityState === "visible") what();
  }, 8000);
  return () => {
    stop();
    clearInterval(timer);
  };
}

/** At most one call at a time, the last wish always served: many events, few requests. */
export function calm(what: () => Promise<void>, seconds = 2): () => void {
  let busy = false;
  let again = false;
  const run = async (): Promise<void> => {
    if (busy) return void (again = true);
    busy = true;
    await what().catch(() => {});
    setTimeout(() => {
      busy = false;
      if (again) {
        again = false;
        void run();
      }
    }, seconds * 1000);
  };
  return () => void run();
}
