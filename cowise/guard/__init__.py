"""Trust: keys, lots, the ledger and proofs over it. Pure but for key and anchor files."""

from cowise.guard.access import ACTIONS, ROLES, Role, Verdict, allowed
from cowise.guard.anchor import read_anchor, write_anchor
from cowise.guard.canonical import JSON, canonical
from cowise.guard.checkpoint import Checkpoint, Signer, Verifier, verified
from cowise.guard.crypt import commitment, database_key, new_key, salted
from cowise.guard.keys import KeyFolder
from cowise.guard.ledger import GENESIS, Fault, Report, seal, verify
from cowise.guard.lots import lot, lots, tie, ties
from cowise.guard.merkle import append, batch_root, leaf, root
from cowise.guard.proof import consistency, consistent, included, inclusion
from cowise.guard.sealing import FileSeal

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
