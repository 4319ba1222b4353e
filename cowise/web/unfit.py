"""Requests that do not fit their schema, answered as every other error is."""

from __future__ import annotations

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from cowise.web.faults import answer, clean


async def invalid(_: Request, cause: Exception) -> Response:
    """A request that does not fit the schema: where, and what was expected there."""
    assert isinstance(cause, RequestValidationError)  # registered for those alone  # noqa: S101
    found = [{"where": ".".join(str(part) for part in one["loc"]), "what": str(one["msg"])} for one in cause.errors()]
    if not found:
        return answer(422, "input", "the request does not fit; see /api/openapi.json")
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    first = f"{found[0]['where']}: {found[0]['what']}{more}; see /api/openapi.json"
    return answer(422, "input", first, {"fields": _printable(found[:20])})


def _printable(found: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{key: clean(value)[:400] for key, value in one.items()} for one in found]
