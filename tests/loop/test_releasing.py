"""A version released by hand: it automates nothing without a certificate, and the next look is over it."""

import pytest
from worlds import LABELS, answer, texts, world

from cowise import loop
from cowise.core.errors import InputError, MissingError, TaskError
from cowise.core.types import classify
from cowise.loop.history import models
from cowise.loop.promised import promises
from cowise.loop.releasing import release
from cowise.loop.walks import kept
from cowise.store import projects, versions


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
