"""What the ledger says: entries appended in the transaction of their effect, people and texts as salted hashes only."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cowise.core.registry import load
from cowise.core.types import Answer
from cowise.guard import batch_root, salted
from cowise.loop.kinds import AFRESH
from cowise.store import Tx, items, ledger, opinions, projects, queue
from cowise.store.members import Member
from cowise.store.projects import Project
from cowise.store.queue import Wanted

if TYPE_CHECKING:
    import numpy.typing as npt

ERASED = "erased"


def append(tx: Tx, project: Project | int, kind: str, record: Mapping[str, Any]) -> None:
    """One entry of a project."""
    ledger.append(tx, project if isinstance(project, int) else project.id, kind, dict(record))


def change(tx: Tx, project: int, **settings: Any) -> Project:
    """Change some settings of a project in this transaction; the project as it is now."""
    now = projects.by_id(tx, project)
    projects.set_settings(tx, project, {**now.settings, **settings})
    return projects.by_id(tx, project)


def afresh(tx: Tx, project: int, **settings: Any) -> None:
    """Everything open is promised about anew: an open look is given up, and answers that it alone used train from now on."""
    now = projects.by_id(tx, project)
    moved = opinions.free_audits(tx, project) if now.settings.get("walk") else 0
    change(tx, project, **{**AFRESH, "moved": int(now.settings.get("moved", 0)) + moved, **settings})


def ask(tx: Tx, project: Project, wanted: Sequence[Wanted], kind: str, record: Mapping[str, Any]) -> None:
    """Put questions into the queue; the entry `kind` names them by a root over their hashes, in no telling order."""
    queue.fill(tx, project.id, wanted)
    change(tx, project.id, asked=int(project.settings.get("asked", 0)) + len(wanted))
    named = hashes_of(tx, project.id, [one.ordinal for one in wanted])
    append(tx, project, kind, {**record, "n": len(wanted), "root": root_of(sorted(named.values()))})


def person(member: Member) -> str:
    """A member in the ledger: the name under the member's own salt; "erased" once that is gone."""
    return ERASED if member.salt is None else salted(member.salt, member.name)


def item_hash(salt: bytes | None, content: str) -> str:
    """An item in the ledger: its content id under its own salt; "erased" once that is gone."""
    return ERASED if salt is None else salted(salt, content)


def hashes_of(tx: Tx, project: int, ordinals: Iterable[int]) -> dict[int, str]:
    """Ledger hashes of items by ordinal."""
    return {o: item_hash(salt, content) for o, (salt, content) in items.salts(tx, project, list(ordinals)).items()}


def root_of(values: Iterable[str]) -> str:
    """Merkle root over texts in the order given, as hex digits."""
    return batch_root(values).hex()


def answer_text(answer: Answer | None) -> str:
    """An answer as one line of a Merkle leaf.

    >>> answer_text(Answer.of("bug")), answer_text(Answer("none"))
    ('label:bug', 'none:')
    """
    if answer is None:
        return ""
    return f"{answer.kind}:{answer.text if answer.kind in ('label', 'labels') else ''}"


def arrays(**columns: npt.NDArray[Any]) -> bytes:
    """Columns as one file."""
    buffer = io.BytesIO()
    load("numpy:savez")(buffer, **columns)
    return buffer.getvalue()


def columns(data: bytes) -> dict[str, npt.NDArray[Any]]:
    """What `arrays` wrote."""
    with load("numpy:load")(io.BytesIO(data), allow_pickle=False) as found:
        return {name: found[name] for name in found.files}
