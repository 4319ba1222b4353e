"""The page: files of `static`, kept in memory, asked for again by ETag. The one page shows itself by its hash address."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

# A machine's own table of types may call a script something that browsers refuse to run.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")

FOLDER = Path(__file__).parent / "static"
INDEX = "index.html"
_PACKED = ("text/", "application/json", "image/svg+xml", "application/manifest+json")
_MISSING = (
    "<!doctype html><html lang=en><title>cowise</title><p>The page is not built in this checkout: run "
    "<code>npm ci &amp;&amp; npm run build</code> in <code>workspace/</code>. The API works: <a href=/api/health>/api/health</a>."
)


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it is sent; `packed` is the same by gzip where that is smaller."""

    body: bytes
    packed: bytes | None
    type: str
    tag: str


class Pages:
    """The files of a folder by the address they have, read once and again when they change on disk."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._kept: dict[str, tuple[tuple[int, int], Page]] = {}

    def find(self, address: str) -> Page | None:
        """The file at an address such as "app.js"; None for what the folder does not list: no path leads out of it."""
        path = self._listed().get(address or INDEX)
        if path is None:
            return _page(_MISSING.encode(), "text/html") if address in ("", INDEX) else None
        state = path.stat()
        mark = (state.st_mtime_ns, state.st_size)
        kept = self._kept.get(address)
        if kept is None or kept[0] != mark:
            guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            kept = self._kept[address] = (mark, _page(path.read_bytes(), guessed))
        return kept[1]

    def _listed(self) -> dict[str, Path]:
        return {
            each.relative_to(self._folder).as_posix(): each
            for each in self._folder.rglob("*")
            if each.is_file() and not each.is_symlink()
        }


def _page(body: bytes, kind: str) -> Page:
    text = kind.startswith(_PACKED) or kind.endswith("javascript")
    packed = gzip.compress(body, 9, mtime=0) if text else None
    if packed is not None and len(packed) >= len(body):
        packed = None
    full = f"{kind}; charset=utf-8" if text else kind
    return Page(body, packed, full, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


async def page(request: Request) -> Response:
    """The file that the address names, or 304 when the browser has it already."""
    pages: Pages = request.app.state.pages
    found = pages.find(request.path_params.get("path", ""))
    if found is None:
        raise HTTPException(404)
    headers = {"ETag": found.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if found.tag in [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    if found.packed is not None and _unpacks(request.headers):
        headers["Content-Encoding"] = "gzip"
        return Response(found.packed, headers=headers, media_type=found.type)
    return Response(found.body, headers=headers, media_type=found.type)


def _unpacks(headers: Headers) -> bool:
    return any(one.split(";")[0].strip() == "gzip" for one in headers.get("accept-encoding", "").split(","))
