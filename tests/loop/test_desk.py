"""Review without a sitting in memory: the store alone knows who holds what, and every act survives a new start."""

import json
from itertools import pairwise

import pytest
from worlds import LABELS, PROMISE, answer, by_id, settings, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, InputError, MissingError, TaskError
from cowise.core.types import Answer, Promise, classify
from cowise.loop import pace, plan, records
from cowise.loop.board import read
from cowise.loop.books import HOLD_S, StandsError
from cowise.loop.desk import MOST, Desk, Given, Stored
from cowise.loop.walks import begin, kept
from cowise.store import decisions, items, members, opinions, projects, queue
from cowise.store.queue import Hint, Wanted

P = "p"


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


class Room:
    """A workspace with a desk whose background is the test: it advances when it was asked to."""

    def __init__(self, home, gold, promise=PROMISE):
        self.home, self.gold, self.known = home, gold, by_id(gold)
        self.clock, self.nudges = Clock(), []
        with world(home, gold, promise):
            pass
        self.open()

    def open(self):
        self.ws = loop.open_workspace(settings(self.home), clock=self.clock)
        self.desk = Desk(self.ws, self.nudges.append)
        self.desk._nudged = Never()

    def restart(self):
        self.ws.close()
        self.open()

    def work(self):
        """What the background does; whether it was asked."""
        asked, self.nudges[:] = bool(self.nudges), []
        if asked:
            plan.advance(self.ws, P, low=pace.LOW)
        return asked

    def ask(self, who="ann", n=1):
        """Questions, waiting for the background where there are none yet."""
        for _ in range(8):
            found = self.desk.questions(P, who, n)
            self.work()
            if found.questions or not found.working:
                return found.questions
        raise AssertionError("the background is asked for ever and brings nothing")

    def give(self, question, who="ann", key="", said=None):
        given = Given(question.token, said or Answer.of(self.known[question.item]), 1.0, question.item, key)
        return self.desk.answer(P, who, given)

    def play(self, who="ann", limit=10_000, until=None):
        done = []
        while len(done) < limit and (asked := self.ask(who)):
            if until is not None and until():
                break
            self.give(asked[0], who)
            done.append(asked[0])
        return done

    def kind(self, question):
        with self.ws.store.read() as tx:
            return queue.look(tx, 1, members.get(tx, 1, "ann").id, question.token).kind

    def status(self):
        return loop.status(self.ws, P)


class Never(dict):
    """Every nudge goes out: tests do not wait for a clock."""

    def get(self, key, default=None):
        return default


@pytest.fixture
def room(tmp_path):
    found = Room(tmp_path / "home", texts(420))
    yield found
    found.ws.close()


def test_a_project_is_played_to_its_end_and_learning_never_runs_in_a_request(room):
    room.play()
    now = room.status()
    assert now.open == 0
    assert now.automated > 100
    assert now.certificate
    assert [r.outcome for r in loop.replay(room.ws, P)] == ["same"]
    found = room.desk.questions(P, "ann", 3)
    assert (found.questions, found.working, found.advice["kind"]) == ((), False, "stop")


def test_a_question_has_the_fields_of_the_contract_and_nothing_of_its_use(room):
    one = room.ask()[0].to_json()
    assert set(one) == {"token", "item", "text", "meta", "suggestion", "p", "order", "reason", "expires"}
    assert (one["suggestion"], one["p"], one["order"], one["reason"]) == (None, None, None, "person")
    assert one["expires"] == room.clock.now + HOLD_S


@pytest.fixture
def hard(tmp_path):
    """A task that the model hardly learns: it trains for long, and people decide much of it."""
    found = Room(tmp_path / "hard", texts(300, seed=13, noise=0.6), Promise(0.05, 0.9))
    yield found
    found.ws.close()


def test_the_queue_never_runs_dry_while_the_model_trains(hard):
    """The next questions are prepared while a dozen of the last ones still wait."""
    room = hard
    room.ask()
    dry = 0
    for _ in range(100):
        found = room.desk.questions(P, "ann", 3)
        dry += len(found.questions) < 3
        room.give(found.questions[0])
        room.work()
    assert dry == 0


