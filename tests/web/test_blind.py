"""Somebody who reviews, reads every answer of the API, and tries to guess the audits does no better than by lot.

The guesser sees all that a lead may see, between any two answers: questions with holds, keys, order and sizes, what is
left, own answers, progress, status, history, items, people, models, ledger, and what undo does.
"""

import json
import random
import time

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from starlette.testclient import TestClient

from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Promise, classify, content_id
from cowise.loop import accounts
from cowise.loop.rules import AHEAD
from cowise.loop.walks import COMPANY
from cowise.loop.workspace import open_workspace
from cowise.store import ledger, opinions, projects, queue
from cowise.web.app import create

BASE = "http://127.0.0.1:8765"

WORDS = {
    "billing": ["invoice", "charge", "refund", "payment", "card", "price", "bill", "receipt"],
    "bug": ["crash", "error", "freeze", "broken", "login", "screen", "fail", "button"],
    "praise": ["love", "great", "thanks", "wonderful", "happy", "nice", "super", "best"],
}
POLLED = ("status", "progress", "mine?limit=5", "history", "models", "items?limit=5", "people", "ledger?limit=5")


def gold(n, seed):
    rng, found = random.Random(seed), {}
    while len(found) < n:
        label = rng.choice(sorted(WORDS))
        about = rng.choice(sorted(WORDS)) if rng.random() < 0.06 else label
        found[" ".join([*rng.sample(WORDS[about], 3), str(rng.randrange(10**6))])] = label
    return found


class Guesser:
    """Answers through HTTP and keeps what it saw around each answer, as numbers, beside the truth that it never sees."""

    def __init__(self, ws, app, http, known):
        self.ws, self.app, self.http, self.known = ws, app, http, known
        self.rows, self.truth, self.shapes, self.in_look = [], [], [], []
        self.polled = [each for each in POLLED if self.get(each).status_code == 200]
        assert {"status", "progress", "mine?limit=5"} <= set(self.polled)

    def get(self, path):
        return self.http.get(f"/api/projects/tickets/{path}")

    def post(self, path, body):
        return self.http.post(f"/api/projects/tickets/{path}", json=body, headers={"Sec-Fetch-Site": "same-origin"})

    def see(self):
        """Every number in everything that can be read now."""
        found = {}
        for path in self.polled:
            flat(self.get(path).json(), path, found)
        return found

    def ask(self):
        for _ in range(30):
            found = self.post("questions", {"n": 1}).json()
            self.app.state.house.worker.step()
            if found["questions"] or not found["working"]:
                return found
            time.sleep(0.1)
        raise AssertionError("no questions come")

    def play(self):
        before = self.see()
        while (found := self.ask())["questions"]:
            shown = found["questions"][0]
            audit, look = self.kind(shown["token"])
            said = self.answer(shown)
            after = self.see()
            if len(self.truth) % 7 == 3:  # an undo must look alike too
                shown, said = self.undo(shown)
                after = self.see()
            if shown["suggestion"] is None:
                self.note(found, shown, said, (before, after))
                self.truth.append(audit)
                self.in_look.append(look)
            before = after

    def kind(self, token):
        with self.ws.store.read() as tx:
            project = projects.get(tx, "tickets")
            held = [q for m in range(1, 9) for q in queue.held_by(tx, project.id, m)]
            kind = next(q.kind for q in held if q.lease.token == token)
            return kind == "audit", bool(project.settings.get("walk"))

    def answer(self, shown):
        body = {"token": shown["token"], "item": shown["item"], "seconds": 1.5}
        reply = self.post("answers", {**body, "answer": {"kind": "label", "value": self.known[shown["item"]]}})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def undo(self, shown):
        back = self.post("undo", {"item": shown["item"]})
        assert back.status_code == 200, back.text
        again = back.json()["question"]
        assert again["item"] == shown["item"]
        return again, self.answer(again)

    def note(self, found, shown, said, polls):
        before, after = polls
        self.shapes.append(shape({**found, "advice": {**found["advice"], "kind": ""}, "working": None}))
        plain = {
            "token": int(shown["token"][:6], 16), "item": int(shown["item"][:6], 16), "size": len(json.dumps(shown)),
            "text": len(shown["text"]), "queued": found["advice"]["queued"], "needed": found["advice"]["needed"],
            "left": said["left"], "working": float(found["working"]), "hold": shown["expires"] % 1, "turn": len(self.truth),
        }  # fmt: skip
        moved = {f"moved {k}": after[k] - before.get(k, 0.0) for k in after}
        self.rows.append({**plain, **moved})


def flat(value, name, found):
    """Numbers of a JSON value by path; a text counts by its length."""
    if isinstance(value, dict):
        for key, one in value.items():
            flat(one, f"{name}/{key}", found)
    elif isinstance(value, list):
        found[f"{name}#"] = float(len(value))
        for i, one in enumerate(value[:3] + value[-3:]):
            flat(one, f"{name}/{i}", found)
    elif isinstance(value, (int, float)):
        found[name] = float(value)
    elif isinstance(value, str):
        found[name] = float(len(value))


