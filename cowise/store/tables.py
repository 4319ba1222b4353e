"""Every table, fixed against 1,000,000 items and two writing processes.

An item's key is `project << 32 | ordinal`: items are appended, a project is one key range, arrays use the ordinal.
Items carry no priority: the picker fills the small `queue`, so re-scoring touches no item.
Flags are 0 or 1 and JSON is text, so that both databases store the same values.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData()


def _serial() -> TypeEngine[int]:
    """A key that counts up by itself in both databases (SQLite needs the word INTEGER)."""
    return BigInteger().with_variant(Integer(), "sqlite")


def _key(name: str = "id") -> Column[int]:
    return Column(name, _serial(), primary_key=True, autoincrement=True)


def _lease() -> list[Column[object]]:
    """Columns of anything held for a time: see leases.py."""
    return [
        Column("owner", Text),
        Column("token", Text),
        Column("expires", Float),
        Column("epoch", Integer, nullable=False, server_default="0"),
    ]


def _partial(name: str, *columns: str, rows: str, unique: bool = False) -> Index:
    """An index over some rows alone."""
    return Index(name, *columns, unique=unique, sqlite_where=text(rows), postgresql_where=text(rows))


projects = Table(
    "projects",
    metadata,
    _key(),
    Column("name", Text, nullable=False, unique=True),
    Column("task", Text, nullable=False),
    Column("promise", Text, nullable=False),
    Column("settings", Text, nullable=False),
    Column("key_ref", Text, nullable=False),
    Column("commitment", Text, nullable=False),
    Column("released", Text, nullable=False, server_default=""),
    Column("visible", BigInteger, nullable=False, server_default="0"),
    Column("created", Float, nullable=False),
    Column("state", Text, nullable=False, server_default="live"),
    # A number is never given twice: the ledger goes on naming a deleted project by it.
    sqlite_autoincrement=True,
)

items = Table(
    "items",
    metadata,
    Column("id", _serial(), primary_key=True, autoincrement=False),
    Column("project", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("raw", LargeBinary),
    Column("meta", Text),
    Column("weight", Integer, nullable=False, server_default="1"),
    Column("label", Text),
    Column("label_by", Text),
    Column("import_id", BigInteger, nullable=False),
    Column("salt", LargeBinary),
    Column("erased", SmallInteger, nullable=False, server_default="0"),
    Column("language", Text, nullable=False, server_default=""),
)

contents = Table(
    "contents",
    metadata,
    Column("project", BigInteger, primary_key=True, autoincrement=False),
    Column("content", Text, primary_key=True),
    Column("item", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

imports = Table(
    "imports",
    metadata,
    _key(),
    Column("project", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("position", Text, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False, server_default="0"),
    Column("added", BigInteger, nullable=False, server_default="0"),
    Column("joined", BigInteger, nullable=False, server_default="0"),
    Column("conflicts", BigInteger, nullable=False, server_default="0"),
    Column("filed", BigInteger, nullable=False, server_default="0"),
    Column("started", Float, nullable=False),
    Column("finished", Float),
    *_lease(),
    _partial("imports_open", "project", rows="finished IS NULL", unique=True),
)

joins = Table(
    "joins",
    metadata,
    _key(),
    Column("import_id", BigInteger, nullable=False),
    Column("item", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    Column("label", Text),
    Column("label_by", Text),
    Index("joins_import", "import_id", "id"),
)

conflicts = Table(
    "conflicts",
    metadata,
    _key(),
    Column("project", BigInteger, nullable=False),
    Column("item", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("label_by", Text, nullable=False),
    Column("import_id", BigInteger, nullable=False),
    UniqueConstraint("item", "label", "label_by", name="conflicts_once"),
)

members = Table(
    "members",
    metadata,
    _key(),
    Column("project", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("active", SmallInteger, nullable=False, server_default="1"),
    Column("settings", Text, nullable=False),
    Column("salt", LargeBinary),
    UniqueConstraint("project", "name", name="members_name"),
)

opinions = Table(
    "opinions",
    metadata,
    _key(),
    Column("project", BigInteger, nullable=False),
    Column("item", BigInteger, nullable=False),
    Column("member", BigInteger, nullable=False),
    Column("answer", Text),
    Column("label", Text),
    Column("seconds", Float, nullable=False),
    Column("cost", Float, nullable=False),
    Column("blind", SmallInteger, nullable=False),
    Column("version", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("state", Text, nullable=False),
    Column("superseded_by", BigInteger),
    Column("key", Text),
    Column("body", Text, nullable=False),
    Column("used_for", Text, nullable=False),
    Column("certificate", Text, nullable=False, server_default=""),
    Column("suggested", Text, nullable=False, server_default=""),
    Index("opinions_key", "project", "key", unique=True),
    Index("opinions_member", "project", "member", "id"),
    Index("opinions_item", "item"),
    _partial("opinions_current", "item", "member", rows="state = 'current'", unique=True),
    _partial("opinions_project", "project", "id", rows="state = 'current'"),
)

machine = Table(
    "machine",
    metadata,
    _key(),
    Column("project", BigInteger, nullable=False),
    Column("member", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("blob", Text, nullable=False),
    Column("at", Float, nullable=False),
    Index("machine_version", "project", "member", "version", "id"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("item", _serial(), primary_key=True, autoincrement=False),
    Column("project", BigInteger, nullable=False),
    Column("answer", Text),
    Column("label", Text),
    Column("route", Text, nullable=False),
    Column("p", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("certificate", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("split", SmallInteger, nullable=False, server_default="0"),
    Index("decisions_route", "project", "route", "item"),
    Index("decisions_label", "project", "label", "item"),
    _partial("decisions_split", "project", "item", rows="split = 1"),
)

certificates = Table(
    "certificates",
    metadata,
    _key("seq"),
    Column("id", Text, nullable=False, unique=True),
    Column("project", BigInteger, nullable=False),
    Column("version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("body", Text, nullable=False),
    Index("certificates_project", "project", "seq"),
)

versions = Table(
    "versions",
    metadata,
    _key("seq"),
    Column("project", BigInteger, nullable=False),
    Column("id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("metrics", Text, nullable=False),
    Column("at", Float, nullable=False),
    UniqueConstraint("project", "id", name="versions_id"),
)

queue = Table(
    "queue",
    metadata,
    _key(),
    Column("project", BigInteger, nullable=False),
    Column("item", BigInteger, nullable=False),
    Column("seat", Integer, nullable=False, server_default="0"),
    Column("rank", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("blind", SmallInteger, nullable=False),
    *_lease(),
    Column("hint", Text),
    Column("wish", BigInteger),
    Column("language", Text, nullable=False, server_default=""),
    UniqueConstraint("item", "seat", name="queue_item"),
    # In two: a question's owner comes and goes, and PostgreSQL reads no order out of an index past one that may be null.
    _partial("queue_next", "project", "rank", "id", rows="owner IS NULL"),
    _partial("queue_held", "project", "owner", rows="owner IS NOT NULL"),
    Index("queue_token", "token"),
)

passes = Table(
    "passes",
    metadata,
    _key(),
    Column("project", BigInteger, nullable=False),
    Column("item", BigInteger, nullable=False),
    Column("member", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("newest", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("item", "member", "kind", name="passes_once"),
    Index("passes_project", "project", "id"),
)

jobs = Table(
    "jobs",
    metadata,
    _key(),
    Column("project", BigInteger, nullable=False, server_default="0"),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rank", Float, nullable=False),
    Column("created", Float, nullable=False),
    Column("heartbeat", Float),
    Column("checkpoint", Text, nullable=False),
    Column("progress", Float, nullable=False, server_default="0"),
    Column("result", Text, nullable=False),
    *_lease(),
    Index("jobs_free", "state", "owner", "rank"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", _serial(), primary_key=True, autoincrement=False),
    Column("project", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("ledger_project", "project", "seq"),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("head", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Float, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("project", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    Column("login", Text, nullable=False, unique=True),
    Column("owner", SmallInteger, nullable=False, server_default="0"),
    Column("language", Text, nullable=False, server_default=""),
    Column("password", Text),
    Column("active", SmallInteger, nullable=False, server_default="1"),
    Column("created", Float, nullable=False),
    Column("salt", LargeBinary),
    # A number is never given twice: the ledger and old seats go on naming an account by it.
    sqlite_autoincrement=True,
)

seats = Table(
    "seats",
    metadata,
    Column("account", BigInteger, primary_key=True, autoincrement=False),
    Column("project", BigInteger, primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("active", SmallInteger, nullable=False, server_default="1"),
    Column("member", BigInteger),
    Column("since", Float, nullable=False),
    UniqueConstraint("member", name="seats_member"),
    Index("seats_project", "project"),
)

# Sessions, one-time links, invitations and machine tokens: secrets that are shown once and kept as a hash.
credentials = Table(
    "credentials",
    metadata,
    _key(),
    Column("kind", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("account", BigInteger, nullable=False),
    Column("project", BigInteger, nullable=False, server_default="0"),
    Column("body", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("seen", Float),
    Column("expires", Float, nullable=False),
    Index("credentials_account", "account", "kind"),
    Index("credentials_project", "project", "kind"),
    sqlite_autoincrement=True,
)
