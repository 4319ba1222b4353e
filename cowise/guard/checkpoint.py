"""A signed statement "the ledger had this many records and this root", in C2SP text form.

Body: origin, size, base64 root, then one extension line `head <base64>`. Signatures are Ed25519 signed notes.
Source: C2SP tlog-checkpoint and signed-note specifications, 2024.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cowise.core.errors import InputError, TrustError

_ED25519 = b"\x01"
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size, root and head of a ledger at one moment. `head` is empty in a checkpoint that states none."""

    origin: str
    size: int
    root: bytes
    head: bytes = b""

    def body(self) -> str:
        """The signed text, ending in a line feed."""
        lines = [self.origin, str(self.size), _b64(self.root)]
        return "\n".join([*lines, f"head {_b64(self.head)}", ""] if self.head else [*lines, ""])


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half of a signing key with its name.

    >>> key = Signer("cowise.local/a", bytes(32)).verifier
    >>> Verifier.parse(str(key)) == key
    True
    """

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """First four bytes of SHA-256(name, line feed, 0x01, key), as the signed-note form asks."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """The `name+id+key` line under which others can keep it."""
        return f"{self.name}+{self.id.hex()}+{_b64(_ED25519 + self.public)}"

    @staticmethod
    def parse(line: str) -> Verifier:
        """Read what `str` wrote; InputError when it is not such a line or its id does not fit."""
        try:
            name, short, coded = line.strip().split("+", 2)
            raw = base64.b64decode(coded, validate=True)
        except (ValueError, binascii.Error):
            raise InputError(
                f"verifier key: {line[:60]!r} is not of the form name+id+key; copy the whole line"
            ) from None
        key = Verifier(name, raw[1:])
        if raw[:1] != _ED25519 or len(raw) != 33 or key.id.hex() != short:
            raise InputError(f"verifier key: {line[:60]!r} is damaged or not an Ed25519 key; copy it again")
        return key

    def accepts(self, body: bytes, signature: bytes) -> bool:
        """Whether the signature fits."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, body)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer:
    """Signs checkpoints with a 32-byte Ed25519 seed, under a name without spaces and plus signs."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not name or "+" in name or any(c.isspace() for c in name):
            raise InputError(f"signing key name: {name!r} is empty or has a space or a plus sign; give another")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint) -> str:
        """The checkpoint as a signed note."""
        if not checkpoint.origin or "\n" in checkpoint.origin or checkpoint.size < 0 or len(checkpoint.root) != 32:
            raise InputError("checkpoint: needs an origin of one line, a size of 0 or more and a root of 32 bytes")
        body = checkpoint.body()
        signature = self.verifier.id + self._key.sign(body.encode())
        return f"{body}\n{_DASH}{self.verifier.name} {_b64(signature)}\n"


def verified(note: str, keys: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint in a signed note, if one of `keys` signed it. Signatures by unknown keys are passed over.

    Raises TrustError when the note is damaged, bears no signature by a known key, or one that does not fit.
    """
    body, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise TrustError("checkpoint: not a signed note; take the file as it was written")
    text = (body + "\n").encode("utf-8", "surrogatepass")
    known = list(keys)
    signed = False
    for line in tail.removesuffix("\n").split("\n"):
        name, raw = _signature(line)
        for key in known:
            if key.name == name and key.id == raw[:4]:
                if not key.accepts(text, raw[4:]):
                    raise TrustError(f"checkpoint: the signature by {name} does not fit; the note was changed")
                signed = True
    if not signed:
        raise TrustError("checkpoint: signed by no key that is known here; give the public key it was signed with")
    return _parse(body)


def _signature(line: str) -> tuple[str, bytes]:
    name, _, coded = line.removeprefix(_DASH).partition(" ")
    try:
        raw = base64.b64decode(coded, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if not line.startswith(_DASH) or not name or len(raw) < 5:
        raise TrustError(f"checkpoint: {line[:60]!r} is not a signature line; take the file as it was written")
    return name, raw


def _parse(body: str) -> Checkpoint:
    lines = body.split("\n")
    try:
        origin, size, root = lines[:3]
        extra = dict(line.split(" ", 1) for line in lines[3:] if line.startswith("head "))
        found = Checkpoint(origin, int(size), _unb64(root), _unb64(extra.get("head", "")))
    except (ValueError, binascii.Error):
        raise TrustError("checkpoint: its three lines (origin, size, root) cannot be read") from None
    if str(found.size) != size or found.size < 0 or len(found.root) != 32 or len(found.head) not in (0, 32):
        raise TrustError("checkpoint: its size, root or head is out of form")
    return found


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _unb64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