def shape(value):
    """A JSON value without its content: names in order, and kinds."""
    if isinstance(value, dict):
        return [(key, shape(one)) for key, one in value.items()]
    return [shape(one) for one in value[:1]] if isinstance(value, list) else type(value).__name__


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A project reviewed to its end by a lead, who may read nearly everything."""
    texts = gold(700, seed=2)
    with open_workspace(Settings(home=tmp_path_factory.mktemp("blind") / "home"), create=True) as ws:
        loop.create(ws, "tickets", classify(*sorted(WORDS)), Promise(0.1, 0.9), encoder="hashing")
        loop.add(ws, "tickets", list(texts))
        app = create(ws, work=False)
        with TestClient(app, base_url=BASE, raise_server_exceptions=False) as http:
            invited = accounts.invite(ws, accounts.operator(ws), "tickets", "lead")
            entered = accounts.accept(ws, invited.token, name="a curious lead", language="en")
            http.cookies.set(app.state.house.cookie, entered.session_token)
            guesser = Guesser(ws, app, http, {content_id(t): label for t, label in texts.items()})
            guesser.play()
            yield guesser


def columns(guesser):
    names = sorted({name for row in guesser.rows for name in row})
    table = np.array([[row.get(name, 0.0) for name in names] for row in guesser.rows])
    return names, np.nan_to_num(table)


def test_at_least_as_many_blind_questions_are_no_audits(played):
    truth, look = np.array(played.truth), np.array(played.in_look)
    assert truth.sum() > 5  # how far a walk goes depends on its lots
    assert (~truth).sum() >= truth.sum()
    # Within one filling of the queue the order is a shuffle: audits may come first.
    assert np.all(np.cumsum(truth) <= np.cumsum(~truth) + AHEAD)
    assert truth[look].mean() <= COMPANY / (COMPANY + 1) + 0.02


def test_every_blind_question_comes_in_the_same_shape(played):
    assert len({json.dumps(one) for one in played.shapes}) == 1


def test_no_single_figure_finds_the_audits_of_a_look(played):
    """Within a look the share of audits is declared: at most four of five. Nothing that is shown does better."""
    names, table = columns(played)
    look = np.array(played.in_look)
    truth, table = np.array(played.truth)[look], table[look]
    share, tests = truth.mean(), 2 * len(names)
    bound = share + (share * (1 - share) / max(1, truth.sum())) ** 0.5 * np.sqrt(2 * np.log(2 * tests / 0.01))
    for name, column in zip(names, table.T, strict=True):
        for sign in (1, -1):
            # Ties are broken by chance: their own order is the order of coming, which is looked at as `turn`.
            order = np.lexsort((np.random.default_rng(0).random(len(column)), sign * column))
            hits = truth[order[: truth.sum()]].mean()
            assert hits <= bound, (name, sign, hits, share)


def test_no_learned_rule_finds_the_audits_of_a_look(played):
    """Trained on every second answer of the look, with the truth in hand, a classifier guesses the others no better."""
    _, table = columns(played)
    look = np.array(played.in_look)
    truth, table = np.array(played.truth)[look], table[look]
    table = (table - table.mean(0)) / np.where(table.std(0) > 0, table.std(0), 1.0)
    rng = np.random.default_rng(1)
    part = rng.permutation(len(truth))
    train, rest = part[: len(part) // 2], part[len(part) // 2 :]
    if len(set(truth[train])) < 2:
        pytest.skip("the look had too little company to learn from")
    fitted = LogisticRegression(C=0.1, max_iter=2000).fit(table[train], truth[train])
    n = int(truth[rest].sum())
    best = rest[np.argsort(-fitted.decision_function(table[rest]))[:n]]
    share = truth[rest].mean()
    assert truth[best].mean() <= share + 3 * (share * (1 - share) / n) ** 0.5


def test_a_figure_that_leaks_is_found(played):
    """The control: with one number that tells, the same guesser wins."""
    look = np.array(played.in_look)
    truth = np.array(played.truth)[look]
    leak = truth + np.random.default_rng(0).normal(0, 0.1, len(truth))
    hits = truth[np.argsort(-leak)[: truth.sum()]].mean()
    share = truth.mean()
    assert hits > 0.95
    assert share < COMPANY / (COMPANY + 1) + 0.02


def test_the_ledger_does_not_say_what_an_answer_was_for(played):
    with played.ws.store.read() as tx:
        project = projects.get(tx, "tickets").id
        answered = [json.loads(e.record) for e in ledger.each(tx, project=project) if e.kind == "answered"]
        uses = {o.used_for for o in opinions.current(tx, project)}
    assert "audit" in uses
    assert len({tuple(sorted(one)) for one in answered}) == 1
    assert not {"for", "used_for", "kind"} & set(answered[0])


def test_the_promise_was_kept_meanwhile(played):
    now = loop.status(played.ws, "tickets")
    assert now.certificate
    assert now.open == 0
