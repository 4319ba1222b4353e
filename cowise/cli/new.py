"""`cowise new`: make a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cowise import loop
from cowise.cli.figures import promised
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say
from cowise.core.errors import InputError, LimitError
from cowise.core.task import TaskKind
from cowise.core.types import MAX_LABELS, Promise, Scope, Task

command = noun()
SCOPES: dict[str, Scope] = {"delivered": "delivered", "selective": "selective"}
KINDS: dict[str, TaskKind] = {"classify": "classify", "multilabel": "multilabel"}
MAX_FILE = 4 * 2**20


def promise_of(
    max_error: float, confidence: float, of_what: str, *, per_label: bool = False, missed: float = 0.0
) -> Promise:
    """The promise that the options state; InputError for one that nobody could mean."""
    if of_what not in SCOPES:
        raise InputError(f"--promise: asked for {of_what!r}; use delivered or selective")
    return Promise(max_error, confidence, SCOPES[of_what], per_label, missed)


def kind_of(word: str) -> TaskKind:
    """The kind of task that --kind names; InputError for another."""
    if word not in KINDS:
        raise InputError(f"--kind: asked for {word!r}; use classify or multilabel")
    return KINDS[word]


def labels_of(listed: list[str], file: Path | None) -> tuple[str, ...]:
    """The labels from --labels (separated by commas) or from a file with one in each line."""
    if bool(listed) == (file is not None):
        raise InputError("labels: give either --labels a,b,c or --labels-from FILE with one label in each line")
    if file is None:
        return tuple(label.strip() for part in listed for label in part.split(","))
    if not file.is_file():
        raise InputError(f"--labels-from: {file} is not a file; name a text file with one label in each line")
    if file.stat().st_size > MAX_FILE:
        raise LimitError(f"--labels-from: {file} is larger than 4 MB; a task takes at most {MAX_LABELS:,} labels")
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"--labels-from: {file} is not UTF-8; convert it") from None
    return tuple(line.strip() for line in lines if line.strip())


@command.command(
    cls=Command,
    epilog="cowise new tickets --labels billing,bug,praise --max-error 0.02 --confidence 0.95\n"
    "cowise new intents --labels-from labels.txt --promise selective\n"
    "cowise new moods --kind multilabel --labels joy,fear,anger --per-label",
)
def new(
    ctx: typer.Context,
    name: Name,
    labels: Annotated[
        list[str], typer.Option("--labels", help="The labels, separated by commas.", metavar="A,B,C")
    ] = [],  # noqa: B006
    labels_from: Annotated[
        Path | None, typer.Option("--labels-from", help="A file with one label in each line.", metavar="FILE")
    ] = None,
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
    missed: Annotated[
        float, typer.Option("--missed", help="How often people miss a wrong answer, at most, as a share.")
    ] = 0.0,
    instructions: Annotated[str, typer.Option("--instructions", help="What people are told above each text.")] = "",
    language: Annotated[str, typer.Option("--language", help="Language of the texts, such as en or zh.")] = "",
    encoder: Annotated[
        str, typer.Option("--encoder", help="The encoder; `cowise models list` shows them.")
    ] = "use-multilingual",
    encrypt: Annotated[
        bool, typer.Option("--encrypt", help="Encrypt a workspace that is made by this command.")
    ] = False,
) -> None:
    """Make a project: its labels and its promise."""
    here = of(ctx)
    task = Task(labels_of(labels, labels_from), kind_of(kind), instructions, language)
    stated = promise_of(max_error, confidence, promise, per_label=per_label, missed=missed)
    with here.workspace(create=True, encrypt=encrypt) as ws:
        made = loop.create(ws, name, task, stated, encoder=encoder)
    here.tell(
        made,
        say("Project {name} is made, with {n} labels.", name=one_line(made.name), n=len(task.labels)),
        promised(stated),
        say("Next: {command}", command=here.next(f"cowise add {made.name} FILE --text COLUMN")),
    )
