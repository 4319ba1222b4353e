"""Nobody makes a version look better than it is by what happens to its sample, its lots or its watch after answers are known."""

import base64

import numpy as np
import pytest
from test_watching import PROMISE, decided, entries, sure, watched
from worlds import LABELS, answer, by_id, settings, texts, world

from cowise import loop
from cowise.core.errors import GuaranteeError, TrustError
from cowise.core.types import Answer, Promise
from cowise.guard.crypt import new_key
from cowise.loop import brain, plan
from cowise.loop.board import read
from cowise.loop.desk import Desk
from cowise.store import certificates, queue
from cowise.store.queue import Hint, Wanted


def wrong_ones(ws, gold, version):
    """Texts of the project on which a version errs, by the truth."""
    board = read(ws, "p")
    known = by_id(gold)
    said = brain.predict(ws, board.project, brain.thaw(ws, board.project, version), np.arange(board.n), alone=True)
    return [one for i, one in enumerate(board.ids) if LABELS[said.label[i]] != known[one]]


def erase(ws, gold, wrong):
    for one in wrong:
        loop.forget_item(ws, "p", one)


def label(ws, gold, wrong):
    text = {board_id: text for text, board_id in zip(gold, by_id(gold), strict=True)}
    rows = [{"text": text[one], "label": gold[text[one]]} for one in wrong]
    loop.add(ws, "p", rows, loop.Columns("text", "label"), how=loop.How(by="expert"))


@pytest.mark.parametrize("act", [erase, label])
def test_a_sample_of_texts_to_come_cannot_be_thinned(tmp_path, act):
    gold = texts(1600, seed=200, noise=0.3)
    with world(tmp_path, gold, PROMISE) as ws:
        answer(ws, gold, limit=150)
        version = loop.learn(ws, "p").id
        loop.release(ws, "p", version, "to begin with")
        wrong = wrong_ones(ws, gold, version)
        reserved = read(ws, "p").reserved
        ids = read(ws, "p").ids
        hit = [one for one in wrong if reserved[ids.index(one)]]
        act(ws, gold, wrong)
        for _ in range(4):
            try:
                loop.certify(ws, "p", window="stream")
            except GuaranteeError:
                answer(ws, gold, limit=400)
            else:
                break
        told = entries(ws, "certified") + entries(ws, "ended without certificate")
        looks = [one for one in entries(ws, "designed") if one["window"] == "stream" and one["version"] == version]
        blobs = {one["blob"] for one in looks}
        counts = [
            (one["errors"] if "errors" in one else one["n_errors"])
            for one in told if one.get("blob") in blobs or one.get("details", {}).get("blob") in blobs
        ]  # fmt: skip
    assert len(hit) > 2
    assert looks, "the version that was released is judged"
    assert counts == [] or min(counts) >= len(hit), "each of them still counts as wrong"


def test_another_audit_key_is_no_key_of_this_project(tmp_path):
    gold = texts(80)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, limit=5)
        file = tmp_path / "keys" / f"audit.{read(ws, 'p').project.key_ref}.key"
    head, kind, _ = file.read_text().split()
    file.write_text(f"{head} {kind} {base64.b64encode(new_key()).decode()}\n")
    with loop.open_workspace(settings(tmp_path)) as ws:
        assert "not the key that the project was made with" in loop.replay(ws, "p")[0].what
        for act in (plan.advance, loop.certify):
            with pytest.raises(TrustError, match="not the key that the project was made with"):
                act(ws, "p")


def test_who_saw_a_suggestion_is_never_asked_the_same_text_blind(tmp_path):
    gold = texts(900, seed=3, noise=0.12)
    with world(tmp_path, gold, Promise(0.05, 0.9)) as ws:
        wanted = [Wanted(o, float(o), "decide", blind=False, hint=Hint("bug", 0.6)) for o in range(4)]
        ws.store.write(lambda tx: queue.fill(tx, 1, wanted))
        desk = Desk(ws, lambda name: None)
        held = [one for one in desk.questions("p", "ann", 4).questions if one.suggestion is not None]
        desk.release("p", "ann", [one.token for one in held])
        shown = {one.item for one in held}
        assert len(shown) == 4
        board = read(ws, "p")
        assert shown <= {board.ids[o] for o in board.apart}
        loop.change(ws, "p", promise=Promise(0.1, 0.8))
        board = read(ws, "p")
        assert shown <= {board.ids[o] for o in board.apart}, "no lot is drawn for them"


def certificate(ws):
    with ws.store.read() as tx:
        (row,) = [one for one in certificates.valid(tx, 1) if one.certificate.window == "stream"]
    return row.certificate


def test_a_certificate_that_is_evaluated_again_is_watched_by_what_was_drawn_before(streaming):
    gold = texts(600, seed=31, noise=0.02)
    decided(streaming, gold)
    before, first = watched(streaming), certificate(streaming)
    board = read(streaming, "p")
    audit = next(
        o for o in np.flatnonzero(board.reserved).tolist()
        if any(row.certificate == first.id and row.answer is not None for row in board.said.get(o, []))
    )  # fmt: skip
    with loop.session(streaming, "p", "ann") as review:
        review.correct(board.ids[audit], Answer("none"))
    for _ in range(5):
        plan.advance(streaming, "p")
    again = certificate(streaming)
    assert again.id != first.id
    assert len(before) > 20
    assert watched(streaming) == before


def test_a_watched_text_that_is_erased_counts_as_wrong(streaming):
    one = sure(streaming)
    list(loop.decide(streaming, "p", [one] * 120, audit=0.5))
    assert len(read(streaming, "p").watched) > 30
    loop.forget_item(streaming, "p", one)
    plan.advance(streaming, "p")
    assert loop.status(streaming, "p").alarm["wrong"] > 10
