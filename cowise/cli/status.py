"""`cowise status`: where a project stands and what to do next."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.figures import percent
from cowise.cli.options import Command, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say
from cowise.core.errors import InputError

command = noun()
NEXT = {
    "add": "Add texts.",
    "train": "Answer questions, from which the model learns.",
    "audit": "Answer questions; the certificate will rest on some of them.",
    "decide": "Answer what the machine may not answer alone.",
    "stop": "Ask somebody else to look at what nobody could answer.",
}


@command.command(cls=Command, epilog="cowise status tickets\ncowise status --json")
def status(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(help="The project; not needed where there is only one.", metavar="[NAME]")
    ] = "",
) -> None:
    """Where the project stands: share automated, certified error, answers still needed, what to do next."""
    here = of(ctx)
    with here.workspace() as ws:
        found = loop.status(ws, name or _only(ws))
    here.give(found.to_json(), *sentences(found), f"  {here.next(one_line(found.command))}")


def _only(ws: Any) -> str:
    names = [each.name for each in loop.listing(ws)]
    if len(names) != 1:
        listed = ", ".join(names[:8]) or "none"
        raise InputError(f"status: which project? There are {len(names)}: {listed}")
    return str(names[0])


def sentences(found: Any) -> list[str]:
    """A project's standing, a fact a line."""
    bound = percent(found.error_bound) if found.error_bound is not None else say("none yet")
    human = found.human
    lines = [
        say("{name}: {items} items, {open} open", name=one_line(found.name), items=f"{found.items:,}", open=f"{found.open:,}"),
        say("  automated         {n} ({share})", n=f"{found.automated:,}", share=percent(found.automated_share)),
        say("  by people         {n}", n=f"{found.reviewed:,}"),
        say(
            "  human share       {share}: {training} to train, {audit} audits, {deferred} to decide",
            share=percent(human.share), training=f"{human.training:,}", audit=f"{human.audit:,}",
            deferred=f"{human.deferred:,}",
        ),
        say(
            "  certified error   {bound}; promised at most {error} with {sure} confidence",
            bound=bound, error=percent(found.promise.max_error, 3), sure=percent(found.promise.confidence, 3),
        ),
        say("  still to answer   about {n} (a forecast); {queued} wait now", n=f"{found.needed:,}", queued=f"{found.queued:,}"),
    ]  # fmt: skip
    lines += [*stream(found.watch, found.alarm), *warned(found.warning)]
    if found.shadow:
        lines.append(
            say(
                "  in the shadow     {version}: {drawn} of {n} texts drawn to judge it by",
                version=found.shadow["version"], drawn=f"{found.shadow['drawn']:,}", n=f"{found.shadow['texts']:,}",
            )
        )  # fmt: skip
    lines += [
        say("  nobody reads      {n} texts wait in {language}", n=f"{n:,}", language=one)
        for one, n in found.unread.items()
    ]
    if found.second:
        lines.append(say("  second opinions   {n} asked for, not answered yet", n=f"{found.second:,}"))
    if found.flags:
        lines.append(say("  flagged           {n}", n=f"{found.flags:,}"))
    return [*lines, "", say("Next: {what}", what=what_next(found))]


def stream(watch: Any, alarm: Any) -> list[str]:
    """What is known of texts that were decided as they came."""
    lines = []
    if watch:
        lines.append(
            say(
                "  stream            {n} audits, {wrong} wrong; at most {share} may be",
                n=f"{watch['audits']:,}", wrong=f"{watch['wrong']:,}", share=percent(min(1.0, watch["accepted"])),
            )
        )  # fmt: skip
    if alarm:
        lines.append(
            say(
                "  alarm             the stream changed: {low} to {high} of {n} automated texts were wrong",
                low=f"{alarm['wrong_low']:,}", high=f"{alarm['wrong_high']:,}", n=f"{alarm['automated']:,}",
            )
        )  # fmt: skip
    return lines


def warned(warning: Any) -> list[str]:
    """That new texts look different, and which labels come more or less often."""
    if not warning:
        return []
    lines = [
        say(
            "  warning           {n} new texts look different from those the certificate stands on",
            n=f"{warning['texts']:,}",
        )
    ]
    lines += [
        say("                    {label}: {times} times as frequent", label=one_line(label), times=f"{times:g}")
        for label, times in warning["shares"]
    ]
    return lines


def what_next(found: Any) -> str:
    """What to do next, in a sentence."""
    if found.phase == "stop" and not found.open:
        return say("Every text is decided: take the result.")
    return say(NEXT[found.phase])
