"""SQL and files, one home. Open a workspace, then call the functions of a part with an open transaction.

with open_store(home) as store:
    store.write(lambda tx: projects.create(tx, ...))
    with store.read() as tx:
        projects.get(tx, "tickets")

Parts load at first use, so that a status loads neither numpy nor what imports, backups and jobs need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cowise.core import registry  # not its `load`: a module of this room bears that name

if TYPE_CHECKING:
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

_HOME = {
    "Blobs": "blobs",
    "Cipher": "blobs",
    "SegmentVectors": "vectors",
    "Store": "store",
    "Tx": "tx",
    "load_items": "load",
    "open_store": "store",
    "roll_back": "load",
}

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


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return registry.load(f"{__name__}.{_HOME[name]}:{name}")
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
