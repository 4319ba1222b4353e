"""Trust: keys, lots, the ledger and proofs over it. Pure but for key and anchor files.

Names that need ciphers or numpy load at first use: most commands neither sign nor draw lots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cowise.core.registry import load
from cowise.guard.access import ACTIONS, ROLES, Role, Verdict, allowed
from cowise.guard.canonical import JSON, canonical
from cowise.guard.crypt import commitment, database_key, new_key, salted
from cowise.guard.keys import KeyFolder
from cowise.guard.ledger import GENESIS, Fault, Report, seal, verify
from cowise.guard.merkle import append, batch_root, leaf, root

if TYPE_CHECKING:
    from cowise.guard.anchor import read_anchor, write_anchor
    from cowise.guard.checkpoint import Checkpoint, Signer, Verifier, verified
    from cowise.guard.lottery import lot, lots, tie, ties
    from cowise.guard.proof import consistency, consistent, included, inclusion
    from cowise.guard.sealing import FileSeal

_HOME = {
    "Checkpoint": "checkpoint",
    "FileSeal": "sealing",
    "Signer": "checkpoint",
    "Verifier": "checkpoint",
    "consistency": "proof",
    "consistent": "proof",
    "included": "proof",
    "inclusion": "proof",
    "lot": "lottery",
    "lots": "lottery",
    "read_anchor": "anchor",
    "tie": "lottery",
    "ties": "lottery",
    "verified": "checkpoint",
    "write_anchor": "anchor",
}

__all__ = [
    "ACTIONS",
    "GENESIS",
    "JSON",
    "ROLES",
    "Checkpoint",
    "Fault",
    "FileSeal",
    "KeyFolder",
    "Report",
    "Role",
    "Signer",
    "Verdict",
    "Verifier",
    "allowed",
    "append",
    "batch_root",
    "canonical",
    "commitment",
    "consistency",
    "consistent",
    "database_key",
    "included",
    "inclusion",
    "leaf",
    "lot",
    "lots",
    "new_key",
    "read_anchor",
    "root",
    "salted",
    "seal",
    "tie",
    "ties",
    "verified",
    "verify",
    "write_anchor",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return load(f"{__name__}.{_HOME[name]}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
