"""What language models said makes the candidate better, and a frozen version says exactly which opinions it knows."""

import json
import shutil

import numpy as np
import pytest
from worlds import LABELS, answer, settings, texts, world

from cowise import loop
from cowise.core.errors import GuaranteeError, TrustError
from cowise.core.types import Promise, content_id
from cowise.loop import automate, brain, evidence, llm_seats, records
from cowise.loop.board import read
from cowise.loop.llm_seats import Seated
from cowise.models import folder
from cowise.models.hashing import HashingEncoder
from cowise.store import certificates, items, ledger, machine, members, projects

NOISE = 0.4


@pytest.fixture(scope="module")
def hard():
    """Texts that their words tell little about."""
    return texts(420, seed=5, noise=NOISE)


def sit(ws, name="big"):
    """A seat; nothing listens at its address."""
    loop.add_member(ws, "p", name, Seated("http://127.0.0.1:9/v1", "m", private=True))


def speak(ws, gold, name="big", accuracy=0.97, seed=0, share=1.0):
    """Opinions of a member that is right with this chance, kept batch by batch as `voicing` keeps them; their files."""
    board, rng, files = read(ws, "p"), np.random.default_rng(seed), []
    truth = {content_id(text): LABELS.index(label) for text, label in gold.items()}
    todo = np.flatnonzero(board.open)
    todo = todo[rng.random(len(todo)) < share]
    for part in np.array_split(todo, 3):
        right = np.array([truth[board.ids[o]] for o in part])
        said = np.where(rng.random(len(part)) < accuracy, right, rng.integers(3, size=len(part)))
        packed = machine.pack(ws.store.blobs, part, np.where(np.eye(3)[said] > 0, 0.9, 0.05))
        files.append(packed[0])

        def work(tx, packed=packed):
            seat = members.get(tx, 1, name)
            machine.put(tx, 1, name, llm_seats.version_of(board.project, seat), packed)

        ws.store.write(work)
    return files


def released(ws):
    with ws.store.read() as tx:
        project = projects.get(tx, "p")
    return brain.thaw(ws, project, project.released)


def accuracy(ws, gold):
    """Of the candidate on what nobody answered."""
    board = read(ws, "p")
    found = brain.candidate(ws, board)
    p = found.learner.look().p
    truth = np.array([LABELS.index(gold_of(gold)[board.ids[o]]) for o in found.ordinals])
    rest = board.open[found.ordinals]
    return float((p.argmax(axis=1) == truth)[rest].mean())


def gold_of(gold):
    return {content_id(text): label for text, label in gold.items()}


def spoil(ws, digest, data=b"other"):
    path = ws.store.blobs._path(digest)
    path.chmod(0o600)
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)


@pytest.fixture(scope="module")
def _certified(tmp_path_factory, hard):
    """A project whose certificate stands on a version that heard a member."""
    home = tmp_path_factory.mktemp("heard") / "home"
    with world(home, hard) as ws:
        sit(ws)
        speak(ws, hard, share=0.9)
        answer(ws, hard)
        assert loop.status(ws, "p").certificate
    return home


@pytest.fixture
def heard(_certified, tmp_path):
    shutil.copytree(_certified, tmp_path / "home")
    with loop.open_workspace(settings(tmp_path / "home")) as found:
        yield found


def test_the_candidate_gets_better_as_soon_as_a_member_speaks_and_knows_new_opinions(ws, hard, tmp_path):
    with world(tmp_path / "hard", hard) as ws:
        sit(ws)
        speak(ws, hard, share=0.8)
        answer(ws, hard, limit=40)
        first = brain.candidate(ws, read(ws, "p"))
        speak(ws, hard, seed=1)
        assert accuracy(ws, hard) > 0.85
        now = brain.candidate(ws, read(ws, "p"))
        assert now is first, "new opinions do not begin the candidate anew"
        ws.memory.clear()
        again = brain.candidate(ws, read(ws, "p"))
        assert again.learner.look().p == pytest.approx(now.learner.look().p, abs=1e-3)
        loop.remove_member(ws, "p", "big")
        assert accuracy(ws, hard) < 0.8
        assert brain.candidate(ws, read(ws, "p")).heard == ()


def test_a_member_that_guesses_counts_little_beside_one_that_knows(hard, tmp_path):
    with world(tmp_path / "hard", hard) as ws:
        for seed, (name, right) in enumerate((("guesses", 0.0), ("knows", 0.97))):
            sit(ws, name)
            speak(ws, hard, name, right, seed=seed)
        answer(ws, hard, limit=60)
        board = read(ws, "p")
        found = brain.candidate(ws, board)
        assert [one.name for one in found.heard] == ["guesses", "knows"]
        model = brain.frozen(board.project, found)
        assert "knows" in [seat.name for seat in model.members.seats]
        weight = dict(zip([s.name for s in model.members.seats], model.members.voices.weight, strict=True))
        assert abs(weight.get("guesses", 0.0)) < 0.5 * weight["knows"]


def test_a_certificate_stands_on_what_it_heard_and_automates(heard, hard):
    status = loop.status(heard, "p")
    assert status.automated > 0
    model = released(heard)
    (seat,) = model.members.seats
    assert seat == evidence.pinned(heard, read(heard, "p"))[0]
    assert all(one.outcome == "same" for one in loop.replay(heard, "p"))
    assert loop.verify(heard).ok
    board = read(heard, "p")
    everything = np.arange(board.n)
    with_it = brain.predict(heard, board.project, model, everything)
    alone = brain.predict(heard, board.project, model, everything, alone=True)
    truth = np.array([LABELS.index(gold_of(hard)[one]) for one in board.ids])
    assert (with_it.label == truth).mean() > (alone.label == truth).mean() + 0.1


