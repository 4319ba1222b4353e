"""`cowise simulate`: play whole projects with known answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cowise.cli.add import origin
from cowise.cli.figures import percent, promised
from cowise.cli.layout import table
from cowise.cli.new import kind_of, promise_of
from cowise.cli.options import Command, noun, of
from cowise.cli.words import say
from cowise.core.errors import InputError
from cowise.core.registry import load

command = noun()


@command.command(
    cls=Command,
    epilog="cowise simulate labelled.csv --text text --label label --max-error 0.05 --confidence 0.9\n"
    "cowise simulate labelled.csv --text text --label label --accuracy 0.97,0.95,0.9 --skipping 0.02 --plots figures",
)
def simulate(
    ctx: typer.Context,
    files: Annotated[list[str], typer.Argument(help="Labelled files.", metavar="FILE...")],
    text: Annotated[str, typer.Option("--text", help="The column with the text.", metavar="COLUMN")] = "",
    label: Annotated[str, typer.Option("--label", help="The column with the known answers.", metavar="COLUMN")] = "",
    kind: Annotated[
        str,
        typer.Option("--kind", help="One label for each text, or any number of them.", metavar="classify|multilabel"),
    ] = "classify",
    max_error: Annotated[float, typer.Option("--max-error", help="The error you accept, as a share.")] = 0.05,
    confidence: Annotated[float, typer.Option("--confidence", help="How sure you want to be, as a share.")] = 0.95,
    promise: Annotated[
        str,
        typer.Option(
            "--promise",
            help="Error of all that is delivered, or of what the machine answers alone.",
            metavar="delivered|selective",
        ),
    ] = "delivered",
    per_label: Annotated[
        bool, typer.Option("--per-label", help="Keep the promise for each predicted label too.")
    ] = False,
    pool: Annotated[int, typer.Option("--pool", help="Texts in each repetition, drawn anew.")] = 6000,
    repeat: Annotated[int, typer.Option("--repeat", help="How often it is played.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Fixes what is drawn.")] = 0,
    jobs: Annotated[int, typer.Option("--jobs", help="Repetitions played at a time.")] = 1,
    encoder: Annotated[
        str, typer.Option("--encoder", help="The encoder; `cowise models list` shows them.")
    ] = "use-multilingual",
    given: Annotated[int, typer.Option("--given", help="Labels that are there before the start; they only train.")] = 0,
    accuracy: Annotated[
        str,
        typer.Option("--accuracy", help="How often people are right, a share for each of them.", metavar="SHARE,..."),
    ] = "1",
    jury: Annotated[
        bool, typer.Option("--jury/--no-jury", help="Several people: whoever differs from the model is asked after.")
    ] = True,
    worth: Annotated[
        float,
        typer.Option(
            "--worth", help="Several people: one more is asked wherever a mended error may cost so many answers."
        ),
    ] = 0.0,
    missed: Annotated[
        float, typer.Option("--missed", help="How often people miss a wrong answer, at most, as a share.")
    ] = 0.0,
    fatigue: Annotated[
        float, typer.Option("--fatigue", help="Accuracy lost over every thousand answers, as a share.")
    ] = 0.0,
    skipping: Annotated[float, typer.Option("--skipping", help="How often people skip, as a share.")] = 0.0,
    confusion: Annotated[
        Path | None,
        typer.Option(
            "--confusion",
            help="In place of --accuracy: a JSON or CSV table of shares, rows by true label in alphabetical order.",
            metavar="FILE",
        ),
    ] = None,
    plots: Annotated[
        Path | None, typer.Option("--plots", help="A folder for plots, SVG and PNG.", metavar="DIR")
    ] = None,
) -> None:
    """Play whole projects with known answers in place of people: what it would cost, and whether the promise is kept."""
    here = of(ctx)
    one, table = load("loop.crew:Crew"), confusions(confusion)
    crew = [one(share, fatigue, skipping, table) for share in shares(accuracy)]
    options = load("loop.simulating:SimulateOptions")(
        tuple(Path(origin(file)) for file in files),
        text=text,
        label=label,
        promise=promise_of(max_error, confidence, promise, per_label=per_label, missed=missed),
        pool=pool,
        repeat=repeat,
        seed=seed,
        jobs=jobs,
        encoder=encoder,
        crew=crew[0],
        others=tuple(crew[1:]),
        jury=jury,
        repair=worth,
        given=given,
        models=here.settings.models,
        threads=here.settings.threads,
        plots=plots,
        sets=kind_of(kind) == "multilabel",
    )
    with here.progress("encoding") as line:
        found = load("loop.simulating:simulate")(options, line)
    here.give(found, *sentences(found), "", promised(options.promise))


def shares(words: str) -> list[float]:
    """Numbers with commas between them; InputError for anything else.

    >>> shares("0.95, 0.9")
    [0.95, 0.9]
    """
    try:
        return [float(word) for word in words.split(",")]
    except ValueError:
        raise InputError(f"--accuracy: asked for {words!r}; give a share for each person, such as 0.95,0.9") from None


def confusions(file: Path | None) -> tuple[tuple[float, ...], ...]:
    """A table of shares from a JSON or CSV file; InputError where it is none."""
    if file is None:
        return ()
    try:
        words = file.read_text("utf-8-sig")
        rows = (
            json.loads(words)
            if words.lstrip().startswith("[")
            else [line.split(",") for line in words.splitlines() if line.strip()]
        )
        return tuple(tuple(float(share) for share in row) for row in rows)
    except FileNotFoundError:
        raise InputError(f"--confusion: {file} is not here; check the path") from None
    except (ValueError, TypeError, UnicodeDecodeError) as cause:
        raise InputError(
            f"--confusion: {file} is no table of shares ({cause}); give one row of numbers for each label"
        ) from None


def sentences(found: dict[str, Any]) -> list[str]:
    """Each repetition and the mean, a line each; shares are of the items delivered."""
    mean, each = found["mean"], found["repetitions"]
    heads = ("run", "human share", "training", "audit", "deferred", "automated", "error", "promise", "seconds")
    rows = [[say(head) for head in heads]]
    for one in each:
        coverage = one["certificate"]["automated"] / one["items"]
        kept = say("kept") if one["promise_kept"] else say("broken")
        rows.append(
            [
                str(one["seed"]),
                *_shares(one),
                percent(coverage),
                percent(one["error"], 2),
                kept,
                f"{one['seconds']:.1f}",
            ]
        )
    kept = f"{round(mean['promise_kept'] * len(each))}/{len(each)}"
    rows.append(
        [
            say("mean"),
            *_shares(mean),
            percent(mean["coverage"]),
            percent(mean["error"], 2),
            kept,
            f"{mean['seconds']:.1f}",
        ]
    )
    data = found["data"]
    lines = table(rows, right=range(1, len(heads)))
    lines.append("")
    lines.append(
        say("{texts} distinct texts, {labels} labels.", texts=f"{data['texts']:,}", labels=len(data["labels"]))
    )
    if data["conflicts"]:
        lines.append(
            say("Equal texts with different answers: {n}; the first answer of each counts.", n=f"{data['conflicts']:,}")
        )
    lines += [say("Plot: {file}", file=file) for file in found.get("plots", ())]
    return lines


def _shares(one: dict[str, Any]) -> list[str]:
    return [percent(one[name]) for name in ("human_share", "training", "audit", "deferred")]
