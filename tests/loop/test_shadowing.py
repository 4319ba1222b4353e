"""A newer version in the shadow: judged on what comes after it, while the released one decides; it takes over or is dropped."""

import json

import numpy as np
import pytest
from worlds import LABELS, answer, by_id, texts

from cowise import loop
from cowise.core.errors import ConflictError, GuaranteeError, InputError
from cowise.core.types import Answer, content_id
from cowise.loop import automate, plan, shade, shadowing
from cowise.loop.board import read
from cowise.store import certificates, ledger, machine, projects, versions


@pytest.fixture
def ws(streaming):
    """A project with a certificate for a batch's texts and one for texts to come, and answers that came since."""
    new = texts(300, seed=51, noise=0.0)
    list(loop.decide(streaming, "p", list(new), audit=0.3))
    answer(streaming, new)
    return streaming


def entries(ws, *kinds):
    with ws.store.read() as tx:
        found = [json.loads(one.record) for one in ledger.each(tx, project=1)]
    return [one for one in found if one["event"] in kinds]


def standing(ws, window):
    with ws.store.read() as tx:
        return [row for row in certificates.history(tx, 1) if row.certificate.window == window]


def released(ws):
    with ws.store.read() as tx:
        return projects.by_id(tx, 1).released


def drawn(ws, version):
    with ws.store.read() as tx:
        return machine.rows(ws.store.blobs, machine.batches(tx, 1, shade.SHADOW, version))[0]


def stream(ws, seed, n=1500, audit=0.3, **more):
    """Texts come; their answers as they are known."""
    new = texts(n, seed=seed, noise=0.0)
    return new, list(loop.decide(ws, "p", list(new), audit=audit, **more))


def test_it_takes_over_by_texts_that_came_after_it_while_the_old_one_decides(ws):
    old = released(ws)
    found = loop.shadow(ws, "p", rate=0.3)
    assert found.version != old == released(ws)
    before = len(read(ws, "p").ids)
    new, made = stream(ws, 61)
    assert sum(one.route == "automated" for one in made) > 500
    assert {one.version for one in made if one.route == "automated"} == {old}, "the shadow decides nothing"
    assert loop.status(ws, "p").shadow["drawn"] == found.texts
    assert min(drawn(ws, found.version)) >= before, "nothing that was there before proves anything of it"
    answer(ws, new)
    plan.advance(ws, "p")
    assert released(ws) == found.version
    first, second = standing(ws, "stream")
    assert (first.state, second.state, second.certificate.version) == ("superseded", "valid", found.version)
    assert second.certificate.n_audited == found.texts
    assert [row.state for row in standing(ws, "batch")] == ["valid"], "what a batch's certificate let out stands"
    _, made = stream(ws, 62, n=200)
    assert {one.version for one in made if one.route == "automated"} == {found.version}
    assert [one.outcome for one in loop.replay(ws, "p")] == ["same"] * 3
    assert loop.verify(ws).ok
    (entry,) = entries(ws, "promoted")
    assert (entry["version"], entry["superseded"]) == (found.version, [first.certificate.id])


def test_the_sample_is_uniform_over_what_nobody_had_answered(ws, monkeypatch):
    """Of the texts that the machine answers and of those that wait for people, the same share is drawn."""
    monkeypatch.setattr(automate, "accepts", lambda _ws, _project, _one, _said, ids: np.arange(len(ids)) % 3 > 0)
    found = loop.shadow(ws, "p", texts=5000, rate=0.25)
    new = texts(3000, seed=63, noise=0.4)
    made = list(loop.decide(ws, "p", list(new), audit=0.25))
    board, sample = read(ws, "p"), drawn(ws, found.version)
    there = {board.ids[o] for o in sample}
    alone = {one.item for one in made if one.route == "automated"}
    waits = {one.item for one in made if one.answer is None}
    assert len(waits) > 100
    for part in (alone, waits):
        share, spread = len(there & part) / len(part), np.sqrt(0.25 * 0.75 / len(part))
        assert abs(share - 0.25) < 4 * spread
    assert {o for o, _ in board.watched} & set(range(board.n)) >= {o for o in sample.tolist() if board.ids[o] in alone}


def test_the_sample_is_as_dense_where_fewer_audits_are_asked_for(ws):
    """Whoever decides easy texts with many audits and hard ones with none would else choose what the shadow is judged on."""
    found = loop.shadow(ws, "p", texts=5000, rate=0.1)
    groups = {rate: list(texts(1500, seed=int(1000 * rate) + 5, noise=rate)) for rate in (0.0, 0.3)}
    for rate, new in groups.items():
        list(loop.decide(ws, "p", new, audit=0.3 - rate))
    board, sample = read(ws, "p"), drawn(ws, found.version)
    there = {board.ids[o] for o in sample}
    for new in groups.values():
        share = len(there & {content_id(one) for one in new}) / len(new)
        assert abs(share - 0.1) < 4 * np.sqrt(0.1 * 0.9 / len(new))


