"""What runs in the background: how far it is, what came of it, and to stop it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from cowise.loop import jobs
from cowise.loop.accounts import Caller, require
from cowise.loop.jobs import JobView
from cowise.web.deps import Home, Who, Ws, may
from cowise.web.shapes import InPath, Job, Jobs, routes

router = routes("jobs")
STOPS = {"import": "project.import", "backup": "workspace.backup"}
"""Kind of job -> what its stopping needs; models.run for the others."""


def _seen(who: Caller, job: JobView) -> JobView:
    """The job, for those who may see its project."""
    require(who, job.project, "project.see" if job.project else "workspace.backup")
    return job


@router.get("/jobs/{id}")
def get(id: InPath, who: Who, ws: Ws) -> Job:  # noqa: A002 (the address's own word)
    """One job: state, progress, result or error."""
    return Job.model_validate(_seen(who, jobs.get(ws, id)))


@router.delete("/jobs/{id}")
def cancel(id: InPath, who: Who, house: Home) -> Job:  # noqa: A002
    """Stop a job. An import that is stopped leaves nothing; what is over stays as it is."""
    found = _seen(who, jobs.get(house.ws, id))
    require(who, found.project, STOPS.get(found.kind, "models.run"))
    after = jobs.cancel(house.ws, id)
    house.worker.tell(after)
    return Job.model_validate(after)


@router.get("/projects/{p}/jobs", dependencies=[may("project.see")])
def recent(p: InPath, ws: Ws, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Jobs:
    """The newest jobs of a project."""
    return Jobs.model_validate({"jobs": jobs.recent(ws, p, limit=limit)})
