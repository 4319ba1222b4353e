"""`cowise invite`, `cowise signin`, `cowise accounts`: who may come into the workspace's page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say
from cowise.core.errors import MissingError
from cowise.core.registry import load

ROOM = "loop.accounts"
invite = noun()
signin = noun()
accounts = noun()


def _act(name: str) -> Any:
    """A use case, loaded when it is used: `--help` must not pay for a database."""
    return load(f"{ROOM}:{name}")


@invite.command(name="invite", cls=Command, epilog='cowise invite tickets --role reviewer --note "for Ada"')
def make_invitation(
    ctx: typer.Context,
    name: Name,
    role: Annotated[
        str,
        typer.Option(
            "--role",
            help="What they may do: owner, lead, reviewer or inspector.",
            metavar="ROLE",
        ),
    ] = "reviewer",
    note: Annotated[str, typer.Option("--note", help="For whom it is; shown beside the invitation.")] = "",
) -> None:
    """Invite somebody to a project: prints a link for one person, good for seven days."""
    here = of(ctx)
    with here.workspace() as ws:
        made = _act("invite")(ws, _act("operator")(ws), name, role, note)
    path = f"/#/join/{made.token}"
    here.give(
        {"link": path, "id": made.id, "expires": made.expires},
        path,
    )
    here.note(
        say(
            "Put the address of the workspace before it. Whoever opens it first, until {day}, is in.",
            day=_day(made.expires),
        )
    )


@signin.command(name="signin", cls=Command, epilog="cowise signin")
def sign_in(ctx: typer.Context) -> None:
    """A new link that signs the workspace's owner in: good once, for ten minutes."""
    here = of(ctx)
    with here.workspace() as ws:
        token = _act("link")(ws)
    path = f"/#/enter/{token}"
    here.give({"link": path}, path)
    here.note(say("Put the address of the running workspace before it. It works once, within ten minutes."))


@accounts.command(name="accounts", cls=Command, epilog="cowise accounts\ncowise accounts --owner ada")
def listed(
    ctx: typer.Context,
    owner: Annotated[
        str, typer.Option("--owner", help="Make this person an owner of the workspace.", metavar="PERSON")
    ] = "",
    no_owner: Annotated[
        str, typer.Option("--no-owner", help="This person is no longer an owner.", metavar="PERSON")
    ] = "",
) -> None:
    """The accounts of a workspace and their roles."""
    here = of(ctx)
    with here.workspace() as ws:
        for person, makes in ((owner, True), (no_owner, False)):
            if person:
                _act("set_owner")(ws, _act("operator")(ws), _number(_act("listing")(ws), person), makes)
        found = _act("listing")(ws)
    heads = [say(head) for head in ("name", "owner", "password", "last seen", "projects")]
    rows = [
        [one_line(a.name, 40), _yes(a.owner), _yes(a.has_password), _day(a.last_seen), _roles(a)] for a in found
    ]  # fmt: skip
    lines = table([heads, *rows]) if found else [say("There is no account yet. The first is made by: cowise signin")]
    here.give(found, *lines)


def _number(found: Any, person: str) -> int:
    for each in found:
        if each.name.casefold() == person.casefold():
            return int(each.id)
    raise MissingError(f"account {person[:40]!r} is not in this workspace; cowise accounts lists those there are")


def _yes(value: bool) -> str:
    return "✓" if value else ""


def _day(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def _roles(account: Any) -> str:
    shown = [f"{one_line(project, 30)}: {say(role)}" for project, role in sorted(account.roles.items())]
    return ", ".join(shown[:5]) + (" …" if len(shown) > 5 else "")
