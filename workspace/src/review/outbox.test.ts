import { describe, expect, test } from "vitest";
import { ApiError } from "../lib/api.ts";
import { FakeClock, FakeServer, offline, quiet, refusal, surroundings } from "./fakes.test-help.ts";
import { judge, Outbox, pause, type Deed } from "./outbox.ts";
import { bothShelves, localShelf, memoryShelf, type Entry, type Shelf } from "./shelf.ts";

const deed = (token: string, item = token.replace("t", "i")): Deed => ({
  project: "p", kind: "answer", token, item, answer: { kind: "label", value: "a" }, seconds: 1, text: "x",
});

async function made(n = 5, shelf: Shelf = memoryShelf()) {
  const clock = new FakeClock();
  const server = new FakeServer(n);
  await server.questions(n);
  const box = new Outbox(shelf, surroundings(clock, (e, n) => server.send(e, n)));
  await box.open("me");
  return { clock, server, box, shelf };
}

class Pockets implements Storage {
  #all = new Map<string, string>();
  full = false;
  get length() {
    return this.#all.size;
  }
  key = (i: number) => [...this.#all.keys()][i] ?? null;
  getItem = (k: string) => this.#all.get(k) ?? null;
  removeItem = (k: string) => void this.#all.delete(k);
  clear = () => this.#all.clear();
  setItem(k: string, v: string) {
    if (this.full) throw new DOMException("", "QuotaExceededError");
    this.#all.set(k, v);
  }
}

describe("sending", () => {
  test("goes out in order and is forgotten when acknowledged", async () => {
    const { server, box, shelf } = await made(3);
    for (const t of ["t1", "t2", "t3"]) box.add(deed(t));
    expect(box.waiting).toHaveLength(3);
    await quiet();
    expect(server.stored.map((s) => s.item)).toEqual(["i0", "i1", "i2"].map((_, i) => `i${i + 1}`));
    expect([box.waiting, await shelf.all()]).toEqual([[], []]);
  });

  test("waits while there is no connection, then sends everything once", async () => {
    const { clock, server, box } = await made(3);
    server.cut = offline();
    for (const t of ["t1", "t2", "t3"]) box.add(deed(t));
    await clock.pass(60);
    expect([box.waiting.length, box.trouble]).toEqual([3, "offline"]);
    server.cut = null;
    await clock.pass(40);
    expect([box.waiting.length, box.trouble, server.stored.length]).toEqual([0, "", 3]);
  });

  test("a kick does not wait for the pause to end", async () => {
    const { clock, server, box } = await made(1);
    server.cut = offline();
    box.add(deed("t1"));
    await clock.pass(300);
    server.cut = null;
    box.kick();
    await quiet();
    expect(box.waiting).toEqual([]);
  });

  test("a lost reply is sent again under the same key and stored once", async () => {
    const { clock, server, box } = await made(2);
    server.deaf = 3;
    box.add(deed("t1"));
    await clock.pass(60);
    expect(server.calls.filter((c) => c === "answer").length).toBe(4);
    expect(server.stored).toHaveLength(1);
    expect(box.waiting).toEqual([]);
  });

  test("what an earlier page left is sent by the next one", async () => {
    const shelf = memoryShelf();
    const { server, box } = await made(2, shelf);
    server.cut = offline();
    box.add(deed("t1"));
    box.add(deed("t2"));
    await quiet();
    server.cut = null;
    const later = new Outbox(shelf, surroundings(new FakeClock(), (e, n) => server.send(e, n)));
    await later.open("me");
    await quiet();
    expect(server.stored.map((s) => s.item)).toEqual(["i1", "i2"]);
    expect(await shelf.all()).toEqual([]);
  });

  test("another person's answers stay until that person is back", async () => {
    const shelf = memoryShelf();
    const { server, box } = await made(1, shelf);
    server.cut = offline();
    box.add(deed("t1"));
    await quiet();
    server.cut = null;
    const other = new Outbox(shelf, surroundings(new FakeClock(), (e, n) => server.send(e, n)));
    await other.open("somebody else");
    await quiet();
    expect([server.stored.length, other.waiting.length]).toEqual([0, 0]);
    await other.open("me");
    await quiet();
    expect(server.stored).toHaveLength(1);
  });

  test("two tabs over one shelf store each answer once, and the idle one notices", async () => {
    const shelf = memoryShelf();
    const clock = new FakeClock();
    const server = new FakeServer(6);
    await server.questions(6);
    let turn: Promise<unknown> = Promise.resolve();
    const alone = <T>(run: () => Promise<T>): Promise<T> => {
      const mine = turn.then(run);
      turn = mine.catch(() => {});
      return mine;
    };
    const tabs = [1, 2].map(() => new Outbox(shelf, { ...surroundings(clock, (e, n) => server.send(e, n)), alone }));
    for (const tab of tabs) await tab.open("me");
    server.cut = offline();
    for (let i = 1; i <= 6; i++) tabs[i % 2]?.add(deed("t" + i));
    await clock.pass(30);
    server.cut = null;
    await clock.pass(60);
    expect(server.stored.map((s) => s.item).sort()).toEqual(["i1", "i2", "i3", "i4", "i5", "i6"]);
    for (const tab of tabs) await tab.sync();
    expect(tabs.map((t) => t.waiting.length)).toEqual([0, 0]);
    expect(server.calls.filter((c) => c === "answer").length).toBeLessThan(24);
  });
});

describe("what the server does not take", () => {
  test("a stale hold is kept as a draft, and the others go on", async () => {
    const { server, box, shelf } = await made(2);
    const heard: string[] = [];
    box.hear((e, how) => heard.push(e.item + how));
    server.held.delete("t1");
    box.add(deed("t1"));
    box.add(deed("t2"));
    await quiet();
    expect(box.aside.map((e) => [e.item, e.state])).toEqual([["i1", "stale"]]);
    expect(server.stored.map((s) => s.item)).toEqual(["i2"]);
    expect(heard).toEqual(["i1stale", "i2sent"]);
    expect(await shelf.all()).toHaveLength(1);
    box.dismiss(box.aside[0]?.key ?? "");
    await quiet();
    expect(await shelf.all()).toEqual([]);
  });

  test("signed out: nothing is lost, and it goes on after the sign-in", async () => {
    const { clock, server, box } = await made(2);
    server.cut = refusal("unauthenticated", 401);
    box.add(deed("t1"));
    await clock.pass(500);
    expect([box.trouble, server.calls.filter((c) => c === "answer").length]).toEqual(["signin", 1]);
    server.cut = null;
    await box.open("me");
    await quiet();
    expect([box.trouble, server.stored.length]).toEqual(["", 1]);
  });

  test("one that makes the server fail does not hold up the others", async () => {
    const clock = new FakeClock();
    const sent: string[] = [];
    const box = new Outbox(memoryShelf(), surroundings(clock, async (e) => {
      if (e.token === "t1" && sent.length < 2) throw refusal("fault", 500);
      sent.push(e.token);
      return null;
    }));
    await box.open("me");
    for (const t of ["t1", "t2", "t3"]) box.add(deed(t));
    await clock.pass(120);
    expect(sent).toEqual(["t2", "t3", "t1"]);
  });

  test("verdicts", () => {
    const e = (kind: Entry["kind"]) => ({ kind });
    expect(judge(offline(), e("answer"))).toBe("later");
    expect(judge(new ApiError("storage", 507, ""), e("answer"))).toBe("later");
    expect(judge(new ApiError("rate", 429, ""), e("answer"))).toBe("later");
    expect(judge(new DOMException("", "AbortError"), e("answer"))).toBe("later");
    expect(judge(refusal("conflict", 409), e("answer"))).toBe("stale");
    expect(judge(refusal("conflict", 409), e("skip"))).toBe("sent");
    expect(judge(refusal("input", 422), e("answer"))).toBe("refused");
    expect(judge(refusal("missing", 404), e("flag"))).toBe("refused");
  });
});

describe("keeping", () => {
  test("taking back works only before it left", async () => {
    const { clock, server, box, shelf } = await made(2);
    server.cut = offline();
    const first = box.add(deed("t1"));
    const second = box.add(deed("t2"));
    await quiet();
    expect([box.takeBack(first), box.takeBack(second)]).toEqual([false, true]);
    server.cut = null;
    await clock.pass(30);
    expect(server.stored.map((s) => s.item)).toEqual(["i1"]);
    expect(await shelf.all()).toEqual([]);
  });

  test("settled says whether all is out", async () => {
    const { clock, server, box } = await made(2);
    server.cut = offline();
    box.add(deed("t1"));
    const first = box.settled("p", 5);
    await clock.pass(6);
    expect(await first).toBe(false);
    server.cut = null;
    const second = box.settled("p", 5);
    await clock.pass(1);
    expect(await second).toBe(true);
    expect(await box.settled("another project", 5)).toBe(true);
  });

  test("a shelf that takes nothing still lets answers out", async () => {
    const full = new Pockets();
    full.full = true;
    const { server, box } = await made(1, localShelf(full));
    box.add(deed("t1"));
    await quiet();
    expect(server.stored).toHaveLength(1);
  });

  test("of two places one suffices; both are read", async () => {
    const pockets = new Pockets();
    const broken: Shelf = { all: () => Promise.reject(new Error()), put: () => Promise.reject(new Error()), drop: () => Promise.reject(new Error()) };
    const shelf = bothShelves([localShelf(pockets), broken]);
    const entry = { key: "k", project: "p" } as Entry;
    await shelf.put(entry);
    pockets.setItem("cowise.unsent.junk", "{");
    pockets.setItem("other", "1");
    expect((await shelf.all()).map((e) => e.key)).toEqual(["k"]);
    await shelf.drop("k");
    expect(await shelf.all()).toEqual([]);
    await expect(bothShelves([broken]).put(entry)).rejects.toThrow();
  });

  test("pauses double up to a limit, with chance, and respect the server's wish", () => {
    expect([pause(0, 0.5), pause(1, 0.5), pause(3, 0.5), pause(50, 0.5)]).toEqual([0.4, 0.8, 3.2, 20]);
    expect([pause(0, 0), pause(0, 1)]).toEqual([0.2, 0.6000000000000001]);
    expect(pause(0, 0.5, 30)).toBe(30);
  });

  test("a hundred answers through a storm of failures: each stored exactly once", async () => {
    const { clock, server, box } = await made(100);
    let seed = 7;
    const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let i = 1; i <= 100; i++) {
      const r = chance();
      server.cut = r < 0.3 ? offline() : r < 0.4 ? refusal("fault", 500) : null;
      server.deaf = r > 0.8 ? 1 : 0;
      box.add(deed("t" + i));
      await clock.pass(chance());
    }
    server.cut = null;
    await clock.pass(600);
    expect(box.waiting).toEqual([]);
    expect(box.aside).toEqual([]);
    expect(new Set(server.stored.map((s) => s.item)).size).toBe(100);
    expect(server.stored).toHaveLength(100);
  });
});
