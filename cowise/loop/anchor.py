"""The ledger checked, signed, and anchored outside of the administrator's reach."""

from __future__ import annotations

from pathlib import Path

from cowise.core.errors import TrustError
from cowise.guard import Checkpoint, read_anchor, verified
from cowise.guard import verify as verify_rows
from cowise.guard import write_anchor as append_note
from cowise.loop.kinds import LedgerReport
from cowise.loop.workspace import Workspace
from cowise.store import ledger


def verify(ws: Workspace, anchor: str | Path | None = None) -> LedgerReport:
    """Check every entry against the chain, the signed checkpoints beside it, and an anchor file if one is given.

    The report says whether all fits and names the first fault; MissingError for an anchor that is not here.
    """
    keys = ws.keys.verifiers()
    origin = keys[-1].name
    try:
        marks: list[Checkpoint] = [] if anchor is None else read_anchor(Path(anchor), keys, origin=origin)
        with ws.store.read() as tx:
            for row in ledger.checkpoints(tx):
                mark = verified(row.note, keys)
                if mark.origin != origin or (mark.size, mark.root) != (row.size, row.root):
                    return broken(f"checkpoint at {row.size}: its row and its signed note differ")
                marks.append(mark)
            report = verify_rows(ledger.rows(tx), marks=marks)
    except TrustError as cause:
        return broken(str(cause))
    fault = report.fault.message if report.fault else ""
    return LedgerReport(report.ok, report.checked, report.marks, report.root.hex(), fault)


def broken(fault: str) -> LedgerReport:
    """A report of a fault found before any entry was checked."""
    return LedgerReport(ok=False, entries=0, marks=0, root="", fault=fault)


def checkpoint(ws: Workspace) -> str:
    """Sign where the ledger ends now; the newest signed note. TrustError while the ledger is empty."""
    ws.sign()
    with ws.store.read() as tx:
        marks = ledger.checkpoints(tx)
    if not marks:
        raise TrustError("checkpoint: the ledger is empty; make a project first")
    return marks[-1].note


def write_anchor(ws: Workspace, file: str | Path) -> str:
    """Add the newest signed checkpoint to a file that others keep; the note. TrustError while the ledger is empty."""
    note = checkpoint(ws)
    append_note(Path(file), note)
    return note
