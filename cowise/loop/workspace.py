"""An open workspace: settings, store and keys, and what is kept in memory between two calls."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cowise.core.errors import ConflictError, CowiseError, InputError, MissingError, TrustError
from cowise.core.registry import load
from cowise.core.settings import Settings
from cowise.guard import KeyFolder
from cowise.guard.crypt import commitment
from cowise.store import Store, Tx, ledger, open_store
from cowise.store.projects import Project

FILE = "cowise.db"
EVERY = 1000
"""Ledger entries between two signed checkpoints; closing signs one too."""


@dataclass(slots=True)
class Workspace:
    """Owns the store and the keys of one folder; make it with `open_workspace`, and close it."""

    settings: Settings
    store: Store
    keys: KeyFolder
    memory: dict[str, Any] = field(default_factory=dict)
    """Learners and encoders of this process by name: only what can be computed anew."""
    closed: bool = False

    @property
    def home(self) -> Path:
        """The folder."""
        return self.settings.home

    def sign(self, *, least: int = 1) -> str:
        """Sign where the ledger ends, if `least` entries came since the last checkpoint; the signed note or ""."""
        signer, checkpoint = self.keys.signing(), load("guard.checkpoint:Checkpoint")

        def work(tx: Tx) -> str:
            end = ledger.head(tx, lock=True)
            if ledger.unsigned(tx, end) < least:
                return ""
            note = signer.sign(checkpoint(signer.verifier.name, end.size, end.root, end.hash))
            ledger.add_checkpoint(tx, end, note)
            return note

        return self.store.write(work)

    def close(self) -> None:
        """Sign what was recorded, finish what is queued, let go of everything; closing twice does no harm."""
        if self.closed:
            return
        self.closed = True
        try:
            with self.store.read() as tx:
                grown = ledger.unsigned(tx, ledger.head(tx))
            if grown:
                self._sign_last()
        finally:
            self.store.close()

    def _sign_last(self) -> None:
        try:
            self.sign()
        except CowiseError as cause:
            raise type(cause)(f"the work is done, but the end of the ledger is not signed: {cause}") from cause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        # After a fault the first one is the one to report, not that there was nothing to sign it with either.
        with nullcontext() if value is None else suppress(CowiseError):
            self.close()


def exists(settings: Settings) -> bool:
    """Whether the folder holds a workspace."""
    return (settings.home / "keys" / "verifiers.txt").is_file() or (settings.home / FILE).is_file()


def open_workspace(
    settings: Settings, *, create: bool = False, encrypt: bool = False, clock: Callable[[], float] | None = None
) -> Workspace:
    """Open the workspace in `settings.home`; `create` makes it when it is not there.

    `encrypt` seals the database, models and vectors of a new one. MissingError without a workspace, ConflictError for
    asking to encrypt one that stands in the clear, StorageError when the disk, the key or the database refuses.
    `clock` gives seconds since 1970.
    """
    fresh = not exists(settings)
    if fresh and not create:
        raise MissingError(f"{settings.home} holds no workspace; make one with: cowise new NAME --labels a,b")
    keys = KeyFolder(settings.home / "keys")
    if encrypt and settings.db:
        raise InputError("--encrypt seals the workspace's own SQLite file; PostgreSQL is encrypted by its server")
    if encrypt and not fresh and not keys.has_data() and not settings.key:
        raise ConflictError(f"{settings.home} holds a workspace in the clear; make another one and add the data there")
    if fresh:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if encrypt and fresh:
        keys.create_files()
    if encrypt and not settings.key and not keys.has_data():
        keys.create_data()
    store = _store(settings, keys, create=create, clock=clock)
    if not (keys.path / "verifiers.txt").is_file():
        _no_marks(store, keys)
        keys.create_signing(f"cowise.local/{hashlib.sha256(str(settings.home.resolve()).encode()).hexdigest()[:12]}")
    return Workspace(settings, store, keys)


def reopened(ws: Workspace) -> Store:
    """The store again, after its key was replaced."""
    return _store(ws.settings, ws.keys, create=False, clock=None)


def _no_marks(store: Store, keys: KeyFolder) -> None:
    """A new signing key is made for a new workspace alone: an old one without its keys must get them back."""
    with store.read() as tx:
        found = ledger.head(tx).size
    if found:
        store.close()
        raise MissingError(
            f"{keys.path} lacks the keys of this workspace; put the keys folder back from where it is kept"
        )


def _store(settings: Settings, keys: KeyFolder, *, create: bool, clock: Callable[[], float] | None) -> Store:
    secret = keys.files()
    seal = None if secret is None else load("guard.sealing:FileSeal")(secret)

    def opened(key: str | bytes) -> Store:
        return open_store(settings.home, db=settings.db, key=key, create=create, clock=clock, cipher=seal)

    if settings.db:
        return opened("")
    if settings.key or not keys.has_data():
        return opened(settings.key)
    pending = keys.pending_data()
    if pending is None:
        return opened(keys.data())
    # A change of key was cut short: one of the two opens the database.
    try:
        store = opened(pending)
    except Exception:  # noqa: BLE001 — the old key decides; its own fault is the one to report
        store = opened(keys.data())
        keys.settle_data(pending=False)
        return store
    keys.settle_data(pending=True)
    return store


def audit_key(ws: Workspace, project: Project) -> bytes:
    """A project's audit key; TrustError where it is not the one that its first ledger entry commits to: lots could be chosen."""
    key = ws.keys.audit(project.key_ref)
    if commitment(key) != project.commitment:
        raise TrustError(
            f"audit key of project {project.name!r}: it is not the key that the project was made with; put the keys folder of this workspace back"
        )
    return key


def look_key(audit_key: bytes, look: int | None, salt: str) -> bytes:
    """The key of a look's lots. `salt` was drawn when the workspace was restored last, "" for never."""
    return lot_key(audit_key, f"look {look}" + (f" {salt}" if salt else ""))


def lot_key(audit_key: bytes, look: str) -> bytes:
    """The key of one look's lots: drawn afresh from the project's audit key, so that no look tells of another.

    >>> lot_key(bytes(32), "batch 0") == lot_key(bytes(32), "batch 1")
    False
    """
    return hmac.new(audit_key, b"cowise look v1\x00" + look.encode("utf-8"), hashlib.sha256).digest()
