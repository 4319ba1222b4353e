"""An application over a workspace of its own, and people in every role: real store, real sessions, no weights."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI
from starlette.testclient import TestClient

from cowise import loop
from cowise.core.settings import Settings
from cowise.core.types import Promise, classify
from cowise.loop import accounts
from cowise.loop.workspace import Workspace, open_workspace
from cowise.web.app import create
from cowise.web.deps import House

BASE = "http://127.0.0.1:8765"
ROLES = ("lead", "reviewer", "inspector")
TEXTS = [
    "the printer is on fire again", "please send last month's invoice", "thank you, great help",
    "the page stays white after login", "I was charged twice for one order", "wonderful support, five stars",
    "the app crashes when I open a chat", "where is my refund", "lovely new design",
    "error 500 on every upload", "the invoice shows a wrong address", "you made my day",
]  # fmt: skip
ANSWERS = ("bug", "billing", "praise")


@dataclass
class Office:
    """The application, its workspace, and somebody signed in for each role; "outsider" has an account and no seat."""

    app: FastAPI
    ws: Workspace
    home: Path
    clients: dict[str, TestClient] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def house(self) -> House:
        found: House = self.app.state.house
        return found

    def client(self, role: str) -> TestClient:
        """Who is signed in as owner, lead, reviewer, inspector or outsider; "nobody" is not signed in."""
        return self.clients[role]

    def stranger(self) -> TestClient:
        """A browser that was never here."""
        # Without a context of its own: the application is started once.
        return TestClient(self.app, base_url=BASE, raise_server_exceptions=False)

    def signed(self, session: str) -> TestClient:
        found = self.stranger()
        found.cookies.set(self.house.cookie, session)
        return found

    def join(self, project: str, role: str, name: str) -> TestClient:
        """Another person with a seat."""
        invited = accounts.invite(self.ws, accounts.operator(self.ws), project, role)
        return self.signed(accounts.accept(self.ws, invited.token, name=name, language="en").session_token)

    def work(self) -> int:
        """Do all jobs that wait; how many were."""
        return self.house.worker.step()


def furnish(stack: ExitStack, home: Path, texts: list[str] | None = None) -> Office:
    """An office in a new folder; `texts` go into the project "tickets". The stack closes it."""
    ws = stack.enter_context(open_workspace(Settings(home=home), create=True))
    task, promise = classify(*ANSWERS, instructions="Which team?"), Promise(0.1, 0.9)
    for project in ("tickets", "foreign"):
        loop.create(ws, project, task, promise, encoder="hashing")
        loop.add(ws, project, texts or TEXTS, loop.Columns(text="text"))
    office = Office(create(ws, work=False), ws, home, stack=stack)
    stack.enter_context(TestClient(office.app, base_url=BASE))
    office.clients["owner"] = office.signed(accounts.enter(ws, accounts.link(ws)).session_token)
    for role in ROLES:
        office.clients[role] = office.join("tickets", role, f"{role} person")
    office.clients["outsider"] = office.join("foreign", "inspector", "out sider")
    outsider = next(s.account for s in accounts.roles(ws, "foreign") if s.name == "out sider")
    accounts.remove(ws, accounts.operator(ws), "foreign", outsider)
    office.clients["nobody"] = office.stranger()
    return office


def plain_texts(each: int = 80) -> dict[str, str]:
    """Texts that tell their label by one word, with it: what a project is played with to its end."""
    words = (("bug", "crash"), ("billing", "invoice"), ("praise", "love"))
    return {f"{word} {i} please": label for label, word in words for i in range(each)}
