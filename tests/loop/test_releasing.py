"""A version released by hand: it automates nothing without a certificate, and the next look is over it."""

import pytest
from worlds import LABELS, answer, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, GuaranteeError, InputError, MissingError, TaskError
from cowise.core.types import classify
from cowise.loop import automate, plan
from cowise.loop.history import models
from cowise.loop.promised import promises
from cowise.loop.releasing import release, withdraw_version
from cowise.loop.walks import kept
from cowise.store import decisions, projects, versions


def versions_of(ws):
    with ws.store.read() as tx:
        return {one.id: one.state for one in versions.history(tx, 1)}


def settings_of(ws):
    with ws.store.read() as tx:
        return projects.get(tx, "p")


@pytest.fixture
def two(tmp_path):
    """A project with a certificate, and an earlier version beside the one it stands on: (workspace, gold, earlier)."""
    gold = texts(420)
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold, limit=40)
        earlier = loop.learn(ws, "p").id
        answer(ws, gold)
        assert loop.status(ws, "p").certificate
        assert settings_of(ws).released != earlier
        yield ws, gold, earlier


def test_nothing_is_automated_until_a_look_over_it_grants_it(two):
    ws, gold, earlier = two
    before = loop.status(ws, "p")
    assert release(ws, "p", earlier, "the newer one learned from wrong answers") == 1
    now = loop.status(ws, "p")
    assert (now.automated, now.certificate, now.version) == (0, "", earlier)
    assert now.open == before.automated
    assert versions_of(ws)[earlier] == "released"
    assert promises(ws, "p").gone[0].reason == "the newer one learned from wrong answers"
    assert promises(ws, "p").gone[0].back == before.automated
    answer(ws, gold)
    assert loop.verify(ws).ok
    assert all(one.outcome == "same" for one in loop.replay(ws, "p"))


def test_the_next_look_is_over_it(two):
    ws, gold, earlier = two
    release(ws, "p", earlier, "try it again")
    answer(ws, gold, until="audit")
    walk = settings_of(ws).settings["walk"]
    assert walk["version"] == earlier
    assert kept(ws, walk["blob"]).version == earlier


def test_a_look_that_is_open_is_given_up(tmp_path):
    gold = texts(420)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, limit=40)
        earlier = loop.learn(ws, "p").id
        answer(ws, gold, until="audit")
        assert settings_of(ws).settings["walk"]
        release(ws, "p", earlier, "not that one")
        assert not settings_of(ws).settings["walk"]
        assert promises(ws, "p").looks[0].state == "ended"


def test_what_cannot_be_released(two):
    ws, _, earlier = two
    with pytest.raises(MissingError):
        release(ws, "p", "v-none", "x")
    assert release(ws, "p", settings_of(ws).released, "x") == 0, "it is released already"
    ws.store.write(lambda tx: versions.put(tx, 1, "stated-9", "", {}))
    with pytest.raises(InputError, match="another program"):
        release(ws, "p", "stated-9", "x")
    loop.change(ws, "p", task=classify(*LABELS, "other"))
    with pytest.raises(TaskError, match="other labels"):
        release(ws, "p", earlier, "x")
    assert earlier in {one["id"] if isinstance(one, dict) else one.id for one in models(ws, "p")["versions"]}


def test_a_withdrawn_version_takes_its_certificates_along(two):
    ws, gold, earlier = two
    before, version = loop.status(ws, "p"), settings_of(ws).released
    assert withdraw_version(ws, "p", version, "wrong answers were learned") == 1
    now = loop.status(ws, "p")
    assert (now.automated, now.certificate, now.version) == (0, "", "")
    assert now.open == before.automated > 0
    assert versions_of(ws)[version] == "withdrawn"
    gone = promises(ws, "p").gone[0]
    assert (gone.cause, gone.reason, gone.back) == ("withdrawn", "wrong answers were learned", before.automated)
    assert withdraw_version(ws, "p", version, "once more") == 0
    with pytest.raises(ConflictError, match="not released"):
        withdraw_version(ws, "p", earlier, "x")
    with pytest.raises(MissingError):
        withdraw_version(ws, "p", "v-none", "x")
    answer(ws, gold)
    assert loop.status(ws, "p").open == 0
    assert settings_of(ws).released != version, "another one learned from more answers, or none was needed"
    assert loop.verify(ws).ok
    assert all(one.outcome == "same" for one in loop.replay(ws, "p"))


def test_a_withdrawn_version_is_released_again_by_hand_alone(tmp_path):
    """Withdrawn as its check begins: the same candidate would be frozen again, so the economy asks for answers first."""
    gold = texts(420)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, until="audit")
        version = settings_of(ws).released
        assert withdraw_version(ws, "p", version, "not sure of it") == 0, "no certificate stood yet"
        assert not settings_of(ws).settings["walk"]
        advice = plan.advance(ws, "p")
        assert (advice.kind, settings_of(ws).released) == ("train", "")
        with pytest.raises(GuaranteeError, match="was withdrawn"):
            loop.certify(ws, "p")
        assert release(ws, "p", version, "it was right after all") == 0
        assert settings_of(ws).released == version
        answer(ws, gold)
        assert loop.status(ws, "p").open == 0
        assert loop.status(ws, "p").automated > 0


@pytest.mark.parametrize("act", [release, withdraw_version])
def test_what_was_cut_short_is_taken_back_by_whoever_comes_next(two, monkeypatch, act):
    ws, _, earlier = two
    version = earlier if act is release else settings_of(ws).released
    before = loop.status(ws, "p").automated

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(automate, "sweep", killed)
    with pytest.raises(KeyboardInterrupt):
        act(ws, "p", version, "cut short")
    monkeypatch.undo()
    assert automated(ws) == before, "nothing is taken back yet, and no certificate stands on it"
    assert (loop.status(ws, "p").automated, loop.status(ws, "p").certificate) == (0, "")
    assert settings_of(ws).settings["sweep"]
    if act is release:
        plan.advance(ws, "p")
    else:
        act(ws, "p", version, "the same once more")
    assert automated(ws) == 0
    assert not settings_of(ws).settings["sweep"]


def automated(ws):
    with ws.store.read() as tx:
        return sum(one.route == "automated" for one in decisions.each(tx, 1))


def test_a_model_s_own_answers_that_are_withdrawn_are_not_laid_down_again(tmp_path):
    gold = texts(300)
    with world(tmp_path, gold) as ws:
        rows = [{"text": text, "said": label, "sure": 0.99} for text, label in gold.items()]
        loop.add(ws, "p", rows, loop.Columns("text", opinion="said", confidence="sure"), how=loop.How(by="robot"))
        answer(ws, gold, limit=3)
        version = settings_of(ws).released
        assert version.startswith("stated-")
        withdraw_version(ws, "p", version, "that program is off")
        assert not settings_of(ws).settings["walk"]
        answer(ws, gold, limit=30)
        assert not settings_of(ws).released.startswith("stated-")
