"""One chat request to any server that speaks as OpenAI's API does: pinned, bounded in time and size, repeated with care.

Tested against llama.cpp's server; vLLM, Ollama and hosted models take the same requests. Redirects are not followed.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.random import Generator, default_rng

from cowise.core.errors import AuthError, ForbiddenError, MissingError
from cowise.guard.address import Address, Resolve, pin, resolved

MOST_BYTES = 4 << 20
BLOCK = 1 << 16
BUSY = (408, 409, 425, 429, 500, 502, 503, 504, 529)
"""Statuses after which the same request may succeed."""


class AnswerlessError(MissingError):
    """The server gave no usable answer to this request; another one may get one. `again`: this one might, later."""

    def __init__(self, message: str, *, again: bool = False, after_s: float = 0.0) -> None:
        super().__init__(message)
        self.again, self.after_s = again, after_s


class Chat(Protocol):
    """Whoever answers chat requests."""

    def chat(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, or an object with `error`."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one try may take, how often it is made, and how many requests a minute are sent (0: as fast as it goes)."""

    timeout_s: float = 60.0
    tries: int = 4
    wait_s: float = 1.0
    longest_wait_s: float = 60.0
    per_minute: float = 0.0


@dataclass(slots=True)
class Endpoint:
    """A server at an address. `key` goes into the header of requests and nowhere else: it is not shown or kept."""

    to: Address
    key: str = field(default="", repr=False)
    patience: Patience = field(default_factory=Patience)
    resolve: Resolve = resolved
    sleep: Callable[[float], None] = time.sleep
    rng: Generator = field(default_factory=default_rng)
    _gate: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _next: float = 0.0

    def chat(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one request, repeated after jittered waits while the server is busy.

        AnswerlessError when it gives none, AuthError for a key it does not take, ForbiddenError for an address that is
        not open.
        """
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        for attempt in range(1, self.patience.tries + 1):
            self._take_turn()
            try:
                return self._once(data)
            except AnswerlessError as cause:
                if not cause.again or attempt == self.patience.tries:
                    raise
                # Full jitter: many who wait for one server do not come back at the same moment (Brooker, AWS, 2015).
                longest = min(self.patience.longest_wait_s, self.patience.wait_s * 2.0 ** (attempt - 1))
                self.sleep(max(float(self.rng.uniform(0, longest)), min(cause.after_s, self.patience.longest_wait_s)))
        raise AssertionError

    def _take_turn(self) -> None:
        if not self.patience.per_minute:
            return
        with self._gate:
            now = time.monotonic()
            begin = max(now, self._next)
            self._next = begin + 60.0 / self.patience.per_minute
        if begin > now:
            self.sleep(begin - now)

    def _once(self, data: bytes) -> dict[str, Any]:
        line = _Line(self.to, pin(self.to, self.resolve), self.patience.timeout_s)
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            line.request("POST", f"{self.to.path}/chat/completions", data, headers)
            with line.getresponse() as reply:
                raw = _read(reply, line)
        except (OSError, http.client.HTTPException) as cause:
            late = line.late or isinstance(cause, TimeoutError)
            what = f"took more than {self.patience.timeout_s:g} s" if late else f"broke off ({type(cause).__name__})"
            raise AnswerlessError(f"{self.to.host} {what}; try again later", again=True) from None
        finally:
            line.end()
        return _judged(self.to.host, reply, raw)


class _Line(http.client.HTTPSConnection):
    """A connection to one numeric address, cut at its deadline however slowly the other side speaks."""

    def __init__(self, to: Address, ip: str, seconds: float) -> None:
        super().__init__(to.host, to.port, timeout=seconds)
        self.late = False
        self._secure, self._ip, self._seconds = to.scheme == "https", ip, seconds
        self._name, self._port = to.host, to.port
        self._clock: threading.Timer | None = None

    def connect(self) -> None:
        """Connect to the pinned address; the certificate must be that of the name."""
        plain = socket.create_connection((self._ip, self._port), timeout=self._seconds)
        self.sock = plain
        self._clock = threading.Timer(self._seconds, self._cut, [plain])
        self._clock.daemon = True
        self._clock.start()
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self._name)
            self._clock.cancel()
            self._clock = threading.Timer(self._seconds, self._cut, [self.sock])
            self._clock.daemon = True
            self._clock.start()

    def _cut(self, line: socket.socket) -> None:
        self.late = True
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def end(self) -> None:
        """Let go of the deadline; `close` alone does not, for a reply is read after it."""
        if self._clock is not None:
            self._clock.cancel()
        self.close()


def _read(reply: http.client.HTTPResponse, line: _Line) -> bytes:
    parts, size = [], 0
    while part := reply.read1(BLOCK):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise AnswerlessError(f"the answer is larger than {MOST_BYTES >> 20} MB; this is no chat server")
    if line.late or reply.length:
        raise http.client.IncompleteRead(b"")
    return b"".join(parts)


def _judged(host: str, reply: http.client.HTTPResponse, raw: bytes) -> dict[str, Any]:
    """What the status and the body of a reply mean."""
    status = reply.status
    if status in (401, 403):
        raise AuthError(
            f"{host} does not take the key ({status}); put one into llm-{host}.key in the keys folder, or the environment"
        )
    if 300 <= status < 400:
        raise ForbiddenError(
            f"{host} sends the request elsewhere ({status}), which is not followed; give the last address"
        )
    if status in BUSY:
        raise AnswerlessError(f"{host} is busy ({status}); try again later", again=True, after_s=_after(reply))
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise AnswerlessError(f"{host} answered with something other than JSON ({status})") from None
    if not isinstance(found, dict):
        raise AnswerlessError(f"{host} answered with something other than JSON ({status})")
    if status != 200 and "error" not in found:
        found = {"error": {"message": f"status {status}"}}
    return found


def _after(reply: http.client.HTTPResponse) -> float:
    try:
        return max(0.0, float(reply.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0
