"""Secrets and salted hashes. Ciphers themselves come from libraries."""

from __future__ import annotations

import secrets
from hashlib import sha256
from hmac import digest as hmac

from cowise.core.errors import InputError

KEY_BYTES = 32


def new_key() -> bytes:
    """32 random bytes: a database key, a signing seed, an audit key or a salt."""
    return secrets.token_bytes(KEY_BYTES)


def database_key() -> str:
    """A raw 256-bit key in the form SQLCipher takes without deriving: x'64 hex digits'."""
    return f"x'{new_key().hex()}'"


def salted(salt: bytes, value: str) -> str:
    """HMAC-SHA-256 of a personal value under its own salt, 64 hex digits; erasing the salt erases the link.

    Raises InputError for a salt under 16 bytes, which could be guessed.

    >>> salted(bytes(16), "Li Wei") == salted(bytes(16), "Li Wei")
    True
    """
    if len(salt) < 16:
        raise InputError(f"salt: needs at least 16 random bytes, got {len(salt)}; use new_key()")
    # In one call: half the time of an import goes into these otherwise.
    return hmac(salt, value.encode("utf-8", "surrogatepass"), "sha256").hex()


def commitment(audit_key: bytes) -> str:
    """What the project's first ledger entry says of its audit key: SHA-256 under a tag of its own, 64 hex digits.

    >>> len(commitment(bytes(32)))
    64
    """
    return sha256(b"cowise audit key v1\x00" + audit_key).hexdigest()
