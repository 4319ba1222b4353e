"""What a desk asks of the store, alike on both databases: suggestions, skips in order, looks, hand-over, figures."""

import pytest

from cowise.core.errors import ConflictError, InputError
from cowise.core.types import Answer
from cowise.store import counters, members, opinions, queue
from cowise.store.opinions import Said
from cowise.store.queue import Hint, Wanted

HINT = Hint("bug", 0.75, ("bug", "praise"))


@pytest.fixture
def two(store, project, add, person):
    add([f"text {i}" for i in range(10)])
    other = store.write(lambda tx: members.ensure(tx, project, "Ada")).id
    wanted = [Wanted(i, float(i), "decide", i % 2 == 0, hint=HINT if i % 2 else None) for i in range(6)]
    store.write(lambda tx: queue.fill(tx, project, wanted))
    return person, other


def test_a_suggestion_is_kept_with_its_question_and_hidden_where_it_is_blind(store, project, two):
    person, _ = two
    held = [store.write(lambda tx: queue.lease(tx, project, person)) for _ in range(2)]
    assert [h.hint for h in held] == [None, HINT]
    blind = Wanted(7, 9.0, "audit", True, hint=HINT)
    store.write(lambda tx: queue.fill(tx, project, [blind, held[0].again(rank=5.0)]))
    with store.read() as tx:
        assert [(q.ordinal, q.blind, q.held) for q in queue.rows(tx, project)][:2] == [
            (0, True, True),
            (1, False, True),
        ]
    mine = store.write(lambda tx: queue.lease_item(tx, project, person, 7))
    assert mine.hint is None
    assert store.write(lambda tx: queue.lease_item(tx, project, two[1], 7)) is None


def test_only_the_holder_sees_and_finishes(store, project, two, clock):
    person, other = two
    held = store.write(lambda tx: queue.lease(tx, project, person, seconds=10))
    token = held.lease.token
    with store.read() as tx:
        assert queue.look(tx, project, person, token) == held
        assert queue.look(tx, project, other, token) is None
        assert queue.look(tx, project + 1, person, token) is None
    for act in (lambda tx, p, m, t: queue.finish(tx, p, m, t, tx.now()), lambda tx, p, m, t: queue.skip(tx, p, t, m)):
        with pytest.raises(ConflictError):
            store.write(lambda tx, act=act: act(tx, project, other, token))
    clock.pass_by(11)
    with store.read() as tx:
        assert queue.look(tx, project, person, token) is None
    with pytest.raises(ConflictError):
        store.write(lambda tx: queue.finish(tx, project, person, token, tx.now()))


def test_skips_know_where_they_stand_among_answers_whatever_the_clock_says(store, project, two, clock):
    person, _ = two
    say = lambda o: store.write(lambda tx: opinions.put(tx, project, Said(o, person, Answer.of("bug"))))  # noqa: E731
    first = say(8)
    held = store.write(lambda tx: queue.lease(tx, project, person))
    clock.pass_by(-3600)
    store.write(lambda tx: queue.skip(tx, project, held.lease.token, person))
    with store.read() as tx:
        skipped = queue.last_skip(tx, project, person)
        assert (skipped.ordinal, skipped.newest) == (held.ordinal, first.id)
        assert counters.counts(tx, project)["skips"] == 1
    second = say(9)
    assert second.id > skipped.newest
    store.write(lambda tx: queue.unskip(tx, project, person, held.ordinal))
    with store.read() as tx:
        assert queue.last_skip(tx, project, person) is None
        assert counters.counts(tx, project)["skips"] == 0


def test_a_flag_or_a_look_does_not_keep_a_question_from_a_person(store, project, two):
    person, other = two
    store.write(lambda tx: queue.flag(tx, project, 0, person, "odd"))
    store.write(lambda tx: queue.see(tx, project, person, [0, 3]))
    store.write(lambda tx: queue.see(tx, project, person, [0]))
    with store.read() as tx:
        assert queue.seen(tx, project, person, [0, 1, 3]) == {0, 3}
        assert queue.seen(tx, project, other, [0]) == set()
        assert queue.seen(tx, project, person, []) == set()
        assert len(queue.passed(tx, project, "seen")) == 2
    assert store.write(lambda tx: queue.lease(tx, project, person)).ordinal == 0


def test_clearing_spares_what_is_held_and_takes_what_ran_out(store, project, two, clock):
    person, _ = two
    store.write(lambda tx: queue.lease(tx, project, person, seconds=10))
    assert store.write(lambda tx: queue.clear(tx, project, blind=True)) == 2
    with store.read() as tx:
        assert [place.ordinal for place in queue.rows(tx, project)] == [0, 1, 3, 5]
    clock.pass_by(11)
    assert store.write(lambda tx: queue.clear(tx, project)) == 4


def test_a_question_is_dropped_unless_somebody_holds_it(store, project, two):
    person, _ = two
    store.write(lambda tx: queue.lease(tx, project, person))
    assert store.write(lambda tx: queue.drop(tx, project, 0)) is False
    assert store.write(lambda tx: queue.drop(tx, project, 1)) is True
    assert store.write(lambda tx: queue.drop(tx, project, 9)) is True
    with store.read() as tx:
        assert [place.ordinal for place in queue.rows(tx, project)] == [0, 2, 3, 4, 5]


def test_who_leaves_hands_over_all(store, project, two):
    person, other = two
    for _ in range(3):
        store.write(lambda tx: queue.lease(tx, project, person))
    assert store.write(lambda tx: queue.release_all(tx, project, person)) == 3
    assert store.write(lambda tx: queue.release_all(tx, project, person)) == 0
    assert store.write(lambda tx: queue.lease(tx, project, other)).ordinal == 0


def test_figures_of_a_person(store, project, two, clock):
    person, other = two
    for i, (label, shown) in enumerate((("bug", "bug"), ("praise", "bug"), ("bug", ""))):
        said = Said(i, person, Answer.of(label), blind=not shown, suggested=shown, key=f"k{i}")
        store.write(lambda tx, said=said: opinions.put(tx, project, said))
        clock.pass_by(100)
    with store.read() as tx:
        assert opinions.agreed(tx, project, person) == (2, 1)
        assert opinions.agreed(tx, project, other) == (0, 0)
        assert opinions.done(tx, project, person, clock.now - 150) == (3, 1)
        assert opinions.active(tx, project, clock.now - 150) == {person}
        assert opinions.active(tx, project, clock.now) == set()
        rows = list(opinions.current(tx, project))
        assert [r.suggested for r in rows] == ["bug", "bug", ""]
        assert opinions.touched(tx, project, rows[0].id) == {1, 2}


def test_a_key_is_found_whoever_used_it_and_another_body_is_refused(store, project, two):
    person, other = two
    said = Said(0, person, Answer.of("bug"), key="k")
    row = store.write(lambda tx: opinions.put(tx, project, said))
    with store.read() as tx:
        found = opinions.by_key(tx, project, "k")
        assert (found.id, found.repeated) == (row.id, True)
        assert opinions.by_key(tx, project + 1, "k") is None
        assert opinions.same(found, person, Answer.of("bug"))
        assert not opinions.same(found, other, Answer.of("bug"))
    for changed in (Said(1, person, Answer.of("bug"), key="k"), Said(0, other, Answer.of("bug"), key="k")):
        with pytest.raises(InputError, match="another answer"):
            store.write(lambda tx, changed=changed: opinions.put(tx, project, changed))
