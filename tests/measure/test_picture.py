"""What a project cost, as a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from cowise.core.errors import MissingError
from cowise.measure.picture import draw


def figure(**other: Any) -> dict[str, Any]:
    known = {
        "title": "Bank questions", "curve": [(60, 500), (120, 300), (200, 0)], "items": 2406, "automated": 2000,
        "training": 160, "audit": 120, "deferred": 126, "certified": 0.0499, "error": 0.002,
    }  # fmt: skip
    return {**known, **other}


def test_a_picture_is_drawn_twice(tmp_path: Path) -> None:
    files = draw(figure(certified=None), tmp_path / "p")
    assert [file.suffix for file in files] == [".svg", ".png"]
    assert files[0].read_text("utf-8").startswith("<?xml")
    assert all(file.stat().st_size > 2000 for file in files)


def test_without_the_library_there_is_no_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingError, match="plot"):
        draw(figure(), tmp_path / "p")
