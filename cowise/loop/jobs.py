"""Work that would keep a request waiting: what each kind of job does, and what can be seen of one.

A job is a row held for a time (store/jobs): killed, it is taken again and goes on; cancelled, its worker is refused at
the next beat and stops.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from cowise.core.errors import ConflictError, CowiseError, MissingError
from cowise.core.registry import load
from cowise.loop.kinds import BESIDE, Progress
from cowise.loop.workspace import Workspace
from cowise.store import Tx, imports, jobs, projects
from cowise.store.jobs import Job
from cowise.store.load import owner_of, roll_back

HOLD_S = 30.0
BEAT_S = 0.5
MOST_TRIES = 6
"""A job that took so many workers with it is given up."""
KEPT = 50
"""Finished jobs of a project that stay to be looked at."""

Work = Callable[[Workspace, str, Mapping[str, Any], Progress], Any]
KINDS = {
    "advance": "loop.doing:advance",
    "import": "loop.doing:bring",
    "learn": "loop.doing:learn",
    "certify": "loop.doing:certify",
    "withdraw": "loop.doing:withdraw",
    "release": "loop.doing:release",
    "shadow": "loop.doing:shadow",
    "backup": "loop.doing:backup",
    "index": "loop.doing:index",
    "opinions": "loop.doing:opinions",
}
"""Kind -> what does it: (workspace, name of the project, payload, progress) -> a JSON result."""


class CancelledError(ConflictError):
    """Somebody stopped the job: what it had begun is taken back."""


class LostError(ConflictError):
    """Another worker has the job: that one goes on with what was begun."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as people see it. `total` is 0 where it is not known; `error` is {"kind", "message"} of a failed one."""

    id: str
    project: str
    kind: str
    state: str
    what: str
    done: int
    total: int
    per_s: float | None
    seconds_left: float | None
    result: Any
    error: Mapping[str, str] | None
    created: float

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def view(tx: Tx, job: Job) -> JobView:
    """What can be seen of a job."""
    name = ""
    if job.project:
        with suppress(MissingError):
            name = projects.by_id(tx, job.project).name
    at = job.checkpoint or {}
    failed = job.state == "failed"
    error = job.result if isinstance(job.result, dict) else {"kind": "fault", "message": str(job.result)}
    state = "running" if job.state == "ready" and job.owner is not None else job.state
    return JobView(
        str(job.id), name, job.kind, state, str(at.get("what", "")), int(at.get("done", 0)), int(at.get("total", 0)),
        at.get("per_s"), at.get("seconds_left"), None if failed else job.result, error if failed else None, job.created,
    )  # fmt: skip


def add(ws: Workspace, kind: str, payload: Mapping[str, Any] | None = None, *, project: str = "") -> JobView:
    """Queue a job of a project, or of the workspace; MissingError for a project that is not here."""

    def work(tx: Tx) -> JobView:
        number = projects.get(tx, project).id if project else 0
        jobs.prune(tx, number, keep=KEPT)
        return view(tx, jobs.add(tx, kind, payload or {}, project=number))

    return ws.store.write(work)


def advance(ws: Workspace, project: str) -> bool:
    """Queue what is due in a project, unless that waits already; whether it was queued now."""

    def work(tx: Tx) -> bool:
        number = projects.get(tx, project).id
        if any(j.owner is None for j in _open(tx, number)):
            return False
        jobs.prune(tx, number, keep=0, kind="advance")
        jobs.add(tx, "advance", {}, project=number, rank=-1.0)
        return True

    return ws.store.write(work)


def once(ws: Workspace, kind: str, project: str) -> bool:
    """Queue a job, unless one of its kind is open in the project; whether it was queued now."""

    def work(tx: Tx) -> bool:
        number = projects.get(tx, project).id
        if any(j.kind == kind for j in jobs.all_of(tx, project=number, state="ready")):
            return False
        jobs.prune(tx, number, keep=KEPT)
        jobs.add(tx, kind, {}, project=number)
        return True

    return ws.store.write(work)


def working(ws: Workspace, project: str) -> bool:
    """Whether the model of a project learns now, or is about to."""
    with ws.store.read() as tx:
        return bool(_open(tx, projects.get(tx, project).id))


def _open(tx: Tx, project: int) -> list[Job]:
    return [j for j in jobs.all_of(tx, project=project, state="ready") if j.kind == "advance"]


def get(ws: Workspace, job: str) -> JobView:
    """One job; MissingError when it is not here."""
    if not (job.isascii() and job.isdigit() and len(job) < 19):
        raise MissingError(f"job {job[:40]!r} is not in this workspace")
    with ws.store.read() as tx:
        return view(tx, jobs.get(tx, int(job)))


def recent(ws: Workspace, project: str, *, limit: int = 20) -> list[JobView]:
    """The newest jobs of a project that somebody asked for; of what is done by itself only what failed."""
    with ws.store.read() as tx:
        found = jobs.all_of(tx, project=projects.get(tx, project).id, limit=limit + KEPT)
        return [view(tx, job) for job in found if job.kind != "advance" or job.state == "failed"][:limit]


