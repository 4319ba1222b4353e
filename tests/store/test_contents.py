import pytest
from sqlalchemy import text

from cowise.core.errors import StorageError
from cowise.core.types import content_id
from cowise.store import contents, erase, imports, items, load_items, projects, roll_back
from cowise.store.contents import Run


def filed(store, project):
    """What the table says, checked against the items."""
    with store.read() as tx:
        found = tx.run(text("SELECT content, item FROM contents WHERE project = :p"), {"p": project}).all()
        held = tx.run(text("SELECT content, id FROM items WHERE project = :p AND erased = 0"), {"p": project}).all()
    assert sorted(map(tuple, found)) == sorted(map(tuple, held))
    return len(found)


def test_a_run_is_handed_out_sorted_and_then_nothing_waits():
    run = Run({f"{i % 7}{i:04d}": i for i in range(450)}, 450, searched=False)
    batches = list(run.sorted())
    assert [len(b) for b in batches] == [200, 200, 50]
    flat = [entry for batch in batches for entry in batch]
    assert flat == sorted(flat)
    assert (run.waiting, run.searched, list(run.sorted())) == ({}, True, [])


def test_repeats_across_batches_of_a_first_import_are_joined(store, project, add):
    done = add([f"text {i % 500}" for i in range(1200)])
    assert (done.rows, done.added, done.joined) == (1200, 500, 700)
    with store.read() as tx:
        (chunk,) = items.chunks(tx, project)
    assert sorted(set(chunk.weights.tolist())) == [2, 3]
    assert filed(store, project) == 500


@pytest.mark.parametrize("run", [1, 250, 1000])
def test_repeats_are_found_among_what_is_filed_and_what_waits(store, project, add, monkeypatch, run):
    monkeypatch.setattr(contents, "RUN", run)
    add(["text 1", "text 901"], source="earlier")
    done = add([f"text {i % 600}" for i in range(1500)])
    assert (done.added, done.joined) == (599, 901)
    assert filed(store, project) == 601
    with store.read() as tx:
        found = items.ordinals(tx, project, [content_id(f"text {i}") for i in range(700)])
        weights = {t: int(w) for c in items.chunks(tx, project) for t, w in zip(c.texts, c.weights, strict=True)}
    assert len(found) == 600
    assert [weights[f"text {i}"] for i in (0, 1, 299, 300, 901)] == [3, 4, 3, 2, 1]


def test_a_content_id_is_filed_once(store, project, add):
    add(["one"])
    with pytest.raises(StorageError):
        store.write(lambda tx: contents.put(tx, project, [(content_id("one"), 7)]))


def test_an_erased_text_may_come_again(store, project, add):
    add(["one", "two"])
    store.write(lambda tx: erase.item(tx, project, 0))
    assert filed(store, project) == 1
    assert add(["one", "two"], source="again").added == 1


@pytest.mark.parametrize("part", [0, 1])
def test_what_a_kill_left_half_filed_is_finished_or_taken_back(store, project, add, clock, part):
    add(["first"])
    held = store.write(lambda tx: imports.begin(tx, project, "two", owner="dead"))
    with store.read() as tx:
        run = imports.unfiled(tx, held)
        find = lambda asked: contents.find(tx, project, asked)  # noqa: E731
        rows = [imports.NewItem(f"row {i}") for i in range(200)]
        placed = [imports.place(imports.prepare(some), run, find) for some in (rows, [*rows[150:], rows[0]])]
    for batch in placed:
        store.write(lambda tx, batch=batch: imports.add(tx, held, batch))
    entries = next(run.sorted())[:77]
    store.write(lambda tx: imports.file(tx, held, entries))
    clock.pass_by(61)
    if part:
        roll_back(store, project)
        assert filed(store, project) == 1
        return
    done = add([f"row {i}" for i in (*range(200), *range(150, 200), 0, 500)], source="two")
    assert (done.rows, done.added, done.joined, done.state) == (252, 201, 51, "done")
    assert filed(store, project) == 202


def test_a_deleted_project_takes_its_own_content_ids_along(store, project, make, add):
    other = make("other").id
    add(["one", "two"])
    load_items(store, other, "f", [imports.NewItem("one"), imports.NewItem("three")])
    store.write(lambda tx: projects.close(tx, project))
    while store.write(lambda tx: projects.sweep(tx, project)):
        pass
    assert (filed(store, project), filed(store, other)) == (0, 2)
