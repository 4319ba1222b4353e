"""The language of each item, and of each open question: whoever cannot read it is not asked."""

import json

import sqlalchemy as sa
from alembic import op

from cowise.core.language import language_of

revision = "0010"
down_revision = "0009"
_AT_ONCE = 5000
_SPAN = sa.text("SELECT id, text, meta FROM items WHERE id > :after AND erased = 0 ORDER BY id LIMIT :n")
_TOLD = sa.text("UPDATE items SET language = :language WHERE id = :id")


def upgrade() -> None:
    """A column at the end of both, filled from the texts; the items' pass goes once over them by their keys."""
    for table in ("items", "queue"):
        op.add_column(table, sa.Column("language", sa.Text, nullable=False, server_default=""))
    run, after = op.get_bind().execute, -1
    while rows := run(_SPAN, {"after": after, "n": _AT_ONCE}).all():
        told = [{"id": row.id, "language": language_of(row.text, json.loads(row.meta or "{}"))} for row in rows]
        run(_TOLD, told)
        after = rows[-1].id
    run(sa.text("UPDATE queue SET language = coalesce((SELECT language FROM items WHERE items.id = queue.item), '')"))
