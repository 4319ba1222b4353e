"""Why a model leans as it does on a text, and whether that is true of it.

Names load at first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cowise.core.registry import load

if TYPE_CHECKING:
    from cowise.core.explanation import Ask, Explanation
    from cowise.explain.faithful import Faithfulness, faithfulness
    from cowise.explain.gradients import GRADIENTS
    from cowise.explain.methods import METHODS, Gradient, Perturbation, explainer

_HOME = {
    "Ask": "core.explanation",
    "Explanation": "core.explanation",
    "Faithfulness": "explain.faithful",
    "GRADIENTS": "explain.gradients",
    "Gradient": "explain.methods",
    "METHODS": "explain.methods",
    "Perturbation": "explain.methods",
    "explainer": "explain.methods",
    "faithfulness": "explain.faithful",
}

__all__ = [
    "GRADIENTS",
    "METHODS",
    "Ask",
    "Explanation",
    "Faithfulness",
    "Gradient",
    "Perturbation",
    "explainer",
    "faithfulness",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return load(f"{_HOME[name]}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
