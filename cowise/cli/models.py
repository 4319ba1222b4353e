"""`cowise models`: encoders and language models on this machine."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.delete import sure
from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say

command = noun(
    help="Encoders and language models: list, pull, show, remove, serve; a project's own versions.",
    epilog="cowise models list\ncowise models pull use-multilingual",
)
Encoder = Annotated[str, typer.Argument(help="Its name, as `cowise models list` shows it.", metavar="MODEL")]
Version = Annotated[str, typer.Argument(help="The version, as `cowise models versions` shows it.", metavar="VERSION")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept in the ledger.", metavar="TEXT")]


@command.command(name="list", cls=Command, epilog="cowise models list")
def listing(ctx: typer.Context) -> None:
    """Encoders and language models that can be had, with licence and languages; ✓ marks those on this machine."""
    here = of(ctx)
    found = loop.models_list(here.settings)
    heads = ["", *(say(head) for head in ("model", "what it is", "licence", "languages"))]
    rows = [
        ["✓" if each["here"] else " ", each["name"], each["about"], each["licence"], _languages(each["languages"])]
        for each in found
    ]
    here.give(found, *table([heads, *rows]))


def _languages(codes: list[str]) -> str:
    return " ".join(codes) if len(codes) <= 4 else say("{n} languages", n=len(codes))


@command.command(cls=Command, epilog="cowise models pull use-multilingual\ncowise models pull NAME --accept-licence")
def pull(
    ctx: typer.Context,
    name: Encoder,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="You have read a licence that forbids some uses, and accept it.")
    ] = False,
) -> None:
    """Fetch a model once, and verify every file. What is here and whole is not fetched again."""
    here = of(ctx)
    for known in loop.models_list(here.settings):
        if known["name"] == name and not known["here"]:
            here.note(say("{name}: licence {licence}", name=name, licence=known["licence"]))
    with here.progress("downloading") as line:
        folder = loop.models_pull(here.settings, name, accept_licence=accept_licence, progress=line)
    here.tell({"name": name, "folder": folder}, say("{name} is in {folder}, verified.", name=name, folder=str(folder)))


@command.command(cls=Command, epilog="cowise models show use-multilingual")
def show(ctx: typer.Context, name: Encoder) -> None:
    """All about one model: licence, languages, files and their hashes. Files that are here are verified."""
    here = of(ctx)
    found = loop.models_show(here.settings, name)
    lines = [
        found["name"],
        f"  {found['about']}",
        say("  licence    {what}", what=found["licence"]),
        say("  languages  {what}", what=" ".join(found["languages"])),
        *([say("  vectors    of {n} numbers", n=found["dim"])] if found["dim"] else []),
        say("  files      {what}", what=found["folder"] if found["here"] else say("not on this machine")),
    ]
    lines += [f"    {each['file']}  sha256 {each['sha256'][:16]}…  ({each['from']})" for each in found["files"]]
    here.give(found, *lines)


@command.command(cls=Command, epilog="cowise models remove minilm-en")
def remove(
    ctx: typer.Context,
    name: Encoder,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a model's files. Vectors made with it stay; it can be pulled again."""
    here = of(ctx)
    known = {each["name"]: each["here"] for each in loop.models_list(here.settings)}
    if known.get(name):
        sure(say("Remove {name}? Type its name:", name=name), name, yes=yes)
    gone = loop.models_remove(here.settings, name)
    sentence = say("{name} is removed.", name=name) if gone else say("{name} was not on this machine.", name=name)
    here.tell({"name": name, "removed": gone}, sentence)


@command.command(cls=Command, epilog="cowise models serve smollm2-135m --port 8080")
def serve(
    ctx: typer.Context,
    name: Encoder,
    port: Annotated[int, typer.Option("--port", help="The port; 0 takes any free one.")] = 8080,
) -> None:
    """Serve a language model to programs on this machine, as OpenAI's API has it, until Ctrl-C."""
    here = of(ctx)
    address = loop.models_serve(here.settings, name, port=port)
    with suppress(KeyboardInterrupt):
        here.give({"name": name, "address": address}, say("{name} answers at {address}", name=name, address=address))
        here.note(say("Only this machine reaches it. Ctrl-C ends."))
        threading.Event().wait()


