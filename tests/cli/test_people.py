"""`invite`, `signin`, `accounts`: real commands on a real workspace; the links they print work."""

import json
import re

import pytest
from typer.testing import CliRunner

from cowise import loop
from cowise.cli import app
from cowise.core.errors import ForbiddenError
from cowise.core.settings import Settings
from cowise.core.types import Answer, Promise, classify
from cowise.loop import accounts
from cowise.store import members, opinions

LINK = re.compile(r"^/#/(enter|join)/([\w-]{43})$")


@pytest.fixture
def home(tmp_path):
    with loop.open_workspace(Settings(home=tmp_path / "ws"), create=True) as ws:
        loop.create(ws, "tickets", classify("a", "b"), Promise(), encoder="hashing")
    return tmp_path / "ws"


@pytest.fixture
def run(home):
    return lambda *words: CliRunner().invoke(app, ["--home", str(home), *words])


def test_a_printed_link_signs_the_owner_in(run, home):
    done = run("signin")
    assert done.exit_code == 0
    assert "ten minutes" in done.stderr
    with loop.open_workspace(Settings(home=home)) as ws:
        assert accounts.enter(ws, LINK.match(done.stdout.strip())[2]).caller.owner


def test_a_printed_invitation_lets_somebody_in(run, home):
    done = run("invite", "tickets", "--role", "inspector", "--note", "for Ann", "--json")
    made = json.loads(done.stdout)
    with loop.open_workspace(Settings(home=home)) as ws:
        (shown,) = accounts.invitations(ws, "tickets")
        assert (shown.note, shown.role, shown.expires) == ("for Ann", "inspector", made["expires"])
        who = accounts.accept(ws, LINK.match(made["link"])[2], name="Ann", password="korrekt pferd").caller
        assert dict(who.roles) == {"tickets": "inspector"}
        with pytest.raises(ForbiddenError):
            accounts.require(who, "tickets", "review.answer")


@pytest.mark.parametrize(("words", "code"), [(("none",), 5), (("tickets", "--role", "king"), 2), ((), 2)])
def test_what_cannot_be_is_said_in_a_sentence(run, words, code):
    done = run("invite", *words)
    assert done.exit_code == code
    assert "Traceback" not in done.output
    assert done.stderr.strip()


def test_accounts_lists_and_makes_owners(run, home):
    assert "cowise signin" in run("accounts").stdout
    run("invite", "tickets", "--role", "reviewer")
    with loop.open_workspace(Settings(home=home)) as ws:
        token = accounts.invite(ws, accounts.operator(ws), "tickets", "reviewer").token
        accounts.accept(ws, token, name="Ann")
    assert "tickets: reviewer" in run("accounts").stdout
    assert run("accounts", "--no-owner", "owner").exit_code == 6
    assert run("accounts", "--owner", "Bob").exit_code == 5
    done = run("accounts", "--owner", "ann", "--no-owner", "owner", "--json")
    assert [(each["name"], each["owner"]) for each in json.loads(done.stdout)] == [("owner", False), ("Ann", True)]
    assert "所有者" in CliRunner().invoke(app, ["--home", str(home), "--lang", "zh", "accounts"]).stdout


def test_the_roster_is_a_table_and_a_document(run, home):
    with loop.open_workspace(Settings(home=home)) as ws:
        loop.add(ws, "tickets", [f"text {i}" for i in range(12)])
        for who in ("ann", "bob"):
            for one in loop.items(ws, "tickets", limit=12):
                say(ws, one.ordinal, who, "a" if one.ordinal % 2 else "b")
    done = run("roster", "tickets")
    assert done.exit_code == 0, done.output
    assert "ann" in done.stdout
    assert "Agreement beyond chance: 1.00 over 12 texts" in done.stdout
    assert "ann and bob: the same answer to 100 % of 12 texts." in done.stdout
    found = json.loads(run("roster", "tickets", "--json").stdout)
    assert {one["name"]: one["answers"] for one in found["people"]} == {"ann": 12, "bob": 12}
    assert found["pairs"][0]["kappa"] == 1.0
    assert "超出偶然的一致性：1.00" in run("--lang", "zh", "roster", "tickets").stdout


def test_the_roster_of_a_suspect_names_the_evidence(run, home):
    with loop.open_workspace(Settings(home=home)) as ws:
        loop.add(ws, "tickets", [f"text {i}" for i in range(60)])
        for one in loop.items(ws, "tickets", limit=60):
            for who in ("ann", "bob"):
                say(ws, one.ordinal, who, "a" if one.ordinal % 2 else "b")
            say(ws, one.ordinal, "zoe", "a")
    shown = run("roster", "tickets").stdout
    assert "zoe: the answers tell nothing; 100 % are a, of others' 50 %." in shown
    assert "ann: the answers" not in shown


def test_languages_are_told_and_set(run, home):
    with loop.open_workspace(Settings(home=home)) as ws:
        loop.add(ws, "tickets", ["one text", "another text", "三个字", "四个字了"])
    assert run("languages", "tickets").stdout.split()[-4:] == ["latin", "2", "zh", "2"]
    done = run("languages", "tickets", "ann", "--reads", "en,de")
    assert done.exit_code == 0, done.output
    assert "2 texts wait in zh: nobody reads it." in done.stdout
    assert "nobody reads      2 texts wait in zh" in run("status", "tickets").stdout
    assert "没有人读得懂" in run("--lang", "zh", "languages", "tickets").stdout
    found = json.loads(run("languages", "tickets", "--json").stdout)
    assert found == {"texts": {"latin": 2, "zh": 2}, "people": {"ann": ["en", "de"]}, "unread": {"zh": 2}}
    done = run("languages", "tickets", "ann", "--reads", "all", "--json")
    assert json.loads(done.stdout)["people"] == {"ann": []}
    assert "nobody reads" not in run("status", "tickets").stdout
    for wrong in (["ann"], ["--reads", "en"], ["ann", "--reads", "english"], ["ann", "--reads", ""]):
        assert run("languages", "tickets", *wrong).exit_code == 2


def say(ws, ordinal, who, label):
    def work(tx):
        member = members.ensure(tx, 1, who).id
        opinions.put_new(
            tx, 1, opinions.Said(ordinal, member, Answer.of(label), 2.0, blind=True, key=f"{who} {ordinal}")
        )

    ws.store.write(work)
