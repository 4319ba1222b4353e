"""What the crash tests start and kill: `python crash_worker.py import|answer|append HOME [NAME]`; prints what was acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

from cowise.core.types import Answer
from cowise.store import ledger, load_items, members, open_store, opinions, projects, queue
from cowise.store.imports import NewItem
from cowise.store.opinions import Said

ROWS = 20_000


def main(what: str, home: str, name: str = "one") -> None:
    """Work until done or killed."""
    with open_store(Path(home)) as store:
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