def test_a_closed_seat_leaves_the_certificate_and_the_version_as_they_are(heard):
    board = read(heard, "p")
    before = brain.predict(heard, board.project, released(heard), np.arange(board.n))
    stands = loop.status(heard, "p")
    loop.remove_member(heard, "p", "big")
    speakers = evidence.pinned(heard, read(heard, "p"))
    assert speakers == ()
    heard.memory.clear()
    after = brain.predict(heard, board.project, released(heard), np.arange(board.n))
    assert after.p.tolist() == before.p.tolist()
    now = loop.status(heard, "p")
    assert (now.certificate, now.automated) == (stands.certificate, stands.automated)


def test_the_same_decisions_after_a_restart_and_from_a_backup(heard, tmp_path):
    board = read(heard, "p")
    rows = np.arange(board.n)
    before = brain.predict(heard, board.project, released(heard), rows)
    loop.backup(heard, tmp_path / "kept")
    shutil.copytree(tmp_path / "home" / "keys", tmp_path / "second" / "keys")
    loop.restore(settings(tmp_path / "second"), tmp_path / "kept")
    for home in ("home", "second"):
        with loop.open_workspace(settings(tmp_path / home)) as again:
            after = brain.predict(again, board.project, released(again), rows)
            assert after.p.tolist() == before.p.tolist()
            assert after.label.tolist() == before.label.tolist()


@pytest.mark.parametrize("data", [b"other", None])
def test_lost_or_changed_opinions_automate_nothing(heard, hard, data):
    model = released(heard)
    spoil(heard, model.members.seats[0].blobs[1], data)
    board = read(heard, "p")
    with pytest.raises(GuaranteeError, match="gone or changed"):
        brain.predict(heard, board.project, model, np.arange(board.n))
    new = texts(60, seed=77, noise=NOISE)
    loop.add(heard, "p", list(new))
    answer(heard, {**hard, **new})
    status = loop.status(heard, "p")
    board = read(heard, "p")
    assert not board.open[420:].any(), "people answered all that came since"
    assert status.certificate


def test_decisions_that_are_not_written_yet_are_withdrawn_with_a_reason(heard):
    with heard.store.read() as tx:
        projects.get(tx, "p")
        (row,) = certificates.valid(tx, 1)
        entries = [json.loads(one.record) for one in ledger.each(tx, project=1)]
    blob = next(one["items_blob"] for one in entries if one["event"] == "certified")
    heard.store.write(lambda tx: records.change(tx, 1, deliver={"id": row.certificate.id, "blob": blob}))
    spoil(heard, released(heard).members.seats[0].blobs[0])
    assert automate.deliver(heard, "p") == 0
    with heard.store.read() as tx:
        (row,) = certificates.history(tx, 1)
    assert row.state == "withdrawn"
    assert "big said" in row.reason
    assert loop.status(heard, "p").automated == 0
    assert loop.status(heard, "p").open > 0


def test_unreadable_opinions_keep_nobody_from_learning(hard, tmp_path):
    with world(tmp_path / "hard", hard) as ws:
        sit(ws)
        files = speak(ws, hard)
        spoil(ws, files[0])
        answer(ws, hard, limit=30)
        assert brain.candidate(ws, read(ws, "p")).heard == ()


def test_a_stream_is_audited_and_decided_by_the_head_alone(tmp_path):
    gold = texts(1500, seed=11, noise=0.12)
    with world(tmp_path / "stream", gold, Promise(0.25, 0.8)) as ws:
        sit(ws)
        speak(ws, gold, accuracy=1.0)
        answer(ws, gold)
        with pytest.raises(GuaranteeError):
            loop.certify(ws, "p", window="stream")
        board = read(ws, "p")
        walk = records.columns(ws.store.blobs.get(board.project.settings["walk"]["blob"]))
        model = brain.thaw(ws, board.project, board.project.settings["walk"]["version"])
        ordinals = walk["ordinals"]
        alone = brain.predict(ws, board.project, model, ordinals, alone=True)
        assert walk["label"].tolist() == alone.label.tolist()
        # The very texts that were audited, put as texts to come, get the scores that were audited.
        with ws.store.read() as tx:
            rows = items.at(tx, 1, ordinals.tolist())
        said = brain.said(model.predict([rows[o].text for o in ordinals.tolist()]))
        assert said.p == pytest.approx(alone.p, abs=1e-3)
        heard_p = brain.predict(ws, board.project, model, ordinals).p
        assert model.members is not None
        assert not np.allclose(heard_p, alone.p)
        answer(ws, gold)
        new = list(texts(80, seed=78))
        before = list(loop.decide(ws, "p", new, audit=0.0))
        covered = loop.certify(ws, "p", window="stream").details["coverage"] > 0
        assert any(one.route == "automated" for one in before) == covered
        spoil(ws, model.members.seats[0].blobs[0])
        ws.memory.clear()
        assert [(d.route, d.answer) for d in loop.decide(ws, "p", new, audit=0.0)] == [
            (d.route, d.answer) for d in before
        ], "texts to come need nobody's opinions"


def test_a_folder_read_elsewhere_answers_alone_and_its_card_says_so(heard, tmp_path, hard):
    model = released(heard)
    place = folder.save(model, tmp_path / "out")
    again = folder.load(place, HashingEncoder())
    assert again.members.to_json() == model.members.to_json()
    some = list(hard)[:5]
    assert again.predict(some) == pytest.approx(model.predict(some), abs=1e-6)
    assert "big" in (place / "README.md").read_text("utf-8")
    config = json.loads((place / "config.json").read_text("utf-8"))
    config["members"]["seats"][0]["weight"] = 9.0
    (place / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(TrustError, match="changed since"):
        folder.load(place, HashingEncoder())
