// Live updates. Browsers allow six connections per host, so one tab listens and tells the others;
// where locks are missing (plain http on a network) every visible tab listens for itself.
import type { ProjectEvent } from "./types.ts";

type Listener = (event: ProjectEvent) => void;
const listeners = new Set<Listener>();
let source: EventSource | null = null;
let channel: BroadcastChannel | null = null;
let give: (() => void) | null = null;

class Wire {
  /** false while the stream is down; pages may then ask now and then. */
  live = $state(false);
}
export const wire = new Wire();

function tell(event: ProjectEvent): void {
  for (const listener of listeners) listener(event);
}

function open(): void {
  source = new EventSource("/api/events");
  source.onopen = () => share({ live: true });
  source.onerror = () => share({ live: false });
  source.addEventListener("project", (e) => share({ event: JSON.parse((e as MessageEvent<string>).data) as ProjectEvent }));
}

interface Told {
  live?: boolean;
  event?: ProjectEvent;
}
function heard(told: Told): void {
  if (told.live !== undefined) wire.live = told.live;
  if (told.event) {
    wire.live = true;
    tell(told.event);
  }
}
function share(told: Told): void {
  heard(told);
  channel?.postMessage(told);
}

/** Starts listening; called once somebody is signed in. */
export function connect(): void {
  if (channel || source) return;
  if (navigator.locks && "BroadcastChannel" in globalThis) {
    channel = new BroadcastChannel("cowise.events");
    channel.onmessage = (e: MessageEvent<Told>) => heard(e.data);
    void navigator.locks.request("cowise.events", () => {
      if (!channel) return;
      open();
      return new Promise<void>((done) => (give = done));
    });
  } else open();
}

/** Stops, when somebody signs out. */
export function disconnect(): void {
  source?.close();
  channel?.close();
  give?.();
  source = channel = give = null;
  wire.live = false;
}

/**
 * Hears what happens in a project until the returned function is called: `$effect(() => onProject(name, load))`.
 * Several events within a quarter of a second count as one.
 */
export function onProject(project: string, what: Listener, kinds?: ProjectEvent["what"][]): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listener: Listener = (event) => {
    if ((project && event.project !== project) || (kinds && !kinds.includes(event.what))) return;
    if (event.what === "job") return what(event);
    clearTimeout(timer);
    timer = setTimeout(() => what(event), 250);
  };
  listeners.add(listener);
  return () => {
    clearTimeout(timer);
    listeners.delete(listener);
  };
}