def cancel(ws: Workspace, job: str) -> JobView:
    """Stop a job; one that is over stays as it is. A cancelled import leaves nothing; ConflictError once it shows."""
    found = get(ws, job)

    def work(tx: Tx) -> imports.Import | None:
        now = jobs.get(tx, int(job))
        jobs.cancel(tx, now.id)
        begun = now.kind == "import" and now.state == "ready" and now.epoch > 0
        if not begun or imports.left(tx, now.project) is None:
            return None
        # Its worker is refused at the next batch: it cannot end what is cancelled here.
        worker = owner_of(now.owner.split()[-1]) if now.owner else ""
        return imports.take_over(tx, now.project, owner=owner_of(os.getpid()), of=worker)

    held = ws.store.write(work)
    if held is not None:
        roll_back(ws.store, held.project, held)
    return get(ws, found.id)


class Doing:
    """One job in this process: its progress goes to the store, and to `hear`, from a thread of its own."""

    def __init__(self, ws: Workspace, job: Job, hear: Callable[[JobView], object]) -> None:
        self._ws, self._job, self._hear = ws, job, hear
        self._at: dict[str, Any] = {"what": "", "done": 0, "total": 0}
        self._begun = (time.monotonic(), 0)
        self._over = threading.Event()
        self._lost: type[ConflictError] | None = None

    def progress(self, what: str, done: int, total: int) -> None:
        """Hears the use case; CancelledError or LostError once the job is no longer ours."""
        if self._lost is not None:
            raise self._lost("the job was stopped")
        now = time.monotonic()
        if what.partition(BESIDE)[0] != self._at["what"].partition(BESIDE)[0]:
            self._begun = (now, done)
        took, since = now - self._begun[0], done - self._begun[1]
        rate = since / took if took > 0.2 and since > 0 else None
        left = (total - done) / rate if rate and total > done else None
        self._at = {
            "what": what, "done": done, "total": total, "per_s": rate and round(rate, 2), "seconds_left": left and round(left, 1)
        }  # fmt: skip

    def run(self) -> None:
        """Do it and keep how it ended; a kill leaves it to the next worker."""
        beats = threading.Thread(target=self._beat, daemon=True, name="job beats")
        beats.start()
        try:
            name, work = self._name(), load(KINDS[self._job.kind])
            result = work(self._ws, name, self._job.payload, self.progress)
            ending = _finished(result)
        except (CancelledError, LostError):
            ending = None
        except CowiseError as cause:
            ending = _failed(type(cause).__name__, str(cause))
        except MemoryError:
            ending = _failed("StorageError", "there is not enough memory for this")
        except Exception as cause:  # noqa: BLE001 (the last line of defence: the worker lives on)
            ending = _failed(
                "Fault", f"cowise met an error of its own ({type(cause).__name__}); repeat, and report it if it stays"
            )
        self._over.set()
        beats.join()
        if ending is not None:
            with suppress(ConflictError):  # cancelled at the last moment
                self._ws.store.write(lambda tx: ending(tx, str(self._job.token)))
        self._say()

    def _name(self) -> str:
        if not self._job.project:
            return ""
        with self._ws.store.read() as tx:
            return projects.by_id(tx, self._job.project).name

    def _say(self) -> None:
        with suppress(CowiseError):
            self._hear(get(self._ws, str(self._job.id)))

    def _beat(self) -> None:
        told, beaten = None, time.monotonic()
        while not self._over.wait(BEAT_S):
            at = self._at
            if at == told and time.monotonic() - beaten < HOLD_S / 4:
                continue
            try:
                self._ws.store.write(lambda tx: self._held(tx, self._at))
            except CowiseError:
                self._lost = self._why()
                return
            told, beaten = at, time.monotonic()
            self._say()

    def _why(self) -> type[ConflictError]:
        with suppress(CowiseError):
            if get(self._ws, str(self._job.id)).state == "cancelled":
                return CancelledError
        return LostError

    def _held(self, tx: Tx, at: Mapping[str, Any]) -> None:
        share = min(1.0, at["done"] / at["total"]) if at["total"] else 0.0
        jobs.beat(tx, str(self._job.token), progress=share, checkpoint=dict(at), seconds=HOLD_S)


def _finished(result: Any) -> Callable[[Tx, str], None]:
    return lambda tx, token: jobs.finish(tx, token, result)


def _failed(kind: str, message: str) -> Callable[[Tx, str], None]:
    return lambda tx, token: jobs.fail(tx, token, {"kind": kind, "message": message})


def step(ws: Workspace, owner: str, hear: Callable[[JobView], object]) -> bool:
    """Take the next job and do it to its end; False when none waits."""
    job = ws.store.write(lambda tx: jobs.take(tx, owner, list(KINDS), seconds=HOLD_S))
    if job is None:
        return False
    if job.epoch > MOST_TRIES:
        gave_up = _failed("Fault", "every worker that took this job died; report it")
        ws.store.write(lambda tx: gave_up(tx, str(job.token)))
    else:
        Doing(ws, job, hear).run()
    return True


def left(ws: Workspace, owner: str) -> int:
    """How many jobs wait. Those held by owners of such a name (% for any rest) are free again: they must be dead."""

    def work(tx: Tx) -> int:
        for each in jobs.orphan(tx, owner):
            imports.orphan(tx, f"process {each.rpartition(' ')[2]}")
        return sum(job.kind in KINDS for job in jobs.all_of(tx, state="ready"))

    return ws.store.write(work)
