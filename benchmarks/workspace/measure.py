"""The five figures, each of every product in turn, so that a busy minute of the machine meets all of them."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from benchmarks.workspace.product import Product, Step, end, family, memory, served, wait_for

TICK = os.sysconf("SC_CLK_TCK")
BUSY = 0.25
"""Share of the processors that others may use before a reading; more than that is not a quiet machine."""
PAINTED = "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))"
WATCH = """(() => {
  const text = () => { const n = document.querySelector("PASSAGE"); return n && n.checkVisibility() ? n.textContent.trim() : ""; };
  const look = () => {
    const at = sessionStorage.getItem("at");
    if (!at) return;
    const now = text();
    if (!now || now === sessionStorage.getItem("was")) { requestAnimationFrame(look); return; }
    sessionStorage.removeItem("at");
    const painted = new MessageChannel();
    painted.port1.onmessage = () => {
      const took = JSON.parse(sessionStorage.getItem("took") || "[]");
      took.push(performance.timeOrigin + performance.now() - at);
      sessionStorage.setItem("took", JSON.stringify(took));
    };
    painted.port2.postMessage(0);
  };
  addEventListener("keydown", e => {
    if (!(COUNTS) || sessionStorage.getItem("at")) return;
    sessionStorage.setItem("was", text());
    sessionStorage.setItem("at", performance.timeOrigin + e.timeStamp);
    requestAnimationFrame(look);
  }, true);
  requestAnimationFrame(look);
})()"""
"""From the key to the message after the painted frame in which another text stands, over a reload of the page too."""


def busy(seconds: float = 1.0) -> float:
    """Share of all processors in use meanwhile."""

    def read() -> tuple[int, int]:
        spent = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(spent), spent[3] + spent[4]

    before = read()
    time.sleep(seconds)
    after = read()
    return round(1 - (after[1] - before[1]) / max(1, after[0] - before[0]), 2)


def quiet(patience_s: float) -> dict[str, float]:
    """Wait for others to be done, so long at most; how busy they are then."""
    until = time.monotonic() + patience_s
    found = busy()
    while found > BUSY and time.monotonic() < until:
        found = busy(2.0)
    return {"load": round(os.getloadavg()[0], 2), "others_busy": found}


def spent_s(pids: Sequence[int]) -> float:
    """Seconds of processor that processes took: the part of a time that a busy machine does not stretch much."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def first_page(product: Product, browser: Browser) -> dict[str, float]:
    """Seconds from the command until the first page has painted what it is for. The browser runs before, as a user's does."""
    running = product.start()
    try:
        wait_for(running)
        answers = time.monotonic() - running.begun
        context = browser.new_context()
        page = context.new_page()
        page.goto(running.address, wait_until="commit")
        page.locator(product.standing).first.wait_for()
        page.evaluate(PAINTED)
        painted = time.monotonic() - running.begun
        cpu = spent_s(family(running.process.pid))
        context.close()
    finally:
        end(running)
    return {"listens_s": round(answers, 3), "page_s": round(painted, 3), "server_cpu_s": round(cpu, 2)}


def idle(product: Product, answers: int = 20) -> dict[str, float]:
    """Memory of a server that has answered some, with nobody there any more.

    The worker of ours ends by itself after five idle minutes; it is ended here, and the others' are not: they have none.
    """
    with served(product) as running:
        step, done = product.step(running), 0
        while done < answers:
            done += step()
        if product.name == "cowise":
            _end_worker(running.process.pid)
        time.sleep(5)
        pids = family(running.process.pid)
        return {**memory(pids), "processes": len(pids)}


def _end_worker(server: int, seconds: float = 240.0) -> None:
    """End the worker once it has nothing to do: one that is ended at work is started again."""
    until, before = time.monotonic() + seconds, -1.0
    while len(pids := family(server)) > 1 and time.monotonic() < until:
        now = spent_s(pids[1:])
        if now - before < 0.05:
            for pid in pids[1:]:
                os.kill(pid, signal.SIGTERM)
        before = now
        time.sleep(3)
    assert len(family(server)) == 1, "the worker does not end"


