import { describe, expect, test } from "vitest";
import { Desk, IDLE, type View } from "./desk.ts";
import { FakeClock, FakeServer, offline, quiet, refusal, surroundings } from "./fakes.test-help.ts";
import { Outbox } from "./outbox.ts";
import { memoryShelf } from "./shelf.ts";

async function seated(n = 20, shelf = memoryShelf()) {
  const clock = new FakeClock();
  const server = new FakeServer(n);
  const box = new Outbox(shelf, surroundings(clock, (e, n) => server.send(e, n)));
  await box.open("me");
  const views: View[] = [];
  const desk = new Desk("p", server, box, clock, (v) => views.push(v));
  desk.start();
  await quiet();
  return { clock, server, box, desk, views, shelf };
}
const a = { kind: "label", value: "a" } as const;

describe("asking", () => {
  test("the next question is there at once, before anything was sent", async () => {
    const { desk } = await seated();
    expect(desk.view().question?.item).toBe("i0");
    expect(desk.view().ready).toBeGreaterThanOrEqual(3);
    expect(desk.answer(a)).toBe(true);
    expect(desk.view().question?.item).toBe("i1");
    expect(desk.view().delayed).toBe(false);
  });

  test("twenty answers in a row, each item once, none asked twice", async () => {
    const { clock, server, desk, box } = await seated(20);
    const seen: string[] = [];
    for (let i = 0; i < 20; i++) {
      seen.push(desk.view().question?.item ?? "?");
      desk.answer(a);
      await clock.pass(0.3);
    }
    expect(new Set(seen).size).toBe(20);
    await clock.pass(30);
    expect([server.stored.length, box.waiting.length, desk.view().rest]).toEqual([20, 0, "done"]);
  });

  test("answers bring the next questions along: none is asked for by itself while a person works", async () => {
    const { clock, server, desk } = await seated(40);
    for (let i = 0; i < 30; i++) {
      desk.answer(a);
      await clock.pass(2);
      expect(desk.view().ready).toBe(3);
    }
    expect(server.calls.filter((c) => c === "questions")).toHaveLength(1);
    expect(server.calls.filter((c) => c === "answer and next")).toHaveLength(30);
    expect(server.stored).toHaveLength(30);
  });

  test("an answer that does not leave is not waited for: the questions come by themselves", async () => {
    const { clock, server, desk, box } = await seated(20);
    box.account = ""; // nobody is signed in, so nothing goes out
    desk.answer(a);
    await clock.pass(0.5);
    expect(server.calls.filter((c) => c === "questions")).toHaveLength(1);
    desk.answer(a);
    await clock.pass(0.5);
    expect(server.calls.filter((c) => c === "questions")).toHaveLength(2);
    expect(desk.view().ready).toBeGreaterThanOrEqual(3);
  });

  test("what a refused answer was to bring is asked for again", async () => {
    const { clock, server, desk, box } = await seated(20);
    desk.answer(a);
    await clock.pass(1);
    const send = server.send.bind(server);
    server.send = async () => {
      server.send = send;
      throw refusal("input", 422);
    };
    desk.answer(a);
    await quiet();
    expect(box.aside).toHaveLength(1);
    expect([desk.view().rest, desk.view().error, desk.view().ready]).toEqual(["fetching", null, 2]);
  });

  test("answers faster than the network run dry, then go on, and never repeat a question", async () => {
    const { clock, server, desk } = await seated(12);
    const seen: string[] = [];
    for (let i = 0; i < 200 && seen.length < 12; i++) {
      const item = desk.view().question?.item;
      if (item) seen.push(item), desk.answer(a);
      else await clock.pass(0.5);
    }
    expect([...new Set(seen)]).toHaveLength(12);
    await clock.pass(20);
    expect(server.stored).toHaveLength(12);
  });

  test("who is removed is told at the next answer, and answers no more in vain", async () => {
    const { clock, server, desk, box } = await seated();
    server.cut = refusal("forbidden", 403);
    desk.answer(a);
    await clock.pass(1);
    expect(desk.view()).toMatchObject({ question: null, rest: "failed", error: server.cut });
    expect(desk.answer(a)).toBe(false);
    expect(box.aside).toHaveLength(1);
  });

  test("an answer that is refused for itself stops nothing", async () => {
    const { clock, server, desk, box } = await seated();
    server.cut = refusal("input", 422);
    desk.answer(a);
    await quiet();
    server.cut = null;
    await clock.pass(1);
    expect(box.aside).toHaveLength(1);
    expect(desk.view().question?.item).toBe("i1");
  });

  test("a question that came after a wait is marked so", async () => {
    const { clock, desk } = await seated(6);
    expect(desk.view().delayed).toBe(true);
    while (desk.answer(a));
    expect(desk.view()).toMatchObject({ question: null, rest: "fetching" });
    await clock.pass(2);
    expect(desk.view()).toMatchObject({ delayed: true });
    expect(desk.view().question).not.toBeNull();
  });

  test("time on a question does not count what passed out of sight", async () => {
    const { clock, desk, box } = await seated();
    const seconds: number[] = [];
    box.hear((e) => seconds.push(e.seconds ?? -1));
    await clock.pass(3);
    desk.hide(true);
    await clock.pass(100);
    desk.hide(false);
    await clock.pass(2);
    desk.answer(a);
    await quiet();
    expect(seconds).toEqual([5]);
  });
});

