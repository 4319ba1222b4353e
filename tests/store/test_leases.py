"""Leases, answers, retries and crashes under a clock that jumps: nothing acknowledged is lost, nobody shares a hold."""

import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cowise.core.errors import ConflictError, InputError
from cowise.core.types import Answer, Promise, classify
from cowise.store import imports, load_items, members, open_store, opinions, projects, queue
from cowise.store.opinions import Said
from cowise.store.queue import Wanted

HOLD = 100.0
ITEMS = 6


class Held(RuleBasedStateMachine):
    """Three people, six items; the process may die at any moment and be started again."""

    def __init__(self):
        super().__init__()
        self.now = 1_000_000.0
        self.keys = itertools.count()
        self.holds = {}  # token -> (held, person), as far as we were told, in the order they came
        self.newest = {}  # question -> token of whoever took it last: an older hold never counts again
        self.said = {}  # key -> (token, said, id), acknowledged
        self.current = {}  # (ordinal, person) -> key

    @initialize()
    def start(self):
        self.folder = tempfile.TemporaryDirectory()
        self.open()
        make = lambda tx: projects.create(tx, "p", classify("a", "b"), Promise(), audit_key=("k", "c"))  # noqa: E731
        self.project = self.store.write(make).id
        load_items(self.store, self.project, "f", [imports.NewItem(f"t{i}") for i in range(ITEMS)])
        self.people = [
            self.store.write(lambda tx, n=n: members.ensure(tx, self.project, n)).id for n in ("A", "B", "C")
        ]

    def open(self):
        self.store = open_store(Path(self.folder.name), clock=lambda: self.now)

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def valid(self, token):
        if token not in self.holds:
            return False
        lease = self.holds[token][0].lease
        return lease.expires > self.now and self.newest[lease.id] == token

    @rule(o=st.integers(0, ITEMS - 1), seat=st.integers(0, 1), rank=st.floats(0, 1))
    def fill(self, o, seat, rank):
        self.store.write(lambda tx: queue.fill(tx, self.project, [Wanted(o, rank, "train", seat=seat)]))

    @rule(i=st.integers(0, 2))
    def lease(self, i):
        held = self.store.write(lambda tx: queue.lease(tx, self.project, self.people[i], seconds=HOLD))
        if held is None:
            return
        mine = [h for t, (h, who) in self.holds.items() if self.valid(t) and h.lease.id == held.lease.id]
        assert not mine, "two people hold one question"
        assert (held.ordinal, self.people[i]) not in self.current, "asked again what was answered"
        self.holds[held.lease.token] = (held, self.people[i])
        self.newest[held.lease.id] = held.lease.token

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), label=st.sampled_from("ab"))
    def answer(self, data, label):
        token = data.draw(st.sampled_from(list(self.holds)))
        held, who = self.holds[token]
        key = f"key{next(self.keys)}"
        said = Said(held.ordinal, who, Answer.of(label), key=key)
        valid = self.valid(token)
        try:
            row = self.store.write(lambda tx: queue.answer(tx, self.project, token, said))
        except ConflictError:
            assert not valid
            return
        assert valid, "an answer came through after its hold"
        del self.holds[token]
        self.said[key] = (token, said, row.id)
        self.current[held.ordinal, who] = key

    @precondition(lambda self: self.said)
    @rule(data=st.data(), other=st.booleans())
    def retry(self, data, other):
        key = data.draw(st.sampled_from(sorted(self.said)))
        token, said, number = self.said[key]
        if other:
            changed = Said(said.ordinal, said.member, Answer("none"), key=key)
            with pytest.raises(InputError, match="another answer"):
                self.store.write(lambda tx: queue.answer(tx, self.project, token, changed))
        else:
            row = self.store.write(lambda tx: queue.answer(tx, self.project, token, said))
            assert row.id == number
            assert row.repeated

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), what=st.sampled_from(["renew", "release"]))
    def keep(self, data, what):
        token = data.draw(st.sampled_from(list(self.holds)))
        _, who = self.holds[token]
        valid = self.valid(token)
        try:
            if what == "renew":
                end = self.store.write(lambda tx: queue.renew(tx, token, seconds=HOLD))
                assert end == self.now + HOLD
                (mine,) = [h for h in self.mine(who) if h.lease.token == token]
                self.holds[token] = (mine, who)
            else:
                self.store.write(lambda tx: queue.release(tx, token))
                del self.holds[token]
        except ConflictError:
            assert not valid
        else:
            assert valid

    def mine(self, who):
        with self.store.read() as tx:
            return queue.held_by(tx, self.project, who)

    @rule(seconds=st.sampled_from([1.0, HOLD - 1, HOLD, 3600.0, -3600.0]))
    def time(self, seconds):
        # A clock that jumps back makes holds last longer; it never gives a hold to two.
        self.now += seconds

    @rule(i=st.integers(0, 2))
    def undo(self, i):
        row = self.store.write(lambda tx: opinions.undo(tx, self.project, self.people[i]))
        if row is None:
            assert not [1 for _, who in self.current if who == self.people[i]]
        else:
            del self.current[row.ordinal, self.people[i]]

    @rule(i=st.integers(0, 2), when=st.sampled_from(["before", "within"]))
    def crash(self, i, when):
        """What was not acknowledged may be gone, and what fails in the middle leaves no trace."""
        if when == "within":

            def half(tx):
                queue.lease(tx, self.project, self.people[i], seconds=HOLD)
                raise RuntimeError("power cut")

            with pytest.raises(RuntimeError, match="power cut"):
                self.store.write(half)
        self.store.close()
        self.open()

    @invariant()
    def nothing_acknowledged_is_lost(self):
        if not hasattr(self, "store"):
            return
        with self.store.read() as tx:
            found = {(row.ordinal, row.member): row.id for row in opinions.current(tx, self.project)}
        assert found == {place: self.said[key][2] for place, key in self.current.items()}


Held.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestHeld = Held.TestCase
