"""The index over open questions in two: those that nobody holds, in the order in which they are asked, and held ones."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """The queue is small: both are made at once."""
    op.drop_index("queue_free", "queue")
    for name, columns, rows in (
        ("queue_next", ["project", "rank", "id"], sa.text("owner IS NULL")),
        ("queue_held", ["project", "owner"], sa.text("owner IS NOT NULL")),
    ):
        op.create_index(name, "queue", columns, sqlite_where=rows, postgresql_where=rows)
