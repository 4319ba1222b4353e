import shutil
import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from worlds import LABELS, PROMISE, answer, settings, texts, world

from cowise import loop
from cowise.core.errors import GuaranteeError
from cowise.core.types import Promise, classify
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


@pytest.fixture(scope="session")
def _streaming(tmp_path_factory):
    """How much a certificate covers depends on its lots: here on those of the first keys that let it cover most texts."""
    for _ in range(20):
        place = tmp_path_factory.mktemp("stream")
        gold = texts(1500, seed=11, noise=0.02)
        with world(place, gold, Promise(0.1, 0.8)) as ws:
            answer(ws, gold)
            with pytest.raises(GuaranteeError):
                loop.certify(ws, "p", window="stream")
            answer(ws, gold)
            if loop.certify(ws, "p", window="stream").details["coverage"] > 0.9:
                return place
    raise AssertionError("twenty certificates covered little")


@pytest.fixture
def streaming(_streaming, tmp_path):
    """A project with a certificate for texts to come: a copy for one test."""
    shutil.copytree(_streaming, tmp_path / "home")
    with loop.open_workspace(settings(tmp_path / "home")) as found:
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
