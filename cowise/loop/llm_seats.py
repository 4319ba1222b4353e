"""Language models as members of a project: a seat with an address or a local model, a price and a budget.

A key is never part of a seat: it belongs to the address's host (see `core.settings.model_key`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cowise.core.errors import ConflictError, InputError, MissingError
from cowise.core.settings import model_key
from cowise.guard.address import address, pin
from cowise.loop import records
from cowise.loop.workspace import Workspace
from cowise.models.chat import Chat, Endpoint, Patience
from cowise.models.llm import LanguageModel, Purse, Recipe, price, takes
from cowise.models.local_llm import LocalModel, ready
from cowise.models.replies import Replies
from cowise.models.weights import language_model
from cowise.store import Tx, machine, members, projects
from cowise.store.members import Member
from cowise.store.projects import Project

LOCAL = "local:"
LLM = "llm"
FOLDER = "replies"


@dataclass(frozen=True, slots=True)
class Seated:
    """What is asked for a seat. `llm` is an address such as https://api.example.com/v1, or local:NAME.

    `price` is money for 1,000 tokens: "0.15" or "0.15,0.60" (prompt, answer). `budget` caps what the seat may ever
    spend, None for no cap. `private` lets the address lie on this machine or in a private network.
    """

    llm: str
    model: str = ""
    price: str = "0"
    budget: float | None = None
    shots: int = 4
    private: bool = False
    per_minute: float = 0.0
    timeout_s: float = 60.0

    @property
    def local(self) -> str:
        """The name of the local model, "" for an address."""
        return self.llm.removeprefix(LOCAL) if self.llm.startswith(LOCAL) else ""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A language model's seat as people see it; `opinions` are of its version now."""

    name: str
    llm: str
    model: str
    version: str
    active: bool
    price: str
    budget: float | None
    spent: float
    opinions: int

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def add_member(ws: Workspace, project: str, name: str, seat: Seated) -> MemberView:
    """Give a language model a seat. Nothing is asked of it yet.

    InputError, ForbiddenError or MissingError for what could not be asked; ConflictError for a name that is taken. A
    seat that was closed opens again with what is given now, and what it spent before still counts.
    """
    checked(ws, seat)

    def work(tx: Tx) -> MemberView:
        found = projects.get(tx, project)
        said = asdict(seat)
        takes(found.task)
        known = {each.name: each for each in members.roster(tx, found.id)}.get(name)
        if known is not None and (known.active or LLM not in known.settings):
            raise ConflictError(f"member {name!r} has a seat already; give another name, or remove that one first")
        made = known or members.ensure(tx, found.id, name, "llm", {LLM: said})
        if known is not None:
            members.set_settings(tx, known.id, {**known.settings, LLM: said})
            members.set_active(tx, known.id, active=True)
        entry = {"member": records.person(made), "version": _recipe(seat).version(found.task)}
        records.append(tx, found, "member added", entry)
        return _view(tx, found, members.get(tx, found.id, name))

    return ws.store.write(work)


def checked(ws: Workspace, seat: Seated) -> None:
    """Refuse what could never be asked, before it has a seat."""
    price(seat.price)
    for what, value in (("budget", seat.budget), ("per_minute", seat.per_minute)):
        if value is not None and not 0 <= value < float("inf"):
            raise InputError(f"{what}: asked for {value}; give a number, 0 or more")
    if not 1 <= seat.timeout_s <= 600:
        raise InputError(f"timeout: asked for {seat.timeout_s:g} s; give 1 to 600")
    if seat.local:
        ready(seat.local, ws.settings.models)
        return
    if not seat.model.strip():
        raise InputError("model: an address serves many; say which, as its server names it")
    pin(address(seat.llm, private=seat.private))


def list_members(ws: Workspace, project: str) -> list[MemberView]:
    """The language models of a project, closed seats too, in the order in which they came."""
    with ws.store.read() as tx:
        found = projects.get(tx, project)
        return [_view(tx, found, each) for each in members.roster(tx, found.id) if LLM in each.settings]


def remove_member(ws: Workspace, project: str, name: str) -> None:
    """Close a language model's seat: it is not asked any more; its opinions stay. MissingError when it has none."""

    def work(tx: Tx) -> None:
        found = projects.get(tx, project)
        seat = seat_of(tx, found, name)
        members.set_active(tx, seat.id, active=False)
        records.append(tx, found, "member removed", {"member": records.person(seat)})

    ws.store.write(work)


def seat_of(tx: Tx, project: Project, name: str) -> Member:
    """The open seat of a language model; MissingError names those there are."""
    seats = {each.name: each for each in members.roster(tx, project.id) if LLM in each.settings and each.active}
    if name not in seats:
        known = ", ".join(seats) or "none yet"
        raise MissingError(f"language model {name[:80]!r} has no seat in this project; it has {known}")
    return seats[name]


def seated(seat: Member) -> Seated:
    """What was asked for a seat."""
    said: Mapping[str, Any] = seat.settings[LLM]
    return Seated(**said)


def version_of(project: Project, seat: Member) -> str:
    """The version under which a seat would speak now."""
    return _recipe(seated(seat)).version(project.task)


def spent(seat: Member) -> float:
    """Money that a seat spent so far."""
    return float(seat.settings.get("spent", 0.0))


def opened(ws: Workspace, project: Project, seat: Member) -> LanguageModel:
    """The model behind a seat, ready to be asked. MissingError where its weights or its package are gone."""
    asked = seated(seat)
    purse = Purse(price(asked.price), asked.budget, spent(seat))
    return LanguageModel(_chat(ws, asked), project.task, _recipe(asked), purse)


def replies(ws: Workspace, project: int) -> Replies:
    """Where a project keeps what was paid for; an encrypted workspace hides which texts those were."""
    return Replies(ws.home / FOLDER / str(project), _named(ws.keys.files()))


def _named(secret: bytes | None) -> Callable[[str], str]:
    if secret is None:
        return str
    return lambda content: hmac.new(secret, content.encode("utf-8"), hashlib.sha256).hexdigest()


def _chat(ws: Workspace, asked: Seated) -> Chat:
    if asked.local:
        key = f"language model {asked.local}"
        if key not in ws.memory:
            ws.memory[key] = LocalModel(asked.local, ws.settings.models, threads=ws.settings.threads)
        local: LocalModel = ws.memory[key]
        return local
    to = address(asked.llm, private=asked.private)
    patience = Patience(timeout_s=asked.timeout_s, per_minute=asked.per_minute)
    return Endpoint(to, model_key(to.host) or ws.keys.model(to.host), patience)


def _recipe(asked: Seated) -> Recipe:
    if asked.local:
        return Recipe(asked.local, language_model(asked.local).parts[0].sha256, asked.shots)
    return Recipe(asked.model, str(address(asked.llm)), asked.shots)


def _view(tx: Tx, project: Project, seat: Member) -> MemberView:
    asked, version = seated(seat), version_of(project, seat)
    n = sum(each.n for each in machine.batches(tx, project.id, seat.name, version))
    return MemberView(
        seat.name,
        asked.llm,
        asked.local or asked.model,
        version,
        seat.active,
        asked.price,
        asked.budget,
        spent(seat),
        n,
    )
