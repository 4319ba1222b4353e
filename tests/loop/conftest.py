import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from worlds import answer, texts, world


@pytest.fixture(scope="session")
def gold():
    return texts(420)


@pytest.fixture
def ws(tmp_path, gold):
    with world(tmp_path / "home", gold) as found:
        yield found


@pytest.fixture(scope="session")
def played(tmp_path_factory, gold):
    """A workspace whose project was played to its end; shared, so only read it."""
    home = tmp_path_factory.mktemp("played") / "home"
    with world(home, gold) as found:
        answer(found, gold)
        yield found
