"""The loop from texts to decisions, with known answers in place of people."""

import csv
import json

import pytest
from worlds import LABELS, PROMISE, answer, by_id, settings, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, DataError, GuaranteeError, InputError, MissingError, TaskError
from cowise.core.types import Promise, Task, classify
from cowise.loop import trying
from cowise.loop.board import read
from cowise.store import decisions, ledger, projects


def true_errors(ws, gold, name="p"):
    known = by_id(gold)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        made = [d for d in decisions.each(tx, project.id) if d.route == "automated"]
    rows = {v.ordinal: v for v in loop.items(ws, name, limit=10_000)}
    return sum(d.answer.value != known[rows[d.ordinal].id] for d in made), len(made)


def test_a_project_is_played_to_its_end_and_keeps_its_promise(played, gold):
    now = loop.status(played, "p")
    wrong, automated = true_errors(played, gold)
    assert (now.open, now.phase) == (0, "stop")
    assert automated == now.automated > 0.3 * now.items
    assert wrong <= PROMISE.max_error * now.items
    assert now.error_bound <= PROMISE.max_error
    assert now.human.answers + now.automated == now.items
    assert now.human.share == now.human.answers / now.items < 0.7
    assert now.command.startswith("cowise export")
    json.dumps(now.to_json())


def test_the_export_says_who_decided_what(played, gold, tmp_path):
    file = tmp_path / "out.csv"
    loop.export(played, "p", file)
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert len(rows) == len(gold)
    routes = {row["route"] for row in rows}
    assert routes == {"automated", "reviewed"}
    certificate = loop.status(played, "p").certificate
    for row in rows:
        assert row["label"] in LABELS
        if row["route"] == "automated":
            assert (row["by"], row["certificate"]) == ("model", certificate)
            assert row["version"].startswith("v-")
        else:
            assert (row["by"], row["certificate"]) == ("ann", "")
    with pytest.raises(ConflictError, match="exists already"):
        loop.export(played, "p", file)
    loop.export(played, "p", file, overwrite=True, telling=loop.Telling("zh"))
    told = {row["reason"] for row in csv.DictReader(file.read_text("utf-8").splitlines())}
    assert len(told) > 1
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in reason) for reason in told)


def test_label_studio_comes_back_in(played, tmp_path, gold):
    file = tmp_path / "out.json"
    loop.export(played, "p", file)
    tasks = json.loads(file.read_text("utf-8"))
    assert len(tasks) == len(gold)
    assert sum("annotations" in task for task in tasks) + sum("predictions" in task for task in tasks) == len(gold)
    with loop.open_workspace(settings(tmp_path / "other"), create=True) as ws:
        loop.create(ws, "q", classify(*LABELS), PROMISE, encoder="hashing")
        added = loop.add(ws, "q", file, loop.Columns(text="text", label="label"))
        assert added.labels == sum("annotations" in task for task in tasks)


def test_a_models_own_answers_are_the_quickest_way_to_a_certificate(tmp_path):
    gold = texts(600, seed=3)
    rows = [{"t": t, "a": LABELS[(LABELS.index(y) + 1) % 3] if i % 30 == 0 else y, "c": 0.5 if i % 30 == 0 else 0.9 + i / 1e5}
            for i, (t, y) in enumerate(gold.items())]  # fmt: skip
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        columns = loop.Columns(text="t", opinion="a", confidence="c")
        added = loop.add(ws, "p", rows, columns, how=loop.How(by="my-model"))
        assert (added.opinions, added.labels) == (600, 0)
        with pytest.raises(GuaranteeError, match="audits by lot"):
            loop.certify(ws, "p")
        given = answer(ws, gold, until="decide")
        certificate = loop.certify(ws, "p") if not loop.status(ws, "p").certificate else None
        assert certificate is None or certificate.n_automated
        now = loop.status(ws, "p")
        wrong, automated = true_errors(ws, gold)
        assert given < 200
        assert automated > 300
        assert wrong <= 60
        assert now.version.startswith("stated-")
        with pytest.raises(GuaranteeError, match="does not run that program"):
            loop.certify(ws, "p", window="stream")


def test_labels_that_came_with_the_data(tmp_path):
    gold = texts(60)
    named = [{"text": t, "label": y} for t, y in list(gold.items())[:20]]
    nobody = [{"text": t, "label": y} for t, y in list(gold.items())[20:40]]
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        columns = loop.Columns(text="text", label="label")
        loop.add(ws, "p", named, columns, how=loop.How(by="li"))
        loop.add(ws, "p", nobody, columns)
        loop.add(ws, "p", list(gold)[40:])
        now = loop.status(ws, "p")
        assert (now.labelled, now.open, now.human.answers) == (40, 20, 0)
        version = loop.learn(ws, "p")
        assert version.metrics["answers"] >= 30
        loop.export(ws, "p", tmp_path / "o.jsonl")
        rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text("utf-8").splitlines()]
        assert [r["by"] for r in rows[:40]] == ["li"] * 20 + [""] * 20
        assert all(r["route"] == "reviewed" for r in rows[:40])
        assert all(r["label"] is None for r in rows[40:])


def test_bad_imports_leave_the_project_as_it_was(tmp_path):
    with loop.open_workspace(settings(tmp_path / "home"), create=True) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        before = loop.get(ws, "p")
        rows = [{"text": f"text {i}", "label": "bug"} for i in range(900)] + [{"text": "x", "label": "other"}]
        with pytest.raises(TaskError, match="'other' is not in the task"):
            loop.add(ws, "p", rows, loop.Columns(text="text", label="label"))
        (tmp_path / "blank.csv").write_text("text\n  \n\n", "utf-8")
        with pytest.raises(DataError, match="no text"):
            loop.add(ws, "p", tmp_path / "blank.csv", loop.Columns(text="text"))
        two = [{"text": "a", "o": "bug", "by": "m1"}, {"text": "b", "o": "bug", "by": "m2"}]
        assert loop.add(ws, "p", two[:1], loop.Columns(text="text", opinion="o")).opinions == 1
        assert before.items == 0
        assert loop.get(ws, "p").items == 1
        with pytest.raises(ConflictError, match="nothing to undo"):
            loop.undo_import(ws, "p")


