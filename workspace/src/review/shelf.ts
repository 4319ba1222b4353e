// Where answers lie until the server has them: the browser's database, else local storage, else the page's memory.
import type { Answer } from "../lib/types.ts";

/** Something a person did that the server has not acknowledged yet. */
export interface Entry {
  /** Makes sending twice harmless: the server stores one key once. */
  key: string;
  /** Only sent while this account is signed in: several people may share a browser. */
  account: string;
  project: string;
  kind: "answer" | "skip" | "flag";
  token: string;
  item: string;
  answer?: Answer;
  seconds?: number;
  note?: string;
  /** Why the model suggests what it does was on show. */
  reasons?: boolean;
  /** The beginning of the text, to show what a draft is about. */
  text: string;
  at: number;
  /** Order of the deeds; times may be equal. */
  order: number;
  tries: number;
  /** stale: the hold was over, kept as a draft; refused: the server does not take it. */
  state: "waiting" | "stale" | "refused";
  why?: string;
}

export interface Shelf {
  all(): Promise<Entry[]>;
  put(entry: Entry): Promise<void>;
  drop(key: string): Promise<void>;
}

/** Forgets everything with the page; the last resort of private windows. */
export function memoryShelf(kept: Map<string, Entry> = new Map()): Shelf {
  return {
    all: async () => [...kept.values()].map((e) => ({ ...e })),
    put: async (entry) => void kept.set(entry.key, { ...entry }),
    drop: async (key) => void kept.delete(key),
  };
}

const PREFIX = "cowise.unsent.";

function entry(text: string | null): Entry | null {
  try {
    const found = JSON.parse(text ?? "null") as Entry | null;
    return found && typeof found.key === "string" && typeof found.project === "string" ? found : null;
  } catch {
    return null;
  }
}

/** One record of local storage for each entry, so that two tabs never overwrite each other's. */
export function localShelf(store: Storage): Shelf {
  return {
    async all() {
      const names = Array.from({ length: store.length }, (_, i) => store.key(i) ?? "");
      return names.filter((n) => n.startsWith(PREFIX)).map((n) => entry(store.getItem(n))).filter((e) => e !== null);
    },
    put: async (e) => store.setItem(PREFIX + e.key, JSON.stringify(e)),
    drop: async (key) => store.removeItem(PREFIX + key),
  };
}

const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

function opened(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open("cowise", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: "key" });
  return asked(request);
}

async function databaseShelf(factory: IDBFactory): Promise<Shelf> {
  const db = await opened(factory);
  db.onversionchange = () => db.close();
  const write = (what: (store: IDBObjectStore) => void): Promise<void> =>
    new Promise((done, failed) => {
      // strict: on disk when it is done, a power cut included
      const tx = db.transaction("unsent", "readwrite", { durability: "strict" });
      tx.oncomplete = () => done();
      tx.onerror = tx.onabort = () => failed(tx.error);
      what(tx.objectStore("unsent"));
      tx.commit?.();
    });
  return {
    all: () => asked(db.transaction("unsent").objectStore("unsent").getAll() as IDBRequest<Entry[]>),
    put: (e) => write((store) => store.put(e)),
    drop: (key) => write((store) => store.delete(key)),
  };
}

/**
 * The best place this browser offers. Writes go to local storage first, at once and synchronously, then to the
 * database: a tab closed in the same instant loses nothing, and neither does a computer that loses power.
 */
export async function bestShelf(): Promise<Shelf> {
  const places: Shelf[] = [];
  try {
    localStorage.setItem(PREFIX, "");
    localStorage.removeItem(PREFIX);
    places.push(localShelf(localStorage));
  } catch {
    // closed to us
  }
  try {
    places.push(await databaseShelf(indexedDB));
  } catch {
    // closed to us
  }
  return bothShelves(places.length ? places : [memoryShelf()]);
}

/** Several places as one: an entry is kept while any of them has it; a write fails only when all fail. */
export function bothShelves(places: readonly Shelf[]): Shelf {
  const each = async (what: (shelf: Shelf) => Promise<unknown>): Promise<void> => {
    const ends = await Promise.allSettled(places.map(async (p) => what(p)));
    const bad = ends.filter((e) => e.status === "rejected");
    if (bad.length === places.length) throw bad[0]?.reason;
  };
  return {
    async all() {
      const found = await Promise.allSettled(places.map(async (p) => p.all()));
      const all = found.flatMap((f) => (f.status === "fulfilled" ? f.value : []));
      return [...new Map(all.map((e) => [e.key, e])).values()];
    },
    put: (e) => each((p) => p.put(e)),
    drop: (key) => each((p) => p.drop(key)),
  };
}
