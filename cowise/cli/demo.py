"""`cowise demo`: play the whole loop on the two samples."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.figures import percent
from cowise.cli.layout import table
from cowise.cli.options import Command, noun, of
from cowise.cli.words import say
from cowise.core.errors import MissingError
from cowise.core.settings import DEFAULT_HOME

command = noun()
HERE = Path("demo-home")


@command.command(cls=Command, epilog="cowise demo\ncowise --home somewhere demo --out figures")
def demo(
    ctx: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where figures and decisions go; by default into the workspace.", metavar="DIR"),
    ] = None,
    encoder: Annotated[
        str, typer.Option("--encoder", help="The encoder; `cowise models list` shows them.")
    ] = "use-multilingual",
) -> None:
    """Play the whole loop on the two samples, the known answers in place of people. Without --home, in ./demo-home."""
    here = of(ctx)
    settings = here.settings
    if settings.home == DEFAULT_HOME.expanduser() and not settings.db:
        settings = replace(settings, home=HERE)
    folder = out or settings.home / "demo"
    with here.progress("preparing") as line:
        found = loop.demo(settings, folder, encoder=encoder, progress=line)
        plots = _drawn(found["samples"], folder)
    found["plots"] = [str(file) for file in plots]
    here.give(found, *sentences(found))


def _drawn(samples: list[dict[str, Any]], folder: Path) -> list[Path]:
    """The pictures; none where the library for them is not installed."""
    try:
        drawn: list[Path] = loop.pictures(samples, folder)
    except MissingError:
        return []
    return drawn


def sentences(found: dict[str, Any]) -> list[str]:
    """What each sample cost and whether the promise was kept; last, the command to go on with."""
    heads = [
        say(head)
        for head in ("sample", "items", "automated", "human share", "promised", "certified", "true error", "seconds")
    ]
    rows = [
        [
            each["name"],
            f"{each['items']:,}",
            f"{each['automated']:,}",
            percent(each["human_share"]),
            f"≤ {percent(each['promise'], 3)}",
            f"≤ {percent(each['certified'], 2)}" if each["certified"] is not None else say("none yet"),
            percent(each["error"], 2),
            f"{each['seconds']:.0f}",
        ]
        for each in found["samples"]
    ]
    kept = all(each["kept"] for each in found["samples"])
    lines = table([heads, *rows], right=range(1, len(heads)))
    lines.append("")
    lines.append(
        say("The promise was kept on both.")
        if kept
        else say("The promise was broken: with this confidence that may happen now and then.")
    )
    lines.append(
        say(
            "Human share: the answers that people gave, of every kind, for each item. Error: wrong machine answers of all items."
        )
    )
    lines += [say("Decisions: {file}", file=each["file"]) for each in found["samples"]]
    lines += [say("Plot: {file}", file=file) for file in found["plots"]]
    if not found["plots"]:
        lines.append(say("For plots: pip install 'cowise[plot]'"))
    return [
        *lines,
        "",
        say("Now your own texts:"),
        f"{program()} new tickets --labels billing,bug,praise --max-error 0.05",
    ]


def program() -> str:
    """How this program is called here."""
    called = Path(sys.argv[0])
    if shutil.which("cowise") or called.name != "cowise":
        return "cowise"
    try:
        return str(called.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(called)
