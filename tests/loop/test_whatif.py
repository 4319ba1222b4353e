"""What if: the model's answer to a typed text, its reasons, and whether it would answer alone; nothing is kept."""

import numpy as np
import pytest
from worlds import LABELS, answer, texts, world

from cowise import loop
from cowise.core.errors import ForbiddenError, InputError, MissingError
from cowise.core.explanation import Ask
from cowise.loop.board import read
from cowise.loop.whatif import what_if
from cowise.store import ledger


def entries(ws):
    with ws.store.read() as tx:
        return sum(1 for _ in ledger.each(tx))


def test_the_labels_the_words_and_where_the_text_would_go(played):
    before = entries(played)
    found = what_if(played, "p", "the crash and the error again")
    assert (found.said, found.labels[0].label) == ("bug", "bug")
    assert found.p == found.labels[0].p
    assert sum(one.p for one in found.labels) == pytest.approx(1, abs=1e-3)
    assert {one.label for one in found.labels} == set(LABELS)
    assert found.explanation.target == "bug"
    assert found.explanation.value == pytest.approx(found.p, abs=1e-3)
    assert (found.route, found.why, found.certificate) == ("reviewed", "uncovered", ""), (
        "the certificate is over the batch alone"
    )
    assert "no certificate covers new texts" in found.reason
    assert what_if(played, "p", "the crash", why=False).explanation is None
    assert what_if(played, "p", "the crash", ask=Ask(target="praise")).explanation.target == "praise"
    assert entries(played) == before
    assert found.to_json()["labels"][0]["label"] == "bug"


def test_it_says_what_decide_then_does(streaming):
    typed = [
        " ".join(words)
        for words in (("crash", "error", "freeze"), ("love", "crash"), ("cost", "money"), ("the", "app"))
    ]
    told = [what_if(streaming, "p", text, why=False) for text in typed]
    done = list(loop.decide(streaming, "p", typed))
    assert [(one.route, one.reason) for one in told] == [(one.route, one.reason) for one in done]
    assert [one.certificate for one in told] == [one.certificate for one in done]
    assert {one.why for one in told} == {"covered" if one.route == "automated" else "unsure" for one in done}


def test_of_a_text_that_somebody_may_be_asked_about_nothing_is_told(tmp_path):
    gold = texts(200)
    with world(tmp_path, gold) as ws:
        with pytest.raises(MissingError, match="no model yet"):
            what_if(ws, "p", "love")
        answer(ws, gold, limit=40)
        loop.learn(ws, "p")
        open_one = loop.items(ws, "p", limit=500)[int(np.flatnonzero(read(ws, "p").open)[0])].text
        for same in (open_one, f"  {open_one.upper()} "):
            with pytest.raises(ForbiddenError, match="not decided yet"):
                what_if(ws, "p", same)


@pytest.mark.parametrize("text", ["", "  \n", "word " * 5000])
def test_what_is_no_text_to_try_is_refused(played, text):
    with pytest.raises(InputError, match="at most 20,000"):
        what_if(played, "p", text)
