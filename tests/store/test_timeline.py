"""Columns over time, one label under another name, and jobs whose worker died: alike on both databases."""

from __future__ import annotations

import pytest

from cowise.core.types import Answer, Task
from cowise.store import decisions, imports, items, jobs, ledger, opinions, renaming, timeline
from cowise.store.decisions import DecisionRow
from cowise.store.imports import NewItem
from cowise.store.opinions import Said


@pytest.fixture
def answered(store, project, add, person, clock):
    add([NewItem("it crashes", None, "bug", ""), "well done", "no idea"])
    for ordinal, label in ((1, "praise"), (2, "bug")):
        clock.pass_by(10)
        said = Said(ordinal, person, Answer.of(label), seconds=3.0 + ordinal, used_for="train", suggested="bug")
        store.write(lambda tx, said=said: opinions.put(tx, project, said))
    store.write(lambda tx: decisions.put(tx, project, [DecisionRow(2, Answer.of("bug"), "reviewed", 1.0, "a person")]))
    return project


def test_answers_and_events_in_order(store, answered, clock):
    store.write(lambda tx: ledger.append(tx, answered, "decided", {"n": 3, "route": "automated"}))
    store.write(lambda tx: ledger.append(tx, answered, "asked", {"n": 1}))
    with store.read() as tx:
        given = timeline.given(tx, answered)
        assert [use for _, use in given] == ["train", "train"]
        assert [at for at, _ in given] == sorted(at for at, _ in given)
        assert timeline.seconds(tx, answered) == [5.0, 4.0]
        found = timeline.events(tx, answered, ("decided", "imported"))
        assert [(one.kind, one.record["n"]) for one in found] == [("decided", 3)]


def test_a_label_gets_another_name_everywhere(store, answered, person):
    changed = store.write(lambda tx: renaming.label(tx, answered, Task(("bug", "praise")), "bug", "缺陷"))
    assert changed == 5  # one answer, two suggestions, one decision, one imported label
    with store.read() as tx:
        said = list(opinions.current(tx, answered))
        assert [(one.answer, one.suggested) for one in said] == [
            (Answer.of("praise"), "缺陷"),
            (Answer.of("缺陷"), "缺陷"),
        ]
        made = decisions.get(tx, answered, 2)
        assert made is not None
        assert made.answer == Answer.of("缺陷")
        assert items.at(tx, answered, [0])[0].label == "缺陷"


def test_other_projects_keep_their_names(store, answered, make):
    other = make("others").id
    assert store.write(lambda tx: renaming.label(tx, other, Task(("bug", "praise")), "bug", "x")) == 0
    with store.read() as tx:
        assert items.at(tx, answered, [0])[0].label == "bug"


def test_jobs_of_dead_workers_are_free_at_once(store, project):
    made = store.write(lambda tx: jobs.add(tx, "learn", {}, project=project))
    store.write(lambda tx: jobs.take(tx, "worker 12", ["learn"], seconds=60))
    assert store.write(lambda tx: jobs.orphan(tx, "worker 99")) == []
    assert store.write(lambda tx: jobs.orphan(tx, "worker %")) == ["worker 12"]
    again = store.write(lambda tx: jobs.take(tx, "worker 13", ["learn"], seconds=60))
    assert again is not None
    assert (again.id, again.epoch) == (made.id, 2)


def test_finished_jobs_are_pruned_and_waiting_ones_stay(store, project):
    for _ in range(5):
        store.write(lambda tx: jobs.add(tx, "learn", {}, project=project))
        held = store.write(lambda tx: jobs.take(tx, "me", ["learn"]))
        assert held is not None
        store.write(lambda tx, token=held.token: jobs.finish(tx, str(token), {}))
    waits = store.write(lambda tx: jobs.add(tx, "learn", {}, project=project))
    assert store.write(lambda tx: jobs.prune(tx, project, keep=2)) == 3
    assert store.write(lambda tx: jobs.prune(tx, project, keep=0, kind="import")) == 0
    with store.read() as tx:
        found = jobs.all_of(tx, project=project)
    assert len(found) == 3
    assert found[0].id == waits.id


def test_a_failed_job_may_say_its_kind(store, project):
    store.write(lambda tx: jobs.add(tx, "learn", {}, project=project))
    held = store.write(lambda tx: jobs.take(tx, "me", ["learn"]))
    assert held is not None
    store.write(lambda tx: jobs.fail(tx, str(held.token), {"kind": "DataError", "message": "no"}))
    with store.read() as tx:
        assert jobs.get(tx, held.id).result == {"kind": "DataError", "message": "no"}


def test_an_import_of_a_dead_process_is_free_at_once(store, project):
    store.write(lambda tx: imports.begin(tx, project, "a file", owner="process 12"))
    assert store.write(lambda tx: imports.orphan(tx, "process 13")) == 0
    assert store.write(lambda tx: imports.orphan(tx, "process 12")) == 1
    again = store.write(lambda tx: imports.begin(tx, project, "a file", owner="process 14"))
    assert again.state == "running"
