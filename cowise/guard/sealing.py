"""Files at rest: sealed by AES-256-GCM under one key, their names hidden.

A sealed file is a random nonce of 12 bytes, then ciphertext and tag.
"""

from __future__ import annotations

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cowise.core.errors import InputError, TrustError

_NONCE = 12
_SEAL = b"cowise files seal v1"
_NAME = b"cowise files name v1"


class FileSeal:
    """Seals and opens the bytes of files. Key and names come from `key` under tags of their own.

    >>> seal = FileSeal(bytes(32))
    >>> seal.open(seal.seal(b"text")), seal.seal(b"text") == seal.seal(b"text")
    (b'text', False)
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise InputError(f"files key: needs 32 bytes, got {len(key)}; take it from the key folder")
        self._aead = AESGCM(hmac.digest(key, _SEAL, "sha256"))
        self._names = hmac.digest(key, _NAME, "sha256")

    def seal(self, plain: bytes) -> bytes:
        """Encrypt and authenticate."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Undo `seal`; TrustError when the bytes were changed or sealed under another key."""
        try:
            return self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, ValueError):
            raise TrustError(
                "a sealed file was changed, or sealed under another key; restore it, and its key, from a backup"
            ) from None

    def name(self, digest: str) -> str:
        """A name of 64 hex digits that tells nothing of the content without the key."""
        return hmac.digest(self._names, digest.encode("ascii"), "sha256").hex()
