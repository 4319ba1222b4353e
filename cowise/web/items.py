"""Items to look through: filters, search by words, one item's whole story."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Query

from cowise.core.errors import InputError
from cowise.core.registry import load
from cowise.loop import accounts, catalog, figures, second
from cowise.loop.accounts import Caller
from cowise.loop.catalog import Filter
from cowise.web.deps import Home, Who, Ws, masked, may
from cowise.web.shapes import InPath, Shape, Share, routes

router = routes("items")


class Item(Shape):
    """One item: `label` is the decided one, or the one it came with; `weight` how many rows it stands for.

    `split`: people gave different answers. `veiled`: a second opinion is asked for, and you may be the one to give it.
    """

    ordinal: int
    id: str
    text: str
    weight: int
    route: str | None
    label: str | None
    p: float | None
    flags: int
    meta: dict[str, Any]
    split: bool
    veiled: bool


class Items(Shape):
    """A page: `next` goes into `after`, `previous` into `before`; `total` is null beyond 10,000.

    `unfiled` items are not searchable yet.
    """

    items: list[Item]
    next: int | None
    previous: int | None
    total: int | None
    unfiled: int


class Told(Shape):
    """One thing that happened: `by` is "" for the machine."""

    at: float
    what: str
    by: str
    answer: dict[str, Any] | None
    details: dict[str, Any]


class Flag(Shape):
    """A flag with its comment."""

    by: str
    at: float
    note: str


class Story(Shape):
    """One item with all that happened to it. `asked`: a second opinion is waited for."""

    item: Item
    raw: bool
    story: list[Told]
    flags: list[Flag]
    asked: bool


class Voice(Shape):
    """What one person said, or the `machine`; `right`: how often they are, on this label where `on_label`, null if unknown.

    `label` is "" for none of these and for who could not tell. `p`: how sure the machine was.
    """

    by: str
    machine: bool
    label: str
    agrees: bool
    blind: bool
    right: float | None
    on_label: bool
    p: float | None


class ItemAccount(Shape):
    """How the team came to an item's answer, and what happens `next`; nothing where `hidden` says why.

    `together`: the likeliest labels by all voices, [] where answers to `count` texts are too few: `needed` are.
    """

    hidden: Literal["", "undecided", "waits", "open"]
    route: str
    label: str
    voices: list[Voice]
    together: list[tuple[str, float]]
    count: int
    needed: int
    next: Literal["asked", "doubtful", "certificate", "stands"]


class Again(Shape):
    """How many second opinions were asked for: 0 when one was waited for already."""

    asked: int


class Asked(Shape):
    """What a list is to show; what is left out means any."""

    q: Annotated[str, Query(max_length=1000)] = ""
    route: Literal["automated", "reviewed", "consensus", "open"] | None = None
    label: Annotated[str | None, Query(max_length=1000)] = None
    person: Annotated[str | None, Query(max_length=20)] = None
    flag: bool | None = None
    split: bool = False
    min_p: Share | None = None
    max_p: Share | None = None
    after: Annotated[int, Query(ge=-1)] = -1
    before: Annotated[int | None, Query(ge=0)] = None
    limit: Annotated[int, Query(ge=1, le=200)] = 50

    def wanted(self) -> Filter:
        """The filter."""
        route = None if self.route == "open" else self.route
        decided = False if self.route == "open" else None
        return Filter(
            route=route, label=self.label, decided=decided, flagged=self.flag, low=self.min_p, high=self.max_p,
            words=self.q.strip(), split=self.split,
        )  # fmt: skip


@router.get("/projects/{p}/items", dependencies=[may("items.see")])
def items(p: InPath, ws: Ws, who: Who, house: Home, asked: Annotated[Asked, Query()]) -> Items:
    """Items in order, those that fit: after `after`, or the last ones before `before`.

    `person` other than oneself asks for the right to see people's figures.
    """
    account = None if asked.person is None else _account(asked.person)
    if account is not None and account != who.account:
        accounts.require(who, p, "people.names")
    want, size = replace(asked.wanted(), veiled=_veiled(p, who)), asked.limit
    found = (
        catalog.look_through(ws, p, want, account=account, after=asked.after, limit=size)
        if asked.before is None
        else catalog.look_back(ws, p, want, account=account, before=asked.before, limit=size)
    )
    if found.unfiled:
        house.worker.once("index", p)
    return Items.model_validate(found)


def _veiled(project: str, who: Caller) -> bool:
    """Whether they may be asked for a second opinion, and see nobody else's answers by name."""
    return who.may(project, "review.answer").ok and not who.may(project, "people.see").ok


def _account(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise InputError(f"person: asked for {text[:40]!r}; give the number of an account, as GET …/people shows it")
    return int(text)


@router.get("/projects/{p}/items/{id}", dependencies=[may("items.see")])
def item(p: InPath, id: InPath, ws: Ws, who: Who) -> Story:  # noqa: A002 (the address's own word)
    """One item and its story. Other people's names only for those who may see them."""
    found = catalog.one(ws, p, id, veiled=_veiled(p, who)).to_json()
    own, told = figures.own_member(ws, p, who.account), who.may(p, "people.see").ok
    hidden = masked(ws, who, p, own)
    for each in (*found["story"], *found["flags"]) if hidden else ():
        each["by"] = each["by"] if each["by"] in ("", own) else hidden.get(each["by"], "…") if told else "…"
    return Story.model_validate(found)


@router.get("/projects/{p}/items/{id}/account", dependencies=[may("items.see")])
def account(p: InPath, id: InPath, ws: Ws, who: Who) -> ItemAccount:  # noqa: A002 (the address's own word)
    """How the team came to the item's answer. Of an item that the reader may still be asked about, nothing."""
    own = figures.own_member(ws, p, who.account)
    found = load("loop.account:account")(ws, p, id, reader=own, answers=who.may(p, "review.answer").ok).to_json()
    told, hidden = who.may(p, "people.see").ok, masked(ws, who, p, own)
    for each in found["voices"] if hidden else ():
        if not each["machine"] and each["by"] != own:
            each.update({"by": hidden.get(each["by"], "…")} if told else {"by": "…", "right": None, "on_label": False})
    return ItemAccount.model_validate(found)


@router.post("/projects/{p}/items/{id}/again", dependencies=[may("review.again")])
def again(p: InPath, id: InPath, house: Home, who: Who) -> Again:  # noqa: A002 (the address's own word)
    """Ask for a second opinion: the item is asked once more, blind, of somebody who has not answered it."""
    asked = second.ask_again(house.ws, p, [id], by=accounts.member_of(house.ws, p, who))
    if asked:
        house.bus.tell(p, "queue")
    return Again(asked=asked)
