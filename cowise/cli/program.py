"""`cowise`: the tree of commands, loaded when used, and the options before the command."""

from __future__ import annotations

import gc
import shlex
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from cowise import __version__
from cowise.cli.failing import guarded
from cowise.cli.here import Here
from cowise.cli.options import Group, complete, translated
from cowise.cli.table import COMMANDS
from cowise.cli.words import say, speak
from cowise.core import settings
from cowise.core.errors import CowiseError, InputError
from cowise.core.registry import load

RARELY = (200_000, 20, 20)


class Shelf(dict[str, Any]):
    """The commands by name; each is loaded when it is taken from the shelf."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(COMMANDS))

    def __getitem__(self, name: str) -> Any:
        """The command, its help in the language chosen."""
        path, _ = COMMANDS[name]
        built = complete(get_command(load(path)))
        built.name = name
        return built

    def get(self, name: str, default: Any = None) -> Any:
        """The command, or `default`."""
        return self[name] if name in COMMANDS else default

    def items(self) -> Any:
        """Every command: loads them all."""
        return [(name, self[name]) for name in self]

    def values(self) -> Any:
        """Every command: loads them all."""
        return [self[name] for name in self]


class Program(Group):
    """The program: lists its commands without loading them, and ends with an exit code, never a traceback."""

    commands: MutableMapping[str, Any]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = Shelf()

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 (the signature is Typer's)
        """The list of commands, from the table alone."""
        with formatter.section(say("Commands")):
            formatter.write_dl([(name, say(line)) for name, (_, line) in COMMANDS.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 (the signature is Typer's)
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command line and leave with its exit code."""
        words = list(sys.argv[1:] if args is None else args)
        _speakable()
        debug = _first_look(words)
        translated(self)

        def work() -> Any:
            name = prog_name or "cowise"
            return Group.main(self, words, name, complete_var, False, windows_expand_args, **extra)

        code = guarded(work, words, debug=debug)
        sys.exit(code)


def _speakable() -> None:
    """Output that the terminal's encoding lacks is replaced, not refused."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _first_look(words: Sequence[str]) -> bool:
    """Choose the language before anything is said, even before options are read; whether to show tracebacks."""
    try:
        found = settings.read()
    except CowiseError:
        found = settings.Settings()
    asked = next(_values(words, "--lang"), found.lang)
    speak(asked if asked in settings.LANGUAGES else "en")
    return found.debug


def _values(words: Sequence[str], option: str) -> Iterator[str]:
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == option:
            yield following
        elif word.startswith(f"{option}="):
            yield word.partition("=")[2]


app = typer.Typer(
    cls=Program,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback(
    epilog="cowise new tickets --labels billing,bug,praise --max-error 0.05\ncowise add tickets tickets.csv --text body"
)
def options(
    ctx: typer.Context,
    home: Annotated[
        Path | None, typer.Option("--home", help="The workspace folder (or COWISE_HOME).", metavar="DIR")
    ] = None,
    db: Annotated[
        str, typer.Option("--db", help="Tables in PostgreSQL: postgresql+psycopg://… (or COWISE_DB).", metavar="URL")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Results and errors only.")] = False,
    lang: Annotated[str, typer.Option("--lang", help="Language of messages: en or zh.", metavar="en|zh")] = "",
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Language models and people as one team, under a promise that is kept."""
    if lang and lang not in settings.LANGUAGES:
        raise InputError(f"--lang: asked for {lang!r}; there are {', '.join(settings.LANGUAGES)}")
    found = settings.read(home=home.expanduser() if home else None)
    found = replace(found, db=db or found.db, lang=lang or found.lang)
    speak(found.lang)
    repeated = [f"{option} {shlex.quote(str(value))}" for option, value in (("--home", home), ("--db", db)) if value]
    ctx.obj = Here(found, json=json, quiet=quiet, before=" ".join(repeated))
    if version:
        ctx.obj.give({"version": __version__}, f"cowise {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())


def main() -> None:
    """Run the command line; this is what the installed program `cowise` calls."""
    # Looking for garbage while modules load, and again when all is over, is a quarter of a short command's time.
    gc.set_threshold(*RARELY)
    try:
        app()
    finally:
        gc.freeze()
