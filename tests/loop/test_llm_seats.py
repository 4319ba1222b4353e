"""Seats of language models: who gets one, what is kept of it, and what never is."""

import json

import pytest
from worlds import settings

from cowise import loop
from cowise.core.errors import ConflictError, ForbiddenError, InputError, MissingError
from cowise.core.types import Promise, Task, classify
from cowise.loop import llm_seats
from cowise.loop.llm_seats import Seated
from cowise.models.chat import Endpoint
from cowise.store import ledger, members

HERE = Seated("http://127.0.0.1:9/v1", "m", "1,2", 5.0, private=True)


def events(ws, kind):
    with ws.store.read() as tx:
        found = [json.loads(entry.record) for entry in ledger.each(tx, project=1)]
    return [one for one in found if one["event"] == kind]


def test_a_seat_is_listed_and_on_record(ws):
    made = loop.add_member(ws, "p", "big", HERE)
    assert loop.list_members(ws, "p") == [made]
    assert (made.model, made.price, made.budget, made.spent, made.opinions, made.active) == (
        "m",
        "1,2",
        5.0,
        0.0,
        0,
        True,
    )
    (event,) = events(ws, "member added")
    assert event["version"] == made.version
    assert "big" not in json.dumps(event), "names are salted in the ledger"


def test_a_closed_seat_opens_again_and_what_it_spent_counts(ws):
    made = loop.add_member(ws, "p", "big", HERE)
    with pytest.raises(ConflictError, match="has a seat already"):
        loop.add_member(ws, "p", "big", HERE)
    with ws.store.read() as tx:
        seat = members.get(tx, 1, "big")
    ws.store.write(lambda tx: members.set_settings(tx, seat.id, {**seat.settings, "spent": 3.5}))
    loop.remove_member(ws, "p", "big")
    assert not loop.list_members(ws, "p")[0].active
    with pytest.raises(MissingError, match="none yet"):
        loop.remove_member(ws, "p", "big")
    again = loop.add_member(ws, "p", "big", Seated("http://127.0.0.1:9/v1", "other", private=True))
    assert (again.spent, again.active) == (3.5, True)
    assert again.version != made.version
    assert len(events(ws, "member removed")) == 1


def test_names_of_people_and_of_imported_models_are_taken(ws):
    ws.store.write(lambda tx: members.ensure(tx, 1, "ann"))
    ws.store.write(lambda tx: members.ensure(tx, 1, "model", "llm"))
    for name in ("ann", "model"):
        with pytest.raises(ConflictError):
            loop.add_member(ws, "p", name, HERE)
    with pytest.raises(MissingError):
        loop.remove_member(ws, "p", "ann")
    assert loop.list_members(ws, "p") == []


@pytest.mark.parametrize(
    ("seat", "error"),
    [
        (Seated("http://127.0.0.1:9/v1", "m"), ForbiddenError), (Seated("https://169.254.169.254/v1", "m", private=True), ForbiddenError),
        (Seated("nonsense", "m"), InputError), (Seated("https://127.0.0.1/v1", "", private=True), InputError),
        (Seated("http://127.0.0.1:9/v1", "m", "much", private=True), InputError),
        (Seated("http://127.0.0.1:9/v1", "m", budget=-1.0, private=True), InputError),
        (Seated("http://127.0.0.1:9/v1", "m", per_minute=float("nan"), private=True), InputError),
        (Seated("http://127.0.0.1:9/v1", "m", timeout_s=0.0, private=True), InputError),
        (Seated("http://127.0.0.1:9/v1", "m", shots=99, private=True), InputError),
        (Seated("local:gpt-9"), MissingError), (Seated("local:smollm2-135m"), MissingError),
    ],
)  # fmt: skip
def test_what_could_never_be_asked_gets_no_seat(ws, seat, error):
    with pytest.raises(error):
        loop.add_member(ws, "p", "x", seat)
    assert loop.list_members(ws, "p") == []


def test_too_many_labels_for_a_prompt(tmp_path):
    with loop.open_workspace(settings(tmp_path / "home"), create=True) as ws:
        loop.create(ws, "many", Task(tuple(f"l{i}" for i in range(501))), Promise(), encoder="hashing")
        with pytest.raises(InputError, match="500"):
            loop.add_member(ws, "many", "x", HERE)


def test_a_new_label_is_another_version(ws):
    made = loop.add_member(ws, "p", "big", HERE)
    task = classify("billing", "bug", "praise", "other")
    loop.change(ws, "p", task=task)
    assert loop.list_members(ws, "p")[0].version != made.version


def test_a_key_comes_from_its_hosts_place_and_is_nowhere_else(ws, monkeypatch):
    loop.add_member(ws, "p", "big", HERE)
    monkeypatch.setenv("COWISE_LLM_KEY_127_0_0_1", "s3cret-of-the-environment")
    chat = llm_seats._chat(ws, HERE)
    assert isinstance(chat, Endpoint)
    assert chat.key == "s3cret-of-the-environment"
    monkeypatch.delenv("COWISE_LLM_KEY_127_0_0_1")
    file = ws.keys.path / "llm-127.0.0.1.key"
    file.write_text("s3cret-of-a-file")
    file.chmod(0o600)
    assert llm_seats._chat(ws, HERE).key == "s3cret-of-a-file"
    ws.close()
    assert not [p for p in ws.home.rglob("*") if p.is_file() and p != file and b"s3cret" in p.read_bytes()]


def test_an_encrypted_workspace_hides_which_texts_were_asked(ws):
    assert llm_seats._named(None)("abc") == "abc"
    hidden = llm_seats._named(b"k" * 32)("abc")
    assert hidden != "abc"
    assert hidden != llm_seats._named(b"j" * 32)("abc")