def test_projects_are_made_renamed_and_deleted(ws):
    with pytest.raises(ConflictError, match="exists already"):
        loop.create(ws, "p", classify("a", "b"), Promise(), encoder="hashing")
    with pytest.raises(MissingError, match="not known"):
        loop.create(ws, "q", classify("a", "b"), Promise(), encoder="nothing")
    assert len(list((ws.home / "keys").glob("audit.*"))) == 1
    assert loop.rename(ws, "p", "renamed").name == "renamed"
    with pytest.raises(MissingError, match="renamed"):
        loop.status(ws, "p")
    loop.delete(ws, "renamed")
    assert loop.listing(ws) == []
    assert not list((ws.home / "keys").glob("audit.*"))
    assert loop.verify(ws).ok


def test_the_ledger_tells_the_whole_story_and_names_nobody(played, gold):
    with played.store.read() as tx:
        entries = list(ledger.each(tx))
    kinds = [e.kind for e in entries]
    assert kinds[:2] == ["created", "imported"]
    for kind in ("seated", "picked", "answered", "designed", "released", "asked", "certified", "decided"):
        assert kind in kinds
    assert kinds.index("designed") < kinds.index("asked") < kinds.index("certified") < kinds.index("decided")
    first = json.loads(entries[0].record)
    assert len(first["commitment"]) == 64
    whole = b"\n".join(e.record for e in entries)
    assert b'"ann"' not in whole
    assert not any(text.encode() in whole for text in gold)
    assert loop.verify(played).ok


def test_the_story_of_an_item(played, gold):
    rows = loop.items(played, "p", loop.Filter(route="reviewed"), limit=1)
    told = loop.story(played, "p", rows[0].id)
    assert [t.what for t in told] == ["answered (current)", "decided: reviewed"]
    assert told[0].by == "ann"
    assert loop.story(played, "p", rows[0].text) == told
    with pytest.raises(MissingError):
        loop.story(played, "p", "no such text")


def test_what_no_project_can_be_asked(ws):
    with pytest.raises(InputError, match="use batch or stream"):
        loop.certify(ws, "p", window="later")
    with pytest.raises(GuaranteeError, match="a model needs answers first"):
        loop.certify(ws, "p")
    with pytest.raises(GuaranteeError, match="learn: got 0"):
        loop.learn(ws, "p")
    with pytest.raises(MissingError, match="no model yet"):
        next(loop.decide(ws, "p", ["a text"]))
    loop.create(ws, "empty", classify("a", "b"), Promise(), encoder="hashing")
    assert loop.advance(ws, "empty").kind == "add"
    assert loop.status(ws, "empty").phase == "add"


def test_small_projects_are_answered_by_people(tmp_path):
    gold = texts(30)
    with world(tmp_path, gold, Promise(0.02, 0.95)) as ws:
        assert answer(ws, gold) == 30
        assert loop.status(ws, "p").automated == 0


def test_a_project_that_cannot_be_made_leaves_no_key(ws, tmp_path):
    before = sorted((ws.home / "keys").iterdir())
    for task, encoder, error, said in (
        (
            Task(("a", "b"), "tag"),
            "hashing",
            InputError,
            "this version plays the loop for classify and multilabel tasks",
        ),
        (classify("a", "b"), f"path:{tmp_path / 'none'}", InputError, "is no folder; give path:FOLDER"),
        (classify("a", "b"), "nonsense", MissingError, "'nonsense' is not known; use use-multilingual"),
    ):
        with pytest.raises(error, match=said):
            loop.create(ws, "other", task, PROMISE, encoder=encoder)
    with pytest.raises(ConflictError):
        loop.create(ws, "p", classify("a", "b"), PROMISE, encoder="hashing")
    assert sorted((ws.home / "keys").iterdir()) == before
    assert loop.create(ws, "own", classify("a", "b"), PROMISE, encoder=f"path:{tmp_path}").name == "own"


def test_a_sample_that_cannot_be_read_leaves_no_project(ws, monkeypatch):
    def broken(*_, **__):
        raise DataError("bank.csv is damaged")

    monkeypatch.setattr("cowise.loop.ingest.add", broken)
    with pytest.raises(DataError, match="damaged"):
        trying.begin(ws, "bank", encoder="hashing")
    assert [each.name for each in loop.listing(ws)] == ["p"]


def test_what_is_answered_and_comes_again_with_a_label_is_done_once(tmp_path):
    gold = texts(200)
    with world(tmp_path, gold) as ws:
        answer(ws, gold, limit=60)
        answered = [one.text for one in loop.items(ws, "p", limit=500) if one.route is not None]
        loop.add(ws, "p", [{"text": one, "label": gold[one]} for one in answered], loop.Columns("text", "label"))
        now = loop.status(ws, "p")
        assert (now.open, now.open) == (140, int(read(ws, "p").open.sum()))
        assert now.phase != "stop"
        first = next(one for one in loop.items(ws, "p", limit=500) if one.text == answered[0])
        loop.forget_item(ws, "p", first.id)
        assert loop.status(ws, "p").open == int(read(ws, "p").open.sum()) == 140
        loop.split(ws, "p", "bug", ["crash", "slow"], confirmed=True)
        assert loop.status(ws, "p").open == int(read(ws, "p").open.sum()) > 140
