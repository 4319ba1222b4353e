"""Whatever is done to a project, in whatever order and by whatever process: it refuses in words or goes on, and stays true."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import replace

import pytest
from worlds import LABELS, by_id, settings, texts

from cowise import loop
from cowise.core.errors import CowiseError
from cowise.core.types import Answer, Promise, classify, multilabel
from cowise.loop.board import read
from cowise.loop.history import history, models
from cowise.store import certificates

PROMISES = (
    Promise(0.1, 0.8), Promise(0.1, 0.8, "selective"), Promise(0.2, 0.8, missed=0.05), Promise(0.25, 0.8, "selective", per_label=True),
)  # fmt: skip
CREW = ("ann", "ben", "cem")
GOLD = texts(2600, 31, 0.03)
TRUTH = by_id(GOLD)


class Life:
    """A project, and what chance does to it."""

    def __init__(self, ws, seed):
        self.ws, self.rng, self.last = ws, random.Random(seed), ""
        self.rest = list(GOLD)
        self.rng.shuffle(self.rest)
        self.sets = not seed % 4
        task = (multilabel if self.sets else classify)(*LABELS)
        loop.create(ws, "p", task, self.rng.choice(PROMISES), encoder="hashing")
        loop.add(ws, "p", self.few(self.rng.randrange(150, 450)))

    def few(self, n):
        taken, self.rest = self.rest[:n], self.rest[n:]
        return taken

    def right(self, item):
        """What is right for an item by the labels that there are now."""
        labels = loop.get(self.ws, "p").task.labels
        wanted = TRUTH.get(item, "")
        return self.reply(
            wanted if wanted in labels else next((one for one in labels if one.startswith(wanted)), labels[0])
        )

    def reply(self, label):
        return loop.get(self.ws, "p").task.plain([label])

    def item(self):
        return self.rng.choice(loop.items(self.ws, "p", limit=10_000))

    def version(self):
        there = loop.versions(self.ws, "p")
        return self.rng.choice(there).id if there else "none"

    def answer(self):
        with loop.session(self.ws, "p", self.rng.choice(CREW)) as review:
            for _ in range(self.rng.randrange(1, 40)):
                asked = review.ask(self.rng.choice((1, 1, 2, 4)))
                if not asked:
                    return
                what, chance = asked[0], self.rng.random()
                if chance < 0.03:
                    review.skip(what)
                elif chance < 0.05:
                    review.undo()
                elif chance < 0.07:
                    review.take(what, Answer(self.rng.choice(("unsure", "none"))), 1.0)
                else:
                    review.take(what, self.right(what.item), 1.0)

    def answer_much(self):
        for _ in range(8):
            self.answer()

    def correct(self):
        who = self.rng.choice(CREW)
        with loop.session(self.ws, "p", who) as review:
            review.correct(self.item().id, self.reply(self.rng.choice(loop.get(self.ws, "p").task.labels)))

    def add(self):
        loop.add(self.ws, "p", self.few(self.rng.randrange(1, 120)))

    def add_labelled(self):
        rows = [{"text": one, "label": GOLD[one]} for one in self.few(self.rng.randrange(1, 30))]
        there = [one.text for one in loop.items(self.ws, "p", limit=10_000) if one.text in GOLD]
        rows += [{"text": one, "label": GOLD[one]} for one in there if self.rng.random() < 0.1]
        by = self.rng.choice(("", "ann", "zoe"))
        loop.add(self.ws, "p", rows, loop.Columns(text="text", label="label"), how=loop.How(by=by))

    def decide(self):
        list(loop.decide(self.ws, "p", self.few(self.rng.randrange(1, 80)), audit=0.2))

    def certify(self):
        loop.certify(self.ws, "p", window=self.rng.choice(("batch", "stream")))

    def shadow(self):
        loop.shadow(self.ws, "p")

    def stop_shadow(self):
        loop.stop_shadow(self.ws, "p", "a reason")

    def learn(self):
        loop.learn(self.ws, "p")

    def forget_item(self):
        loop.forget_item(self.ws, "p", self.item().id)

    def forget_person(self):
        loop.forget_person(self.ws, "p", self.rng.choice(CREW))

    def merge(self):
        labels = loop.get(self.ws, "p").task.labels
        loop.merge(self.ws, "p", {self.rng.choice(labels): self.rng.choice(labels)}, confirmed=True)

    def split(self):
        label = self.rng.choice(loop.get(self.ws, "p").task.labels)
        loop.split(self.ws, "p", label, [f"{label} a", f"{label} b"], confirmed=True)

    def new_label(self):
        labels = loop.get(self.ws, "p").task.labels
        loop.change(self.ws, "p", task=(multilabel if self.sets else classify)(*labels, f"other {len(labels)}"))

    def new_promise(self):
        loop.change(self.ws, "p", promise=self.rng.choice(PROMISES))

    def withdraw(self):
        loop.withdraw(self.ws, "p", "a reason")

    def release(self):
        loop.release(self.ws, "p", self.version(), "a reason")

    def withdraw_version(self):
        loop.withdraw_version(self.ws, "p", self.version(), "a reason")

    def ask_again(self):
        loop.ask_again(self.ws, "p", [self.item().id for _ in range(3)], by=self.rng.choice(CREW))

    def pays(self):
        loop.ask_where_it_pays(self.ws, "p", self.rng.choice((0.0, 0.5)))

    def rare(self):
        loop.ask_rare_first(self.ws, "p", self.rng.choice((0.0, 1.0)))

    def speak(self):
        loop.set_languages(self.ws, "p", self.rng.choice(CREW), self.rng.choice((["en"], ["zh"], [])))

    def limit(self):
        loop.set_capacity(self.ws, "p", self.rng.choice(CREW), self.rng.choice((0, 20, 500)))

    def step(self):
        """Do something; a refusal is in words and changes nothing that matters."""
        often = (
            [self.answer] * 14 + [self.answer_much] * 5 + [self.add, self.decide, self.certify, self.forget_item] * 2
        )
        some = [
            self.correct, self.add_labelled, self.shadow, self.stop_shadow, self.learn, self.forget_person, self.merge, self.split, self.new_label,
            self.new_promise, self.withdraw, self.release, self.withdraw_version, self.ask_again, self.pays, self.rare, self.speak, self.limit,
        ]  # fmt: skip
        what = self.rng.choice(often + some)
        self.last = what.__name__
        try:
            what()
        except CowiseError:
            self.last += " (refused)"

    def check(self):
        """What holds at any time."""
        loop.advance(self.ws, "p")
        now, board = loop.status(self.ws, "p"), read(self.ws, "p")
        found = loop.items(self.ws, "p", limit=10_000)
        routes = [one.route for one in found]
        assert now.automated == routes.count("automated")
        assert now.reviewed == routes.count("reviewed") + routes.count("consensus")
        assert now.open == int(board.open.sum())
        with self.ws.store.read() as tx:
            states = {one.state for one in certificates.history(tx, 1)}
        assert not routes.count("automated") or states & {"valid", "superseded"}, "no certificate, no automation"
        for seen in (loop.roster_of, loop.estimates, loop.versions, loop.languages, loop.promises, history, models):
            seen(self.ws, "p")

    def audit(self):
        """The record is whole, and grants the same again."""
        assert loop.verify(self.ws).ok
        told = loop.replay(self.ws, "p")
        assert {one.outcome for one in told} <= {"same", "erased"}, told


ON = [(seed, "sqlite") for seed in range(3)] + [pytest.param(9, "postgresql", marks=pytest.mark.postgres)]


@pytest.mark.parametrize(("seed", "address"), ON, indirect=["address"])
def test_a_project_survives_whatever_is_done_to_it(tmp_path, seed, address):
    steps = 50  # the keys, and with them the lots, are others each time
    there = replace(settings(tmp_path), db=address)
    with closing(loop.open_workspace(there, create=True)) as ws:
        life = Life(ws, seed)
    while steps > 0:
        with closing(loop.open_workspace(there)) as ws:
            life.ws = ws
            for _ in range(life.rng.randrange(1, 12)):
                steps -= 1
                life.step()
                life.check()
            life.audit()
