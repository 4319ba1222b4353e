"""What stands before every route, as plain ASGI: host, origin, body size, headers of every answer, log, last defence."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cowise.web import faults
from cowise.web.tongue import tongue, wanted

log = logging.getLogger("cowise.web")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
}
SECURE = {"Strict-Transport-Security": "max-age=31536000"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODY = 2 * 2**20
FILE = 2 * 2**30
FILES = "/api/files"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Shield:
    """Wraps the application; `hosts` are the names it answers to beside those of this machine."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], secure: bool, debug: bool = False) -> None:
        self._app, self._debug = app, debug
        self._hosts = LOOPBACK | {host.lower() for host in hosts}
        self._headers = {**HEADERS, **(SECURE if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through with the headers on the answer; whatever rises ends as an answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        api = scope["path"].startswith("/api/")
        seen = _Seen(send, {**self._headers, "Cache-Control": "no-store"} if api else self._headers)
        begun = time.perf_counter()
        before = tongue.set(wanted(Headers(scope=scope).get("accept-language", "")))
        limit = FILE if scope["path"] == FILES else BODY
        try:
            refused = self._refusal(scope, limit)
            if refused is not None:
                await refused(scope, receive, seen)
            else:
                await self._app(scope, _bounded(receive, limit), seen)
        except Exception as cause:  # noqa: BLE001 (the last line of defence)
            if not seen.status:
                await faults.fault(cause, _route(scope), debug=self._debug)(scope, receive, seen)
            else:  # the answer is on its way: cut it off, so that nobody takes it for whole
                log.warning("cut off %s: %s", _route(scope), type(cause).__name__)
                raise ConnectionAbortedError from None
        finally:
            tongue.reset(before)
            took = (time.perf_counter() - begun) * 1000
            log.info("%s %s %s %.1f ms", scope["method"], _route(scope), seen.status, took)

    def _refusal(self, scope: Scope, limit: int) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if name_of(headers.get("host", "")) not in self._hosts:
            return faults.answer(
                421, "forbidden", "this server does not answer to that host name; see cowise start --host"
            )
        if scope["method"] not in SAFE and not same_origin(headers):
            return faults.answer(403, "forbidden", "this request came from another site and is refused")
        size = headers.get("content-length", "0")
        if not size.isascii() or not size.isdigit() or int(size) > limit:
            return faults.answer(413, "limit", too_large(limit))
        return None


def guard(hosts: frozenset[str], *, secure: bool, debug: bool) -> Middleware:
    """The shield as an application takes it."""
    return Middleware(Shield, hosts=hosts, secure=secure, debug=debug)


def name_of(host: str) -> str:
    """The name in a Host header without its port, "" for what is none.

    >>> name_of("LocalHost:8765"), name_of("[::1]:80"), name_of("a@b")
    ('localhost', '::1', '')
    """
    if "@" in host or "/" in host:
        return ""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def same_origin(headers: Headers) -> bool:
    """Whether a request that changes something comes from our own page, or from no browser at all."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def too_large(limit: int) -> str:
    """What a body over its limit is told."""
    return f"the request is larger than {limit // 2**20:,} MiB; send less, or in parts"


def _bounded(receive: Receive, limit: int) -> Receive:
    """The body with its size counted, for one that states none or lies."""
    size = 0

    async def read() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise HTTPException(413, too_large(limit))
        return message

    return read


class _Seen:
    """The way out: puts our headers on the answer and remembers its status."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send, self._headers = send, headers
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)


def _route(scope: Scope) -> str:
    """The pattern of the address, never the address: that may hold names and tokens."""
    found: Callable[..., object] | None = scope.get("route")
    return str(getattr(found, "path", "")) or ("/api/…" if scope["path"].startswith("/api/") else "/…")
