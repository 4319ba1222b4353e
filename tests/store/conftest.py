"""Stores for the tests: the same calls on SQLite and on PostgreSQL, with a clock that the test moves."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks' cluster
sys.path.insert(0, str(Path(__file__).parent))  # power.py

from benchmarks.cluster import Cluster, cluster, missing
from cowise.core.types import Promise, classify
from cowise.store import Store, items, load_items, members, open_store, projects
from cowise.store.imports import Import, NewItem
from cowise.store.projects import Project

_NUMBER = itertools.count()


class FakeClock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of our own."""
    if why := missing():
        pytest.skip(why)
    with cluster("-c fsync=off") as made:
        yield made


@pytest.fixture(scope="session")
def new_database(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Makes an address of a fresh database that has its tables."""

    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")

    def execute(statement: str) -> None:
        with psycopg.connect(f"host={postgres.folder} user=cowise dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)

    execute("CREATE DATABASE ready")
    open_store(tmp_path_factory.mktemp("ready"), db=postgres.address("ready")).close()

    def make() -> str:
        name = f"test{next(_NUMBER)}"
        execute(f"CREATE DATABASE {name} TEMPLATE ready")
        return postgres.address(name)

    return make


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest) -> str:
    """What `open_store` takes as `db`."""
    return "" if request.param == "sqlite" else request.getfixturevalue("new_database")()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, address: str, clock: FakeClock) -> Iterator[Store]:
    with open_store(tmp_path / "home", db=address, clock=clock) as opened:
        yield opened


@pytest.fixture
def make(store: Store) -> Callable[[str], Project]:
    """Makes a project of that name."""
    task, promise = classify("bug", "praise"), Promise(0.05)
    return lambda name: store.write(
        lambda tx: projects.create(tx, name, task, promise, audit_key=("audit.key", "c0ffee"))
    )


@pytest.fixture
def project(make: Callable[[str], Project]) -> int:
    return make("tickets").id


@pytest.fixture
def add(store: Store, project: int) -> Callable[..., Import]:
    """Imports texts, or rows, into the project."""

    def load(rows: list[str | NewItem], source: str = "file") -> Import:
        made = [NewItem(r) if isinstance(r, str) else r for r in rows]
        return load_items(store, project, source, made)

    return load


@pytest.fixture
def texts(store: Store, project: int) -> Callable[[], list[str]]:
    """Reads every text of the project."""

    def read() -> list[str]:
        with store.read() as tx:
            return [t for chunk in items.chunks(tx, project, size=7) for t in chunk.texts]

    return read


@pytest.fixture
def person(store: Store, project: int) -> int:
    return store.write(lambda tx: members.ensure(tx, project, "Li Wei")).id
