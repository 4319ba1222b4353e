"""People of a project: seats, figures, invitations, presence."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field, StringConstraints

from cowise import loop
from cowise.core.errors import InputError
from cowise.core.registry import load
from cowise.loop import accounts, figures
from cowise.web.deps import Home, Who, Ws, masked, may
from cowise.web.shapes import Asked, InPath, Role, Shape, routes

router = routes("people")
DAY_S = 86_400.0


class Person(Shape):
    """A seat with figures; `id` is the account's number, "0" for who has none (imported answers, the terminal).

    `right`: how often this person is right, by answers alone (95 % between `right_low` and `right_high`); `tells`: how much
    an answer says, 0 for whoever answers the same whatever is asked. None before they are measured. Under a mask `id` is the
    mask, and what would tell whose figures these are is left out: role and when they were here.
    """

    id: str
    name: str
    role: Role | None
    active: bool
    owner: bool
    present: bool
    last_seen: float | None
    answers: int
    today: int
    seconds_median: float | None
    agreement: float | None
    agreement_n: int
    skips: int
    flags: int
    right: float | None
    right_low: float | None
    right_high: float | None
    tells: float | None


class Invited(Shape):
    """An invitation that nobody has taken yet."""

    id: str
    role: Role
    note: str
    by: str
    expires: float


class Access(Shape):
    """Who may do what, by name, beside no figure. An `owner` of the workspace owns every project."""

    name: str
    role: Role
    owner: bool


class People(Shape):
    """`people` holds everybody for who may see figures, under masks for who may see no names; oneself alone for others.

    `access` is for whoever sees masks: open seats by name, in order of the names.
    """

    people: list[Person]
    access: list[Access]
    invitations: list[Invited]
    own: Person | None


class Range(Shape):
    """A figure between `low` and `high` with 95 % confidence, read from `n` cases."""

    value: float
    low: float
    high: float
    n: int


class Same(Shape):
    """One `label` in a share `own` of somebody's answers, and in a share `others` of everybody else's."""

    label: str
    own: float
    others: float


class RosterRow(Shape):
    """One person; null where their answers are too few to say. `slower`: times as long in the last fifth of the answers.

    `right` and `tells` (0 to 1) by blind answers, `same` the evidence against whoever's answers tell nothing, `steadier`
    how much more often the last fifth is right, `taken_in` the share of wrong suggestions that were accepted.
    """

    id: str
    name: str
    role: Role
    active: bool
    answers: int
    today: int
    held: int
    seconds_median: float | None
    per_day: float | None
    right: Range | None
    tells: float | None
    same: Same | None
    slower: Range | None
    steadier: Range | None
    taken_in: Range | None


class Pair(Shape):
    """Two people on `n` texts that both answered blind: the share of same answers, and Cohen's kappa."""

    first: str
    second: str
    n: int
    same: float
    kappa: float | None


class Machine(Shape):
    """The released version and its concluded audits."""

    version: str
    audits: int
    wrong: int
    right: Range


class Llm(Shape):
    """A language model's seat: how often it is right by what people settled on, what it cost, how much it counts (null: not weighed)."""

    name: str
    version: str
    opinions: int
    right: Range | None
    cost: float
    weight: float | None


class Doubt(Shape):
    """Of `asked` texts that two people answered so many `differ`: they err at most in `error`, and miss at most `missed` of errors."""

    asked: int
    differ: int
    error: float
    missed: float


class Advice(Shape):
    """How many wrong suggestions were accepted with the model's reasons on show, and without."""

    reasons: Range | None
    bare: Range | None


class Roster(Shape):
    """Everybody for those who may see figures beside names, oneself alone for others.

    `alpha` is Krippendorff's over `several` texts. `until`: people are judged by their answers until then, because later
    ones may be audits that are not concluded; null when by all.
    """

    people: list[RosterRow]
    pairs: list[Pair]
    machine: Machine | None
    alpha: float | None
    several: int
    until: float | None
    llms: list[Llm]
    doubt: Doubt | None
    advice: Advice | None


