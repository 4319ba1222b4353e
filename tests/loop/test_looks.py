"""Looks beside people at work, beside each other, and after a change: what counts, what goes on, what is voided."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from worlds import LABELS, PROMISE, answer, by_id, settings, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, GuaranteeError
from cowise.core.types import Answer, Promise, classify
from cowise.loop.board import read
from cowise.loop.changing import Change, change
from cowise.loop.layout import NO_ANSWER, RIGHT, outcome
from cowise.loop.plan import begin_walk, rest_of
from cowise.loop.walks import _company, codes_of, kept, standing_on
from cowise.store import certificates, opinions, queue
from cowise.store.opinions import Said
from cowise.store.queue import Wanted


def open_layout(ws):
    return kept(ws, read(ws, "p").project.settings["walk"]["blob"])


def held_now(tx):
    return {place.ordinal for place in queue.rows(tx, 1) if place.held}


def standing(ws, window):
    with ws.store.read() as tx:
        return [
            row.certificate
            for row in certificates.history(tx, 1)
            if row.state == "valid" and row.certificate.window == window
        ]


def test_what_somebody_holds_is_no_part_of_a_look(tmp_path, gold):
    """A question handed out for training before the look began would else train and calibrate at once."""
    known = by_id(gold)
    with world(tmp_path, gold) as ws, loop.session(ws, "p", "bob") as bob:
        answer(ws, gold, limit=20)
        mine = bob.ask(8)
        answer(ws, gold, until="audit")
        layout, board = open_layout(ws), read(ws, "p")
        held = {board.ids.index(q.item) for q in mine}
        assert len(held) == 8
        assert {q.ordinal for q in board.queue if q.held} == held
        assert not held & set(layout.ordinals.tolist())
        for question in mine:
            bob.take(question, Answer.of(known[question.item]))
        assert not read(ws, "p").trains[layout.ordinals].any()


def test_a_question_taken_while_a_look_is_laid_down_puts_it_off(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        loop.withdraw(ws, "p", "to begin again")
        board = read(ws, "p")
        rest = rest_of(board)
        ws.store.write(lambda tx: queue.fill(tx, 1, [Wanted(int(rest[0]), 0.0, "train")]))
        with loop.session(ws, "p", "bob") as bob:
            assert len(bob.ask(1)) == 1
            begin_walk(ws, board, rest)
            assert not read(ws, "p").project.settings["walk"]
            later = read(ws, "p")
            begin_walk(ws, later, rest_of(later))
            assert int(rest[0]) not in open_layout(ws).ordinals


def test_a_look_that_was_planned_before_another_ended_is_not_laid_down(tmp_path, gold):
    """Its lots have been looked at: a second look with the same ones would know where the errors are."""
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        loop.withdraw(ws, "p", "to begin again")
        early = read(ws, "p")
        begin_walk(ws, early, rest_of(early))
        first = open_layout(ws)
        loop.withdraw(ws, "p", "once more")
        begin_walk(ws, early, rest_of(early))
        assert not read(ws, "p").project.settings["walk"]
        now = read(ws, "p")
        begin_walk(ws, now, rest_of(now))
        second = open_layout(ws)
        assert second.look == first.look + 1
        assert not np.isin(second.lot, first.lot).any()


@pytest.mark.parametrize("how", [{"used_for": "train", "blind": True}, {"blind": False}])
def test_an_answer_that_was_no_blind_audit_counts_against_the_machine(tmp_path, gold, how):
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        layout = open_layout(ws)
        place = int(np.flatnonzero(layout.drawn)[0])
        ordinal, right = int(layout.ordinals[place]), LABELS[int(layout.label[place])]
        ws.store.write(lambda tx: opinions.put(tx, 1, Said(ordinal, 1, Answer.of(right), **how)))
        assert codes_of(read(ws, "p"), layout)[ordinal] == NO_ANSWER


def test_a_hold_that_is_over_is_cleared_and_one_that_lasts_is_not(tmp_path):
    now = [1e9]
    with closing(loop.open_workspace(settings(tmp_path), create=True, clock=lambda: now[0])) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        loop.add(ws, "p", ["one", "two"])
        ws.store.write(lambda tx: queue.fill(tx, 1, [Wanted(0, 0.0, "train"), Wanted(1, 1.0, "train")]))
        with loop.session(ws, "p", "ann") as ann:
            assert len(ann.ask(2)) == 2
            assert ws.store.write(lambda tx: (held_now(tx), queue.clear(tx, 1))) == ({0, 1}, 0)
            now[0] += 3600
            assert ws.store.write(lambda tx: (held_now(tx), queue.clear(tx, 1))) == (set(), 2)


def drawn_for_both(ws):
    """Audits of the batch's certificate that are kept for texts to come, and on which the model was right.

    What was an error stays one, whatever it is corrected to.
    """
    board = read(ws, "p")
    walk = kept(ws, standing(ws, "batch")[0].details["blob"])
    return [o for o, code in codes_of(board, walk).items() if board.reserved[o] and code == RIGHT]


@pytest.fixture
def certified(tmp_path):
    """A project with a certificate for its batch and one for texts to come, and an item drawn for both: lots decide."""
    for seed in range(11, 17):
        gold = texts(1500, seed=seed, noise=0.02)
        with world(tmp_path / str(seed), gold) as ws:
            answer(ws, gold)
            with pytest.raises(GuaranteeError):
                loop.certify(ws, "p", window="stream")
            answer(ws, gold)
            loop.certify(ws, "p", window="stream")
            if drawn_for_both(ws):
                yield ws
                return
    raise AssertionError("no lot was drawn for both in six projects")


def test_every_answer_that_a_stream_certificate_stands_on_is_held_to_it(certified):
    (stream,) = standing(certified, "stream")
    board = read(certified, "p")
    rows = [row for o in np.flatnonzero(board.reserved).tolist() for row in board.said.get(o, [])]
    assert len(rows) == stream.n_audited
    assert {(row.used_for, row.certificate, row.blind) for row in rows} == {("audit", stream.id, True)}


def test_a_correction_shakes_every_certificate_that_it_was_drawn_for(certified):
    (batch,), (stream,) = standing(certified, "batch"), standing(certified, "stream")
    board = read(certified, "p")
    shared = drawn_for_both(certified)
    with certified.store.read() as tx:
        assert [one.id for one in standing_on(certified, tx, 1, shared[0])] == [batch.id, stream.id]
    with loop.session(certified, "p", "ann") as review:
        review.correct(board.ids[shared[0]], Answer("none"))
    again = read(certified, "p").project.settings
    assert (again["walk"], again["again"]) == (None, [])
    with certified.store.read() as tx:
        state = {row.certificate.id: row.state for row in certificates.history(tx, 1)}
    assert state[batch.id] == state[stream.id] == "withdrawn"
    assert standing(certified, "batch")[0].n_errors == batch.n_errors + 1
    assert standing(certified, "stream")[0].n_errors == stream.n_errors + 1
    assert all(r.outcome == "same" for r in loop.replay(certified, "p"))


def test_an_earlier_batch_evaluated_again_opens_no_later_one(tmp_path):
    gold, later = texts(500, seed=21), texts(500, seed=22)
    with world(tmp_path, gold, Promise(0.15, 0.7)) as ws:
        answer(ws, gold)
        (first,) = standing(ws, "batch")
        loop.add(ws, "p", list(later))
        answer(ws, {**gold, **later})
        begun = read(ws, "p").project.settings["batch_from"]
        assert begun == 1000
        used = next(o for o, rows in read(ws, "p").said.items() if rows[0].certificate == first.id)
        with loop.session(ws, "p", "ann") as review:
            review.correct(read(ws, "p").ids[used], Answer("none"))
        assert read(ws, "p").project.settings["batch_from"] >= begun


def test_a_changed_promise_is_played_for_anew(tmp_path, gold):
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        loop.change(ws, "p", promise=Promise(0.15, 0.7))
        assert loop.status(ws, "p").automated == 0
        answer(ws, gold)
        now = loop.status(ws, "p")
        assert (now.open, now.promise) == (0, Promise(0.15, 0.7))
        assert now.automated > 0
        assert standing(ws, "batch")[0].promise == Promise(0.15, 0.7)


@pytest.mark.parametrize("labels", [(*LABELS, "other"), LABELS[::-1], LABELS[:2]])
def test_other_labels_are_learned_anew_and_never_mixed_up(tmp_path, gold, labels):
    known = {item: label if label in labels else "none" for item, label in by_id(gold).items()}
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        loop.change(ws, "p", task=classify(*labels))
        new = texts(30, seed=77)
        old = list(loop.decide(ws, "p", list(new)))
        assert sum(repr(label) in one.reason for label, one in zip(new.values(), old, strict=True)) > 20
        assert {one.route for one in old} == {"reviewed"}
        answered = [d.answer.value for d in loop.decide(ws, "p", list(gold)) if d.answer]
        assert answered
        assert set(answered) <= set(labels), "an answer that names a label of before is none"
        with loop.session(ws, "p", "ann") as review:
            while questions := review.ask(1):
                said = known[questions[0].item]
                review.take(questions[0], Answer("none") if said == "none" else Answer.of(said))
        ids = {v.ordinal: v for v in loop.items(ws, "p", limit=10_000)}
        made = [v for v in ids.values() if v.route == "automated"]
        assert sum(v.label != known[v.id] for v in made) <= PROMISE.max_error * len(gold)
        assert {v.label for v in made} <= set(labels)


def test_a_models_own_answers_do_not_outlive_the_labels_they_name(tmp_path):
    gold = texts(60)
    rows = [{"t": text, "o": label} for text, label in gold.items()]
    with world(tmp_path, {"a text that nobody needs": "bug"}) as ws:
        loop.add(ws, "p", rows, loop.Columns(text="t", opinion="o"), how=loop.How(by="robot"))
        assert read(ws, "p").project.settings["stated"]
        loop.change(ws, "p", promise=Promise(0.3, 0.6))
        assert read(ws, "p").project.settings["stated"]
        loop.change(ws, "p", task=classify(*LABELS[::-1]))
        assert not read(ws, "p").project.settings["stated"]
        with pytest.raises(ConflictError, match="is a model"):
            loop.session(ws, "p", "robot")


def test_audits_of_a_look_that_granted_nothing_are_no_company_for_later_ones(tmp_path, gold):
    """They train from then on, and were audits all the same: with each of them one more other question is due."""
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        board = read(ws, "p")
        layout = kept(ws, board.project.settings["walk"]["blob"])
        told = len(board.said) + len(board.queue)

        def beside(moved):
            changed = replace(board.project, settings={**board.project.settings, "moved": moved})
            ten = list(range(10))
            return _company(replace(board, project=changed), layout, np.ones(board.n, np.bool_), ten, ten)

        assert beside(told) - beside(told - 5) == 10
        assert beside(0) <= beside(5) <= beside(told)


def test_who_keeps_audits_company_is_never_of_the_region_that_is_promised_about(tmp_path):
    """A selective promise is over what the machine answers of a preset region: right ones taken out by people would leave its errors."""
    gold = texts(700, 3, 0.03)
    with world(tmp_path, gold, Promise(0.1, 0.8, "selective")) as ws:
        answer(ws, gold, until="audit")
        before = set(read(ws, "p").said)
        layout = kept(ws, read(ws, "p").project.settings["walk"]["blob"])
        inside = set(layout.ordinals[layout.inside & ~layout.drawn].tolist())
        assert layout.method == "b2"
        assert len(inside) > 100
        assert int((~layout.inside).sum()) >= int(layout.drawn.sum()) / 4, (
            "there is company for its audits outside of it"
        )
        while read(ws, "p").project.settings.get("walk") and answer(ws, gold, limit=1):
            assert not (set(read(ws, "p").said) - before) & inside


def test_what_is_erased_from_a_region_while_its_look_is_open_is_counted_and_replayed(tmp_path):
    gold = texts(700, 3, 0.03)
    with world(tmp_path, gold, Promise(0.1, 0.8, "selective")) as ws:
        answer(ws, gold, until="audit")
        board = read(ws, "p")
        layout = kept(ws, board.project.settings["walk"]["blob"])
        gone = layout.ordinals[layout.inside & ~layout.drawn][:30].tolist()
        for ordinal in gone:
            loop.forget_item(ws, "p", board.ids[ordinal])
        while read(ws, "p").project.settings.get("walk") and answer(ws, gold, limit=1):
            pass
        with ws.store.read() as tx:
            rows = certificates.history(tx, 1)
        if rows:  # the lots may refuse it
            assert sorted(rows[0].certificate.details["gone"]) == sorted(gone)
            assert rows[0].certificate.n_automated == int((layout.inside & ~layout.drawn).sum()) - len(gone)
            assert {one.outcome for one in loop.replay(ws, "p")} <= {"same", "erased"}
        with_all, without = outcome(layout, {}), outcome(layout, {}, np.isin(layout.ordinals, gone))
        assert without.verdicts[0].p >= with_all.verdicts[0].p


@pytest.mark.parametrize(
    "give_up",
    [
        lambda ws: loop.withdraw(ws, "p", "to see"),
        lambda ws: loop.change(ws, "p", promise=Promise(0.2, 0.8)),
        lambda ws: change(ws, "p", Change(renamed={"bug": "fault"}), confirmed=True),
        lambda ws: loop.release(ws, "p", loop.learn(ws, "p").id, "to see"),
    ],
)
def test_what_was_answered_in_a_look_that_is_given_up_trains(tmp_path, gold, give_up):
    with world(tmp_path, gold) as ws:
        while not read(ws, "p").project.settings.get("walk"):
            assert answer(ws, gold, limit=1)
        answer(ws, gold, limit=15)
        uses = [row.used_for for rows in read(ws, "p").said.values() for row in rows]
        assert uses.count("audit") > 3
        give_up(ws)
        board = read(ws, "p")
        uses = [row.used_for for rows in board.said.values() for row in rows]
        assert uses.count("audit") == 0
        assert all(board.trains[o] or board.reserved[o] for o in board.said)
