"""`cowise start`: open the workspace in the browser."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from cowise.cli.here import Here
from cowise.cli.options import Command, noun, of
from cowise.cli.words import say
from cowise.core.registry import load
from cowise.core.screen import browser_here

command = noun()


@command.command(
    cls=Command,
    epilog="cowise start\ncowise --home ws start --port 9000 --no-open\n"
    "cowise start --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem",
)
def start(
    ctx: typer.Context,
    port: Annotated[
        int, typer.Option("--port", help="The port; by default 8765, or the next that is free.", min=0)
    ] = 0,
    host: Annotated[
        str, typer.Option("--host", help="The address to listen at; by default only this machine can reach it.")
    ] = "127.0.0.1",
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser, where there is one.")] = True,
    check: Annotated[
        bool, typer.Option("--check", help="Start, see that the page answers, say where, and end.")
    ] = False,
    cert: Annotated[
        Path | None, typer.Option("--tls-cert", help="A certificate for https, in PEM form.", metavar="FILE")
    ] = None,
    key: Annotated[Path | None, typer.Option("--tls-key", help="Its private key.", metavar="FILE")] = None,
    public: Annotated[
        str, typer.Option("--public", help="The https address of a proxy that stands before it.", metavar="URL")
    ] = "",
) -> None:
    """Open the workspace: prints one address that signs its owner in. Ctrl-C ends it and leaves everything whole."""
    here = of(ctx)
    server = "web.server"
    where = load(f"{server}:Where")(host, port, cert, key, public)
    with here.workspace(create=True) as ws:
        if check:
            address, _ = load(f"{server}:check")(ws, where)
            here.give({"address": address}, say("The workspace answers at {address}.", address=address))
            return
        load(f"{server}:serve")(ws, where, lambda address, token: _ready(here, where, (address, token), opens=opens))
    here.note(say("The workspace is closed."))


def _ready(here: Here, where: Any, at: tuple[str, str], *, opens: bool) -> None:
    address, token = at
    link = f"{address}/#/enter/{token}"
    here.give({"address": address, "link": link}, say("Open {link}", link=link))
    sys.stdout.flush()
    here.note(say("The link signs you in once, within ten minutes. Ctrl-C ends the workspace."))
    if not where.local and not where.secure:
        here.note(
            say(
                "Warning: passwords and texts travel unencrypted by plain http. Give --tls-cert and --tls-key, "
                "or put a proxy with https before it and name it by --public."
            )
        )
    if opens and browser_here():
        webbrowser.open(link)
