import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from cowise.core.errors import ConflictError, LimitError, StorageError
from cowise.core.types import content_id
from cowise.store import contents, counters, imports, items, listing, load, load_items, roll_back
from cowise.store.imports import NewItem
from cowise.store.values import MAX_BATCH, clean, original


# Each batch finds its place by what the database has, as after a kill.
def put(store, held, rows, after=None):
    with store.read() as tx:
        run = imports.unfiled(tx, imports.left(tx, held.project) or held)
        placed = imports.place(imports.prepare(rows), run, lambda asked: contents.find(tx, held.project, asked))
    store.write(lambda tx: imports.add(tx, held, placed, after=after))


def file(store, held):
    with store.read() as tx:
        run = imports.unfiled(tx, imports.left(tx, held.project))
    for entries in run.sorted():
        store.write(lambda tx, entries=entries: imports.file(tx, held, entries))


def test_repeats_are_counted_and_joined(store, project, add):
    done = add(["hello", "Hello ", "world", "hello"] * 150)
    assert (done.rows, done.added, done.joined, done.state) == (600, 2, 598, "done")
    again = add(["WORLD", "new"], source="second")
    assert (again.added, again.joined) == (1, 1)
    with store.read() as tx:
        (chunk,) = items.chunks(tx, project)
        assert chunk.texts == ("hello", "world", "new")
        assert chunk.weights.tolist() == [450, 151, 1]
        assert counters.counts(tx, project) == {"items": 3, "rows": 602, "labelled": 0} or counters.counts(
            tx, project
        ) == {
            "items": 3,
            "rows": 602,
        }


def test_columns_are_kept_whether_empty_in_every_row_or_in_some(store, project, add):
    rows = [
        NewItem("plain"),
        NewItem("nul \x00", {"n": 1}),
        NewItem("labelled", None, "bug", "Ada"),
        NewItem("by nobody", {"好": "吗"}, "praise"),
    ]
    # Together, then one in a batch: what a batch lacks altogether is left out of its statement.
    add([*rows, *[NewItem(f"{number}") for number in range(MAX_BATCH)]], source="together")
    for number, row in enumerate(rows):
        add([row._replace(text=f"{row.text} again")], source=f"apart {number}")
    with store.read() as tx:
        found = {row.text: row for row in items.at(tx, project, range(2 * MAX_BATCH)).values()}
        kept = dict(tx.run(text("SELECT text, raw FROM items WHERE raw IS NOT NULL")).all())
        salts = [salt for chunk in items.chunks(tx, project) for salt in chunk.salts]
    for row in rows:
        for body in (row.text, f"{row.text} again"):
            stored = found[clean(body)]
            said = (dict(row.meta or {}), row.label, None if row.label is None else row.label_by)
            assert (dict(stored.meta), stored.label, stored.label_by, stored.weight) == (*said, 1)
    assert {key: bytes(raw) for key, raw in kept.items()} == {
        clean(body): original(body) for body in ("nul \x00", "nul \x00 again")
    }
    assert {len(salt) for salt in salts} == {16}
    assert len(set(map(bytes, salts))) == len(salts) == MAX_BATCH + 8


def test_contradicting_labels_are_kept_and_the_first_one_counts(store, project, add):
    add([NewItem("a"), NewItem("a", label="x", label_by="Bo"), NewItem("a", label="y", label_by="Cy")], source="one")
    done = add(
        [NewItem("a", label="z"), NewItem("a", label="x"), NewItem("b", label="x"), NewItem("b", label="y")],
        source="two",
    )
    assert done.conflicts == 2
    with store.read() as tx:
        (chunk,) = items.chunks(tx, project)
        assert chunk.labels == ("x", "x")
        assert chunk.label_by == ("Bo", "")
        found = {(c.ordinal, c.label, c.label_by) for c in items.conflicts(tx, project)}
        assert found == {(0, "y", "Cy"), (0, "z", ""), (1, "y", "")}
        assert counters.counts(tx, project)["labelled"] == 2


def test_nothing_is_seen_before_it_is_finished(store, project, add, texts, clock):
    add(["first"], source="one")
    held = store.write(lambda tx: imports.begin(tx, project, "two", owner="me"))
    put(store, held, [NewItem("second"), NewItem("first")])
    assert texts() == ["first"]
    with store.read() as tx:
        assert items.get(tx, project, [content_id("second")]) == {}
        assert items.ordinals(tx, project, [content_id("second")]) == {}
        assert [row.item.weight for row in listing.page(tx, project)] == [1]
    with pytest.raises(ConflictError, match=r"is running in this project; .* repeat this in 60 s"):
        add(["third"], source="three")
    clock.pass_by(61)
    with pytest.raises(ConflictError, match="cut short after 2 rows"):
        add(["third"], source="three")
    roll_back(store, project)
    assert texts() == ["first"]
    add(["third"], source="three")
    assert texts() == ["first", "third"]
    with store.read() as tx:
        assert [i.state for i in imports.history(tx, project)] == ["done", "undone", "done"]


def test_a_killed_import_goes_on_where_it_stood(store, project, add, texts, clock):
    rows = [f"text {i % 700}" for i in range(1000)]
    held = store.write(lambda tx: imports.begin(tx, project, "file", owner="dead"))
    for i in range(0, 400, 200):
        put(store, held, [NewItem(t) for t in rows[i : i + 200]], after=i)
    clock.pass_by(61)
    done = add(rows)
    assert (done.rows, done.added, done.joined) == (1000, 700, 300)
    assert texts() == [f"text {i}" for i in range(700)]
    with pytest.raises(ConflictError, match="hold is over"):
        put(store, held, [NewItem("late")])


