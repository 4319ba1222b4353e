"""`cowise evaluate`: how good the predictions in a file are, beside the truth and beside another model's."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.add import origin
from cowise.cli.layout import table
from cowise.cli.options import Command, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import language
from cowise.core.registry import load

command = noun()

WIDEST = 72


@command.command(
    cls=Command,
    epilog="cowise evaluate predictions.csv --truth label --prediction model\n"
    "cowise evaluate predictions.csv --truth label --prediction new --against old --slice language --slice length\n"
    "cowise evaluate predictions.jsonl --truth label --probabilities p --json",
)
def evaluate(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            help="A file (CSV, TSV, JSON, JSONL, Parquet, text), a folder, or - for standard input.", metavar="FILE"
        ),
    ],
    truth: Annotated[str, typer.Option("--truth", help="The column with the known answers.", metavar="COLUMN")],
    prediction: Annotated[
        str,
        typer.Option(
            "--prediction", help="The column with what a model said; else the likeliest label.", metavar="COLUMN"
        ),
    ] = "",
    against: Annotated[
        str, typer.Option("--against", help="A column with what another model said, to compare with.", metavar="COLUMN")
    ] = "",
    slices: Annotated[
        list[str] | None,
        typer.Option(
            "--slice", help="Judge apart by each value of a column, or by quarters of a number.", metavar="COLUMN"
        ),
    ] = None,
    probabilities: Annotated[
        str,
        typer.Option(
            "--probabilities",
            help="A column of JSON objects, label to probability, or what the names of such columns begin with.",
            metavar="COLUMN",
        ),
    ] = "",
    confidence: Annotated[float, typer.Option("--confidence", help="How surely intervals hold, as a share.")] = 0.95,
    resamples: Annotated[int, typer.Option("--resamples", help="How often items are drawn anew.", metavar="N")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Fixes what is drawn.", metavar="N")] = 0,
    form: Annotated[
        str, typer.Option("--format", help="csv, tsv, jsonl, json, parquet or text, if not by the ending.")
    ] = "",
    encoding: Annotated[str, typer.Option("--encoding", help="Such as gb18030; found out if not said.")] = "",
    delimiter: Annotated[str, typer.Option("--delimiter", help="What separates columns; found out if not said.")] = "",
) -> None:
    """How good the predictions in a file are, each figure with its interval; of two models which is better. No project is needed."""
    here = of(ctx)
    asked = loop.Judging(truth, prediction, against, tuple(slices or ()), probabilities)
    terms = load("loop.evaluating:Terms")(confidence=confidence, resamples=resamples, seed=seed)
    how = loop.How(format=form, encoding=encoding, delimiter=delimiter)
    found = loop.evaluate(origin(source), asked, terms=terms, how=how)
    here.give(found.to_json(), *_lines(found, prediction, against))


def _lines(found: Any, *names: str) -> list[str]:
    zh = language() == "zh"
    lines = [*_tables(found.evaluation.sheets(zh=zh)), *found.evaluation.lines(zh=zh)]
    if found.comparison is not None:
        known = [one_line(name, WIDEST) for name in names]
        beside = found.comparison
        lines += ["", *_tables(beside.sheets(*known, zh=zh)), *beside.lines(*known, zh=zh)]
    return lines


def _tables(sheets: Any) -> list[str]:
    lines: list[str] = []
    for sheet in sheets:
        rows = [[one_line(cell, WIDEST) for cell in row] for row in sheet.rows]
        lines += [sheet.title, *table(rows, right=sheet.right), ""]
    return lines
