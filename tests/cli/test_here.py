"""How a command speaks: results, confirmations, notes and the commands to run next."""

from __future__ import annotations

import json

import pytest

from cowise.cli.here import Here, person


def test_results_are_lines_or_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    Here().give({"n": 1}, "one", "two")
    assert capsys.readouterr().out == "one\ntwo\n"
    Here(json=True, quiet=True).give({"n": 1}, "one")
    assert json.loads(capsys.readouterr().out) == {"n": 1}


@pytest.mark.parametrize(
    ("here", "said", "noted"),
    [
        (Here(), "done\n", "by the way\n"),
        (Here(quiet=True), "", ""),
        (Here(json=True), '{\n  "n": 1\n}\n', ""),
        (Here(json=True, quiet=True), '{\n  "n": 1\n}\n', ""),
    ],
)
def test_quiet_leaves_out_what_only_confirms(
    capsys: pytest.CaptureFixture[str], here: Here, said: str, noted: str
) -> None:
    here.tell({"n": 1}, "done")
    here.note("by the way")
    assert capsys.readouterr() == (said, noted)


def test_a_command_to_run_next_repeats_what_stood_before_it() -> None:
    assert Here().next("cowise status") == "cowise status"
    assert Here(before="--home here").next("cowise status") == "cowise --home here status"
    assert Here(before="--home here").next("make install") == "make install"


@pytest.mark.parametrize("cause", [KeyError("getpwuid(): uid not found: 4711"), OSError("No username set")])
def test_where_nobody_is_logged_in_one_is_me(monkeypatch: pytest.MonkeyPatch, cause: Exception) -> None:
    def nobody() -> str:
        raise cause

    assert person("ana") == "ana"
    monkeypatch.setattr("getpass.getuser", lambda: "li")
    assert person("") == "li"
    monkeypatch.setattr("getpass.getuser", nobody)
    assert person("") == "me"
