"""The claims play what `benchmarks/claims` plays, in fewer repetitions; both are run from the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
