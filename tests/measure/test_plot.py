"""Figures as files: both formats, the same bytes for the same figures, nothing left open."""

import sys

import pytest

from cowise.core.errors import MissingError
from cowise.core.types import Promise
from cowise.measure.plot import ready, rehearsal, shares

HISTORY = [
    {"answers": 60.0 * i, "accuracy_before_learning": 0.5 + 0.1 * i, "foretold_automation": 0.2 * i, "foretold_error": 0.2 - 0.04 * i}
    for i in range(1, 5)
]  # fmt: skip
PARTS = {
    "ag_news": {"training": 0.1, "audit": 0.05, "deferred": 0.1},
    "情感": {"training": 0.2, "audit": 0.05, "deferred": 0.0},
}


def check(files, folder, name):
    assert files == [folder / f"{name}.svg", folder / f"{name}.png"]
    svg, png = (file.read_bytes() for file in files)
    assert b"</svg>" in svg
    assert png.startswith(b"\x89PNG")
    return svg, png


def played(history, automated=400, bound=0.05):
    """A repetition of 1,000 items as `simulate` tells it."""
    return {
        "history": history, "items": 1000, "human_share": 1 - automated / 1000, "automated_error": 0.02,
        "certificate": {"automated": automated, "bound": bound},
    }  # fmt: skip


def test_a_rehearsal(tmp_path):
    folder = tmp_path / "a" / "b"
    one, _ = check(rehearsal([played(HISTORY)], Promise(0.05), folder), folder, "rehearsal")
    two, _ = check(rehearsal([played(HISTORY), played(HISTORY[:2])], Promise(0.05), folder), folder, "rehearsal")
    assert two.count(b"<path") > one.count(b"<path"), "a line for each repetition"


@pytest.mark.parametrize("histories", [[], [[]], [HISTORY[:1]]])
def test_rehearsals_with_next_to_nothing_to_show(histories, tmp_path):
    check(rehearsal([played(history) for history in histories], Promise(), tmp_path), tmp_path, "rehearsal")


def test_what_is_certified_and_true_stands_beside_the_forecast(tmp_path):
    """Read back from the SVG: its legend names what the dots are."""
    file, _ = rehearsal([played(HISTORY)], Promise(0.05), tmp_path)
    text = file.read_text("utf-8")
    for name in ("forecast while people answer", "certified", "true", "promise"):
        assert f"<!-- {name} -->" in text
    more, _ = rehearsal([played(HISTORY), played(HISTORY, automated=700)], Promise(0.05), tmp_path)
    assert more.read_text("utf-8").count("<use") > text.count("<use"), "dots for each repetition"


def test_shares_as_bars(tmp_path):
    check(shares({"ag_news": PARTS["ag_news"]}, tmp_path), tmp_path, "human-share")
    check(shares({"x": dict.fromkeys(("training", "audit", "deferred"), 0.0)}, tmp_path, "zero"), tmp_path, "zero")


def test_the_same_figures_give_the_same_bytes(tmp_path):
    one, two = (rehearsal([played(HISTORY)], Promise(), tmp_path / part) for part in "ab")
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in two]


def test_no_figure_stays_open(tmp_path):
    rehearsal([played(HISTORY)], Promise(), tmp_path)
    assert not sys.modules["matplotlib.pyplot"].get_fignums()


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    ready()  # before any work is done, and here it is installed
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingError, match=r"pip install 'cowise\[plot\]'"):
        ready()
    with pytest.raises(MissingError, match=r"pip install 'cowise\[plot\]'"):
        rehearsal([played(HISTORY)], Promise(), tmp_path)
    with pytest.raises(MissingError, match="matplotlib is needed"):
        shares(PARTS, tmp_path)
