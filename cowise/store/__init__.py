"""SQL and files, one home. Open a workspace, then call the functions of a part with an open transaction.

with open_store(home) as store:
    store.write(lambda tx: projects.create(tx, ...))
    with store.read() as tx:
        projects.get(tx, "tickets")
"""

from __future__ import annotations

from cowise.store import (
    accounts,
    certificates,
    counters,
    credentials,
    decisions,
    erase,
    imports,
    items,
    jobs,
    ledger,
    listing,
    machine,
    members,
    opinions,
    projects,
    queue,
    renaming,
    search,
    timeline,
    versions,
)
from cowise.store.blobs import Blobs, Cipher
from cowise.store.load import load_items, roll_back
from cowise.store.store import Store, open_store
from cowise.store.tx import Tx
from cowise.store.vectors import SegmentVectors

__all__ = [
    "Blobs",
    "Cipher",
    "SegmentVectors",
    "Store",
    "Tx",
    "accounts",
    "certificates",
    "counters",
    "credentials",
    "decisions",
    "erase",
    "imports",
    "items",
    "jobs",
    "ledger",
    "listing",
    "load_items",
    "machine",
    "members",
    "open_store",
    "opinions",
    "projects",
    "queue",
    "renaming",
    "roll_back",
    "search",
    "timeline",
    "versions",
]
