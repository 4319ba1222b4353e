"""Use cases: the only room where models, data, store, team and learning meet.

Names load at first use, so that `status` pays for the store and nothing else.
"""

from __future__ import annotations

from typing import Any

from cowise.core.registry import load
from cowise.loop.kinds import (
    Added,
    Advice,
    Check,
    Forgotten,
    HumanShare,
    ItemView,
    KeyInfo,
    LedgerReport,
    Progress,
    ProjectInfo,
    Status,
    Told,
    VersionInfo,
)

_HOME = {
    "Columns": "ingest",
    "Filter": "look",
    "How": "ingest",
    "Review": "review",
    "Workspace": "workspace",
    "Written": "out",
    "add": "ingest",
    "advance": "plan",
    "backup": "keep",
    "certify": "certify",
    "change": "projects",
    "checkpoint": "anchor",
    "create": "projects",
    "decide": "automate",
    "delete": "projects",
    "deliver": "automate",
    "demo": "demo",
    "doctor": "doctor",
    "export": "out",
    "forget_item": "erase",
    "forget_person": "erase",
    "get": "projects",
    "items": "look",
    "key_rotate": "keep",
    "key_show": "keep",
    "learn": "train",
    "listing": "projects",
    "models_list": "weights",
    "models_pull": "weights",
    "models_remove": "weights",
    "models_show": "weights",
    "open_workspace": "workspace",
    "rename": "projects",
    "replay": "replay",
    "restore": "keep",
    "session": "review",
    "status": "look",
    "story": "look",
    "undo_import": "ingest",
    "verify": "anchor",
    "withdraw": "certify",
    "write_anchor": "anchor",
}

__all__ = [
    "Added",
    "Advice",
    "Check",
    "Forgotten",
    "HumanShare",
    "ItemView",
    "KeyInfo",
    "LedgerReport",
    "Progress",
    "ProjectInfo",
    "Status",
    "Told",
    "VersionInfo",
    *_HOME,
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return load(f"{__name__}.{_HOME[name]}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