describe("when the connection drops", () => {
  test("what is held can still be answered; then it says so; then all arrives", async () => {
    const { clock, server, desk, box } = await seated();
    server.cut = offline();
    let n = 0;
    while (desk.answer(a)) n++;
    expect(n).toBeGreaterThanOrEqual(3);
    await clock.pass(5);
    expect(desk.view().rest).toBe("offline");
    server.cut = null;
    box.kick();
    desk.wake();
    await clock.pass(5);
    expect(server.stored).toHaveLength(n);
    expect(desk.view().question?.item).toBe("i" + n);
  });

  test("at the start it waits, and opens when the server is back", async () => {
    const clock = new FakeClock();
    const server = new FakeServer(3);
    server.cut = offline();
    const box = new Outbox(memoryShelf(), surroundings(clock, (e, n) => server.send(e, n)));
    await box.open("me");
    const desk = new Desk("p", server, box, clock, () => {});
    desk.start();
    await clock.pass(10);
    expect(desk.view().rest).toBe("offline");
    server.cut = null;
    await clock.pass(30);
    expect(desk.view().question?.item).toBe("i0");
  });

  test("a refusal is shown and not tried again", async () => {
    const { clock, server, desk } = await seated(0);
    server.cut = refusal("missing", 404);
    desk.wake();
    await clock.pass(1);
    const calls = server.calls.length;
    await clock.pass(100);
    expect([desk.view().rest, server.calls.length]).toEqual(["failed", calls]);
  });

  test("a closed tab's answers are sent by the next page, which does not ask them again", async () => {
    const shelf = memoryShelf();
    const first = await seated(10, shelf);
    first.server.cut = offline();
    first.desk.answer(a);
    first.desk.answer(a);
    await quiet();
    first.server.cut = null;
    const clock = new FakeClock();
    const box = new Outbox(shelf, surroundings(clock, (e) => first.server.send(e)));
    await box.open("me");
    const desk = new Desk("p", first.server, box, clock, () => {});
    desk.start();
    await clock.pass(3);
    expect(first.server.stored.map((s) => s.item)).toEqual(["i0", "i1"]);
    expect(desk.view().question?.item).toBe("i2");
  });
});

