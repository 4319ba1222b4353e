"""What a project cost, as a picture: SVG for pages, PNG for mails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowise.core.registry import need

TEAL, SAND, GREY, RED = "#1b7f79", "#e0b15a", "#8a8f98", "#b3402e"
INSIDE = 0.8
"""Share from which a bar carries its number inside: beside it there is no room."""


def draw(figure: dict[str, Any], stem: Path) -> list[Path]:
    """Two panels: the forecast of answers still needed while answers came in; who answered in the end.

    `figure` is one sample of `loop.demo`. MissingError without matplotlib. The files, SVG first.
    """
    plot = need("matplotlib.figure", "plot")
    sheet = plot.Figure(figsize=(9, 3.6), layout="constrained")
    left, right = sheet.subplots(1, 2, width_ratios=[3, 2])
    _course(left, figure)
    _shares(right, figure)
    sheet.suptitle(figure["title"], fontsize=11, x=0.01, ha="left")
    files = [stem.with_suffix(ending) for ending in (".svg", ".png")]
    for file in files:
        sheet.savefig(file, dpi=150)
    return files


def _course(axes: Any, figure: dict[str, Any]) -> None:
    given = [point[0] for point in figure["curve"]]
    needed = [point[1] for point in figure["curve"]]
    axes.plot(given, needed, color=TEAL, drawstyle="steps-post")
    axes.axvline(_answers(figure), color=GREY, linewidth=1, linestyle=":")
    axes.set_xlabel("answers given by people")
    axes.set_ylabel("forecast: answers still needed")
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)


def _answers(figure: dict[str, Any]) -> int:
    return int(figure["training"] + figure["audit"] + figure["deferred"])


def _shares(axes: Any, figure: dict[str, Any]) -> None:
    parts = [
        ("machine alone", figure["automated"], TEAL),
        ("people, to train", figure["training"], SAND),
        ("people, audits", figure["audit"], RED),
        ("people, to decide", figure["deferred"], GREY),
    ]
    for place, (_, number, colour) in enumerate(parts):
        share = number / figure["items"]
        within = share > INSIDE
        side = {"ha": "right", "color": "white"} if within else {"ha": "left"}
        axes.barh(-place, share, color=colour)
        axes.text(share - 0.02 if within else share + 0.02, -place, f"{number:,}", va="center", fontsize=9, **side)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    axes.set_yticks([-place for place in range(len(parts))], [name for name, _, _ in parts], fontsize=9)
    axes.tick_params(axis="y", length=0)
    bound = "none" if figure["certified"] is None else f"{100 * figure['certified']:.2f} %"
    axes.set_xlabel(
        f"share of {figure['items']:,} items\ncertified error ≤ {bound}, true error {100 * figure['error']:.2f} %",
        fontsize=9,
    )
    axes.spines[["top", "right", "left"]].set_visible(False)
