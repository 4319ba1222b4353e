"""A proof for one decision holds with the signed checkpoint alone, and no changed one does."""

from dataclasses import replace

import pytest
from worlds import answer, world

from cowise import loop
from cowise.core.errors import MissingError, TrustError
from cowise.core.types import Answer
from cowise.guard import verified
from cowise.store import decisions


def some(ws, route):
    return next(v for v in loop.items(ws, "p", limit=10_000) if v.route == route)


@pytest.mark.parametrize("route", ["automated", "reviewed"])
def test_every_kind_of_decision_is_proved(played, route):
    view = some(played, route)
    proof = loop.prove(played, "p", view.id)
    assert proof.holds()
    assert proof.decision.endswith(f" label:{view.label}")
    assert view.text not in str(proof.to_json())
    mark = verified(proof.note, played.keys.verifiers())
    assert (mark.size, mark.root.hex()) == (proof.entry.size, proof.entry.root)
    assert (proof.batch is None) == (route == "reviewed")
    assert loop.prove(played, "p", view.text).decision == proof.decision


def test_a_changed_proof_does_not_hold(played):
    proof = loop.prove(played, "p", some(played, "automated").id)
    other = loop.prove(played, "p", some(played, "reviewed").id)
    assert not replace(proof, decision=proof.decision.replace("label:", "none:")).holds()
    assert not replace(other, decision=proof.decision).holds()
    assert not replace(proof, batch=replace(proof.batch, index=proof.batch.index + 1)).holds()
    assert not replace(proof, record=other.record, batch=None).holds()
    assert not replace(proof, entry=replace(proof.entry, root="00" * 32)).holds()


def test_what_is_not_decided_or_not_on_record_is_not_proved(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        with pytest.raises(MissingError, match="nothing is decided yet"):
            loop.prove(ws, "p", next(iter(gold)))
        answer(ws, gold)
        for route in ("reviewed", "automated"):
            view = some(ws, route)
            ws.store.write(
                lambda tx, view=view: decisions.put(
                    tx, 1, [replace(decisions.get(tx, 1, view.ordinal), answer=Answer("none"))]
                )
            )
            with pytest.raises(TrustError, match="does not hold this decision"):
                loop.prove(ws, "p", view.id)
