"""`cowise member` and `cowise opinions`: language models in a project, and what they say of its texts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say, told

command = noun(
    help="Language models in a project: add, list, remove.",
    epilog="cowise member add tickets smol --llm local:smollm2-135m\ncowise member list tickets",
)
opinions = noun()
Member = Annotated[str, typer.Argument(help="The member's name.", metavar="MEMBER")]


@command.command(
    cls=Command,
    epilog="cowise member add tickets smol --llm local:smollm2-135m\n"
    "cowise member add tickets big --llm https://api.example.com/v1 --model big-1 --price 0.15,0.60 --budget 5",
)
def add(
    ctx: typer.Context,
    project: Name,
    name: Member,
    llm: Annotated[
        str, typer.Option("--llm", help="Its address, as OpenAI's API has it, or local:NAME.", metavar="URL")
    ],
    model: Annotated[str, typer.Option("--model", help="The model, as the server names it.", metavar="MODEL")] = "",
    price: Annotated[
        str, typer.Option("--price", help="Money for 1,000 tokens: one number, or prompt,answer.", metavar="MONEY")
    ] = "0",
    budget: Annotated[
        float | None, typer.Option("--budget", help="The most that it may ever spend; no cap without it.")
    ] = None,
    shots: Annotated[int, typer.Option("--shots", help="Answered texts shown as examples, the nearest ones.")] = 4,
    private: Annotated[
        bool, typer.Option("--private", help="The address may lie on this machine or in a private network.")
    ] = False,
    per_minute: Annotated[float, typer.Option("--per-minute", help="Requests a minute at most; 0 for no limit.")] = 0.0,
) -> None:
    """Give a language model a seat. Its key belongs to the address's host, and stands in the environment or keys folder."""
    here = of(ctx)
    seat = loop.Seated(llm, model, price, budget, shots, private, per_minute)
    with here.workspace() as ws:
        made = loop.add_member(ws, project, name, seat)
    here.tell(
        made,
        say("{name} has a seat as {version}.", name=one_line(name, 40), version=made.version),
        say("Ask for its opinions: {command}", command=here.next(f"cowise opinions {project}")),
    )


@command.command(name="list", cls=Command, epilog="cowise member list tickets")
def listing(ctx: typer.Context, project: Name) -> None:
    """Language models with a seat: version, opinions, and money spent of their budget."""
    here = of(ctx)
    with here.workspace() as ws:
        found = loop.list_members(ws, project)
    heads = [say(head) for head in ("name", "model", "version", "opinions", "spent", "budget", "seat")]
    lines = table([heads, *(_row(each) for each in found)]) if found else [say("No language model has a seat here.")]
    here.give(found, *lines)


def _row(one: Any) -> list[str]:
    budget = "" if one.budget is None else f"{one.budget:g}"
    seat = say("open") if one.active else say("closed")
    return [
        one_line(one.name, 30),
        one_line(one.model, 40),
        one.version,
        f"{one.opinions:,}",
        f"{one.spent:.4f}",
        budget,
        seat,
    ]


@command.command(cls=Command, epilog="cowise member remove tickets smol")
def remove(ctx: typer.Context, project: Name, name: Member) -> None:
    """Close a language model's seat: it is not asked any more. Its opinions stay."""
    here = of(ctx)
    with here.workspace() as ws:
        loop.remove_member(ws, project, name)
    here.tell({"name": name, "removed": True}, say("{name} has no seat any more.", name=one_line(name, 40)))


@opinions.command(
    name="opinions", cls=Command, epilog="cowise opinions tickets\ncowise opinions tickets --member smol --limit 50"
)
def ask(
    ctx: typer.Context,
    name: Name,
    member: Annotated[list[str], typer.Option("--member", help="These members only.", metavar="MEMBER")] = [],  # noqa: B006
    limit: Annotated[int, typer.Option("--limit", help="Texts at most for each member; 0 for all.", min=0)] = 0,
) -> None:
    """Ask the language models of a project about its open texts. Cut short, the same command goes on where it stood."""
    here = of(ctx)
    with here.workspace() as ws, here.progress("language models give opinions") as line:
        found = loop.opinions(ws, name, only=member, limit=limit, progress=line)
    lines = [text for each in found for text in _told(each)]
    here.give(found, *(lines or [say("No language model has a seat here.")]))


def _told(one: Any) -> list[str]:
    figures = {
        "name": one_line(one.member, 40),
        "given": f"{one.given:,}",
        "failed": f"{one.failed:,}",
        "cost": f"{one.cost:.4f}",
    }
    seconds = f"{one.seconds:.1f}"
    first = say(
        "{name}: {given} opinions, {failed} texts without one, {cost} spent, {seconds} s.", **figures, seconds=seconds
    )
    found = [first]
    if one.fault:
        found.append(say("  The last text without one: {why}", why=told(one.fault)))
    if one.why:
        found.append(say("  It stopped with {left} texts left: {why}", left=f"{one.left:,}", why=told(one.why)))
    return found
