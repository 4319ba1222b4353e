"""Passwords: Argon2id with 46 MiB, two at a time, and the same work whether or not somebody has that name."""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cowise.core.errors import InputError

LEAST, MOST = 8, 1000
DISTINCT = 4
EASY = frozenset(
    [
        "cowise",
        "workspace",
        "password",
        "passwort",
        "owner",
        "lead",
        "reviewer",
        "inspector",
        "admin",
        "welcome",
        "letmein",
        "qwerty",
        "qwertyuiop",
    ]
)
"""Words that a guesser tries first; a password is not one of these, or the name, with digits and signs around it."""
_HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1, hash_len=32, salt_len=16)
# Each takes 46 MiB and a core for about 50 ms: more at once would let a flood of attempts push out the answers.
_TURN = threading.BoundedSemaphore(2)
# Looks like a hash of today's cost and fits no password: what is checked where there is none.
_NONE = f"$argon2id$v=19$m={46 * 1024},t=1,p=1${'A' * 22}${'A' * 43}"


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether the password fits; `renewed` is a hash of today's cost to keep in place of an older one, "" for none."""

    ok: bool
    renewed: str = ""


def _bytes(password: str) -> bytes:
    # Two keyboards may compose one character differently; nothing else is changed.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def strong(password: str, name: str = "") -> str:
    """The password, if it may be one; InputError says what is wrong with it.

    Length counts, not kinds of characters: 8 to 1,000, four different ones, and more than the name or an easy word.
    """
    if not LEAST <= len(password) <= MOST:
        raise InputError(f"password: it has {len(password)} characters; give {LEAST} to {MOST}")
    if len(set(password)) < DISTINCT:
        raise InputError(f"password: it has fewer than {DISTINCT} different characters; give another")
    if _letters(password) in {_letters(name), *EASY} - {""}:
        raise InputError("password: it is your name or an easy word with signs around it; give another")
    return password


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalpha())


def hashed(password: str) -> str:
    """A hash that can be stored: algorithm, cost, salt and digest in one line of text."""
    with _TURN:
        return _HASHER.hash(_bytes(password))


def check(password: str, stored: str | None) -> Checked:
    """Compare with a stored hash; None stands for nobody, takes as long, and never fits.

    >>> check("anything", None)
    Checked(ok=False, renewed='')
    """
    fits = False
    with _TURN:
        try:
            fits = _HASHER.verify(stored or _NONE, _bytes(password[:MOST]))
        except (VerificationError, InvalidHashError):
            fits = False
    if not fits or stored is None or len(password) > MOST:
        return Checked(ok=False)
    return Checked(ok=True, renewed=hashed(password) if _HASHER.check_needs_rehash(stored) else "")
