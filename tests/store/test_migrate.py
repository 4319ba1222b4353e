"""An old database is brought up to date after a backup; its ledger stays as it was and stays guarded."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from cowise.core.errors import StorageError
from cowise.core.types import Answer, content_id
from cowise.guard.ledger import verify
from cowise.store import (
    accounts,
    contents,
    counters,
    decisions,
    items,
    ledger,
    load_items,
    migrate,
    open_store,
    opinions,
    schema,
)
from cowise.store.connect import FILE, engines
from cowise.store.imports import NewItem
from cowise.store.tables import metadata


@pytest.fixture
def old_home(tmp_path):
    """A workspace as the first version left it: two projects, answers, decisions, a ledger of three entries."""
    home = tmp_path / "old"
    reader, writer = engines(home, "", "", create=True)
    migrate.upgrade(writer, home, to="0001")
    with writer.begin() as connection:
        run = connection.exec_driver_sql
        for name in ("one", "two"):
            run(
                "INSERT INTO projects (name, task, promise, settings, key_ref, commitment, visible, created) "
                """VALUES (?, '{"labels":["a","b"]}', '{}', '{}', 'k', 'c', 3, 1.0)""",
                (name,),
            )
        for ordinal in range(4):  # the fourth belongs to an import that was cut short
            run(
                "INSERT INTO items (id, project, content, text, weight, label, import_id) VALUES (?, 1, ?, 'old', 2, ?, 1)",
                ((1 << 32) + ordinal, f"{ordinal:032x}", "a" if ordinal == 0 else None),
            )
        body = "('{\"kind\":\"label\",\"value\":\"a\"}', 'a', 1, 0, 0, '', 1, ?, '', 'none')"
        for state in ("current", "undone"):
            run(
                "INSERT INTO opinions (project, item, member, answer, label, seconds, cost, blind, version, at, state, body, used_for) "
                f"VALUES (1, {1 << 32}, 1, {body[1:]}",
                (state,),
            )
        run(
            "INSERT INTO decisions (item, project, answer, label, route, p, reason, version, certificate, at) "
            f"VALUES ({1 << 32}, 1, NULL, NULL, 'reviewed', 1, '', '', '', 1)"
        )
        run("INSERT INTO ledger_head (id, size, hash, peaks) VALUES (1, 0, ?, ?)", (ledger.GENESIS, b""))
    from cowise.store.tx import Tx

    with writer.begin() as connection:
        for i in range(3):
            ledger.append(Tx(connection, lambda: 1.0), 1, "old", {"i": i})
    reader.dispose()
    writer.dispose()
    return home


def test_an_old_database_is_migrated_after_a_backup_and_its_ledger_stays_guarded(old_home):
    with open_store(old_home) as store:
        with store.read() as tx:
            assert counters.counts(tx, 1) == {
                "items": 3, "rows": 6, "labelled": 1, "answers": 1, "given": 2, "route:reviewed": 1,
            }  # fmt: skip
            assert verify(ledger.rows(tx)).demand().checked == 3
            assert [o.answer for o in opinions.current(tx, 1)] == [Answer.of("a")]
            assert decisions.get(tx, 1, 0).route == "reviewed"
            # All four: what an import that was cut short had stored must be found again too.
            keys = contents.find(tx, 1, [f"{ordinal:032x}" for ordinal in range(5)])
            assert keys == {f"{ordinal:032x}": (1 << 32) + ordinal for ordinal in range(4)}
        for statement in (
            "DELETE FROM ledger",
            "UPDATE ledger SET kind = 'x' WHERE seq = 1",
            "UPDATE ledger SET hash = hash",
        ):
            with pytest.raises(StorageError, match="append-only"):
                store.write(lambda tx, s=statement: tx.run(text(s)))
    (backup,) = old_home.glob(f"{FILE}.before-*")
    reader, writer = engines(old_home, "", "", create=False)
    reader.dispose()
    writer.dispose()
    assert backup.stat().st_size > 0


def test_migrating_gives_the_tables_that_the_code_describes(store):
    with store._engine.connect() as connection:
        # The search index is made by each database's own means, so no common table describes it.
        ours = {"include_name": lambda name, kind, _: kind != "table" or not str(name).startswith("search")}
        assert compare_metadata(MigrationContext.configure(connection, opts=ours), metadata) == []


def test_a_newer_workspace_is_refused_and_left_alone(tmp_path, address):
    with open_store(tmp_path / "h", db=address) as store:
        store.write(lambda tx: tx.run(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(StorageError, match=f"newer cowise .tables 9999, this one knows up to {schema.CURRENT}"):
        open_store(tmp_path / "h", db=address)


def test_a_failed_migration_leaves_the_database_as_it_was(old_home, monkeypatch):
    def refuse(connection):
        raise StorageError("the ledger would lose its guards")

    monkeypatch.setattr(migrate, "_check", refuse)
    with pytest.raises(StorageError, match="lose its guards"):
        open_store(old_home)
    monkeypatch.undo()
    reader, writer = engines(old_home, "", "", create=False)
    assert schema.found(writer) == "0001"
    reader.dispose()
    writer.dispose()
    open_store(old_home).close()


def test_a_step_that_drops_the_guards_is_taken_back(old_home):
    reader, writer = engines(old_home, "", "", create=False)
    with writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_no_delete")
    reader.dispose()
    writer.dispose()
    with pytest.raises(StorageError, match="lose its guards"):
        open_store(old_home)


def test_accounts_come_to_a_workspace_that_had_none(old_home):
    reader, writer = engines(old_home, "", "", create=False)
    migrate.upgrade(writer, old_home, to="0002")
    reader.dispose()
    writer.dispose()
    with open_store(old_home) as store:
        made = store.write(lambda tx: accounts.add(tx, "Ada", owner=True))
        with store.read() as tx:
            assert accounts.roles(tx, made) == {"one": "owner", "two": "owner"}
            assert accounts.seats(tx, 1) == []
            assert len(list(opinions.current(tx, 1))) == 1
            assert verify(ledger.rows(tx)).demand().checked == 3


def test_an_import_that_the_former_tables_cut_short_goes_on(old_home):
    reader, writer = engines(old_home, "", "", create=False)
    migrate.upgrade(writer, old_home, to="0005")
    with writer.begin() as connection:
        run = connection.exec_driver_sql
        run("UPDATE items SET content = ?, text = 'kept', weight = 1 WHERE id = ?", (content_id("kept"), (1 << 32) + 3))
        run("UPDATE items SET content = ?, text = 'shown' WHERE id = ?", (content_id("shown"), 1 << 32))
        run(
            "INSERT INTO imports (project, source, state, position, first, rows, added, started) "
            "VALUES (1, 'file', 'running', 'null', 3, 1, 1, 1.0)"
        )
    reader.dispose()
    writer.dispose()
    with open_store(old_home) as store:
        done = load_items(store, 1, "file", [NewItem(one) for one in ("kept", "shown", "fresh", "kept")])
        assert (done.rows, done.added, done.joined, done.filed) == (4, 2, 2, 2)
        with store.read() as tx:
            (chunk,) = items.chunks(tx, 1)
            assert chunk.texts[3:] == ("kept", "fresh")
            assert chunk.weights.tolist()[3:] == [2, 1]
            found = contents.find(tx, 1, [content_id(one) for one in ("kept", "shown", "fresh")])
            assert sorted(found.values()) == [1 << 32, (1 << 32) + 3, (1 << 32) + 4]
            assert verify(ledger.rows(tx)).demand().checked == 3
