"""The store against 1,000,000 items: import, next question, status, pages, group commit, two writing processes.

python benchmarks/store_scale.py [--items 1000000] [--out benchmarks/results/store_scale.json]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cowise.core.types import Answer, Promise, classify
from cowise.store import counters, items, listing, load_items, members, open_store, projects, queue
from cowise.store.imports import NewItem
from cowise.store.opinions import Said
from cowise.store.queue import Wanted
from cowise.store.store import Store

CLIENTS = 50


def hardware() -> dict[str, Any]:
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": cpu or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def sync_ms(folder: Path) -> float:
    """Milliseconds of one write and flush to this disk, to read the other figures by."""
    with (folder / "sync").open("wb") as file:
        start = time.perf_counter()
        for _ in range(50):
            file.write(b"x" * 8192)
            file.flush()
            os.fsync(file.fileno())
    return (time.perf_counter() - start) / 50 * 1000


def percentiles(seconds: list[float]) -> dict[str, float]:
    ms = np.array(seconds) * 1000
    return {"n": len(ms), **{f"p{q}_ms": round(float(np.percentile(ms, q)), 3) for q in (50, 95, 99)}}


def timed(n: int, run: Callable[[int], object]) -> list[float]:
    out = []
    for i in range(n):
        start = time.perf_counter()
        run(i)
        out.append(time.perf_counter() - start)
    return out


def rows(path: Path) -> Iterator[NewItem]:
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            yield NewItem(row[0])


def measure_import(store: Store, project: int, path: Path, n: int) -> dict[str, Any]:
    cpu, start = time.process_time(), time.perf_counter()
    load_items(store, project, path.name, rows(path))
    wall = time.perf_counter() - start
    return {
        "rows": n,
        "seconds": round(wall, 2),
        "rows_per_s": round(n / wall),
        "cpu_us_per_row": round((time.process_time() - cpu) / n * 1e6, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def measure_questions(store: Store, project: int, member: int) -> dict[str, Any]:
    """In process: what finding the question costs, and what a person waits with the flush to disk."""
    wanted = [Wanted(i * 97, float(i), "train") for i in range(2000)]
    for i in range(0, len(wanted), 200):
        store.write(lambda tx, i=i: queue.fill(tx, project, wanted[i : i + 200]))
    inside: list[float] = []

    def lease(tx) -> None:
        start = time.perf_counter()
        held = queue.lease(tx, project, member)
        items.at(tx, project, [held.ordinal])
        inside.append(time.perf_counter() - start)

    flushed = timed(1000, lambda _: store.write(lease))
    return {"find": percentiles(inside), "find_and_commit": percentiles(flushed)}


def measure_clients(store: Store, project: int, seconds: float = 8.0) -> dict[str, Any]:
    """Fifty people lease and answer at once."""
    people = [store.write(lambda tx, n=n: members.ensure(tx, project, f"client {n}")).id for n in range(CLIENTS)]
    store.write(lambda tx: queue.clear(tx, project))
    wanted = [Wanted(200_000 + i, float(i), "train") for i in range(40_000)]
    for i in range(0, len(wanted), 1000):
        store.write(lambda tx, i=i: queue.fill(tx, project, wanted[i : i + 1000]))
    leases: list[float] = []
    answers: list[float] = []
    end = time.perf_counter() + seconds

    def client(member: int) -> None:
        while time.perf_counter() < end:
            start = time.perf_counter()
            held = store.write(lambda tx: queue.lease(tx, project, member))
            leases.append(time.perf_counter() - start)
            said = Said(held.ordinal, member, Answer.of("a"), key=held.lease.token)
            start = time.perf_counter()
            store.write(lambda tx, token=held.lease.token, said=said: queue.answer(tx, project, token, said))
            answers.append(time.perf_counter() - start)

    threads = [threading.Thread(target=client, args=(m,)) for m in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "clients": CLIENTS,
        "operations_per_s": round((len(leases) + len(answers)) / seconds),
        "leases_per_s": round(len(leases) / seconds),
        "lease": percentiles(leases),
        "answer": percentiles(answers),
    }


def measure_beside(store: Store, home: Path, path: Path, project: int, member: int) -> dict[str, Any]:
    """Answers in this process while another process imports."""
    words = [sys.executable, __file__, "--import-into", str(home), "--file", str(path)]
    store.write(lambda tx: queue.clear(tx, project))
    store.write(lambda tx: queue.fill(tx, project, [Wanted(500_000 + i, float(i), "train") for i in range(3000)]))
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as worker:
        worker.stdout.readline()

        def answer(_: int) -> None:
            held = store.write(lambda tx: queue.lease(tx, project, member))
            said = Said(held.ordinal, member, Answer.of("a"))
            store.write(lambda tx: queue.answer(tx, project, held.lease.token, said))

        waited = timed(200, answer)
        still = worker.poll() is None
        speed = float(worker.stdout.readline())
    return {
        "question_and_answer": percentiles(waited),
        "import_ran_throughout": still,
        "import_rows_per_s": round(speed),
    }


def import_into(home: Path, path: Path) -> None:
    with open_store(home) as store:
        project = store.write(
            lambda tx: projects.create(tx, "other", classify("a", "b"), Promise(), audit_key=("k", "c"))
        ).id
        print("started", flush=True)
        start = time.perf_counter()
        done = load_items(store, project, path.name, rows(path))
        print(done.rows / (time.perf_counter() - start), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/store_scale.json"))
    parser.add_argument("--import-into", type=Path)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.import_into:
        import_into(given.import_into, given.file)
        return
    n = given.items
    with tempfile.TemporaryDirectory() as folder:
        home, path = Path(folder) / "home", Path(folder) / "items.csv"
        result: dict[str, Any] = {"hardware": hardware(), "sync_ms": round(sync_ms(Path(folder)), 2)}
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([f"please tell me where card number {i} is"] for i in range(n))
        short = Path(folder) / "short.csv"
        with short.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([f"another text of number {i}"] for i in range(min(n, 500_000)))
        with open_store(home) as store:
            project = store.write(
                lambda tx: projects.create(tx, "p", classify("a", "b"), Promise(), audit_key=("k", "c"))
            ).id
            member = store.write(lambda tx: members.ensure(tx, project, "me")).id
            result["import"] = measure_import(store, project, path, n)
            result["database_mb"] = round((home / "cowise.db").stat().st_size / 2**20)
            result["next_question"] = measure_questions(store, project, member)
            with store.read() as tx:
                result["counts"] = percentiles(timed(200, lambda _: counters.counts(tx, project)))
                rng = np.random.default_rng(0)
                result["page_of_50"] = percentiles(
                    timed(200, lambda _: listing.page(tx, project, after=int(rng.integers(n))))
                )
                start = time.perf_counter()
                read = sum(len(c.ids) for c in items.chunks(tx, project))
                result["read_all_rows_per_s"] = round(read / (time.perf_counter() - start))
            result["group_commit"] = measure_clients(store, project)
            result["beside_an_import"] = measure_beside(store, home, short, project, member)
        start = time.perf_counter()
        with open_store(home) as store, store.read() as tx:
            counters.counts(tx, projects.get(tx, "p").id)
        result["open_and_status_s"] = round(time.perf_counter() - start, 4)
    result["hardware"]["load_after"] = round(os.getloadavg()[0], 2)
    given.out.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
