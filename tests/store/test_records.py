"""Decisions, certificates, versions, jobs, ledger, counts, machine opinions, erasure."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import text

from cowise.core.errors import ConflictError, InputError, LimitError, MissingError, StorageError
from cowise.core.types import Answer, Certificate, Promise
from cowise.guard import merkle
from cowise.guard.ledger import GENESIS, verify
from cowise.store import (
    certificates,
    counters,
    decisions,
    erase,
    items,
    jobs,
    ledger,
    listing,
    machine,
    members,
    opinions,
    queue,
    versions,
)
from cowise.store.decisions import DecisionRow
from cowise.store.imports import NewItem
from cowise.store.listing import Filter
from cowise.store.opinions import Said
from cowise.store.queue import Wanted

CERTIFICATE = Certificate(Promise(0.05), "OUT", "v1", "batch", 100, 80, 45, 0, 0.9, 0.1, "root", "c1", {"kappa": 1})


def decide(store, project, route, *ordinals, label="bug"):
    rows = [DecisionRow(o, Answer.of(label), route, 0.9, "sure enough", "v1", "c1") for o in ordinals]
    store.write(lambda tx: decisions.put(tx, project, rows))


def routes(store, project):
    with store.read() as tx:
        return {
            n.removeprefix("route:"): v for n, v in counters.counts(tx, project).items() if n.startswith("route:") and v
        }


def test_decisions_replace_each_other_and_are_counted_by_route(store, project, add):
    add([f"t{i}" for i in range(10)])
    decide(store, project, "automated", *range(8))
    decide(store, project, "reviewed", 0, 1, 9, 9)
    assert routes(store, project) == {"automated": 6, "reviewed": 3}
    assert store.write(lambda tx: decisions.withdraw(tx, project, [0, 2, 8])) == 2
    assert routes(store, project) == {"automated": 5, "reviewed": 2}
    with store.read() as tx:
        found = list(decisions.each(tx, project, size=2))
        assert [d.ordinal for d in found] == [1, 3, 4, 5, 6, 7, 9]
        assert [d.ordinal for d in decisions.each(tx, project, after=5)] == [6, 7, 9]
        assert len(list(decisions.by_certificate(tx, project, "c1"))) == 7
        assert decisions.get(tx, project, 0) is None
        assert decisions.get(tx, project, 1).route == "reviewed"
    with pytest.raises(LimitError, match="at most 200"):
        decide(store, project, "automated", *range(201))


def test_pages_follow_their_filter(store, project, add, person):
    add([f"t{i}" for i in range(20)])
    decide(store, project, "automated", *range(10), label="bug")
    decide(store, project, "reviewed", *range(10, 15), label="praise")
    store.write(lambda tx: [opinions.put(tx, project, Said(o, person, Answer.of("bug"))) for o in (3, 12, 19)])

    def pages(**want):
        got, after = [], -1
        while True:
            with store.read() as tx:
                page = listing.page(tx, project, Filter(**want), after=after, limit=3)
            got += [row.item.ordinal for row in page]
            if len(page) < 3:
                return got
            after = got[-1]

    assert pages() == list(range(20))
    assert pages(route="automated") == list(range(10))
    assert pages(label="praise") == list(range(10, 15))
    assert pages(label="praise", route="automated") == []
    assert pages(person=person) == [3, 12, 19]
    assert pages(person=person, decided=True) == [3, 12]
    assert pages(decided=False) == list(range(15, 20))
    with store.read() as tx:
        assert sorted(items.at(tx, project, [0, 19, 20, -1])) == [0, 19]
        assert listing.page(tx, project, Filter(route="reviewed"), limit=1)[0].decided == "praise"


def test_certificates_are_kept_and_withdrawn(store, project):
    store.write(lambda tx: certificates.put(tx, project, CERTIFICATE))
    with store.read() as tx:
        assert certificates.get(tx, project, "c1").certificate == CERTIFICATE
        assert [c.state for c in certificates.valid(tx, project)] == ["valid"]
    with pytest.raises(ConflictError, match="exists already"):
        store.write(lambda tx: certificates.put(tx, project, CERTIFICATE))
    with pytest.raises(ConflictError, match="no id"):
        store.write(lambda tx: certificates.put(tx, project, replace(CERTIFICATE, id="")))
    assert store.write(lambda tx: certificates.withdraw(tx, project, "the world drifted", "c1")) == 1
    assert store.write(lambda tx: certificates.withdraw(tx, project, "again")) == 0
    with store.read() as tx:
        assert certificates.valid(tx, project) == []
        assert [(c.state, c.reason) for c in certificates.history(tx, project)] == [("withdrawn", "the world drifted")]
        with pytest.raises(MissingError):
            certificates.get(tx, project, "c2")


def test_a_release_retires_the_one_before_and_voids_its_certificates(store, project):
    for name in ("v1", "v2"):
        store.write(lambda tx, n=name: versions.put(tx, project, n, "folder", {"f1": 0.5}))
    store.write(lambda tx: versions.put(tx, project, "v1", "newer", {}))
    assert store.write(lambda tx: versions.release(tx, project, "v1")) == 0
    store.write(lambda tx: certificates.put(tx, project, CERTIFICATE))
    assert store.write(lambda tx: versions.release(tx, project, "v1")) == 0
    assert store.write(lambda tx: versions.release(tx, project, "v2")) == 1
    with store.read() as tx:
        assert [(v.id, v.state, v.folder) for v in versions.history(tx, project)] == [
            ("v1", "retired", "newer"),
            ("v2", "released", "folder"),
        ]
    with pytest.raises(ConflictError, match="frozen"):
        store.write(lambda tx: versions.put(tx, project, "v2", "other", {}))
    with pytest.raises(MissingError):
        store.write(lambda tx: versions.release(tx, project, "v3"))


def test_a_job_outlives_its_worker(store, project, clock):
    made = store.write(lambda tx: jobs.add(tx, "learn", {"seed": 1}, project=project))
    store.write(lambda tx: jobs.add(tx, "other", {}, rank=-1.0))
    take = lambda who: store.write(lambda tx: jobs.take(tx, who, ["learn", "certify"]))  # noqa: E731
    one = take("w1")
    assert (one.id, one.payload, one.epoch) == (made.id, {"seed": 1}, 1)
    assert take("w2") is None
    store.write(lambda tx: jobs.beat(tx, one.token, progress=0.5, checkpoint={"epoch": 3}))
    store.write(lambda tx: jobs.beat(tx, one.token, progress=0.6))
    clock.pass_by(61)
    two = take("w2")
    assert (two.id, two.checkpoint, two.progress, two.epoch) == (made.id, {"epoch": 3}, 0.6, 2)
    with pytest.raises(ConflictError, match="hold is over"):
        store.write(lambda tx: jobs.finish(tx, one.token))
    store.write(lambda tx: jobs.finish(tx, two.token, {"f1": 0.9}))
    with store.read() as tx:
        done = jobs.get(tx, made.id)
        assert (done.state, done.result, done.progress, done.owner) == ("done", {"f1": 0.9}, 1.0, None)
        assert [j.id for j in jobs.all_of(tx, project=project, state="done")] == [made.id]
        assert len(jobs.all_of(tx)) == 2
        with pytest.raises(MissingError):
            jobs.get(tx, 999)


def test_a_cancelled_job_stops_its_worker(store, clock):
    store.write(lambda tx: jobs.add(tx, "learn", {}))
    held = store.write(lambda tx: jobs.take(tx, "w", ["learn"]))
    store.write(lambda tx: jobs.cancel(tx, held.id))
    with pytest.raises(ConflictError, match="hold is over"):
        store.write(lambda tx: jobs.beat(tx, held.token, progress=0.1))
    clock.pass_by(3600)
    assert store.write(lambda tx: jobs.take(tx, "w", ["learn"])) is None
    assert store.write(lambda tx: jobs.take(tx, "w", [])) is None
    other = store.write(lambda tx: jobs.add(tx, "learn", {}))
    token = store.write(lambda tx: jobs.take(tx, "w", ["learn"])).token
    store.write(lambda tx: jobs.fail(tx, token, "no labels"))
    with store.read() as tx:
        assert (jobs.get(tx, other.id).state, jobs.get(tx, other.id).result) == ("failed", "no labels")
    with pytest.raises(MissingError):
        store.write(lambda tx: jobs.cancel(tx, 999))


def test_the_ledger_grows_in_its_callers_transaction(store, project, clock):
    with store.read() as tx:
        assert ledger.head(tx) == ledger.Head(0, GENESIS, ())
    store.write(lambda tx: ledger.append(tx, project, "created", {"commitment": "c0ffee"}))

    def fails(tx):
        ledger.append(tx, project, "never", {})
        raise ValueError

    with pytest.raises(ValueError):
        store.write(fails)
    store.write(lambda tx: ledger.append_many(tx, 7, [("many", {"i": i}) for i in range(10)]))
    assert store.write(lambda tx: ledger.append_many(tx, 7, [])) == []
    with store.read() as tx:
        end = ledger.head(tx)
        report = verify(ledger.rows(tx)).demand()
        assert (report.checked, report.head, report.root, report.peaks) == (11, end.hash, end.root, end.peaks)
        assert [e.kind for e in ledger.each(tx, project=project)] == ["created"]
        assert [e.seq for e in ledger.each(tx, after=4, size=3)] == list(range(5, 12))
        assert end.root == merkle.batch_root([e.record for e in ledger.each(tx)])
    store.write(lambda tx: ledger.add_checkpoint(tx, end, "signed"))
    store.write(lambda tx: ledger.add_checkpoint(tx, end, "signed again"))
    with store.read() as tx:
        assert [(c.size, c.root, c.note) for c in ledger.checkpoints(tx)] == [(11, end.root, "signed")]


@pytest.mark.parametrize("table", ["ledger", "checkpoints"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET at = 0"])
def test_the_database_itself_guards_the_ledger(store, project, table, statement):
    store.write(lambda tx: ledger.append(tx, project, "created", {}))
    store.write(lambda tx: ledger.add_checkpoint(tx, ledger.head(tx), "signed"))
    with pytest.raises(StorageError, match="append-only"):
        store.write(lambda tx: tx.run(text(statement.format(table))))


def test_machine_opinions_lie_in_arrays_the_newest_wins(store, project):
    p = np.array([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0]])
    for ordinals, rows in (([5, 1, 3], p), ([3, 7], p[:2])):
        packed = machine.pack(store.blobs, np.array(ordinals), rows)
        store.write(lambda tx, k=packed: machine.put(tx, project, "encoder", "v1", k))
    with store.read() as tx:
        found = machine.batches(tx, project, "encoder", "v1")
        assert machine.batches(tx, project, "encoder", "v2") == []
    ordinals, q = machine.read(store.blobs, found)
    assert ordinals.tolist() == [1, 3, 5, 7]
    assert q.tolist() == [[0.5, 0.5], [0.25, 0.75], [0.25, 0.75], [0.5, 0.5]]
    assert machine.read(store.blobs, [])[0].shape == (0,)
    with pytest.raises(InputError):
        machine.pack(store.blobs, np.array([1]), p)
    gone = store.write(lambda tx: machine.forget(tx, project, "v1"))
    assert sorted(gone) == sorted(b.blob for b in found)


def test_erasing_an_item_leaves_nothing_of_it_but_its_place(store, project, add, person):
    add(
        [
            NewItem("my secret", {"name": "secret"}, "secret label", "secret teller"),
            NewItem("my secret", label="secret other"),
            "b",
            "c\x00",
        ]
    )
    store.write(lambda tx: opinions.put(tx, project, Said(0, person, Answer("text", "secret"))))
    store.write(lambda tx: queue.fill(tx, project, [Wanted(0, 0, "train")]))
    store.write(lambda tx: queue.flag(tx, project, 0, person, "secret"))
    decide(store, project, "reviewed", 0, label="secret")
    with store.read() as tx:
        before = items.at(tx, project, [0])[0]
    gone = store.write(lambda tx: erase.item(tx, project, 0))
    assert (gone.content, gone.num_opinions) == (before.id, 1)
    with store.read() as tx:
        for table in ("items", "opinions", "decisions", "queue", "passes", "conflicts", "joins"):
            for row in tx.run(text(f"SELECT * FROM {table}")):
                assert "secret" not in repr(tuple(row)), table
        assert items.at(tx, project, [0])[0].erased
        assert items.get(tx, project, [before.id]) == {}
        counts = counters.counts(tx, project)
        assert (counts["answers"], counts["route:reviewed"], counts["erased"], counts["items"]) == (0, 0, 1, 3)
    with pytest.raises(MissingError, match="erased already"):
        store.write(lambda tx: erase.item(tx, project, 0))
    add(["my secret"], source="again")
    with store.read() as tx:
        assert items.ordinals(tx, project, [before.id]) == {before.id: 3}


def test_erasing_a_person_leaves_that_somebody_answered(store, project, add):
    bo = store.write(lambda tx: members.ensure(tx, project, "Bo Secret")).id
    add([NewItem("a", label="bug", label_by="Bo Secret"), NewItem("a", label="praise", label_by="Bo Secret"), "b"])
    store.write(lambda tx: [opinions.put(tx, project, Said(o, bo, Answer.of("bug"))) for o in (0, 1)])
    store.write(lambda tx: queue.fill(tx, project, [Wanted(0, 0, "train", seat=1)]))
    assert store.write(lambda tx: erase.person(tx, project, bo)).num_opinions == 2
    with store.read() as tx:
        for table in ("items", "opinions", "members", "conflicts", "passes"):
            for row in tx.run(text(f"SELECT * FROM {table}")):
                assert "Secret" not in repr(tuple(row)), table
        assert [o.answer for o in opinions.of_item(tx, project, 0)] == [None]
        assert list(opinions.current(tx, project)) == []
        assert counters.counts(tx, project)["answers"] == 0
        assert not members.roster(tx, project)[0].active
    with pytest.raises(MissingError):
        store.write(lambda tx: erase.person(tx, project, 999))


def test_a_batch_of_decisions_is_small_and_may_be_empty(store, project, add):
    add(["a", "b"])
    rows = [DecisionRow(o, Answer.of("bug"), "automated", 0.9, "", "v1", "c1") for o in range(201)]
    with pytest.raises(LimitError, match="at most 200 decisions, so that answers need not wait; got 201"):
        store.write(lambda tx: decisions.put(tx, project, rows))
    with pytest.raises(LimitError, match="got 201"):
        store.write(lambda tx: decisions.withdraw(tx, project, range(201)))
    store.write(lambda tx: decisions.put(tx, project, []))
    assert store.write(lambda tx: decisions.withdraw(tx, project, [])) == 0
    with store.read() as tx:
        assert list(decisions.each(tx, project)) == []


def test_cancelling_what_is_done_changes_nothing(store):
    store.write(lambda tx: jobs.add(tx, "learn", {}))
    held = store.write(lambda tx: jobs.take(tx, "w", ["learn"]))
    store.write(lambda tx: jobs.finish(tx, held.token, {"f1": 1.0}))
    store.write(lambda tx: jobs.cancel(tx, held.id))
    with store.read() as tx:
        assert (jobs.get(tx, held.id).state, jobs.get(tx, held.id).result) == ("done", {"f1": 1.0})


def test_only_json_is_stored(store):
    with pytest.raises(InputError, match=r"cannot store dict as JSON .*; give text, numbers, lists and objects"):
        store.write(lambda tx: jobs.add(tx, "learn", {"when": object()}))


def test_a_member_keeps_its_seat_and_its_kind_is_known(store, project):
    one = store.write(lambda tx: members.ensure(tx, project, "ada"))
    assert store.write(lambda tx: members.ensure(tx, project, "ada")) == one
    with pytest.raises(InputError, match="member kind: asked for 'robot'; use person, encoder or llm"):
        store.write(lambda tx: members.ensure(tx, project, "r2", "robot"))
    with store.read() as tx:
        assert members.by_id(tx, one.id) == one
        with pytest.raises(MissingError, match="member 999 is no longer here"):
            members.by_id(tx, 999)


def test_a_queue_may_be_filled_with_nothing(store, project):
    store.write(lambda tx: queue.fill(tx, project, []))
    assert store.write(lambda tx: counters.counts(tx, project)).get("answers", 0) == 0
