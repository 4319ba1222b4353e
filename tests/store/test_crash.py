"""kill -9 in the middle: whatever was acknowledged is there, and the workspace is whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from cowise.core.types import Promise, classify
from cowise.guard.ledger import verify
from cowise.store import counters, imports, items, ledger, load_items, open_store, opinions, projects, queue, roll_back
from cowise.store.imports import NewItem
from cowise.store.queue import Wanted

WORKER = Path(__file__).with_name("crash_worker.py")


def start(*words: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, str(WORKER), *words], stdout=subprocess.PIPE, text=True)


def killed_after(lines: int, *words: str) -> list[str]:
    """Lines that a worker printed before it was killed, and those that were on their way."""
    with start(*words) as worker:
        seen = [worker.stdout.readline() for _ in range(lines)]
        worker.kill()
        seen += worker.stdout.readlines()
    return [line for line in seen if line.endswith("\n")]


@pytest.fixture
def home(tmp_path):
    with open_store(tmp_path / "home") as store:
        store.write(lambda tx: projects.create(tx, "p", classify("a", "b"), Promise(), audit_key=("k", "c")))
    return tmp_path / "home"


def whole(store, tx):
    assert tx.connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    report = verify(ledger.rows(tx)).demand()
    end = ledger.head(tx)
    assert (report.checked, report.root) == (end.size, end.root)


@pytest.mark.parametrize("then", ["resume", "undo"])
def test_a_killed_import_is_finished_or_taken_back(home, then):
    acknowledged = int(killed_after(7, "import", str(home))[-1])
    with open_store(home, clock=lambda: 4e9) as store:
        with store.read() as tx:
            project = projects.get(tx, "p").id
            left = imports.left(tx, project)
            assert left.rows >= acknowledged
            assert items.visible(tx, project) == 0
            assert list(items.chunks(tx, project)) == []
            whole(store, tx)
        if then == "undo":
            roll_back(store, project)
        load_items(
            store, project, "rows" if then == "resume" else "other", (NewItem(f"row {i}") for i in range(20_000))
        )
        with store.read() as tx:
            assert [t for c in items.chunks(tx, project) for t in c.texts] == [f"row {i}" for i in range(20_000)]
            assert counters.counts(tx, project) == {"items": 20_000, "rows": 20_000}
            whole(store, tx)


def test_every_acknowledged_answer_is_there_after_kill_9(home):
    with open_store(home) as store:
        load_items(store, 1, "rows", [NewItem(f"row {i}") for i in range(300)])
        store.write(lambda tx: queue.fill(tx, 1, [Wanted(i, float(i), "train") for i in range(300)]))
    acknowledged: list[str] = []
    for run, lines in enumerate((1, 9, 23)):
        acknowledged += killed_after(lines, "answer", str(home), f"person {run}")
    with open_store(home) as store, store.read() as tx:
        found = {f"{row.ordinal} {row.id}\n" for row in opinions.current(tx, 1)}
        assert set(acknowledged) <= found
        assert len(acknowledged) >= 33
        assert counters.counts(tx, 1)["answers"] == len(found) == ledger.head(tx).size
        whole(store, tx)


def test_two_processes_write_one_ledger_and_share_no_question(home):
    with open_store(home) as store:
        load_items(store, 1, "rows", [NewItem(f"row {i}") for i in range(120)])
        store.write(lambda tx: queue.fill(tx, 1, [Wanted(i, float(i), "train") for i in range(120)]))
    workers = [start("answer", str(home), f"person {n}") for n in range(2)] + [start("import", str(home))]
    outputs = [w.communicate()[0].splitlines() for w in workers]
    assert [w.returncode for w in workers] == [0, 0, 0]
    answered = [line.split()[0] for out in outputs[:2] for line in out]
    assert len(answered) == len(set(answered)) == 120
    with open_store(home) as store, store.read() as tx:
        assert items.visible(tx, 1) == 20_000
        assert counters.counts(tx, 1)["answers"] == 120
        whole(store, tx)
