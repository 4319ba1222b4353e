"""A promise for each predicted label, selective or for texts to come, through the whole loop: each label has its own region."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import LABELS, answer, by_id, texts, world

from cowise import loop
from cowise.core.errors import GuaranteeError
from cowise.core.types import Promise
from cowise.loop.history import sentence
from cowise.loop.walks import kept
from cowise.store import certificates


def standing(ws):
    with ws.store.read() as tx:
        return [row for row in certificates.history(tx, 1) if row.state == "valid"]


def test_a_selective_promise_has_a_region_for_each_label(tmp_path):
    gold = texts(1500, 3, noise=0.02)
    with world(tmp_path, gold, Promise(0.1, 0.8, "selective", per_label=True)) as ws:
        answer(ws, gold)
        (row,) = standing(ws)
        layout = kept(ws, row.certificate.details["blob"])
        assert layout.method == "b2"
        assert len(layout.parts) == len(np.unique(layout.label))
        granted = {LABELS[label] for label, _, _ in row.certificate.details["parts"]}
        known, made = by_id(gold), [one for one in loop.items(ws, "p", limit=2000) if one.route == "automated"]
        assert {one.label for one in made} == granted
        for label in granted:
            wrong = [known[one.id] != label for one in made if one.label == label]
            assert sum(wrong) <= 0.1 * len(wrong)
        assert "and so for each label that it gave" in sentence(row)["en"]


@pytest.mark.parametrize("of", ["delivered", "selective"])
def test_texts_to_come_go_out_alone_only_where_their_label_was_granted(tmp_path, of):
    gold = texts(3000, 4, noise=0.01)
    with world(tmp_path, gold, Promise(0.15, 0.8, of, per_label=True)) as ws:
        while answer(ws, gold, limit=60):
            try:
                loop.certify(ws, "p", window="stream")
                break
            except GuaranteeError:
                continue
        (row,) = [one for one in standing(ws) if one.certificate.window == "stream"]
        parts = {LABELS[label] for label, _, _ in row.certificate.details["parts"]}
        assert parts
        assert 0 < row.certificate.details["coverage"] <= 1
        alone = [one for one in loop.decide(ws, "p", list(texts(200, 5))) if one.route == "automated"]
        assert len(alone) > 20
        assert {one.answer.value for one in alone} <= parts
        assert "and so for each label that it gave" in sentence(row)["en"]