def test_who_holds_gets_the_same_again_after_a_restart(room):
    before = room.ask(n=3)
    room.restart()
    assert room.desk.questions(P, "ann", 3).questions == before
    assert room.desk.questions(P, "ann", 1).questions == before


def test_an_answer_sent_twice_counts_once_also_after_a_restart_and_after_the_hold(room):
    one = room.ask()[0]
    assert not room.give(one).repeated
    assert room.give(one).repeated
    room.restart()
    room.clock.now += 10 * HOLD_S
    assert room.give(one).repeated
    other = next(label for label in LABELS if label != room.known[one.item])
    with pytest.raises(InputError, match="another answer"):
        room.give(one, said=Answer.of(other))
    with pytest.raises(InputError, match="another answer"):
        room.give(one, who="bob")
    two = room.ask()[0]
    with pytest.raises(InputError, match="another answer"):
        room.give(two, key=one.token)
    assert room.status().human.answers == 1


def test_a_key_of_its_own_counts_once_too(room):
    one = room.ask()[0]
    assert not room.give(one, key="draft 1").repeated
    assert room.give(one, key="draft 1").repeated
    with pytest.raises(ConflictError, match="hold is over"):
        room.give(one, key="draft 2")


def test_an_answer_brings_along_what_is_held_from_then_on(room):
    held = room.ask(n=3)
    given = Given(held[0].token, Answer.of(room.known[held[0].item]), 1.0, held[0].item)
    stored = room.desk.answer(P, "ann", given, 3)
    assert len(stored.next.questions) == 3
    assert all(one in stored.next.questions for one in held[1:])
    assert room.desk.questions(P, "ann", 3) == stored.next
    assert room.desk.answer(P, "ann", given, 3) == Stored(True, stored.left, stored.next)
    assert room.desk.answer(P, "ann", given).next is None
    assert len(room.desk.answer(P, "ann", given, 1000).next.questions) == MOST


def test_a_refused_answer_takes_no_question(room):
    (one,) = room.ask()
    with pytest.raises(TaskError):
        room.desk.answer(P, "ann", Given(one.token, Answer.of("nonsense"), 1.0, one.item), 5)
    assert [one] == list(room.desk.questions(P, "ann", 1).questions)


def test_bad_answers_are_refused_and_the_question_stays(room):
    one, two = room.ask(n=2)
    for said, error in ((Answer.of("nonsense"), TaskError), (Answer("text", "free"), InputError)):
        with pytest.raises(error):
            room.give(one, said=said)
    with pytest.raises(ConflictError, match="another item"):
        room.desk.answer(P, "ann", Given(one.token, Answer.of("bug"), item=two.item))
    for seconds in (-1.0, float("nan"), float("inf"), 1e9):
        with pytest.raises(InputError, match="seconds"):
            room.desk.answer(P, "ann", Given(one.token, Answer.of("bug"), seconds))
    with pytest.raises(InputError, match="key"):
        room.desk.answer(P, "ann", Given("", Answer.of("bug")))
    assert [q.token for q in room.desk.questions(P, "ann", 2).questions] == [one.token, two.token]


def test_a_stale_hold_is_a_conflict_and_the_item_goes_to_another(room):
    one = room.ask()[0]
    room.clock.now += HOLD_S + 1
    rest = [room.desk.questions(P, who, 20).questions for who in ("bob", "cho", "dan", "eve")]
    assert one.item in {q.item for part in rest for q in part}
    with pytest.raises(ConflictError, match="hold is over"):
        room.give(one)
    assert room.desk.renew(P, "ann", [one.token]) == {}
    assert room.desk.release(P, "ann", [one.token]) == 0


def test_an_answer_to_a_removed_label_is_refused(room):
    one = room.ask()[0]
    loop.change(room.ws, P, task=classify("billing", "bug", "other"))
    with pytest.raises(TaskError, match="not a label"):
        room.give(one, said=Answer.of("praise"))


