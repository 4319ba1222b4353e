from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from cowise.cli.failing import CLOSED_PIPE, INTERRUPTED, UNEXPECTED, guarded
from cowise.core import errors


def raising(error: BaseException):
    def work() -> None:
        raise error

    return work


TREE = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.CowiseError)]


@pytest.mark.parametrize("kind", TREE)
def test_every_error_of_ours_ends_with_its_code_and_one_sentence(
    kind: type[errors.CowiseError], capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(raising(kind("asked for a, got b; do c")), [], debug=False) == kind.exit_code
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "Error: asked for a, got b; do c\n"


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (errors.TaskError("x"), 4, "TaskError"),
        (OSError(errno.ENOSPC, "No space left on device", "/full/db"), 9, "StorageError"),
        (PermissionError(errno.EACCES, "Permission denied", "/shut"), 9, "StorageError"),
        (OSError(errno.EFBIG, "File too large"), 9, "StorageError"),
        (OSError(errno.EIO, "Input/output error"), 9, "StorageError"),
        (MemoryError(), 9, "StorageError"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (ZeroDivisionError("a\nb"), 70, "Unexpected"),
    ],
)
def test_as_json_an_error_is_one_document(
    error: BaseException, code: int, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(raising(error), ["status", "--json"], debug=False) == code
    out, err = capsys.readouterr()
    told = json.loads(out)["error"]
    assert (told["type"], told["exit_code"]) == (kind, code)
    assert told["message"]
    assert "\n" not in told["message"]
    assert err == ""


def test_a_full_disk_and_a_shut_folder_say_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(raising(OSError(errno.ENOSPC, "No space", "db")), [], debug=False)
    guarded(raising(PermissionError(errno.EACCES, "Permission denied", "db")), [], debug=False)
    err = capsys.readouterr().err
    assert "free some space" in err
    assert "permission" in err


def test_a_traceback_only_for_those_who_ask(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(raising(ZeroDivisionError("oops")), [], debug=False)
    assert "Traceback" not in capsys.readouterr().err
    guarded(raising(ZeroDivisionError("oops")), [], debug=True)
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "COWISE_DEBUG" in err


def test_an_exit_code_passes_through() -> None:
    assert guarded(lambda: 3, [], debug=False) == 3
    assert guarded(lambda: None, [], debug=False) == 0


def test_a_message_cannot_play_with_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(raising(errors.DataError("column '\x1b[2Jx'")), [], debug=False)
    assert "\x1b" not in capsys.readouterr().err


def test_exit_codes_are_distinct_and_each_is_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "errors.md").read_text("utf-8")
    others = [INTERRUPTED, UNEXPECTED, CLOSED_PIPE]
    codes = [kind.exit_code for kind in TREE] + others
    assert len(set(codes)) == len(codes)
    for kind in TREE:
        assert f"| `{kind.__name__}` | {kind.exit_code} |" in page
    for code in others:
        assert f" {code} " in page
