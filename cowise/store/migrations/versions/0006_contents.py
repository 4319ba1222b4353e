"""Content ids in a table of their own, which an import fills in sorted runs, instead of an index on the items."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make and fill the table, drop the index, count what imports have filed."""
    run = op.get_bind().exec_driver_sql
    ending = " WITHOUT ROWID" if op.get_bind().dialect.name == "sqlite" else ""
    run(
        "CREATE TABLE contents (project BIGINT NOT NULL, content TEXT NOT NULL, item BIGINT NOT NULL, "
        f"PRIMARY KEY (project, content)){ending}"
    )
    # Read by way of the index that goes: in order.
    run(
        "INSERT INTO contents (project, content, item) "
        "SELECT project, content, id FROM items WHERE erased = 0 ORDER BY project, content"
    )
    run("DROP INDEX items_content")
    run("ALTER TABLE imports ADD COLUMN filed BIGINT DEFAULT '0' NOT NULL")
    run("UPDATE imports SET filed = added")
