"""kill -9 during import, learn and certify: the workspace is whole and goes on."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from worlds import LABELS, PROMISE, answer, settings, texts, world

from cowise import loop
from cowise.core.errors import ConflictError
from cowise.core.types import classify
from cowise.loop import records
from cowise.store import decisions, projects

WORKER = Path(__file__).with_name("crash_worker.py")


def killed(what, home, lines):
    """Start a worker, kill it after it printed so many lines."""
    with subprocess.Popen([sys.executable, str(WORKER), what, str(home)], stdout=subprocess.PIPE, text=True) as worker:
        for _ in range(lines):
            assert worker.stdout.readline()
        worker.kill()
        worker.stdout.read()


def whole(ws):
    with ws.store.read() as tx:
        assert tx.connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert loop.verify(ws).ok


@pytest.mark.parametrize("then", ["again", "undo"])
def test_a_killed_import_is_finished_or_taken_back(tmp_path, then):
    home, file = tmp_path / "home", tmp_path / "texts.txt"
    file.write_text("\n".join(f"text number {i}" for i in range(20_000)), "utf-8")
    with loop.open_workspace(settings(home), create=True) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
    killed("import", home, 9)
    with loop.open_workspace(settings(home), clock=lambda: time.time() + 600) as ws:
        assert loop.get(ws, "p").items == 0
        whole(ws)
        with pytest.raises(ConflictError, match="cut short"):
            loop.add(ws, "p", ["another source"])
        if then == "undo":
            loop.undo_import(ws, "p")
            assert loop.add(ws, "p", ["another source"]).items == 1
        else:
            assert loop.add(ws, "p", file).items == 20_000
            assert loop.get(ws, "p").items == 20_000
        whole(ws)


def test_a_kill_while_learning_leaves_the_workspace_whole(tmp_path, gold):
    home = tmp_path / "home"
    with world(home, gold) as ws:
        answer(ws, gold, limit=80)
    killed("learn", home, 4)
    with loop.open_workspace(settings(home)) as ws:
        whole(ws)
        assert loop.status(ws, "p").human.answers == 80
        assert loop.learn(ws, "p").metrics["answers"] > 50


def test_a_kill_while_answering_certifying_and_delivering_loses_nothing(tmp_path, gold):
    home = tmp_path / "home"
    with world(home, gold) as ws:
        answer(ws, gold, until="audit")
        given = loop.status(ws, "p").human.answers
    for lines in (8, 20):
        killed("certify", home, lines)
        with loop.open_workspace(settings(home), clock=lambda: time.time() + 3600) as ws:
            whole(ws)
            now = loop.status(ws, "p")
            assert now.human.answers >= given + lines - 2
            given = now.human.answers
    with loop.open_workspace(settings(home), clock=lambda: time.time() + 7200) as ws:
        answer(ws, gold)
        now = loop.status(ws, "p")
        assert now.open == 0
        assert now.automated > 0
        whole(ws)


def test_a_delivery_that_was_cut_short_goes_on(tmp_path):
    gold = texts(420)
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        with ws.store.read() as tx:
            made = [d.ordinal for d in decisions.each(tx, 1) if d.route == "automated"]
        part, blob = made[:100], blob_of(ws)
        ws.store.write(lambda tx: decisions.withdraw(tx, 1, part))
        certificate = loop.status(ws, "p").certificate
        ws.store.write(lambda tx: records.change(tx, 1, deliver={"id": certificate, "blob": blob}))
        assert loop.deliver(ws, "p") == 100
        assert loop.deliver(ws, "p") == 0
        assert loop.status(ws, "p").automated == len(made)


def blob_of(ws):
    with ws.store.read() as tx:
        return next(iter(projects.get(tx, "p").settings["items"].values()))
