"""All tables of the first version, as SQL that is never edited again."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

_SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Make the tables and the ledger's guards."""
    connection = op.get_bind()
    script = (_SQL / f"0001_{connection.dialect.name}.sql").read_text("utf-8")
    for statement in script.split("\n;;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