def test_holds_are_renewed_and_handed_over(room):
    mine = room.ask(n=3)
    room.clock.now += HOLD_S / 3
    ends = room.desk.renew(P, "ann", [q.token for q in mine] + ["unknown"])
    assert ends == {q.token: room.clock.now + HOLD_S for q in mine}
    assert room.desk.renew(P, "bob", [mine[0].token]) == {}
    assert room.desk.release(P, "bob", [mine[0].token]) == 0
    assert room.desk.release(P, "ann", [q.token for q in mine]) == 3
    assert {q.item for q in mine} == {q.item for q in room.ask("bob", 3)}
    with pytest.raises(ConflictError):
        room.give(mine[0])


def test_two_people_hold_one_item_only_where_it_is_asked_of_two(room):
    """A lease is one person's; the few items that two are to answer have two, and one person never holds both."""
    people = [f"person {i}" for i in range(5)]
    room.ask(people[0])
    for _ in range(15):
        held = {who: room.desk.questions(P, who, 3).questions for who in people}
        questions = [q for part in held.values() for q in part]
        assert len({q.token for q in questions}) == len(questions)
        with room.ws.store.read() as tx:
            project = projects.get(tx, P)
            twice = {row.id for row in items.at(tx, project.id, project.settings.get("pairs", [])).values()}
        assert {q.item for q in questions if sum(q.item == one.item for one in questions) > 1} <= twice
        assert all(len({q.item for q in part}) == len(part) for part in held.values())
        for who, part in held.items():
            room.give(part[0], who)
        room.work()


def test_undo_goes_to_any_depth_over_answers_and_skips_and_holds_the_question_again(room):
    """At a clock that stands still: the order of acts does not hang on it."""
    acts = []
    for turn in range(40):
        one = room.ask()[0]
        if turn % 3 == 1:
            room.desk.skip(P, "ann", one.token)
            acts.append((one.item, None))
        else:
            room.give(one)
            acts.append((one.item, Answer.of(room.known[one.item])))
    held = {q.item for q in room.desk.questions(P, "ann", 1).questions}
    room.restart()
    for item, was in reversed(acts):
        found = room.desk.undo(P, "ann")
        assert (found.item, found.was, found.why) == (item, was, None)
        assert found.question.item == item
        assert found.question.token in {q.token for q in room.desk.questions(P, "ann", 1).questions}
    assert room.desk.undo(P, "ann").why == "nothing"
    assert {q.item for q in room.desk.questions(P, "ann", 1).questions} == {item for item, _ in acts} | held
    now = room.status()
    assert (now.reviewed, now.human.answers) == (0, 0)
    assert loop.verify(room.ws).ok


def test_an_undo_sent_twice_takes_back_one(room):
    first, second = room.play(limit=2)
    assert room.desk.undo(P, "ann", item=second.item).item == second.item
    with pytest.raises(ConflictError, match="another item now"):
        room.desk.undo(P, "ann", item=second.item)
    assert [row["item"] for row in room.desk.mine(P, "ann")] == [first.item]


def test_a_skip_that_somebody_else_took_up_is_not_asked_twice(room):
    one = room.ask()[0]
    room.desk.skip(P, "ann", one.token)
    assert one.item not in {q.item for q in room.desk.questions(P, "ann", 20).questions}
    others = room.desk.questions(P, "bob", 20).questions + room.desk.questions(P, "cho", 20).questions
    assert one.item not in {q.item for q in room.desk.questions(P, "ann", 20).questions}
    held = one.item in {q.item for q in others}
    found = room.desk.undo(P, "ann")
    assert found.item == one.item
    assert (found.question is None) == held
    assert found.why == ("taken" if held else None)


def test_a_correction_taken_back_lets_the_first_answer_stand(room):
    one = room.play(limit=1)[0]
    first = Answer.of(room.known[one.item])
    assert room.desk.correct(P, "ann", one.item, Answer("none")) is False
    found = room.desk.undo(P, "ann")
    assert (found.was, found.question, found.why) == (Answer("none"), None, "restored")
    assert Answer.from_json(room.desk.mine(P, "ann")[0]["answer"]) == first


