"""The whole loop through the same calls on SQLite and on PostgreSQL: nothing but the address differs."""

import random
from contextlib import closing

import pytest

from cowise import loop
from cowise.core.errors import GuaranteeError
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify, content_id

WORDS = {"bug": ("crash", "error", "freeze", "broken"), "praise": ("love", "great", "thanks", "happy")}


@pytest.fixture
def gold():
    rng, found = random.Random(3), {}
    while len(found) < 260:
        label = rng.choice(("bug", "praise"))
        found[f"{rng.choice(WORDS[label])} and {rng.choice(WORDS[label])} number {len(found)}"] = label
    return found


@pytest.fixture
def ws(tmp_path, address):
    settings = Settings(home=tmp_path / "home", models=tmp_path, db=address)
    with closing(loop.open_workspace(settings, create=True)) as found:
        loop.create(found, "p", classify("bug", "praise"), Promise(0.15, 0.7), encoder="hashing")
        yield found


def played(ws, gold):
    known = {content_id(text): label for text, label in gold.items()}
    with loop.session(ws, "p", "ann") as review:
        while questions := review.ask(1):
            review.take(questions[0], Answer.of(known[questions[0].item]), 1.0)


def test_from_texts_to_a_certificate_and_back(ws, gold, tmp_path):
    assert loop.add(ws, "p", list(gold)).items == 260
    with pytest.raises(GuaranteeError):
        loop.certify(ws, "p")
    played(ws, gold)
    now = loop.status(ws, "p")
    assert (now.open, now.automated > 60) == (0, True)
    assert loop.learn(ws, "p").state in ("candidate", "released")
    assert loop.certify(ws, "p").n_automated == now.automated
    assert {one.outcome for one in loop.replay(ws, "p")} == {"same"}
    view = next(v for v in loop.items(ws, "p", limit=300) if v.route == "automated")
    assert loop.prove(ws, "p", view.id).holds()
    assert loop.export(ws, "p", tmp_path / "out.csv").rows == 260
    assert len(list(loop.decide(ws, "p", ["a crash again"]))) == 1
    assert loop.forget_item(ws, "p", view.text).what == "item"
    assert loop.forget_person(ws, "p", "ann").opinions > 50
    loop.rename(ws, "p", "q")
    loop.change(ws, "q", promise=Promise(0.2, 0.7))
    assert loop.status(ws, "q").automated == 0
    loop.delete(ws, "q")
    assert loop.listing(ws) == []
    assert loop.verify(ws).ok
