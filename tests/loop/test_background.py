"""The worker: starts when needed, does each job once, ends when idle, and gives up what kills it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from worlds import answer, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, MissingError
from cowise.loop import jobs
from cowise.loop.background import Worker
from cowise.loop.jobs import MOST_TRIES, CancelledError, Doing, LostError
from cowise.loop.news import Bus
from cowise.store import imports, projects
from cowise.store import jobs as rows
from cowise.store.imports import NewItem
from cowise.store.load import owner_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ws(tmp_path):
    with world(tmp_path / "home", texts(120)) as opened:
        yield opened


def wait(check, seconds: float = 60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def test_a_worker_of_its_own_does_the_job_and_ends_when_idle(ws):
    bus, heard = Bus(), []
    bus.listen(heard.append)
    worker = Worker(ws, bus, idle_s=1.0)
    assert worker.pid is None
    worker.start()
    try:
        assert worker.pid is None, "nothing waits: nothing runs"
        worker.advance("p")
        wait(lambda: loop.status(ws, "p").queued > 0)
        assert worker.pid is not None
        wait(lambda: any(n["what"] == "queue" for n in heard))
        wait(lambda: worker.pid is None)
        made = worker.add("learn", project="p")  # a new one starts by itself
        done = wait(lambda: (j := jobs.get(ws, made.id)).state in ("done", "failed") and j)
        assert done.state in ("done", "failed")
    finally:
        worker.stop()
    assert worker.pid is None


def test_a_worker_gets_warm_in_a_moment_and_never_after_the_end(ws):
    worker = Worker(ws, Bus(), idle_s=30.0)
    worker.start()
    try:
        worker.soon(0.3)
        assert worker.pid is None, "the page that is being opened has the processor first"
        wait(lambda: worker.pid)
        worker.soon(0.3)
    finally:
        worker.stop()
    time.sleep(0.6)
    assert worker.pid is None


def test_a_worker_that_dies_is_followed_by_another(ws):
    worker = Worker(ws, Bus())
    worker.start()
    try:
        made = worker.add("advance", project="p")
        first = wait(lambda: worker.pid)
        worker._process.kill()
        done = wait(lambda: (j := jobs.get(ws, made.id)).state == "done" and j)
        assert done.error is None
        assert first != worker.pid or worker.pid is None
    finally:
        worker.stop()


def test_what_is_due_waits_once(ws):
    assert jobs.advance(ws, "p")
    assert not jobs.advance(ws, "p")
    assert jobs.working(ws, "p")
    worker = Worker(ws, Bus())
    assert worker.step() == 1
    assert not jobs.working(ws, "p")
    assert jobs.advance(ws, "p")
    assert jobs.recent(ws, "p") == []


def test_a_job_that_kills_its_workers_is_given_up(ws):
    made = jobs.add(ws, "learn", project="p")
    for i in range(MOST_TRIES):
        assert ws.store.write(lambda tx, i=i: rows.take(tx, f"worker {i}", ["learn"]))
        jobs.left(ws, "worker %")
    Worker(ws, Bus()).step()
    found = jobs.get(ws, made.id)
    assert found.state == "failed"
    assert found.error is not None
    assert "died" in found.error["message"]


def test_a_cancelled_job_stops_at_its_next_beat(ws):
    made = jobs.add(ws, "learn", project="p")
    held = ws.store.write(lambda tx: rows.take(tx, "worker 1", ["learn"], seconds=60))
    doing = Doing(ws, held, lambda job: None)
    doing.progress("learning", 1, 10)
    jobs.cancel(ws, made.id)
    assert doing._why() is CancelledError
    doing._lost = doing._why()
    with pytest.raises(CancelledError):
        doing.progress("learning", 2, 10)


def half_imported(ws):
    """An import job whose worker stored two of its texts and goes on: (job, what the worker holds)."""
    made = jobs.add(ws, "import", {"file": "0" * 32, "text": "text"}, project="p")
    ws.store.write(lambda tx: rows.take(tx, "worker 71", ["import"], seconds=60))
    number = ws.store.write(lambda tx: projects.get(tx, "p").id)
    held = ws.store.write(lambda tx: imports.begin(tx, number, "a.csv", owner=owner_of(71)))
    batch = imports.prepare([NewItem("one of it"), NewItem("two of it")])
    with ws.store.read() as tx:
        run = imports.unfiled(tx, held)
    placed = imports.place(batch, run, lambda asked: {})
    ws.store.write(lambda tx: imports.add(tx, held, placed))
    for entries in run.sorted():
        ws.store.write(lambda tx, entries=entries: imports.file(tx, held, entries))
    return made, held


def test_a_cancelled_import_cannot_end_any_more(ws):
    """However far its worker is: it is refused at its next step, and nothing of it stays."""
    before = loop.status(ws, "p").items
    made, held = half_imported(ws)
    assert jobs.cancel(ws, made.id).state == "cancelled"
    with pytest.raises(ConflictError):
        ws.store.write(lambda tx: imports.settle(tx, held))
    assert loop.status(ws, "p").items == before
    assert ws.store.write(lambda tx: imports.left(tx, held.project)) is None


def test_an_import_that_shows_already_is_not_cancelled(ws):
    made, held = half_imported(ws)
    ws.store.write(lambda tx: imports.settle(tx, held))
    with pytest.raises(ConflictError, match="can only go forward"):
        jobs.cancel(ws, made.id)
    assert jobs.get(ws, made.id).state == "running"
    assert ws.store.write(lambda tx: imports.finish(tx, held)).added == 2


def test_a_job_taken_by_another_is_lost_not_cancelled(ws):
    jobs.add(ws, "learn", project="p")
    held = ws.store.write(lambda tx: rows.take(tx, "worker 1", ["learn"], seconds=60))
    jobs.left(ws, "worker 1")
    assert Doing(ws, held, lambda job: None)._why() is LostError


def test_progress_tells_rate_and_time_left(ws):
    jobs.add(ws, "learn", project="p")
    held = ws.store.write(lambda tx: rows.take(tx, "worker 1", ["learn"], seconds=60))
    doing = Doing(ws, held, lambda job: None)
    doing.progress("reading", 0, 100)
    doing._begun = (time.monotonic() - 2.0, 0)
    doing.progress("reading", 50, 100)
    assert doing._at["per_s"] == pytest.approx(25, rel=0.2)
    assert doing._at["seconds_left"] == pytest.approx(2, rel=0.2)


def test_a_job_of_a_deleted_project_harms_nobody(ws):
    made = jobs.add(ws, "learn", project="p")
    held = ws.store.write(lambda tx: rows.take(tx, "worker 1", ["learn"], seconds=60))
    loop.delete(ws, "p")
    Doing(ws, held, lambda job: None).run()
    with pytest.raises(MissingError):
        jobs.get(ws, made.id)


def test_a_whole_project_by_the_worker_alone(tmp_path):
    gold = texts(300)
    with world(tmp_path / "home", gold) as ws:
        worker = Worker(ws, Bus())
        for _ in range(7):  # how many audits a walk asks, and whether the first one grants, depends on lots
            if not loop.status(ws, "p").open:
                break
            answer(ws, gold, limit=40)
            worker.advance("p")
            assert worker.step() == 1
        now = loop.status(ws, "p")
        assert (now.open, now.human.answers + now.automated) == (0, 300)
        assert now.automated > 0


@pytest.mark.parametrize("job", ["", "x", "-1", "1e3", "9" * 30, "١"])
def test_ids_are_numbers(ws, job):
    with pytest.raises(MissingError):
        jobs.get(ws, job)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (MemoryError(), "there is not enough memory for this"),
        (
            RuntimeError("secret text of an item"),
            "cowise met an error of its own (RuntimeError); repeat, and report it",
        ),
        (ConflictError("somebody else has it"), "somebody else has it"),
    ],
)
def test_what_a_job_dies_of_is_told_and_the_worker_lives_on(ws, monkeypatch, cause, said):
    def dies(*_):
        raise cause

    monkeypatch.setattr("cowise.loop.doing.learn", dies)
    made = jobs.add(ws, "learn", project="p")
    assert Worker(ws, Bus()).step() == 1
    found = jobs.get(ws, made.id)
    assert found.state == "failed"
    assert said in found.error["message"]
    assert "secret" not in found.error["message"]


@pytest.mark.parametrize("stopped", [CancelledError, LostError])
def test_a_job_that_was_stopped_ends_without_a_word_of_its_own(ws, monkeypatch, stopped):
    def stops(*_):
        raise stopped("over")

    monkeypatch.setattr("cowise.loop.doing.learn", stops)
    made = jobs.add(ws, "learn", project="p")
    held = ws.store.write(lambda tx: rows.take(tx, "worker 1", ["learn"], seconds=60))
    Doing(ws, held, lambda job: None).run()
    assert jobs.get(ws, made.id).state == "running"  # whoever stopped it, or has it now, says how it ends


def test_a_beat_that_is_refused_stops_the_job(ws, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT_S", 0.01)

    def works(ws, name, payload, progress):
        while True:
            progress("learning", 1, 10)
            jobs.cancel(ws, made.id)
            time.sleep(0.05)

    monkeypatch.setattr("cowise.loop.doing.learn", works)
    made = jobs.add(ws, "learn", project="p")
    heard = []
    held = ws.store.write(lambda tx: rows.take(tx, "worker 1", ["learn"], seconds=60))
    Doing(ws, held, heard.append).run()
    assert heard[-1].state == "cancelled"


def test_one_job_of_a_kind_is_enough(ws):
    assert jobs.once(ws, "index", "p")
    assert not jobs.once(ws, "index", "p")
    worker = Worker(ws, Bus())
    worker.once("index", "p")  # it waits already, and nobody is there to be woken
    assert worker.pid is None
    assert worker.step() == 1
    assert jobs.once(ws, "index", "p")


def test_a_worker_without_a_workspace_says_so_and_ends(tmp_path):
    environ = {**os.environ, "COWISE_HOME": str(tmp_path / "none"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cowise.loop.background", "1"]
    done = subprocess.run(command, env=environ, input="", capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == MissingError.exit_code
    assert done.stderr.startswith("worker: ")
    assert str(tmp_path / "none") in done.stderr
