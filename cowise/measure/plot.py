"""Pictures of rehearsals and benchmarks as SVG and PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cowise.core.registry import need
from cowise.core.types import Promise

_PANELS = (
    ("accuracy_before_learning", "Right before learning\n(last 200 answers)"),
    ("foretold_automation", "Share that\nthe machine answers"),
    ("foretold_error", "Error of\nthe machine's answers"),
)
_FORETOLD, _CERTIFIED, _TRUE = "#3465a4", "#b35900", "#2e3436"


def ready() -> None:
    """MissingError with the command that installs matplotlib, before any work is done."""
    need("matplotlib", "plot")


def rehearsal(played: Sequence[Mapping[str, Any]], promise: Promise, folder: Path) -> list[Path]:
    """Answers given against accuracy, automation and error, one line for each repetition; the files written.

    `played` are repetitions as JSON. Where a line ends, the certificate's figure stands beside the forecast: what went
    out alone, the error it bounds, and the true one. MissingError says how to install matplotlib.
    """
    need("matplotlib", "plot").use("Agg")
    plt = need("matplotlib.pyplot", "plot")
    figure, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained", sharex=True)
    for axis, (name, title) in zip(axes, _PANELS, strict=True):
        for at in played:
            answers, values = [h["answers"] for h in at["history"]], [h[name] for h in at["history"]]
            axis.plot(
                answers,
                values,
                color=_FORETOLD,
                alpha=0.45,
                lw=1.2,
                marker=".",
                ms=4,
                label="forecast while people answer",
            )
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("answers given")
        axis.grid(alpha=0.25)
    _certified(axes[1], axes[2], played, promise)
    axes[0].set_ylim(0, 1)
    axes[1].set_ylim(0, 1)
    axes[2].set_ylim(bottom=0)
    lines = {name: line for axis in axes for line, name in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=max(1, len(lines)), fontsize=9)
    return _written(figure, plt, folder, "rehearsal")


def _certified(share: Any, error: Any, played: Sequence[Mapping[str, Any]], promise: Promise) -> None:
    """What each repetition ended with: dots in the panels of automation and of error, and the promise as a line."""
    ends = [at["human_share"] * at["items"] for at in played]
    base = [at["items"] if promise.of == "delivered" else max(1, at["certificate"]["automated"]) for at in played]
    wrong = [at["automated_error"] * at["certificate"]["automated"] / n for at, n in zip(played, base, strict=True)]
    out = [at["certificate"]["automated"] / at["items"] for at in played]
    share.scatter(ends, out, color=_CERTIFIED, s=18, zorder=3, label="certified")
    bounds = [at["certificate"]["bound"] for at in played]
    error.scatter(ends, bounds, color=_CERTIFIED, s=18, zorder=3, label="certified")
    error.scatter(ends, wrong, color=_TRUE, s=22, marker="x", zorder=3, label="true")
    error.axhline(promise.max_error, color=_CERTIFIED, ls="--", lw=1, label="promise")


def shares(parts: Mapping[str, Mapping[str, float]], folder: Path, name: str = "human-share") -> list[Path]:
    """Human share of each case as a bar of its parts (training, audit, deferred); the files written."""
    need("matplotlib", "plot").use("Agg")
    plt = need("matplotlib.pyplot", "plot")
    figure, axis = plt.subplots(figsize=(8, 0.5 * len(parts) + 1.2), layout="constrained")
    left: Any = np.zeros(len(parts))
    for part, color in (("training", "#3465a4"), ("audit", "#b35900"), ("deferred", "#888a85")):
        width = np.array([case[part] for case in parts.values()])
        axis.barh(list(parts), width, left=left, color=color, label=part)
        left = left + width
    axis.invert_yaxis()
    axis.set_xlabel("share of the items that people answered")
    axis.set_xlim(0, max(1e-9, float(left.max())) * 1.15)
    axis.legend(loc="lower right", fontsize=8)
    return _written(figure, plt, folder, name)


def _written(figure: Any, plt: Any, folder: Path, name: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.svg", folder / f"{name}.png"]
    with plt.rc_context({"svg.hashsalt": name}):  # same figures, same bytes
        for file in files:
            figure.savefig(file, dpi=130, metadata={"Date": None} if file.suffix == ".svg" else None)
    plt.close(figure)
    return files