def test_a_finishing_import_can_only_go_forward(store, project, add, clock):
    add(["a"], source="one")
    held = store.write(lambda tx: imports.begin(tx, project, "two", owner="dead"))
    put(store, held, [NewItem("a"), NewItem("b")])
    with pytest.raises(ConflictError, match="1 items are not filed"):
        store.write(lambda tx: imports.settle(tx, held, 1))
    file(store, held)
    store.write(lambda tx: imports.settle(tx, held, 1))
    clock.pass_by(61)
    with pytest.raises(ConflictError, match="only go forward"):
        roll_back(store, project)
    clock.pass_by(61)
    assert add(["a", "b"], source="two").state == "done"
    with store.read() as tx:
        (chunk,) = items.chunks(tx, project)
    assert chunk.weights.tolist() == [2, 1]


def test_an_ending_may_outlast_the_hold(store, project, clock, monkeypatch):
    monkeypatch.setattr(load, "RENEW_S", 0.01)

    def ending(held):
        for _ in range(3):
            clock.pass_by(50)
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline and expires(store) < clock() + 60:
                time.sleep(0.01)
        return lambda tx, done: None

    assert load_items(store, project, "file", [NewItem("a")], ending=ending).state == "done"


def expires(store):
    with store.read() as tx:
        return tx.value(text("SELECT expires FROM imports"))


def test_a_failed_batch_leaves_no_gap(store, project):
    held = store.write(lambda tx: imports.begin(tx, project, "file", owner="me"))
    with pytest.raises(ConflictError, match="0 rows are stored, this batch follows 200"):
        put(store, held, [NewItem("late")], after=200)


def test_a_batch_is_small():
    with pytest.raises(LimitError, match="at most 200"):
        imports.prepare([NewItem("x")] * 201)


NASTY = ["a\x00b", "lone \ud800 half", "😀 fine", "\udc00\ud800", "好\x00好", " ", "x" * 1_000_000]


def test_text_that_no_database_takes_is_cleaned_and_its_bytes_are_kept(store, project, add, texts):
    add(NASTY)
    assert texts() == [clean(t) for t in NASTY]
    with store.read() as tx:
        for ordinal, text in enumerate(NASTY):
            assert items.original_bytes(tx, project, ordinal) == original(text)
        known = items.get(tx, project, [content_id(clean(t)) for t in NASTY])
    assert len(known) == len(NASTY)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from([None, "x", "y"])), max_size=30), st.integers(1, 5))
def test_weights_add_up_whatever_the_batches(store, make, rows, size):
    project = make(f"p{id(rows)}-{len(rows)}-{size}-{hash(tuple(rows))}").id
    held = store.write(lambda tx: imports.begin(tx, project, "file", owner="me"))
    for i in range(0, len(rows), size):
        put(store, held, [NewItem(t, label=label) for t, label in rows[i : i + size]])
        if i % 2:
            file(store, held)
    file(store, held)
    while store.write(lambda tx: imports.settle(tx, held, 2)):
        pass
    done = store.write(lambda tx: imports.finish(tx, held))
    first = {t: next((lab for u, lab in rows if u == t and lab), None) for t, _ in rows}
    with store.read() as tx:
        found = {
            t: (int(w), lab)
            for c in items.chunks(tx, project)
            for t, w, lab in zip(c.texts, c.weights, c.labels, strict=True)
        }
        others = {(c.ordinal, c.label) for c in items.conflicts(tx, project)}
    assert found == {t: (sum(u == t for u, _ in rows), lab) for t, lab in first.items()}
    order = list(first)
    assert others == {(order.index(t), lab) for t, lab in rows if lab and lab != first[t]}
    assert (done.rows, done.added) == (len(rows), len(first))


def test_the_first_fault_is_the_one_that_is_told(store, project):
    """Batches behind a failed one are refused as well: that says nothing to whoever asked."""

    def rows():
        for i in range(6000):
            yield NewItem(f"text {i}")

    real = store.submit
    calls = []

    def submit(run, **how):
        calls.append(run)
        if len(calls) == 5:
            return real(lambda tx: (_ for _ in ()).throw(StorageError("the disk is full")), **how)
        return real(run, **how)

    store.submit = submit
    with pytest.raises(StorageError, match="disk is full"):
        load_items(store, project, "a.csv", rows())


def test_what_was_taken_back_is_not_gone_on_with(store, project):
    with pytest.raises(ConflictError, match="no import that was cut short is in this project"):
        store.write(lambda tx: imports.take_over(tx, project, owner="me"))
    held = store.write(lambda tx: imports.begin(tx, project, "file", owner="me"))
    put(store, held, [NewItem("a"), NewItem("a")])
    file(store, held)
    store.write(lambda tx: imports.settle(tx, held, 1))
    with pytest.raises(ConflictError, match="import from file is finishing; start another one"):
        put(store, held, [NewItem("late")], after=2)


def test_repeats_are_joined_before_an_import_is_shown(store, project, add):
    many = [f"text {i}" for i in range(MAX_BATCH + 1)]
    add(many, source="one")
    held = store.write(lambda tx: imports.begin(tx, project, "two", owner="me"))
    put(store, held, [NewItem(each) for each in many[:MAX_BATCH]])
    put(store, held, [NewItem(many[-1]), NewItem("new")], after=MAX_BATCH)
    file(store, held)
    with pytest.raises(ConflictError, match="repeats are still to be joined; call settle until it returns False"):
        store.write(lambda tx: imports.finish(tx, held))
