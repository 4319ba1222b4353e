import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from worlds import LABELS, PROMISE, answer, settings, texts, world

from cowise import loop
from cowise.core.types import classify
from cowise.loop import accounts


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


def _databases():
    """The fixtures that run a PostgreSQL server, kept beside the tests of the store."""
    spec = spec_from_file_location("databases", Path(__file__).parents[1] / "store" / "conftest.py")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_store = _databases()
postgres, new_database, clock = _store.postgres, _store.new_database, _store.clock


@pytest.fixture
def address(request):
    """What `--db` would be: SQLite, or what `worlds.EVERY_DATABASE` asks for."""
    return request.getfixturevalue("new_database")() if getattr(request, "param", "") == "postgresql" else ""


@pytest.fixture
def house(tmp_path, address, clock):
    """A workspace with two projects, under a clock that the test moves."""
    there = replace(settings(tmp_path / "home"), db=address)
    with loop.open_workspace(there, create=True, clock=clock) as found:
        for name in ("p", "q"):
            loop.create(found, name, classify(*LABELS), PROMISE, encoder="hashing")
        yield found


@pytest.fixture
def owner(house):
    """The owner of the workspace, signed in."""
    return accounts.enter(house, accounts.link(house)).caller


@pytest.fixture
def join(house, owner):
    """Brings somebody into a project by an invitation; what `accept` gives."""

    def come(name, role="reviewer", project="p", password="korrekt pferd"):
        token = accounts.invite(house, owner, project, role).token
        return accounts.accept(house, token, name=name, password=password)

    return come
