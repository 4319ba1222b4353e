"""However a command ends: one sentence, an exit code, and never a traceback."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Sequence

import typer

from cowise.cli.safe import document, shown
from cowise.cli.words import say, told
from cowise.core.errors import CowiseError, StorageError

INTERRUPTED = 130
UNEXPECTED = 70
CLOSED_PIPE = 141
SHUT = "no permission; use a folder that you may write to, or change its permissions"
MEANT = {
    errno.ENOSPC: "the disk is full; free some space and repeat",
    errno.EACCES: SHUT,
    errno.EPERM: SHUT,
    errno.EROFS: SHUT,
    errno.EFBIG: "the file would be larger than the system allows; raise the limit or free some space",
}
"""What the system's refusals of a file mean."""


def guarded(work: Callable[[], object], words: Sequence[str], *, debug: bool) -> int:
    """Run a command to its exit code, whatever it raises. `words` tell whether an error is wanted as JSON."""
    as_json = "--json" in words
    try:
        done = work()
    except CowiseError as error:
        return tell(error, type(error).__name__, error.exit_code, as_json=as_json)
    except typer.TyperException as error:
        return tell(error.format_message(), "InputError", error.exit_code, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        done = INTERRUPTED
    except BrokenPipeError:
        return _unheard()
    except OSError as error:
        refused = StorageError(_refusal(error))
        return tell(refused, "StorageError", refused.exit_code, as_json=as_json)
    except MemoryError:
        return tell("there is not enough memory for this", "StorageError", StorageError.exit_code, as_json=as_json)
    except Exception as error:  # noqa: BLE001 (the last line of defence)
        return _unexpected(error, as_json=as_json, debug=debug)
    if done == INTERRUPTED:
        sentence = "Stopped. What was finished is kept, and the workspace is whole."
        return tell(sentence, "Interrupted", INTERRUPTED, as_json=as_json)
    return done if isinstance(done, int) else 0


def tell(error: object, kind: str, code: int, *, as_json: bool) -> int:
    """Say what went wrong: as one JSON document on standard output, or as a sentence on standard error.

    A document is for programs and stays English; the sentence is in the language chosen.
    """
    sentence = str(error)
    if as_json:
        print(document({"error": {"type": kind, "message": sentence, "exit_code": code}}))
    else:
        spoken = told(sentence)
        line = spoken if code == INTERRUPTED else say("Error: {sentence}", sentence=spoken)
        print(shown(line), file=sys.stderr)
    return code


def _refusal(error: OSError) -> str:
    said = MEANT.get(error.errno or 0) or error.strerror or str(error)
    return f"{error.filename}: {said}" if error.filename else said


def _unexpected(error: Exception, *, as_json: bool, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    sentence = (
        f"cowise met an error of its own ({what}). The workspace is as it was after the last finished step. "
        "Please report this; COWISE_DEBUG=1 shows where it arose."
    )
    return tell(sentence, "Unexpected", UNEXPECTED, as_json=as_json)


def _unheard() -> int:
    """The reader of our output went away: no error, but nothing more to say."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    return CLOSED_PIPE