@command.command(cls=Command, epilog="cowise models versions tickets")
def versions(ctx: typer.Context, project: Name) -> None:
    """The versions that a project has learned, oldest first, and which one is released."""
    here = of(ctx)
    with here.workspace() as ws:
        found = loop.versions(ws, project)
    rows = [[one.id, _state(one), f"{one.metrics.get('answers', 0):,}"] for one in found]
    heads = [say("version"), say("state"), say("answers")]
    here.give([one.to_json() for one in found], *table([heads, *rows], right=[2]))


@command.command(cls=Command, epilog='cowise models release tickets v-3fa9c1d2e4b5 --reason "the newer one is worse"')
def release(ctx: typer.Context, project: Name, version: Version, reason: Why) -> None:
    """Release a version: it gives the suggestions, and the next check is over it. Certificates are withdrawn."""
    here = of(ctx)
    with here.workspace() as ws:
        gone = loop.release(ws, project, version, reason)
    line = say(
        "{version} is released; {n} certificate is withdrawn."
        if gone == 1
        else "{version} is released; {n} certificates are withdrawn.",
        version=one_line(version, 40), n=gone,
    )  # fmt: skip
    here.tell({"version": version, "withdrawn": gone}, line, _review(here, project))


@command.command(
    cls=Command, epilog='cowise models withdraw tickets v-3fa9c1d2e4b5 --reason "wrong answers were learned"'
)
def withdraw(ctx: typer.Context, project: Name, version: Version, reason: Why) -> None:
    """Take the released version back with its certificates: what it decided alone goes to people. Safe to repeat."""
    here = of(ctx)
    with here.workspace() as ws:
        gone = loop.withdraw_version(ws, project, version, reason)
    line = say(
        "{version} is withdrawn; {n} certificate went with it."
        if gone == 1
        else "{version} is withdrawn; {n} certificates went with it.",
        version=one_line(version, 40), n=gone,
    )  # fmt: skip
    here.tell({"version": version, "withdrawn": gone}, line, _review(here, project))


@command.command(
    cls=Command,
    epilog="cowise models shadow tickets\ncowise models shadow tickets --texts 800\ncowise models shadow tickets --stop",
)
def shadow(
    ctx: typer.Context,
    project: Name,
    texts: Annotated[
        int,
        typer.Option(
            "--texts", min=0, help="On how many texts to come it is judged; 0 for a fair number.", metavar="N"
        ),
    ] = 0,
    rate: Annotated[
        float,
        typer.Option("--rate", min=0, max=1, help="Share of the texts to come that is drawn for it.", metavar="SHARE"),
    ] = 0.05,
    stop: Annotated[bool, typer.Option("--stop", help="Drop the version that runs in the shadow.")] = False,
) -> None:
    """Try what was learned since on texts to come while the released version decides; it takes over if it may answer as much."""
    here = of(ctx)
    with here.workspace() as ws:
        if stop:
            gone = loop.stop_shadow(ws, project, "stopped on the command line")
            here.tell({"stopped": gone}, say("The shadow is dropped." if gone else "No version runs in the shadow."))
            return
        found = loop.shadow(ws, project, texts=texts, rate=rate)
    here.tell(
        found.to_json(),
        say(
            "{version} runs in the shadow: it decides nothing, and is judged on {n} texts to come, drawn by lot.",
            version=found.version, n=f"{found.texts:,}",
        ),
        say("What people answered before proves nothing of it: it may have led to it."),
        say("Next: {command}", command=here.next(f"cowise decide {one_line(project)}")),
    )  # fmt: skip


def _state(one: Any) -> str:
    return say("{state}, for the labels of before", state=say(one.state)) if one.outdated else say(one.state)


def _review(here: Any, project: str) -> str:
    return say("Next: {command}", command=here.next(f"cowise review {one_line(project)}"))