class InviteAsked(Asked):
    """Who is wanted."""

    role: Role
    note: Annotated[str, StringConstraints(max_length=200)] = ""


class Link(Shape):
    """A link to pass on; it is shown here and nowhere else."""

    id: str
    link: str
    expires: float


class Reading(Shape):
    """Whose account, by which name, and what they read; [] for everything."""

    id: str
    name: str
    languages: list[str]


class Languages(Shape):
    """`texts` by language, "" for those that have none; `people` oneself alone for who may not see others.

    `unread`: so many open texts wait in each language that nobody on the roster reads.
    """

    texts: dict[str, int]
    people: list[Reading]
    unread: dict[str, int]


class LanguagesAsked(Asked):
    """Codes such as en or zh-CN, or scripts such as latin; [] for everything."""

    languages: Annotated[list[Annotated[str, StringConstraints(max_length=20)]], Field(max_length=20)]


class Capacity(Shape):
    """Whose account, by which name; answers a day at most (0: no limit), and how many more today (null without one)."""

    id: str
    name: str
    per_day: int
    left: int | None


class Capacities(Shape):
    """Oneself alone for who may not see others."""

    people: list[Capacity]


class CapacityAsked(Asked):
    """Answers a day at most; 0 for no limit."""

    per_day: Annotated[int, Field(ge=0, le=100_000)]


class SeatChange(Asked):
    """Another role, which opens a closed seat again; `active` false closes it."""

    role: Role | None = None
    active: Literal[False] | None = None


@router.get("/projects/{p}/people", dependencies=[may("project.see")])
def people(
    p: InPath, ws: Ws, who: Who, since: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None
) -> People:
    """Who is on the project and what they did. `since`: when the reader's day began."""
    began = since if since is not None else time.time() - DAY_S
    found = [Person.model_validate(each.to_json()) for each in figures.people(ws, p, since=began)]
    own = next((each for each in found if each.id == str(who.account)), None)
    if not who.may(p, "people.see").ok:
        return People(people=[own] if own else [], access=[], invitations=[], own=own)
    open_ones = accounts.invitations(ws, p) if who.may(p, "people.invite").ok else []
    hidden = masked(ws, who, p, own.name if own else "")
    shown = [one.model_copy(update=_blank(hidden[one.name])) if one.name in hidden else one for one in found]
    if not hidden:
        return People(people=shown, access=[], invitations=[_invited(one) for one in open_ones], own=own)
    shown.sort(key=lambda one: (len(one.name), one.name))  # in no order that tells who came first
    seats = sorted(accounts.roles(ws, p), key=lambda one: one.name)
    access = [Access(name=one.name, role=one.role, owner=one.owner) for one in seats if one.active]
    return People(people=shown, access=access, invitations=[], own=own)


def _blank(mask: str) -> dict[str, Any]:
    return {"name": mask, "id": mask, "role": None, "owner": False, "present": False, "last_seen": None}


@router.get("/projects/{p}/roster", dependencies=[may("project.see")])
def roster(
    p: InPath, ws: Ws, who: Who, since: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None
) -> Roster:
    """What everybody's answers are worth, and the model's. `since`: when the reader's day began."""
    found = load("loop.roster:roster_of")(ws, p, since=since if since is not None else time.time() - DAY_S)
    if not who.may(p, "people.see").ok:
        return Roster.model_validate(found.only(who.account))
    return Roster.model_validate(found.masked(masked(ws, who, p)))


def _seats(ws: Ws, p: str, who: Who) -> list[accounts.Seat]:
    """The active seats that the reader may see: everybody's, or one's own alone."""
    seen = who.may(p, "people.names").ok
    return [one for one in accounts.roles(ws, p) if one.active and (seen or one.account == who.account)]


@router.get("/projects/{p}/languages", dependencies=[may("project.see")])
def languages(p: InPath, ws: Ws, who: Who) -> Languages:
    """Which languages the texts are in, who reads which, and what nobody reads."""
    found = loop.languages(ws, p)
    people = [
        Reading(id=str(one.account), name=one.name, languages=list(found.people.get(one.member, ())))
        for one in _seats(ws, p, who)
    ]
    return Languages(texts=dict(found.texts), people=people, unread=dict(found.unread))


