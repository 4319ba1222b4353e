"""Who had best be asked a question, where that is known: others may still answer it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """A column at the end, empty: whatever waits now is anybody's."""
    op.add_column("queue", sa.Column("wish", sa.BigInteger))