describe("undo", () => {
  test("brings question after question back, to any depth", async () => {
    const { clock, desk, server } = await seated();
    for (let i = 0; i < 5; i++) desk.answer(a), await clock.pass(0.2);
    for (const want of ["i4", "i3", "i2", "i1", "i0"]) {
      const end = desk.undo();
      await clock.pass(0.1);
      expect(await end).toBe("back");
      expect(desk.view()).toMatchObject({ question: { item: want }, was: a });
    }
    const end = desk.undo();
    await clock.pass(0.1);
    expect([await end, server.stored]).toEqual(["nothing", []]);
    expect(desk.view().answered).toBe(0);
    expect(desk.answer({ kind: "none", value: null })).toBe(true);
    expect(desk.view().question?.item).toBe("i1");
  });

  test("works without a connection for what never left", async () => {
    const { clock, server, desk } = await seated();
    server.cut = offline();
    desk.answer(a);
    await quiet();
    desk.answer(a);
    expect(await desk.undo()).toBe("back");
    expect(desk.view().question?.item).toBe("i1");
    const end = desk.undo();
    await clock.pass(7);
    expect(await end).toBe("offline");
    expect(desk.view().undoing).toBe(false);
  });

  test("no key answers while it is under way", async () => {
    const { clock, desk } = await seated();
    desk.answer(a);
    await clock.pass(0.2);
    const end = desk.undo();
    expect(desk.answer(a)).toBe(false);
    await clock.pass(0.2);
    await end;
    expect(desk.view().question?.item).toBe("i0");
  });

  test("an answer that a certificate stands on is named for correction", async () => {
    const { clock, server, desk } = await seated();
    desk.answer(a);
    await clock.pass(0.2);
    server.certified = "i0";
    const end = desk.undo();
    await clock.pass(0.2);
    expect(await end).toEqual({ certificate: "i0" });
    expect(desk.view().question?.item).toBe("i1");
  });
});

describe("holding", () => {
  test("holds are renewed at a third of their time and given back on leaving", async () => {
    const { clock, server, desk } = await seated();
    await clock.pass(199);
    expect(server.calls).not.toContain("renew");
    await clock.pass(2);
    expect(server.calls.filter((c) => c === "renew")).toHaveLength(1);
    desk.leave();
    expect(server.released).toHaveLength(4);
    await clock.pass(1000);
    expect(server.calls.filter((c) => c === "renew")).toHaveLength(1);
  });

  test("an answered question is not released", async () => {
    const { server, desk } = await seated();
    server.cut = offline();
    desk.answer(a);
    desk.leave(true);
    expect(server.released).not.toContain("t1");
  });

  test("who went away gives the questions back, and a key brings new ones", async () => {
    const { clock, server, desk } = await seated();
    await clock.pass(IDLE + 400);
    expect([desk.view().rest, desk.view().question, server.held.size]).toEqual(["idle", null, 0]);
    desk.touch();
    await clock.pass(1);
    expect(desk.view().question).not.toBeNull();
  });

  test("a hold taken by somebody else: the answer becomes a draft and is shown when the item comes again", async () => {
    const { clock, server, desk, box } = await seated(6);
    const item = desk.view().question?.item ?? "";
    server.held.delete("t1");
    desk.answer(a);
    await clock.pass(0.5);
    expect(box.aside.map((e) => e.item)).toEqual([item]);
    server.open.push(item);
    for (let i = 0; i < 5; i++) desk.answer({ kind: "label", value: "b" }), await clock.pass(1);
    await clock.pass(3);
    expect(desk.view()).toMatchObject({ question: { item }, was: a });
  });

  test("another tab takes over: this one asks nothing and releases nothing", async () => {
    const { clock, server, desk } = await seated();
    desk.move();
    const calls = server.calls.length;
    await clock.pass(1000);
    desk.leave();
    expect([desk.view().rest, server.calls.length, server.released]).toEqual(["moved", calls, []]);
    expect(desk.answer(a)).toBe(false);
  });
});

describe("when there is nothing to ask", () => {
  test("while the model learns it looks again, and goes on", async () => {
    const { clock, server, desk } = await seated(0);
    server.working = true;
    
    desk.wake();
    await clock.pass(0.1);
    expect(desk.view().rest).toBe("learning");
    await clock.pass(10);
    server.open.push("late");
    await clock.pass(6);
    expect(desk.view()).toMatchObject({ question: { item: "late" }, delayed: true });
  });

  test("others hold the rest: it waits", async () => {
    const { clock, server, desk } = await seated(0);
    server.open = [];
    server.someoneElse = true;
    desk.wake();
    await clock.pass(0.1);
    expect(desk.view().rest).toBe("waiting");
  });

  test("a skip leaves as well, and a flag keeps the question", async () => {
    const { clock, server, desk } = await seated();
    expect(desk.flag("torn")).toBe(true);
    expect(desk.view().question?.item).toBe("i0");
    expect(desk.skip()).toBe(true);
    expect(desk.view().question?.item).toBe("i1");
    await clock.pass(0.2);
    expect(server.calls.filter((c) => c === "flag" || c === "skip")).toEqual(["flag", "skip"]);
    expect(desk.view().answered).toBe(0);
  });
});
