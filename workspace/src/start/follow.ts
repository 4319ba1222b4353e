// Following a job: events tell its steps, and a look now and then where they do not come.
import { api } from "../lib/api.ts";
import { onProject } from "../lib/events.svelte.ts";
import { later } from "../lib/tools.ts";
import type { Job } from "../lib/types.ts";

const over = (job: Job) => job.state === "done" || job.state === "failed" || job.state === "cancelled";

/** Resolves with the job when it is over; `told` hears every step. */
export async function follow(job: Job, told: (job: Job) => void, signal?: AbortSignal): Promise<Job> {
  let now = job;
  const take = (next: Job) => {
    if (!over(now)) told((now = next));
  };
  // Events speak the browser's language: why a job failed is asked for in the page's.
  const stop = onProject("", (event) => event.job?.id === job.id && event.job.state !== "failed" && take(event.job), ["job"]);
  try {
    for (let wait = 0.2; !over(now); wait = Math.min(2, wait * 1.5)) {
      await later(wait, signal);
      if (!over(now)) take(await api.get<Job>(`/jobs/${encodeURIComponent(job.id)}`, signal ? { signal } : {}));
    }
  } finally {
    stop();
  }
  return now;
}
