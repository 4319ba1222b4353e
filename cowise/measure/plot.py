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
    ("foretold_automation", "Foretold share\nanswered by the machine"),
    ("foretold_error", "Foretold error\nof the machine's answers"),
)


def ready() -> None:
    """MissingError with the command that installs matplotlib, before any work is done."""
    need("matplotlib", "plot")


def rehearsal(histories: Sequence[Sequence[Mapping[str, float]]], promise: Promise, folder: Path) -> list[Path]:
    """Answers given against accuracy, automation and error, one line for each repetition; the files written.

    MissingError says how to install matplotlib.
    """
    need("matplotlib", "plot").use("Agg")
    plt = need("matplotlib.pyplot", "plot")
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    for axis, (name, title) in zip(axes, _PANELS, strict=True):
        for history in histories:
            axis.plot([h["answers"] for h in history], [h[name] for h in history], color="#3465a4", alpha=0.45, lw=1.2)
        if name == "foretold_error":
            axis.axhline(promise.max_error, color="#b35900", ls="--", lw=1)
            axis.annotate("promise", (0, promise.max_error), xytext=(4, 4), textcoords="offset points", color="#b35900")
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("answers learned from")
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.25)
    return _written(figure, plt, folder, "rehearsal")


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