def test_a_correction_of_the_same_answer_changes_nothing(room):
    one = room.play(limit=1)[0]
    assert room.desk.correct(P, "ann", one.item, Answer.of(room.known[one.item])) is False
    assert room.status().human.answers == 1
    with pytest.raises(MissingError, match="gave no answer"):
        room.desk.correct(P, "bob", one.item, Answer.of("bug"))


def test_what_a_certificate_stands_on_is_corrected_and_evaluated_again(room):
    room.play()
    with room.ws.store.read() as tx:
        stands = next(o for o in opinions.current(tx, 1) if o.certificate)
        held = next(o.certificate for o in opinions.current(tx, 1) if o.certificate)
    with pytest.raises(StandsError) as refused:
        undo_all(room)
    item = refused.value.details["item"]
    wrong = next(label for label in LABELS if label != room.known[item])
    assert stands.certificate == held
    assert room.desk.correct(P, "ann", item, Answer.of(wrong)) is True
    assert room.work()
    with room.ws.store.read() as tx:
        kept = {d.certificate for d in decisions.each(tx, 1) if d.route == "automated"}
    assert held not in kept
    room.play()
    assert loop.verify(room.ws).ok


def undo_all(room):
    while room.desk.undo(P, "ann").why != "nothing":
        pass


def test_flags_name_a_question_or_an_item(room):
    one = room.ask()[0]
    room.desk.flag(P, "ann", token=one.token, note="odd " * 4000)
    room.desk.flag(P, "ann", item=one.item, note="again")
    with pytest.raises(MissingError, match="send token or item"):
        room.desk.flag(P, "ann", item="nothing")
    assert room.status().flags == 1
    assert room.desk.release(P, "ann", [one.token]) == 1
    assert one.item in {q.item for q in room.ask()}


def test_a_seat_that_was_closed_answers_no_more(room):
    one = room.ask()[0]
    room.ws.store.write(lambda tx: members.set_active(tx, members.get(tx, 1, "ann").id, False))
    for act in (lambda: room.give(one), lambda: room.desk.questions(P, "ann"), lambda: room.desk.undo(P, "ann")):
        with pytest.raises(ConflictError, match="has left"):
            act()


def test_unsure_goes_to_the_next_person(room):
    one = room.ask()[0]
    room.give(one, said=Answer("unsure"))
    assert one.item not in {q.item for q in room.desk.questions(P, "ann", 20).questions}
    room.desk.release(P, "ann", [q.token for q in room.desk.questions(P, "ann", 20).questions])
    found = [q for who in ("bob", "cho", "dan") for q in room.desk.questions(P, who, 20).questions]
    assert one.item in {q.item for q in found}


def test_what_is_left_falls_by_one_with_every_answer(room):
    room.ask()
    left = [room.give(room.desk.questions(P, "ann", 1).questions[0]).left for _ in range(20)]
    assert [a - b for a, b in pairwise(left)] == [1] * 19


def test_headway_counts_agreement_over_answers_that_showed_a_suggestion(room):
    hint = Hint("bug", 0.9, ("bug", "praise", "billing"))
    wanted = [Wanted(o, float(o), "decide", blind=o % 2 == 0, hint=hint if o % 2 else None) for o in range(8)]
    room.ws.store.write(lambda tx: queue.fill(tx, 1, wanted))
    for turn in range(8):
        one = room.desk.questions(P, "ann", 1).questions[0]
        assert (one.suggestion, one.p, one.order) == (("bug", 0.9, hint.order) if turn % 2 else (None, None, None))
        room.give(one, said=Answer.of("praise" if turn in (0, 3) else "bug"))
        room.clock.now += 7
    found = room.desk.progress(P, "ann", room.clock.now - 21.5)
    assert (found.agreement, found.agreement_n) == (0.75, 4)
    assert (found.done, found.done_today) == (8, 3)
    assert found.pace_per_h == pytest.approx(3600 / 7, abs=0.1)
    assert (found.left, found.open) == (412, 412)
    assert found.seconds_left == pytest.approx(412 * 7)
    with room.ws.store.read() as tx:
        kept = [(o.blind, o.suggested) for o in opinions.current(tx, 1)]
    assert kept == [(True, ""), (False, "bug")] * 4
    again = room.desk.undo(P, "ann").question
    assert (again.suggestion, again.p, again.order) == ("bug", None, None)