def test_what_was_drawn_and_erased_counts_as_wrong(ws):
    """Nobody makes a version look better by erasing what it says wrong."""
    found = loop.shadow(ws, "p", rate=0.3)
    gold, _ = stream(ws, 66)
    board, sample = read(ws, "p"), drawn(ws, found.version)
    gone = [board.ids[o] for o in dict.fromkeys(sample[: found.texts].tolist())][: found.texts // 3]
    for one in gone:
        loop.forget_item(ws, "p", one)
    answer(ws, gold, limit=5000)
    entry = entries(ws, "certified", "ended without certificate")[-1]
    assert entry["event"] == "ended without certificate"
    assert entry["errors"] >= len(gone)


def test_a_worse_version_is_dropped_and_the_old_one_stays(ws, monkeypatch):
    old = released(ws)
    found = loop.shadow(ws, "p", rate=0.3)
    new, _ = stream(ws, 64)
    said = shadowing.brain.predict

    def bad(*args, **more):
        one = said(*args, **more)
        return type(one)((one.label + 1) % len(LABELS), one.p, one.score)

    monkeypatch.setattr(shadowing.brain, "predict", bad)
    answer(ws, new)
    plan.advance(ws, "p")
    assert released(ws) == old
    assert loop.status(ws, "p").shadow == {}
    assert [row.state for row in standing(ws, "stream")] == ["valid"]
    entry = entries(ws, "ended without certificate")[-1]
    assert (entry["errors"], "answer less alone" in entry["reason"]) == (found.texts, True)
    with ws.store.read() as tx:
        assert versions.get(tx, 1, found.version).state == "candidate"


def test_it_goes_on_where_the_old_ones_alarm_sounds(ws):
    """Every text then waits for people, and is drawn by the same lots; who answers earns the next certificate by it."""
    found = loop.shadow(ws, "p", rate=0.3)
    new, _ = stream(ws, 65, n=250)
    known = by_id(new)
    with loop.session(ws, "p", "ann") as review:
        while asked := review.ask(1):
            said = known.get(asked[0].item, LABELS[0])
            review.take(asked[0], Answer.of(LABELS[(LABELS.index(said) + 1) % 3]), 1.0)
            if loop.status(ws, "p").alarm:
                break
    assert loop.status(ws, "p").alarm
    before = loop.status(ws, "p").shadow["drawn"]
    _, made = stream(ws, 66, n=200)
    assert all(one.route != "automated" for one in made)
    assert loop.status(ws, "p").shadow["drawn"] > before
    assert loop.status(ws, "p").shadow["version"] == found.version


def test_what_went_out_and_was_kept_stands_after_it_took_over(ws):
    loop.shadow(ws, "p", rate=0.3)
    new, made = stream(ws, 67, n=1200, keep=True)
    answer(ws, new)
    plan.advance(ws, "p")
    assert [row.state for row in standing(ws, "stream")] == ["superseded", "valid"]
    assert automate.sweep(ws, "p") == 0
    alone = next(one for one in made if one.route == "automated")
    ordinal = read(ws, "p").ids.index(alone.item)
    assert not read(ws, "p").open[ordinal], "people are not asked for it again"


def test_one_at_a_time_by_new_answers_alone_and_of_texts_enough(ws):
    with pytest.raises(InputError, match="draw at least"):
        loop.shadow(ws, "p", texts=5)
    found = loop.shadow(ws, "p", rate=0.3)
    with pytest.raises(ConflictError, match=f"{found.version} runs in the shadow: 0 of {found.texts}"):
        loop.shadow(ws, "p", rate=0.3)
    assert loop.stop_shadow(ws, "p", "to try another") is True
    assert loop.stop_shadow(ws, "p", "again") is False
    assert entries(ws, "shadow ended")[-1]["reason"] == "to try another"
    assert loop.status(ws, "p").shadow == {}


def test_each_shadow_pays_its_own_share_of_the_risk(ws):
    deltas = []
    for _ in range(2):
        loop.shadow(ws, "p", rate=0.3)
        deltas.append(entries(ws, "shadow begun")[-1]["delta"])
        loop.stop_shadow(ws, "p", "another")
    spent = [one["delta"] for one in entries(ws, "designed")] + deltas
    assert deltas[1] < deltas[0]
    assert sum(spent) <= 0.2 + 1e-12


def test_without_new_answers_there_is_nothing_to_try(streaming):
    first = loop.shadow(streaming, "p", rate=0.3)  # the audits of the look that granted nothing are learned since
    loop.stop_shadow(streaming, "p", "x")
    loop.release(streaming, "p", first.version, "to see")
    with pytest.raises(ConflictError, match="decides already"):
        loop.shadow(streaming, "p", rate=0.3)


def test_a_change_of_labels_or_a_withdrawal_ends_it(ws):
    loop.shadow(ws, "p", rate=0.3)
    loop.withdraw(ws, "p", "all of it")
    assert loop.status(ws, "p").shadow == {}


def test_no_look_over_reserved_texts_meanwhile(ws):
    loop.shadow(ws, "p", rate=0.3)
    loop_withdrawn = standing(ws, "stream")[0].certificate.id
    ws.store.write(lambda tx: certificates.withdraw(tx, 1, "for this test", loop_withdrawn))
    with pytest.raises(GuaranteeError, match="proves nothing of it"):
        loop.certify(ws, "p", window="stream")


def test_an_answer_to_a_text_drawn_twice_counts_twice(ws):
    found = loop.shadow(ws, "p", rate=1.0)
    (one,) = texts(1, seed=77, noise=0.0)
    list(loop.decide(ws, "p", [one] * 40, audit=1.0))
    sample = drawn(ws, found.version)
    assert len(sample) == 40
    assert {read(ws, "p").ids[o] for o in sample} == {content_id(one)}