@router.get("/projects/{p}/capacity", dependencies=[may("project.see")])
def capacity(p: InPath, ws: Ws, who: Who) -> Capacities:
    """How many answers a day each person gives at most, and how many more today; who may not see others' figures gets their own."""
    found = loop.capacities(ws, p)
    shares = [(one, found.get(one.member)) for one in _seats(ws, p, who)]
    return Capacities(
        people=[
            Capacity(id=str(one.account), name=one.name, per_day=share.per_day if share else 0, left=share.left if share else None)
            for one, share in shares
        ]
    )  # fmt: skip


@router.patch("/projects/{p}/people/{id}/capacity", status_code=204, dependencies=[may("project.see")])
def take_on(p: InPath, id: InPath, asked: CapacityAsked, ws: Ws, who: Who, house: Home) -> None:  # noqa: A002
    """How many answers a day somebody gives at most. One's own needs `review.answer`, others' `people.change`."""
    load("loop.workload:set_capacity_of")(ws, who, p, _number(id, "person"), asked.per_day)
    house.worker.advance(p)
    _told(house, p)


@router.patch("/projects/{p}/people/{id}/languages", status_code=204, dependencies=[may("project.see")])
def read(p: InPath, id: InPath, asked: LanguagesAsked, ws: Ws, who: Who, house: Home) -> None:  # noqa: A002
    """What somebody reads: nobody is asked about other texts. One's own needs `review.answer`, others' `people.change`."""
    load("loop.spoken:set_languages_of")(ws, who, p, _number(id, "person"), asked.languages)
    house.worker.advance(p)
    _told(house, p)


def _invited(one: accounts.Invitation) -> Invited:
    return Invited(id=str(one.id), role=one.role, note=one.note, by=one.by, expires=one.expires)


@router.post("/projects/{p}/invitations", status_code=201, dependencies=[may("people.invite")])
def invite(p: InPath, asked: InviteAsked, ws: Ws, who: Who, house: Home) -> Link:
    """An invitation by link: once, for seven days."""
    made = accounts.invite(ws, who, p, asked.role, asked.note)
    house.bus.tell(p, "people")
    return Link(id=str(made.id), link=f"/#/join/{made.token}", expires=made.expires)


@router.delete("/projects/{p}/invitations/{id}", status_code=204, dependencies=[may("people.invite")])
def uninvite(p: InPath, id: InPath, ws: Ws, who: Who, house: Home) -> None:  # noqa: A002 (the address's own word)
    """Take an invitation back."""
    accounts.uninvite(ws, who, p, _number(id, "invitation"))
    house.bus.tell(p, "people")


@router.patch("/projects/{p}/people/{id}", status_code=204, dependencies=[may("people.change")])
def change(p: InPath, id: InPath, asked: SeatChange, ws: Ws, who: Who, house: Home) -> None:  # noqa: A002
    """Give somebody another role, or close their seat: what they hold goes back to the queue."""
    account = _number(id, "person")
    if asked.active is False:
        accounts.remove(ws, who, p, account)
    elif asked.role is not None:
        accounts.set_role(ws, who, p, account, asked.role)
    else:
        raise InputError("people: nothing is asked for; give role, or active: false")
    house.worker.advance(p)
    _told(house, p)


@router.delete("/projects/{p}/people/{id}", status_code=204, dependencies=[may("people.change")])
def remove(p: InPath, id: InPath, ws: Ws, who: Who, house: Home) -> None:  # noqa: A002
    """Close somebody's seat. Their answers stay."""
    accounts.remove(ws, who, p, _number(id, "person"))
    house.worker.advance(p)  # what only they read, nobody reads from now on
    _told(house, p)


def _told(house: Home, project: str) -> None:
    house.bus.tell(project, "people")
    house.bus.tell(project, "queue")


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InputError(f"{what}: asked for {text[:40]!r}; give its number, as GET …/people shows it")
    return int(text)
