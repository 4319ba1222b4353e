"""Accounts, their seats in projects, and what signs them in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True)


def upgrade() -> None:
    """Make three empty tables; nothing that was there is touched."""
    op.create_table(
        "accounts",
        _key(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("owner", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("language", sa.Text, nullable=False, server_default=""),
        sa.Column("password", sa.Text),
        sa.Column("active", sa.SmallInteger, nullable=False, server_default="1"),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("salt", sa.LargeBinary),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "seats",
        sa.Column("account", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("project", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("active", sa.SmallInteger, nullable=False, server_default="1"),
        sa.Column("member", sa.BigInteger),
        sa.Column("since", sa.Float, nullable=False),
        sa.UniqueConstraint("member", name="seats_member"),
    )
    op.create_index("seats_project", "seats", ["project"])
    op.create_table(
        "credentials",
        _key(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("project", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("seen", sa.Float),
        sa.Column("expires", sa.Float, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("credentials_account", "credentials", ["account", "kind"])
    op.create_index("credentials_project", "credentials", ["project", "kind"])
