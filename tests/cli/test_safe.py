from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from cowise.cli.safe import document, one_line, plain, shown
from cowise.core.types import Promise


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "a\x9b2Jb", "\u202egnp.exe", "\ud800", "\x00", "a\rb"])
def test_nothing_that_moves_or_hides_reaches_the_terminal(text: str) -> None:
    out = shown(text)
    out.encode("utf-8")
    assert not set(out) & set("\x1b\x07\x9b\u202e\x00\r\ud800")


def test_what_people_write_stays_as_it_is() -> None:
    for text in ("你好，世界", "naïve café", "👩‍👩‍👧 family", "שלום", "tab\tand\nline", "हिन्दी"):
        assert shown(text) == text
    assert one_line(" a\n b ") == "a b"


def test_values_become_json() -> None:
    value = {
        "promise": Promise(), "array": np.array([1.5, np.inf]), "number": np.int64(3), "path": Path("a/b"), 7: {1},
        "at": datetime(2026, 1, 1, tzinfo=UTC), "none": None, "odd": complex(1, 2),
    }  # fmt: skip
    found = json.loads(document(value))
    assert found["promise"]["max_error"] == 0.05
    assert found["array"] == [1.5, None]
    assert found["number"] == 3
    assert found["path"] == "a/b"
    assert found["7"] == [1]
    assert found["at"].startswith("2026-01-01")
    assert plain(float("nan")) is None


def test_lone_surrogates_are_escaped_and_chinese_is_not() -> None:
    assert "你" in document({"a": "你"})
    text = document({"a": "你 \ud800"})
    text.encode("utf-8")
    assert json.loads(text)["a"] == "你 \ud800"
