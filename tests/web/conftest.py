"""An application over a workspace of its own, and people in every role: real store, real sessions, no weights.

`office` has the project "tickets" with twelve texts, and "foreign", in which only the owner has a seat. Jobs wait
until `office.work()` does them in this process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks' cluster
sys.path.insert(0, str(Path(__file__).parent))  # offices.py and serving.py, which the tests of this folder share

from offices import Office, furnish


@pytest.fixture
def make_office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Builds offices; `texts` go into the project "tickets"."""
    with ExitStack() as stack:

        def build(texts: list[str] | None = None, *, name: str = "home") -> Office:
            return furnish(stack, tmp_path / name, texts)

        yield build


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    return make_office()


@pytest.fixture(scope="module")
def shared_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for a whole file, where tests do not mind what others did."""
    with ExitStack() as stack:
        yield furnish(stack, tmp_path_factory.mktemp("office") / "home")
