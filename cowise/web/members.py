"""Language models of a project: seats, and to ask them for their opinions."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field, StringConstraints

from cowise.core.registry import load
from cowise.web.deps import Home, Ws, may
from cowise.web.shapes import Asked, InPath, Job, Name, Shape, routes

router = routes("members")


class LanguageModel(Shape):
    """A language model's seat. `budget` null is no cap; `opinions` are those of its version now."""

    name: str
    llm: str
    model: str
    version: str
    active: bool
    price: str
    budget: float | None
    spent: float
    opinions: int


class LanguageModels(Shape):
    """The language models of a project."""

    members: list[LanguageModel]


class MemberAsked(Asked):
    """A seat: `llm` is an https address, or local:NAME. Keys are never sent here: the server has them.

    Addresses on the server's own machine or in its network are opened by who runs it, on the command line.
    """

    name: Name
    llm: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    model: Annotated[str, StringConstraints(max_length=200)] = ""
    price: Annotated[str, StringConstraints(max_length=60)] = "0"
    budget: Annotated[float | None, Field(ge=0)] = None
    shots: Annotated[int, Field(ge=0, le=32)] = 4
    per_minute: Annotated[float, Field(ge=0)] = 0.0


class OpinionsAsked(Asked):
    """Whose opinions are wanted, [] for everybody's, and about how many texts at most (0: all that are open)."""

    members: Annotated[list[Name], Field(max_length=100)] = []  # noqa: RUF012 (pydantic copies it)
    limit: Annotated[int, Field(ge=0, le=10_000_000)] = 0


@router.get("/projects/{p}/members", dependencies=[may("models.see")])
def members(p: InPath, ws: Ws) -> LanguageModels:
    """The language models of a project, with what they cost so far."""
    return LanguageModels.model_validate(
        {"members": [each.to_json() for each in load("loop.llm_seats:list_members")(ws, p)]}
    )


@router.post("/projects/{p}/members", status_code=201, dependencies=[may("models.run")])
def add(p: InPath, asked: MemberAsked, ws: Ws) -> LanguageModel:
    """Give a language model a seat; nothing is asked of it yet."""
    seat = load("loop.llm_seats:Seated")(**asked.model_dump(exclude={"name"}))
    return LanguageModel.model_validate(load("loop.llm_seats:add_member")(ws, p, asked.name, seat))


@router.delete("/projects/{p}/members", status_code=204, dependencies=[may("models.run")])
def remove(p: InPath, ws: Ws, name: Annotated[str, Query(min_length=1, max_length=200)]) -> None:
    """Close a language model's seat; its opinions stay."""
    load("loop.llm_seats:remove_member")(ws, p, name)


@router.post("/projects/{p}/opinions", status_code=202, dependencies=[may("models.run")])
def opinions(p: InPath, house: Home, asked: OpinionsAsked | None = None) -> Job:
    """Ask language models about the open items; capped by their budgets, and resumed where it stood."""
    payload = (asked or OpinionsAsked()).model_dump()
    return Job.model_validate(house.worker.add("opinions", payload, project=p))
