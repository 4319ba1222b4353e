"""What a method finds."""

from __future__ import annotations

from dataclasses import dataclass

from cowise.core.explanation import End
from cowise.core.types import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One score a word, `phi` (n,), how the method ended, and half the width of each score's interval where it knows one."""

    phi: Floats
    end: End
    half: Floats | None = None
