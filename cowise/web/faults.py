"""Errors as answers: a status, a kind, one sentence. Nobody sees a traceback; a fault of ours gets a number to name.

{"error": {"kind": "missing", "message": "project 'x' is not in this workspace; it has tickets"}}
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cowise.core.errors import CowiseError
from cowise.web.tongue import spoken, tongue

log = logging.getLogger("cowise.web")

# The nearest one on an error's line of descent counts.
KINDS: dict[str, tuple[int, str]] = {
    "DataError": (422, "data"),
    "TaskError": (422, "task"),
    "InputError": (422, "input"),
    "MissingError": (404, "missing"),
    "ConflictError": (409, "conflict"),
    "GuaranteeError": (409, "guarantee"),
    "LimitError": (413, "limit"),
    "StorageError": (507, "storage"),
    "TrustError": (500, "trust"),
    "AuthError": (401, "unauthenticated"),
    "ForbiddenError": (403, "forbidden"),
    "RateError": (429, "rate"),
    "CowiseError": (500, "fault"),
}
_STATUS = {
    400: "input", 401: "unauthenticated", 403: "forbidden", 404: "missing", 405: "input", 409: "conflict",
    410: "missing", 413: "limit", 415: "input", 421: "forbidden", 422: "input", 429: "rate",
}  # fmt: skip
_SAID = {
    404: "there is no such address; the API is listed at /api/openapi.json",
    405: "this address does not take that method; the API is listed at /api/openapi.json",
}


def answer(
    status: int,
    kind: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The one shape of every error; its message in the language of the request, its details in English for programs."""
    said: dict[str, Any] = {"kind": kind, "message": clean(spoken(message))}
    if details:
        said["details"] = dict(details)
    ours = {"Cache-Control": "no-store", "Content-Language": tongue.get()}
    return JSONResponse({"error": said}, status, headers={**(headers or {}), **ours})


def clean(message: str) -> str:
    """A sentence that JSON in UTF-8 can carry: hostile names may hold lone surrogates."""
    return message.encode("utf-8", "replace").decode("utf-8")


def kind_of(cause: CowiseError) -> tuple[int, str]:
    """Status and kind of an error of ours.

    >>> from cowise.core.errors import DataError
    >>> kind_of(DataError("no column 'body'"))
    (422, 'data')
    """
    return next(KINDS[each.__name__] for each in type(cause).__mro__ if each.__name__ in KINDS)


async def ours(_: Request, cause: Exception) -> Response:
    """An error of the tree: `details` and `retry_after` where it has them; `status` where it asks for another one."""
    assert isinstance(cause, CowiseError)  # registered for those alone  # noqa: S101
    status, kind = kind_of(cause)
    retry = getattr(cause, "retry_after_s", None)
    headers = {"Retry-After": str(max(1, round(retry)))} if retry is not None else {}
    return answer(getattr(cause, "status", status), kind, str(cause), getattr(cause, "details", None), headers)


async def http(_: Request, cause: Exception) -> Response:
    """What the router refuses."""
    assert isinstance(cause, HTTPException)  # registered for those alone  # noqa: S101
    said = _SAID.get(cause.status_code, str(cause.detail))
    return answer(cause.status_code, _STATUS.get(cause.status_code, "input"), said, headers=cause.headers)


def fault(cause: BaseException, where: str, *, debug: bool = False) -> Response:
    """Our own fault: a number in the answer and in the log, which says the place and never a text."""
    number = secrets.token_hex(4)
    log.error("fault %s at %s: %s in %s", number, where, type(cause).__name__, _place(cause))
    if debug:
        log.error("fault %s", number, exc_info=cause)
    return answer(
        500, "fault", f"cowise met an error of its own (number {number}); repeat, and report it if it stays",
        {"reference": number},
    )  # fmt: skip


def _place(cause: BaseException) -> str:
    trace, found = cause.__traceback__, "?"
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "?")
        if name.startswith("cowise"):
            found = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]
HANDLERS: dict[int | type[Exception], Handler] = {CowiseError: ours, HTTPException: http}
