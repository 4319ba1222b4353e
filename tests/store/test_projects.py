import pytest

from cowise.core.errors import ConflictError, InputError, MissingError
from cowise.core.types import Promise, classify
from cowise.store import counters, ledger, projects


def test_a_project_comes_back_as_it_was_made(store, make):
    made = make("tickets")
    with store.read() as tx:
        assert projects.get(tx, "tickets") == made == projects.by_id(tx, made.id)
        assert made.task == classify("bug", "praise")
        assert made.promise == Promise(0.05)


def test_a_name_is_taken_once(store, make):
    make("tickets")
    with pytest.raises(ConflictError, match="exists already"):
        make("tickets")
    other = make("other")
    with pytest.raises(ConflictError, match="exists already"):
        store.write(lambda tx: projects.rename(tx, other.id, "tickets"))
    store.write(lambda tx: projects.rename(tx, other.id, "复习"))
    with store.read() as tx:
        assert [p.name for p in projects.all_of(tx)] == ["tickets", "复习"]


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "a\ud800", "x" * 201])
def test_a_name_that_no_database_could_keep_is_refused(make, name):
    with pytest.raises(InputError, match="project name"):
        make(name)


def test_a_missing_project_names_those_there_are(store, make):
    make("tickets")
    with store.read() as tx, pytest.raises(MissingError, match="it has tickets"):
        projects.get(tx, "nothing")


def test_settings_and_task_change(store, make):
    made = make("tickets")
    store.write(lambda tx: projects.set_settings(tx, made.id, {"head": "ridge"}))
    store.write(lambda tx: projects.set_task(tx, made.id, classify("a", "b", "c"), Promise(0.1)))
    with store.read() as tx:
        now = projects.get(tx, "tickets")
    assert (now.settings, now.task.labels, now.promise.max_error) == ({"head": "ridge"}, ("a", "b", "c"), 0.1)


def test_deleting_leaves_the_ledger_and_never_gives_the_number_again(store, project, add, person, make):
    add([f"text {i}" for i in range(450)])
    store.write(lambda tx: ledger.append(tx, project, "created", {}))
    store.write(lambda tx: projects.close(tx, project))
    with store.read() as tx:
        assert projects.all_of(tx) == []
    steps = 0
    while store.write(lambda tx: projects.sweep(tx, project)):
        steps += 1
    assert steps == 6  # content ids and items, 200 at a time
    with store.read() as tx:
        assert len(list(ledger.each(tx, project=project))) == 1
        assert counters.counts(tx, project) == {}
    assert make("tickets").id != project


def test_the_number_of_a_deleted_project_is_explained(store, project):
    with store.read() as tx:
        assert projects.by_id(tx, project).name == "tickets"
        with pytest.raises(MissingError, match="project 999 is no longer in this workspace; it was deleted"):
            projects.by_id(tx, 999)