def test_a_suggestion_shown_keeps_an_item_out_of_every_lot(room):
    room.play(limit=59)
    hint, known = Hint("bug", 0.9), [i for i, v in enumerate(loop.items(room.ws, P, limit=500)) if v.route is None][:3]
    room.ws.store.write(lambda tx: queue.fill(tx, 1, [Wanted(o, -1.0, "decide", False, hint=hint) for o in known]))
    room.play(until=lambda: bool(walk(room)))
    layout = kept(room.ws, walk(room)["blob"])
    assert not set(known) & set(layout.ordinals.tolist())


def walk(room):
    with room.ws.store.read() as tx:
        return projects.get(tx, P).settings.get("walk")


def test_a_look_spares_what_somebody_holds(room):
    room.play(limit=40)
    held = {q.item for q in room.desk.questions(P, "bob", 3).questions}
    room.play(until=lambda: bool(walk(room)))
    layout, board = kept(room.ws, walk(room)["blob"]), read(room.ws, P)
    assert held
    assert not held & {board.ids[o] for o in layout.ordinals}
    room.play()
    for one in room.desk.questions(P, "bob", 3).questions:
        room.give(one, "bob")
    room.play()
    assert room.status().open == 0
    assert [r.outcome for r in loop.replay(room.ws, P)] == ["same"]


def test_a_look_is_not_laid_over_an_answer_that_came_meanwhile(room):
    room.play(until=lambda: bool(walk(room)))
    board, layout = read(room.ws, P), kept(room.ws, walk(room)["blob"])
    room.ws.store.write(lambda tx: records.change(tx, 1, walk=None))
    one = room.ask()[0]
    assert begin(room.ws, board, layout, None) is False
    assert walk(room) is None
    room.give(one)
    assert begin(room.ws, board, layout, None) is (one.item not in {board.ids[o] for o in layout.ordinals})


def test_counts_of_an_open_look_are_told_together(room):
    """Polled after each answer, nothing moves but sums: so nobody learns which answer was an audit."""
    room.play(until=lambda: bool(walk(room)))
    told, needed = room.status().human, []
    audits = 0
    for turn in range(1, 25):
        one = room.ask()[0]
        audits += room.kind(one) == "audit"
        room.give(one)
        if walk(room) is None:
            break
        now = room.status().human
        assert (now.training, now.audit, now.deferred) == (told.training, told.audit, told.deferred)
        assert now.answers == told.answers + turn
        needed.append(room.desk.progress(P, "ann", 0.0).deferred)
    assert audits > 5
    assert len(set(needed)) <= 1
    room.play()
    assert room.status().human.audit >= audits


def test_headway_of_who_has_not_begun(room):
    found = room.desk.progress(P, "zoe", 0.0)
    assert (found.done, found.agreement, found.pace_per_h, found.left) == (0, None, None, 420)
    assert room.desk.mine(P, "zoe") == []


def test_an_empty_project_says_what_to_do(tmp_path):
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, P, classify(*LABELS), PROMISE, encoder="hashing")
        asked = []
        found = Desk(ws, asked.append).questions(P, "ann")
        assert found.working
        plan.advance(ws, P, low=pace.LOW)
        found = Desk(ws, asked.append).questions(P, "ann")
        assert (found.advice["kind"], found.working, found.questions) == ("add", False, ())
        loop.add(ws, P, ["a new text"])
        assert Desk(ws, asked.append).questions(P, "ann").working


def test_terminal_and_desk_share_one_project(room):
    answer(room.ws, room.gold, limit=40, member="terminal")
    room.play(limit=30)
    with loop.session(room.ws, P, "terminal") as review:
        assert review.undo() is not None
    now = room.status()
    assert now.human.answers == 69
    assert json.dumps(now.to_json())


def test_no_more_tokens_than_a_person_can_hold(room):
    with pytest.raises(InputError, match="tokens: got 5000; send at most"):
        room.desk.release(P, "ana", ["x"] * 5000)
