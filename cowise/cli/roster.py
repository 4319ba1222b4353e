"""`cowise roster`: who is on a project, and what their answers are worth."""

from __future__ import annotations

from typing import Any

import typer

from cowise import loop
from cowise.cli.figures import percent
from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say

command = noun()


@command.command(cls=Command, epilog="cowise roster tickets\ncowise roster tickets --json")
def roster(ctx: typer.Context, name: Name) -> None:
    """How often each person is right, how much their answers tell, with whom they agree, how fast they are, and the model."""
    here = of(ctx)
    with here.workspace() as ws:
        found = loop.roster_of(ws, name)
    heads = [say(head) for head in ("name", "answers", "right", "seconds", "a day", "holds")]
    rows = [
        [one_line(p.name, 40), f"{p.answers:,}", _span(p.right), _number(p.seconds_median), _number(p.per_day), f"{p.held:,}"]
        for p in found.people
    ]  # fmt: skip
    lines = table([heads, *rows], right=[1, 3, 4, 5])
    lines += [line for person in found.people for line in _noted(person)]
    here.give(found.to_json(), *lines, *_together(found))


def _noted(person: Any) -> list[str]:
    """What is worth saying of one person, a line each."""
    name, lines = one_line(person.name, 40), []
    if person.same is not None:
        values = {
            "own": percent(person.same.own),
            "label": one_line(person.same.label, 40),
            "others": percent(person.same.others),
        }
        lines.append(
            say("{name}: the answers tell nothing; {own} are {label}, of others' {others}.", name=name, **values)
        )
    if person.slower is not None and person.slower.low > 1:
        lines.append(
            say(
                "{name}: the last answers took {n} times as long as the first.",
                name=name,
                n=_number(person.slower.value),
            )
        )
    if person.steadier is not None and person.steadier.high < 0:
        points = _number(-100 * person.steadier.value)
        lines.append(
            say("{name}: of the last answers {n} in 100 fewer are right than of the first.", name=name, n=points)
        )
    if person.taken_in is not None:
        wrong = person.taken_in
        lines.append(
            say(
                "{name}: accepted {n} of {all} wrong suggestions ({range}).",
                name=name,
                n=round(wrong.value * wrong.n),
                all=wrong.n,
                range=_ends(wrong),
            )
        )
    return lines


def _together(found: Any) -> list[str]:
    """What is said of all: agreement, the model, and until when answers count."""
    lines = []
    if found.alpha is not None:
        lines.append(
            say(
                "Agreement beyond chance: {alpha} over {n} texts (Krippendorff's alpha).",
                alpha=f"{found.alpha:.2f}",
                n=f"{found.several:,}",
            )
        )
    for pair in found.pairs:
        names = {"first": one_line(pair.first, 40), "second": one_line(pair.second, 40)}
        lines.append(
            say(
                "{first} and {second}: the same answer to {share} of {n} texts.",
                share=percent(pair.same),
                n=pair.n,
                **names,
            )
        )
    if found.machine is not None:
        one = found.machine
        lines.append(
            say(
                "Model {version}: {right} of {n} audits right ({range}).",
                version=one.version,
                right=one.audits - one.wrong,
                n=one.audits,
                range=_ends(one.right),
            )
        )
    lines += _beside(found)
    if found.until is not None:
        lines.append(say("A check is open: people are judged by their answers from before it."))
    return lines


def _beside(found: Any) -> list[str]:
    """Language models, and how often people err."""
    lines = []
    for one in found.llms:
        right = _span(one.right) if one.right is not None else say("not known yet")
        weight = (
            say("not weighed")
            if one.weight is None
            else say("counts {n}", n=f"{one.weight:g}")
            if one.weight
            else say("lowers no error")
        )
        lines.append(
            say(
                "Language model {name}: right {right}, {n} opinions, cost {cost}; {weight} in the released version.",
                name=one_line(one.name, 40), right=right, n=f"{one.opinions:,}", cost=f"{one.cost:g}", weight=weight,
            )
        )  # fmt: skip
    if found.advice is not None:
        lines.append(
            say(
                "Wrong suggestions accepted: {with_} with the model's reasons on show, {bare} without.",
                with_=_of(found.advice.reasons), bare=_of(found.advice.bare),
            )
        )  # fmt: skip
    if found.doubt is not None:
        two = found.doubt
        lines.append(
            say(
                "People err in at most {error} of answers ({differ} of {n} texts got two answers from two); a promise by the truth: --missed {missed}.",
                error=percent(two.error), differ=two.differ, n=two.asked, missed=f"{two.missed:g}",
            )
        )  # fmt: skip
    return lines


def _span(value: Any) -> str:
    return "–" if value is None else f"{percent(value.value, 0)} ({_ends(value)})"


def _of(value: Any) -> str:
    return "–" if value is None else f"{round(value.value * value.n)}/{value.n} ({_ends(value)})"


def _ends(value: Any) -> str:
    return f"{100 * value.low:.0f}–{percent(value.high, 0)}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"
