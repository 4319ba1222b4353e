"""Audits of looks that are over: who said what of which, against the plan; of an open look nothing at all."""

import numpy as np
import pytest
from test_jury import turns
from worlds import LABELS, PROMISE, answer, by_id, texts, world

from cowise import loop
from cowise.core.types import Answer
from cowise.loop.audits import Wanted, audits_of
from cowise.loop.board import read
from cowise.loop.layout import RIGHT
from cowise.loop.walks import codes_of, kept
from cowise.store import certificates, opinions

CREW = {"ann": 0.97, "bob": 0.93, "eve": 0.9, "joe": 0.85}


def test_they_are_those_that_the_certificate_counted(played, gold):
    found = audits_of(played, "p", limit=10_000)
    with played.store.read() as tx:
        certificate = certificates.history(tx, 1)[-1].certificate
        used = {o.ordinal for o in opinions.current(tx, 1) if o.certificate == certificate.id}
    (look,) = [one for one in found.looks if one.certificate == certificate.id]
    mine = [one for one in found.audits if one.look == look.look]
    assert {one.ordinal for one in mine} == used
    assert (look.state, look.listed, look.audited) == ("valid", len(used), certificate.n_audited)
    assert look.wrong == certificate.n_errors == sum(one.outcome != "right" for one in mine)
    layout = kept(played, certificate.details["blob"])
    assert (look.lots, look.tolerated) == (layout.plans[0].lots, layout.plans[0].kappa)
    known = by_id(gold)
    for one in mine:
        (said,) = one.answers
        assert (said.by, said.answer) == ("ann", Answer.of(known[one.id]))
        assert (one.outcome == "right") == (one.machine == known[one.id])
        assert look.begun <= said.at <= look.ended


def test_pages_follow_each_other_and_filters_narrow(played):
    whole = audits_of(played, "p", limit=10_000)
    assert whole.next is None
    paged, after = [], 0
    while after is not None:
        page = audits_of(played, "p", after=after, limit=7)
        paged += page.audits
        after = page.next
    assert tuple(paged) == whole.audits
    assert len(paged) == whole.total
    wrong = audits_of(played, "p", Wanted(wrong=True), limit=10_000)
    assert wrong.audits == tuple(one for one in whole.audits if one.outcome != "right")
    assert audits_of(played, "p", Wanted(look=12345)).total == 0


def test_where_a_jury_sat_its_ruling_is_shown_with_every_answer(tmp_path):
    gold = texts(600, 3, noise=0.02)
    with world(tmp_path, gold, PROMISE) as ws:
        turns(ws, gold, CREW)
        found = audits_of(ws, "p", limit=10_000)
        differing = audits_of(ws, "p", Wanted(differ=True), limit=10_000)
        with ws.store.read() as tx:
            certificate = certificates.history(tx, 1)[-1].certificate
        layout = kept(ws, certificate.details["blob"])
        codes = codes_of(read(ws, "p"), layout, jury_waits=False)
    assert layout.jury
    mine = [one for one in found.audits if one.look == layout.look]
    (walk,) = (walk for _, walk in layout.walks({}))
    counted = layout.ordinals[walk.order[walk.drawn]][: certificate.n_audited].tolist()
    assert set(counted) <= {one.ordinal for one in mine}
    assert len(mine) - len(counted) < len(CREW), "what others held when the walk came to its end"
    assert [one.outcome == "right" for one in mine] == [codes[one.ordinal] == RIGHT for one in mine]
    assert differing.audits
    assert all(len({each.answer for each in one.answers}) > 1 for one in differing.audits)
    assert sum(look.differing for look in found.looks) == differing.total


def test_of_an_open_look_nothing_is_told_however_far_it_is(tmp_path):
    gold = texts(700, 5, noise=0.1)
    known = by_id(gold)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        before = audits_of(ws, "p", limit=10_000)
        assert before.open
        with loop.session(ws, "p", "ann") as review:
            for _ in range(15):
                (asked,) = review.ask(1)
                review.take(asked, Answer.of(known[asked.item]), 1.0)
        assert audits_of(ws, "p", limit=10_000) == before


def test_a_look_that_is_open_again_is_hidden_again(tmp_path, gold):
    known = by_id(gold)
    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        whole = audits_of(ws, "p", limit=10_000)
        assert whole.audits
        first = whole.audits[0]
        wrong = next(label for label in LABELS if label != known[first.id])
        with loop.session(ws, "p", "ann") as review:
            review.correct(first.id, Answer.of(wrong))
            now = audits_of(ws, "p", limit=10_000)
            if now.open:
                assert first.look not in {one.look for one in now.looks}
        loop.advance(ws, "p")
        again = audits_of(ws, "p", limit=10_000)
    assert not again.open
    shown = next(one for one in again.audits if one.id == first.id)
    assert shown.answers[0].answer == Answer.of(wrong)
    assert shown.outcome != first.outcome


def test_a_label_is_called_as_it_is_called_now(tmp_path, gold):
    from cowise.loop.changing import Change, change

    with world(tmp_path, gold) as ws:
        answer(ws, gold)
        before = audits_of(ws, "p", limit=10_000)
        renamed = {"bug": "fault"}
        change(ws, "p", Change(labels=["billing", "fault", "praise"], renamed=renamed), confirmed=True)
        after = audits_of(ws, "p", limit=10_000)
    assert [one.machine for one in after.audits] == [renamed.get(one.machine, one.machine) for one in before.audits]
    assert [one.outcome for one in after.audits] == [one.outcome for one in before.audits]
    assert {one.state for one in after.looks if one.certificate} == {"withdrawn"}


def test_an_untouched_project_has_none(ws):
    found = audits_of(ws, "p")
    assert (found.looks, found.audits, found.next, found.total, found.open) == ((), (), None, 0, False)


@pytest.mark.parametrize("unsure", ["unsure", "bug"])
def test_who_cannot_tell_does_not_differ(tmp_path, unsure):
    """And a label that is called so is an answer like any other."""
    from cowise.core.types import classify
    from cowise.store import members

    with world(tmp_path, texts(30)) as ws:
        loop.change(ws, "p", task=classify("bug", "unsure"))

        def work(tx):
            for who, said in (("ann", Answer.of("bug")), ("bob", Answer("unsure")), ("eve", Answer.of(unsure))):
                member = members.ensure(tx, 1, who).id
                opinions.put_new(tx, 1, opinions.Said(0, member, said, key=who))

        ws.store.write(work)
        with ws.store.read() as tx:
            (first,) = opinions.first_said(tx, 1).values()
    assert np.isfinite(first[0])
    assert first[1] == len({"bug", unsure})