def save_and_next(products: Sequence[Product], rounds: int, answers: int, pause_s: float) -> dict[str, Any]:
    """One person: quantiles of saving an answer and having the next task, rounds of all products in turn."""
    found: dict[str, list[float]] = {product.name: [] for product in products}
    cpu, empty = dict.fromkeys(found, 0.0), dict.fromkeys(found, 0)
    with ExitStack() as stack:
        servers = {product.name: stack.enter_context(served(product)) for product in products}
        for product in [*products] * rounds:
            name = product.name
            # A new line for each round: servers let go of one that is silent while the others have their turn.
            step, pids = product.step(servers[name]), [servers[name].process.pid]
            _do(step, 2, 0.2)  # what is made once is paid for by nobody's first answer
            before = spent_s(pids)
            took, waited = _do(step, answers, pause_s)
            found[name] += took
            cpu[name] += spent_s(pids) - before
            empty[name] += waited
    return {
        name: {**_spread(took), "server_cpu_ms": round(1000 * cpu[name] / len(took), 1), "nothing_to_answer": empty[name]}
        for name, took in found.items()
    }  # fmt: skip


def _do(step: Step, answers: int, pause_s: float) -> tuple[list[float], int]:
    took: list[float] = []
    waited = 0
    while len(took) < answers:
        time.sleep(pause_s)
        begun = time.perf_counter()
        if step():
            took.append(time.perf_counter() - begun)
        else:
            waited += 1
    return took, waited


def _spread(took_s: Sequence[float]) -> dict[str, float]:
    q = np.percentile(np.array(took_s) * 1000, (50, 95, 99))
    return {
        "n": len(took_s),
        **{f"p{name}_ms": round(float(one), 1) for name, one in zip((50, 95, 99), q, strict=True)},
    }


def _room(browser: Browser, product: Product) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(60_000)
    watch = WATCH.replace("PASSAGE", product.keys.passage.replace('"', '\\"')).replace("COUNTS", product.keys.counts)
    page.add_init_script(watch)
    return page


def clicks(product: Product, browser: Browser) -> dict[str, Any]:
    """Clicks from the sign-in page to the first answer that the product has stored."""
    with served(product) as running:
        page, counted = _room(browser, product), list[str]()
        before = product.answers(running)

        def click(what: Any) -> None:
            what.wait_for()
            said = what.inner_text().split("\n")[0].strip()
            what.click()
            counted.append(said)

        product.sign_in(page, running, click)
        page.wait_for_timeout(1000)  # a text is read before it is answered; ours takes no click for one that just came
        product.answer(page, click)
        stored = _until(lambda: product.answers(running) > before)
        page.context.close()
    assert stored, f"{product.name}: the answer was not stored"
    return {"clicks": len(counted), "what": counted}


def _until(ready: Any, seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return True
        time.sleep(0.2)
    return False


def key_to_next(product: Product, browser: Browser, answers: int, pause_s: float) -> dict[str, Any]:
    """Milliseconds from the key that asks for the next text until it is painted; all are timed by the same script."""
    with served(product) as running:
        page = _room(browser, product)
        product.sign_in(page, running, lambda what: what.click())
        page.wait_for_timeout(1500)
        before = product.answers(running)
        for n in range(answers):
            page.wait_for_timeout(1000 * pause_s)
            for key in product.keys.before:
                page.keyboard.press(key)
                page.wait_for_timeout(150)
            page.keyboard.press(product.keys.last)
            _come(page, n + 1)
        took = _taken(page)
        stored = _until(lambda: product.answers(running) - before >= min(answers, 400))
        page.context.close()
    assert stored, f"{product.name}: not all answers were stored"
    keys = len(product.keys.before) + 1
    return {**_spread([one / 1000 for one in took]), "keys_an_answer": keys}


def _taken(page: Page) -> list[float]:
    found: list[float] = page.evaluate("JSON.parse(sessionStorage.getItem('took') || '[]')")
    return found


def _come(page: Page, n: int, seconds: float = 60.0) -> None:
    """Until so many next texts were painted."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(BrowserError):  # the page is on its way to another
            if len(_taken(page)) >= n:
                return
        page.wait_for_timeout(20)
    raise TimeoutError("the next text does not come")


def medians(readings: Sequence[dict[str, float]]) -> dict[str, float]:
    """Of each figure."""
    return {name: round(statistics.median(one[name] for one in readings), 3) for name in readings[0]}
