"""Every route stands in the reference, with what it needs and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.routing import iter_route_contexts

from cowise.core.settings import Settings
from cowise.loop.workspace import open_workspace
from cowise.web.app import create
from cowise.web.deps import May, signed_in
from cowise.web.faults import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text("utf-8")
LINE = re.compile(r"^\| `([A-Z]+) (/api/[^`]*)` \| (?:`([a-z._]+)`|([a-z ]+)) \|", re.MULTILINE)


def routes(home: Path) -> dict[tuple[str, str], str]:
    """(method, address) -> the action it needs, or who may."""
    found = {}
    with open_workspace(Settings(home=home), create=True) as ws:
        for one in iter_route_contexts(create(ws, work=False).routes):
            dependant = getattr(one, "dependant", None)
            if dependant is None:
                continue
            calls = [each.call for each in dependant.dependencies]
            action = next((call.action for call in calls if isinstance(call, May)), None)
            needs = action or ("signed in" if signed_in in calls else "nobody asked")
            found |= {(method, one.path): needs for method in one.methods or ()}
    return found


def test_every_route_is_in_the_reference(tmp_path):
    written = {(m, path): action or words for m, path, action, words in LINE.findall(PAGE)}
    assert written == routes(tmp_path / "home")


def test_every_kind_of_error_is_in_the_reference():
    table = PAGE.partition("## Errors")[2].partition("## Jobs")[0]
    for status, kind in {*KINDS.values(), (500, "fault")}:
        rows = [line for line in table.splitlines() if line.startswith("|") and f"`{kind}`" in line]
        assert len(rows) == 1, kind
        assert str(status) in rows[0], kind
