"""Backup, restore, and the keys."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from cowise.core.errors import InputError, MissingError
from cowise.core.settings import Settings
from cowise.guard import KeyFolder
from cowise.guard import verify as verify_rows
from cowise.guard.keys import LOSS
from cowise.loop import records
from cowise.loop.anchor import verify
from cowise.loop.kinds import KeyInfo, LedgerReport
from cowise.loop.workspace import Workspace, open_workspace, reopened
from cowise.store import Tx, ledger, open_store, opinions, projects, queue
from cowise.store import backup as copies
from cowise.store.connect import rekey


def backup(ws: Workspace, to: str | Path) -> Path:
    """Write a whole copy of the workspace into a new folder while others use it; its manifest.

    The keys folder is left out: whoever holds the copy must not hold the keys. ConflictError when the folder is taken.
    """
    ws.sign()
    return copies.save(ws.home, Path(to), db=ws.settings.db, key=_key(ws))


def _key(ws: Workspace) -> str | bytes:
    if ws.settings.key or not ws.keys.has_data():
        return ws.settings.key
    return ws.keys.data()


def restore(settings: Settings, source: str | Path) -> LedgerReport:
    """Read a backup back into `settings.home`, every file checked first, and check its ledger.

    Where the keys folder was put back before, signed checkpoints are checked too.
    """
    keys = KeyFolder(settings.home / "keys")
    key: str | bytes = settings.key
    if not key and keys.has_data():
        key = keys.data()
    copies.restore(Path(source), settings.home, db=settings.db, key=key)
    with open_store(settings.home, db=settings.db, key=key, create=False) as store:
        store.write(_on_record)
    if (keys.path / "verifiers.txt").is_file():
        with open_workspace(settings) as ws:
            return verify(ws)
    with open_store(settings.home, db=settings.db, key=key, create=False) as store, store.read() as tx:
        report = verify_rows(ledger.rows(tx))
    fault = report.fault.message if report.fault else ""
    return LedgerReport(report.ok, report.checked, 0, report.root.hex(), fault)


def _on_record(tx: Tx) -> None:
    """Note in every project that it was read back: looks may have begun since the copy was made, and people may know their audits.

    So one is counted as begun, an open one is given up, and later lots are drawn with a number that nobody knew then.
    """
    for project in projects.all_of(tx):
        looks, salt = int(project.settings.get("looks", 0)) + 1, secrets.token_hex(8)
        given_up = {name: bool(project.settings.get(name)) for name in ("walk", "shadow")}
        moved = int(project.settings.get("moved", 0)) + (
            opinions.free_audits(tx, project.id) if given_up["walk"] else 0
        )
        fresh: dict[str, object] = {
            "walk": None,
            "again": [],
            "advice": None,
            "chosen": None,
            "shadow": None,
            "moved": moved,
        }
        records.change(tx, project.id, **fresh, looks=looks, salt=salt)
        queue.clear(tx, project.id)
        records.append(tx, project, "restored", {"looks": looks, "salt": salt, **given_up})


def key_show(ws: Workspace) -> KeyInfo:
    """Where the keys lie and their fingerprints; never a key itself."""
    encrypted = bool(ws.settings.key) or ws.keys.has_data()
    fingerprint = ""
    if ws.keys.has_data():
        fingerprint = hashlib.sha256(ws.keys.data()).hexdigest()[:16]
    kinds = ("signing", "audit", *(("data", "files") if encrypted else ()))
    return KeyInfo(ws.keys.path, str(ws.keys.verifiers()[-1]), encrypted, fingerprint, tuple(LOSS[k] for k in kinds))


def key_rotate(ws: Workspace, what: str = "signing") -> KeyInfo:
    """Replace the signing key, or the encryption key of the database (`data`), for which nobody else may have it open.

    Audit keys are never replaced: other lots would void every certificate.
    """
    if what == "signing":
        ws.sign()
        ws.keys.rotate_signing()
    elif what == "data":
        if not ws.keys.has_data():
            raise MissingError(
                f"{ws.home} has no encryption key to rotate; it stands in the clear, or its key comes from COWISE_KEY"
            )
        ws.store.close()
        try:
            ws.keys.rotate_data(lambda old, new: rekey(ws.home, old, new))
        finally:
            ws.store = reopened(ws)
    else:
        raise InputError(f"key: asked to rotate {what!r}; use signing or data, an audit key is never replaced")
    return key_show(ws)
