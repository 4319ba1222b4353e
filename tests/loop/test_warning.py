"""Texts that look different are told of: rarely where nothing changed, with the labels that come more often, and nothing is withdrawn."""

from __future__ import annotations

import json
import random

from worlds import LABELS, texts

from cowise import loop
from cowise.cli.status import warned
from cowise.loop import warning
from cowise.store import ledger


def entries(ws):
    with ws.store.read() as tx:
        found = [json.loads(one.record) for one in ledger.each(tx, project=1)]
    return [one for one in found if one["event"] == "warned"]


def stream(ws, new, size=250):
    """Decide texts as they come, in a few calls."""
    for i in range(0, len(new), size):
        list(loop.decide(ws, "p", new[i : i + size], audit=0.0))


def strange(n, seed):
    rng = random.Random(seed)
    words = [f"strange{i}" for i in range(60)]
    return [" ".join(rng.sample(words, 7)) for _ in range(n)]


def test_texts_like_the_old_ones_raise_no_warning(streaming):
    stream(streaming, list(texts(2000, seed=51, noise=0.02)))
    assert entries(streaming) == []
    assert loop.status(streaming, "p").warning == {}


def test_other_words_are_told_of_and_the_certificate_stands(streaming):
    before = loop.status(streaming, "p").stream_certificate
    stream(streaming, strange(warning.EVERY, 1))
    (entry,) = entries(streaming)
    now = loop.status(streaming, "p")
    assert (entry["texts"], entry["looks"], entry["certificate"]) == (warning.EVERY, True, before)
    assert now.stream_certificate == before, "a warning touches no certificate"
    assert (now.warning["texts"], now.warning["looks"]) == (warning.EVERY, True)
    assert "500 new texts look different" in warned(now.warning)[0]


def test_fewer_texts_than_one_comparison_say_nothing(streaming):
    stream(streaming, strange(warning.EVERY - 1, 2))
    assert entries(streaming) == []


def test_a_label_that_comes_more_often_is_named(streaming):
    new = [text for text, label in texts(2400, seed=52, noise=0.0).items() if label == LABELS[0]][: warning.EVERY]
    assert len(new) == warning.EVERY
    stream(streaming, new)
    (entry,) = entries(streaming)
    assert entry["labels"]
    times = dict(map(tuple, loop.status(streaming, "p").warning["shares"]))
    assert times[LABELS[0]] > 2, "a third of them before, all of them now; how many times is read from some audits"
    assert all(times[one] < 0.1 for one in LABELS[1:])
    assert any(LABELS[0] in line for line in warned(loop.status(streaming, "p").warning)[1:])


def test_of_a_certificate_that_is_gone_no_warning_is_shown(streaming):
    stream(streaming, strange(warning.EVERY, 3))
    assert loop.status(streaming, "p").warning
    loop.withdraw(streaming, "p", "the world has changed")
    assert loop.status(streaming, "p").warning == {}
