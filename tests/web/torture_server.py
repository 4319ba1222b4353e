"""The server that the crash procedure kills: python torture_server.py HOME PORT FAULT DB (both may be "")

Holds last two seconds, so that some run out. FAULT `early` acknowledges before the commit and `unfenced` takes answers under
holds that are over: with either the procedure must find faults.
"""

import sys
import threading
import time
from pathlib import Path

import uvicorn

from cowise.core.settings import Settings
from cowise.loop import books
from cowise.loop.workspace import open_workspace
from cowise.store import queue
from cowise.store.store import Store
from cowise.web.app import create

HOLD_S = 2.0


def acknowledge_early():
    """What `write` returns is there before it is on disk."""
    durable = Store.submit

    def write(self, run, *, bulk=False):
        told, done = {}, threading.Event()

        def work(tx):
            try:
                told["value"] = run(tx)
            except BaseException as cause:
                told["error"] = cause
                raise
            finally:
                done.set()
            time.sleep(0.01)  # the flush of a slow disk
            return told["value"]

        durable(self, work, bulk=bulk)
        done.wait()
        if "error" in told:
            raise told["error"]
        return told["value"]

    Store.write = write


def take_without_fence():
    """An answer counts, whoever holds the question by now."""
    given, lease, finish = {}, queue.lease, queue.finish

    def remember(tx, project, member, **more):
        held = lease(tx, project, member, **more)
        if held is not None:
            given[held.lease.token] = held
        return held

    def careless(tx, project, member, token, now):
        try:
            return finish(tx, project, member, token, now)
        except Exception:
            if token not in given:
                raise
            return given[token]

    queue.lease, queue.finish = remember, careless


def main(home, port, fault, db):
    books.HOLD_S = HOLD_S
    {"early": acknowledge_early, "unfenced": take_without_fence, "": lambda: None}[fault]()
    ws = open_workspace(Settings(home=Path(home), db=db))
    ws.store.serve()
    app = create(ws, port=int(port), work=False)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error", access_log=False, http="h11", ws="none")


if __name__ == "__main__":
    main(*sys.argv[1:])
