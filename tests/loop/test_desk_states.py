"""A desk in any order of acts, at a clock that jumps: what was acknowledged stands, and nothing is held twice."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from test_desk import HOLD_S, Room
from worlds import LABELS, texts

from cowise import loop
from cowise.core.errors import ConflictError, InputError
from cowise.core.types import Answer
from cowise.loop.books import StandsError
from cowise.loop.desk import Given
from cowise.store import members, opinions, queue

PEOPLE = ("ann", "bob", "cho")
GOLD = texts(70, seed=3)
who, pick = st.sampled_from(PEOPLE), st.integers(0, 50)


class Desks(RuleBasedStateMachine):
    """Beside the desk: what each person holds, said and skipped, as a careful reader of its answers would know."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.room = Room(Path(self.folder.name) / "home", GOLD)
        self.holds = {}  # token -> (person, item, end)
        self.said = {}  # key -> (person, item, answer)
        self.acts = {each: [] for each in PEOPLE}  # newest last: (item, key or None for a skip)

    def teardown(self):
        assert loop.verify(self.room.ws).ok
        self.room.ws.close()
        self.folder.cleanup()

    def mine(self, person):
        now = self.room.clock.now
        return [(t, item) for t, (p, item, end) in self.holds.items() if p == person and end > now]

    @rule(person=who, n=st.integers(1, 4))
    def ask(self, person, n):
        found = self.room.desk.questions("p", person, n)
        tokens = [q.token for q in found.questions]
        held = [t for t, _ in self.mine(person)]
        assert set(held) <= set(tokens)
        assert len(tokens) <= max(n, len(held))
        self.holds |= {q.token: (person, q.item, q.expires) for q in found.questions}

    @rule()
    def work(self):
        self.room.work()

    @rule(person=who, i=pick, label=st.sampled_from((*LABELS, "unsure", "none")))
    def answer(self, person, i, label):
        held = self.mine(person)
        if not held:
            return
        token, item = held[i % len(held)]
        said = Answer(label) if label in ("unsure", "none") else Answer.of(label)
        assert not self.give(token, person, item, said).repeated
        del self.holds[token]
        self.said[token] = (person, item, said)
        self.acts[person].append((item, token))

    def give(self, token, person, item, said):
        return self.room.desk.answer("p", person, Given(token, said, 1.0, item))

    @precondition(lambda self: self.said)
    @rule(i=pick)
    def send_again(self, i):
        key = list(self.said)[i % len(self.said)]
        assert self.give(key, self.said[key][0], self.said[key][1], self.said[key][2]).repeated

    @precondition(lambda self: self.said)
    @rule(i=pick)
    def send_something_else(self, i):
        key = list(self.said)[i % len(self.said)]
        person, item, said = self.said[key]
        other = Answer.of(next(x for x in LABELS if x != said.value))
        with pytest.raises(InputError):
            self.give(key, person, item, other)

    @rule(person=who, i=pick)
    def answer_too_late(self, person, i):
        late = [(t, p, item) for t, (p, item, end) in self.holds.items() if end <= self.room.clock.now]
        if late:
            token, owner, item = late[i % len(late)]
            with pytest.raises(ConflictError):
                self.give(token, owner, item, Answer.of("bug"))

    @rule(person=who, other=who, i=pick)
    def answer_for_another(self, person, other, i):
        held = self.mine(person)
        if held and person != other:
            with pytest.raises(ConflictError):
                self.give(held[i % len(held)][0], other, held[i % len(held)][1], Answer.of("bug"))

    @rule(person=who, i=pick)
    def skip(self, person, i):
        held = self.mine(person)
        if held:
            token, item = held[i % len(held)]
            self.room.desk.skip("p", person, token)
            del self.holds[token]
            self.acts[person].append((item, None))

    @rule(person=who)
    def undo(self, person):
        before = self.acts[person][-1] if self.acts[person] else None
        found = self.undone(person)
        if isinstance(found, StandsError):
            assert before is not None
            assert found.details["item"] == before[0]
            return
        if before is None:
            assert found.why == "nothing"
            return
        self.acts[person].pop()
        assert found.item == before[0]
        assert found.was == (None if before[1] is None else self.said[before[1]][2])
        if found.question is not None:
            self.holds[found.question.token] = (person, found.item, found.question.expires)
        else:
            assert found.why == "taken"

    def undone(self, person):
        try:
            return self.room.desk.undo("p", person)
        except StandsError as refused:
            return refused

    @rule(person=who)
    def leave(self, person):
        tokens = [t for t, _ in self.mine(person)]
        assert self.room.desk.release("p", person, tokens) == len(tokens)
        for token in tokens:
            del self.holds[token]

    @rule(person=who)
    def renew(self, person):
        tokens = [t for t, _ in self.mine(person)]
        ends = self.room.desk.renew("p", person, tokens)
        assert set(ends) == set(tokens)
        for token, end in ends.items():
            self.holds[token] = (*self.holds[token][:2], end)

    @rule(seconds=st.sampled_from((1.0, HOLD_S / 2, HOLD_S, 3600.0)))
    def wait(self, seconds):
        self.room.clock.now += seconds

    @rule()
    def restart(self):
        self.room.restart()

    @invariant()
    def nothing_is_held_twice(self):
        with self.room.ws.store.read() as tx:
            held = [q.ordinal for q in queue.rows(tx, 1) if q.held]
        assert len(held) == len(set(held))

    @invariant()
    def what_was_acknowledged_stands(self):
        with self.room.ws.store.read() as tx:
            names = {m.name: m.id for m in members.roster(tx, 1)}
            kept = {(o.member, o.ordinal): o.answer for o in opinions.current(tx, 1)}
            by_key = {key: opinions.by_key(tx, 1, key) for key in self.said}
        for person, acts in self.acts.items():
            for _, key in acts:
                if key is not None:
                    row = by_key[key]
                    assert kept[names[person], row.ordinal] == self.said[key][2]
        assert len(kept) == sum(key is not None for acts in self.acts.values() for _, key in acts)


TestDesks = Desks.TestCase
TestDesks.settings = settings(
    max_examples=12, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
