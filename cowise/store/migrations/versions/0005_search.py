"""An index of words for searching texts; filled in the background, and it can be made anew from the items."""

from alembic import op

revision = "0005"
down_revision = "0004"

# Contentless: the texts stand in items alone. secure-delete: what was erased leaves nothing in the index.
_SQLITE = (
    "CREATE VIRTUAL TABLE search USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='unicode61')",
    "INSERT INTO search(search, rank) VALUES ('secure-delete', 1)",
)
_POSTGRES = (
    "CREATE TABLE search (item BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX search_words ON search USING gin (words)",
)


def upgrade() -> None:
    """Make the empty index."""
    connection = op.get_bind()
    for statement in _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement)
