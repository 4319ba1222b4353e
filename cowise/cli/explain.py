"""`cowise explain`: which words make the model lean as it does on a text."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.figures import percent
from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say
from cowise.core.errors import InputError
from cowise.core.explanation import Ask

command = noun()

SHOWN = 20
BAR = 20
FOR, AGAINST = "█", "░"
"""Two fills and two signs: nothing hangs on colour."""


@command.command(
    cls=Command,
    epilog='cowise explain tickets --text "The app crashes when I log in"\n'
    "cowise explain tickets --item 3fa94c0d5b1e4f7a8c2d6e9f0a1b2c3d --method permutation\n"
    'cowise explain tickets --text "Great app" --target bug --json',
)
def explain(
    ctx: typer.Context,
    name: Name,
    text: Annotated[str, typer.Option("--text", help="The text to explain.", metavar="TEXT")] = "",
    item: Annotated[str, typer.Option("--item", help="A decided item: its id, or its whole text.", metavar="ID")] = "",
    method: Annotated[
        str,
        typer.Option(
            "--method",
            help="paired (the default), ends, leave-one-out, kernel-shap, permutation, lime, exact; on an encoder such as "
            "minilm-en also integrated-gradients, gradient-x-input, saliency, grad-cam, attention-rollout.",
            metavar="METHOD",
        ),
    ] = "default",
    target: Annotated[
        str, typer.Option("--target", help="The label to explain; by default the likeliest.", metavar="LABEL")
    ] = "",
    seed: Annotated[int, typer.Option("--seed", help="Fixes what is drawn.", metavar="N")] = 0,
    cap: Annotated[int, typer.Option("--cap", help="How many texts the model may read at most.", metavar="N")] = 5000,
) -> None:
    """Which words make the model lean as it does on a text: what each adds to a label's probability, or takes from it."""
    here = of(ctx)
    if bool(text) == bool(item):
        raise InputError("explain: give --text or --item, one of them")
    ask = Ask(target=target or None, seed=seed, cap=cap)
    with here.workspace() as ws:
        found = loop.explain(ws, name, text or item, item=bool(item), method=method, ask=ask)
    here.give(found.to_json(), *_lines(found))


def _lines(found: Any) -> list[str]:
    why, model = found.explanation, found.model
    most = max((abs(word.score) for word in why.words), default=0.0)
    shown = why.strongest[:SHOWN]
    rows = [[one_line(word.text, 40), f"{word.score:+.3f}", _half(word), bar(word.score, most)] for word in shown]
    lines = [
        say(
            "{label}: {value} by model {model}; {base} for as many blanks."
            if why.tokens
            else "{label}: {value} by model {model}; {base} for an empty text.",
            label=one_line(why.target, 60), value=percent(why.value), model=model, base=percent(why.base),
        ),
        *table(rows, right=[1]),
    ]  # fmt: skip
    if len(why.words) > SHOWN:
        lines.append(say("{n} more words weigh less; --json has them.", n=len(why.words) - SHOWN))
    if why.read < len(found.text):
        lines.append(say("The first {n} characters were explained; the model reads no further.", n=f"{why.read:,}"))
    lines.append(
        say("{method}: the model read {n} texts in {seconds} s.", method=why.method, n=f"{why.cost.texts:,}", seconds=f"{why.cost.seconds:.2f}")
    )  # fmt: skip
    if why.gap is not None:
        lines.append(say("The scores add up to the difference of the two, but for {gap}.", gap=f"{why.gap:.4f}"))
    if not why.complete:
        lines.append(say("The cap cut it short: the scores are rougher than the method's own."))
    return lines


def bar(score: float, most: float) -> str:
    """A bar whose length is the strength of a score and whose fill its sign.

    >>> bar(0.5, 1.0), bar(-0.1, 1.0), bar(0.0, 1.0)
    ('██████████', '░░', '')
    """
    return (FOR if score > 0 else AGAINST) * round(BAR * abs(score) / most) if most else ""


def _half(word: Any) -> str:
    return "" if word.half is None else f"±{word.half:.3f}"
