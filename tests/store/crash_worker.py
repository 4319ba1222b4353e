"""What the crash tests start and kill: `python crash_worker.py import|answer|careless|append|blobs HOME [NAME]`; prints what was acknowledged."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cowise.core.types import Answer
from cowise.store import connect, ledger, load_items, members, open_store, opinions, projects, queue
from cowise.store.imports import NewItem
from cowise.store.opinions import Said

ROWS = 20_000


def _careless(opener: Callable[..., Callable[[], Any]]) -> Callable[..., Callable[[], Any]]:
    def careful_no_more(*args: Any, **more: Any) -> Callable[[], Any]:
        connect_now = opener(*args, **more)

        def connected() -> Any:
            made = connect_now()
            made.execute("PRAGMA synchronous = NORMAL")
            return made

        return connected

    return careful_no_more


def main(what: str, home: str, name: str = "one") -> None:
    """Work until done or killed; `careless` answers without a flush of its own at each commit."""
    if what == "careless":
        connect.opener = _careless(connect.opener)
    with open_store(Path(home)) as store:
        if what == "blobs":
            for _ in range(40):
                print("blob", store.blobs.put(os.urandom(20_000)), flush=True)
            return
        with store.read() as tx:
            project = projects.get(tx, "p").id
        if what == "import":
            rows = (NewItem(f"row {i}") for i in range(ROWS))
            load_items(store, project, "rows", rows, progress=lambda n: print(n, flush=True))
            return
        member = store.write(lambda tx: members.ensure(tx, project, name)).id
        for i in range(400):
            if what == "append":
                entry = store.write(lambda tx, i=i: ledger.append(tx, project, "step", {"by": name, "i": i}))
                print(entry.seq, flush=True)
                continue
            held = store.write(lambda tx: queue.lease(tx, project, member))
            if held is None:
                return
            said = Said(held.ordinal, member, Answer.of("a"), key=f"{name}:{held.lease.id}")

            def answer(tx, held=held, said=said) -> opinions.OpinionRow:
                row = queue.answer(tx, project, held.lease.token, said)
                ledger.append(tx, project, "answered", {"opinion": row.id})
                return row

            print(held.ordinal, store.write(answer).id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
