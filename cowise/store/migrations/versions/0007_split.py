"""Whether people gave different answers, beside each decision, with an index over those alone."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """A column at the end, no row is rewritten: until now nobody could be asked for a second opinion."""
    op.add_column("decisions", sa.Column("split", sa.SmallInteger, nullable=False, server_default="0"))
    few = sa.text("split = 1")
    op.create_index("decisions_split", "decisions", ["project", "item"], sqlite_where=few, postgresql_where=few)
