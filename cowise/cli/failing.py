"""However a command ends: one sentence, an exit code, and never a traceback."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Sequence

import typer

from cowise.cli.safe import document, shown
from cowise.cli.words import say
from cowise.core.errors import CowiseError, StorageError

INTERRUPTED = 130
UNEXPECTED = 70
CLOSED_PIPE = 141


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
        return tell(
            say("There is not enough memory for this."), "StorageError", StorageError.exit_code, as_json=as_json
        )
    except Exception as error:  # noqa: BLE001 (the last line of defence)
        return _unexpected(error, as_json=as_json, debug=debug)
    if done == INTERRUPTED:
        sentence = say("Stopped. What was finished is kept, and the workspace is whole.")
        return tell(sentence, "Interrupted", INTERRUPTED, as_json=as_json)
    return done if isinstance(done, int) else 0


def tell(error: object, kind: str, code: int, *, as_json: bool) -> int:
    """Say what went wrong: as one JSON document on standard output, or as a sentence on standard error."""
    sentence = str(error)
    if as_json:
        print(document({"error": {"type": kind, "message": sentence, "exit_code": code}}))
    else:
        line = sentence if code == INTERRUPTED else say("Error: {sentence}", sentence=sentence)
        print(shown(line), file=sys.stderr)
    return code


def _refusal(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"{where}{say('the disk is full; free some space and repeat')}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where}{say('no permission; use a folder that you may write to, or change its permissions')}"
    if error.errno == errno.EFBIG:
        return f"{where}{say('the file would be larger than the system allows; raise the limit or free some space')}"
    return f"{where}{error.strerror or error}"


def _unexpected(error: Exception, *, as_json: bool, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    sentence = say(
        "cowise met an error of its own ({what}). The workspace is as it was after the last finished step. "
        "Please report this; COWISE_DEBUG=1 shows where it arose.",
        what=what,
    )
    return tell(sentence, "Unexpected", UNEXPECTED, as_json=as_json)


def _unheard() -> int:
    """The reader of our output went away: no error, but nothing more to say."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    return CLOSED_PIPE
