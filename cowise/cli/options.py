"""Options that many commands share, and the classes that show their help in the language chosen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cowise.cli.here import Here
from cowise.cli.words import language, say
from cowise.core.errors import InputError

HEADS = ("Usage:", "Options:", "Arguments:", "Commands:", "Show this message and exit.", "[default: ", "[required]")


def of(ctx: typer.Context) -> Here:
    """What the options before the command said."""
    found = ctx.find_object(Here)
    if found is None:
        found = ctx.find_root().obj = Here()
    return found


Name = Annotated[str, typer.Argument(help="The project.", metavar="NAME")]
Person = Annotated[
    str, typer.Option("--as", help="Who answers; by default the name you are logged in with.", metavar="PERSON")
]
File = Annotated[Path, typer.Argument(help="The file.", metavar="FILE")]


class Plain:
    """Turns a word of the command line into what the command takes: text, path, number, or a list of texts.

    Typer's own way loads pydantic, which costs a command more time than all that `status` reads.
    """

    def __init__(self, parameter: Any) -> None:
        self._takes = parameter.type_descriptor.annotation
        self._least = getattr(parameter.type_descriptor.parameter_info, "min", None)

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """The value; BadParameter for a word that is no number, or too small a one."""
        if value is None or isinstance(value, bool):
            return value
        if self._takes in (int, float):
            return self._number(value, param, ctx)
        if isinstance(value, list | tuple):
            return list(value)
        return Path(value) if self._takes in (Path, Path | None) else value

    def _number(self, value: Any, param: Any, ctx: Any) -> float:
        try:
            number = self._takes(value)
        except ValueError:
            raise typer.BadParameter(f"{value!r} is no number", ctx=ctx, param=param) from None
        if self._least is not None and number < self._least:
            raise typer.BadParameter(f"{value} is below {self._least}", ctx=ctx, param=param)
        return float(number) if self._takes is float else number


_shared = typer.Typer(add_completion=False)


@_shared.command()
def shared(
    ctx: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Results and errors only.")] = False,
) -> None:
    """What may stand after every command as well as before it."""
    here = of(ctx)
    here.json |= json
    here.quiet |= quiet


def complete(command: Any) -> Any:
    """A command of ours with the shared options, its help in the language chosen."""
    if getattr(command, "commands", None):
        for inner in command.commands.values():
            complete(inner)
    else:
        command.params.extend(get_command(_shared).params)
    return translated(command)


def translated(command: Any) -> Any:
    """The same command with its help in the language chosen."""
    command.help = say(command.help) if command.help else command.help
    command.epilog = _example(command.epilog)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = say(parameter.help)
    return command


def _example(epilog: str | None) -> str | None:
    return f"\b\n{say('Example:')}\n  " + "\n  ".join(epilog.splitlines()) if epilog else epilog


def lightly(parameters: list[Any]) -> list[Any]:
    """Parameters that read their words as `Plain` does."""
    for parameter in parameters:
        parameter.get_runtime_param = partial(Plain, parameter)
    return parameters


def heads(text: str) -> str:
    """The headings of a help page in the language chosen."""
    if language() != "en":
        for head in HEADS:
            text = text.replace(head, say(head))
    return text


class Command(TyperCommand):
    """A command whose help speaks both languages, and which takes the shared options."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters, read lightly."""
        return lightly(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Hear the shared options, then do the work."""
        shared(ctx, **{name: ctx.params.pop(name) for name in ("json", "quiet")})
        return super().invoke(ctx)

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return heads(super().get_help(ctx))


class Group(TyperGroup):
    """A command with commands of its own, such as `models pull`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Its words; InputError where the inner command is missing."""
        named = any(word in ("-h", "--help") or not word.startswith("-") for word in args)
        if not named and not self.invoke_without_command:
            inner = sorted(self.commands)
            raise InputError(
                f"{ctx.info_name}: which command? There are {', '.join(inner)}; see {ctx.command_path} --help"
            )
        return super().parse_args(ctx, args)

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters, read lightly."""
        return lightly(super().get_params(ctx))

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return heads(super().get_help(ctx))


def noun(**options: Any) -> typer.Typer:
    """The application of one noun: plain help, no completion of its own."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, cls=Group, **options)
