"""A question carries the suggestion it shows, an answer what had been suggested, a skip where it stands among answers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Columns added at the end: no row is rewritten."""
    op.add_column("queue", sa.Column("hint", sa.Text))
    op.add_column("opinions", sa.Column("suggested", sa.Text, nullable=False, server_default=""))
    op.add_column("passes", sa.Column("newest", sa.BigInteger, nullable=False, server_default="0"))
