import pytest

from cowise.core.errors import ConflictError, InputError, MissingError
from cowise.core.types import Answer
from cowise.store import counters, members, opinions, queue
from cowise.store.opinions import Said
from cowise.store.queue import Wanted


@pytest.fixture
def five(add):
    add([f"text {i}" for i in range(5)])


def put(store, project, *args, **more):
    return store.write(lambda tx: opinions.put(tx, project, Said(*args, **more)))


def answers(store, project):
    with store.read() as tx:
        return {(o.ordinal, o.member): o.answer.value for o in opinions.current(tx, project, size=2)}


def test_a_correction_supersedes_and_undo_brings_back_at_any_depth(store, project, five, person):
    first = put(store, project, 0, person, Answer.of("bug"), seconds=2.0, blind=True)
    put(store, project, 1, person, Answer("none"))
    second = put(store, project, 0, person, Answer.of("praise"))
    assert answers(store, project) == {(0, person): "praise", (1, person): None}
    with store.read() as tx:
        both = opinions.of_item(tx, project, 0)
        assert [(o.state, o.superseded_by) for o in both] == [("corrected", second.id), ("current", None)]
        assert [o.id for o in opinions.last_of(tx, project, person)] == [second.id, second.id - 1]
        assert counters.counts(tx, project)["answers"] == 2
    undo = lambda: store.write(lambda tx: opinions.undo(tx, project, person))  # noqa: E731
    assert undo().id == second.id
    assert answers(store, project) == {(0, person): "bug", (1, person): None}
    assert undo().ordinal == 1
    assert undo().id == first.id
    assert undo() is None
    assert answers(store, project) == {}
    with store.read() as tx:
        assert counters.counts(tx, project)["answers"] == 0


def test_undo_takes_back_ones_own_only(store, project, five, person):
    other = store.write(lambda tx: members.ensure(tx, project, "Bo")).id
    put(store, project, 0, person, Answer.of("bug"))
    put(store, project, 0, other, Answer.of("praise"))
    store.write(lambda tx: opinions.undo(tx, project, person))
    assert answers(store, project) == {(0, other): "praise"}


def test_what_a_certificate_stands_on_is_corrected_not_undone(store, project, five, person):
    row = put(store, project, 0, person, Answer.of("bug"), used_for="audit")
    store.write(lambda tx: opinions.certify(tx, project, [row.id], "cert1"))
    with pytest.raises(ConflictError, match="a certificate stands on this answer"):
        store.write(lambda tx: opinions.undo(tx, project, person))
    corrected = put(store, project, 0, person, Answer.of("praise"))
    assert corrected.used_for == "audit"


def test_the_use_of_an_answer_moves_one_way(store, project, five, person):
    row = put(store, project, 0, person, Answer.of("bug"))
    move = lambda to: store.write(lambda tx: opinions.use(tx, project, [row.id], to))  # noqa: E731
    move("audit")
    move("audit")
    move("train")
    move("train")
    with pytest.raises(ConflictError, match="can no longer audit"):
        move("audit")
    with pytest.raises(MissingError):
        store.write(lambda tx: opinions.use(tx, project, [999], "train"))


def test_a_key_counts_once(store, project, five, person):
    one = put(store, project, 0, person, Answer.of("bug"), key="k", seconds=1.0)
    two = put(store, project, 0, person, Answer.of("bug"), key="k", seconds=9.0)
    assert (two.id, two.repeated, two.seconds) == (one.id, True, 1.0)
    for changed in ((1, person, Answer.of("bug")), (0, person, Answer.of("praise")), (0, person + 1, Answer.of("bug"))):
        with pytest.raises(InputError, match="another answer"):
            put(store, project, *changed, key="k")


def test_a_repeat_is_answered_after_an_undo_too(store, project, five, person):
    put(store, project, 0, person, Answer.of("bug"), key="k")
    store.write(lambda tx: opinions.undo(tx, project, person))
    assert put(store, project, 0, person, Answer.of("bug"), key="k").state == "undone"


def test_hostile_answers_come_back_as_they_were(store, project, five, person):
    for value in ("a\x00b", "\ud800", "</script>", {"spans": [[0, 1, "好"]]}):
        answer = Answer("text", value)
        assert put(store, project, 0, person, answer).answer == answer


def test_skip_flag_and_release(store, project, five, person):
    other = store.write(lambda tx: members.ensure(tx, project, "Bo")).id
    store.write(lambda tx: queue.fill(tx, project, [Wanted(i, float(i), "train") for i in range(2)]))
    lease = lambda who: store.write(lambda tx: queue.lease(tx, project, who))  # noqa: E731
    mine = lease(person)
    store.write(lambda tx: queue.flag(tx, project, 0, person, "odd \x00"))
    store.write(lambda tx: queue.skip(tx, project, mine.lease.token, person))
    assert lease(person).ordinal == 1
    assert lease(person) is None
    theirs = lease(other)
    assert theirs.ordinal == 0
    with store.read() as tx:
        assert [(p.ordinal, p.note) for p in queue.passed(tx, project, "flag")] == [(0, "odd \ufffd")]
        assert len(queue.passed(tx, project, "skip")) == 1
        assert queue.state(tx, project).held == {"train": 2}
    store.write(lambda tx: queue.release(tx, theirs.lease.token))
    assert lease(other).ordinal == 0
    store.write(lambda tx: queue.unskip(tx, project, person, 0))


def test_an_answer_fits_the_hold(store, project, five, person):
    store.write(lambda tx: queue.fill(tx, project, [Wanted(0, 0.0, "audit")]))
    held = store.write(lambda tx: queue.lease(tx, project, person))
    for said in (Said(1, person, Answer.of("bug")), Said(0, person + 1, Answer.of("bug"))):
        with pytest.raises(ConflictError, match="another item or by another person"):
            store.write(lambda tx, s=said: queue.answer(tx, project, held.lease.token, s))


def test_filling_again_ranks_anew_but_leaves_what_is_held(store, project, five, person):
    store.write(lambda tx: queue.fill(tx, project, [Wanted(0, 0.0, "train"), Wanted(1, 1.0, "train")]))
    held = store.write(lambda tx: queue.lease(tx, project, person))
    store.write(
        lambda tx: queue.fill(tx, project, [Wanted(0, 9.0, "audit"), Wanted(1, 5.0, "audit"), Wanted(2, 1.0, "decide")])
    )
    with store.read() as tx:
        assert queue.held_by(tx, project, person) == [held]
        assert [place.ordinal for place in queue.rows(tx, project)] == [0, 2, 1]
        assert queue.state(tx, project).waiting == {"train": 0, "audit": 1, "decide": 1}
    assert store.write(lambda tx: queue.clear(tx, project)) == 2


def test_a_seat_for_nobody_is_refused(store, project):
    for name, kind in (("", "person"), ("a\x00", "person"), ("Bo", "robot")):
        with pytest.raises(InputError):
            store.write(lambda tx, n=name, k=kind: members.ensure(tx, project, n, k))
    with store.read() as tx, pytest.raises(MissingError, match="nobody yet"):
        members.get(tx, project, "Bo")
    bo = store.write(lambda tx: members.ensure(tx, project, "Bo", "llm", {"cost": 1}))
    store.write(lambda tx: members.set_active(tx, bo.id, False))
    store.write(lambda tx: members.set_settings(tx, bo.id, {"cost": 2}))
    with store.read() as tx:
        (found,) = members.roster(tx, project)
    assert (found.active, found.settings, found.kind) == (False, {"cost": 2}, "llm")
