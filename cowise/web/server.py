"""The server of one workspace: takes the one-server lock, finds a port, runs until Ctrl-C, and leaves all whole."""

from __future__ import annotations

import errno
import http.client
import ipaddress
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvicorn

from cowise.core.errors import ConflictError, InputError, StorageError
from cowise.core.registry import load
from cowise.loop import accounts
from cowise.loop.workspace import Workspace
from cowise.web.gate import Gate, doorstep
from cowise.web.shield import LOOPBACK

if TYPE_CHECKING:
    from fastapi import FastAPI

PORT = 8765
TRIES = 20
"""Ports above the usual one that are tried when somebody else has it."""
GRACE_S = 3
ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 (compared with, not bound to)


@dataclass(frozen=True, slots=True)
class Where:
    """How the server is reached. `port` 0: the usual one or the next that is free.

    `certificate` and `key` are PEM files for https; `public` is the https address of a proxy that stands before it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None
    public: str = ""

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return local(self.host)

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by https."""
        return self.certificate is not None or self.public.startswith("https://")


def local(host: str) -> bool:
    """Whether a name or address is this machine's own.

    >>> local("localhost"), local("127.0.0.2"), local("192.0.2.1"), local("0.0.0.0")
    (True, True, False, False)
    """
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Server(uvicorn.Server):
    """Lets go of open event streams at once when it is asked to end."""

    def __init__(self, config: uvicorn.Config, gate: Gate) -> None:
        super().__init__(config)
        self.gate = gate

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C or a polite kill."""
        self.release()
        super().handle_exit(sig, frame)

    def release(self) -> None:
        """Tell those who listen that it is over."""
        if self.gate.app is not None:
            house = self.gate.app.state.house
            house.closing = True
            house.bus.tell("", "status")


def serve(ws: Workspace, where: Where, ready: Callable[[str, str], object]) -> None:
    """Serve until Ctrl-C. `ready` hears the address and the one-time sign-in token once requests are answered.

    ConflictError when another server has the workspace or the port; InputError for an address that nobody may use yet.
    """
    _check(ws, where)
    if ws.settings.debug:
        logging.basicConfig(level=logging.INFO)
    ws.store.serve()
    bound = listen(where)
    server = build(ws, where, bound)
    # Nobody who reads the address should find the door shut.
    watch = threading.Thread(
        target=_when_started, args=(server, lambda: ready(*_opened(ws, where, bound))), daemon=True
    )
    watch.start()
    with suppress(KeyboardInterrupt), bound:
        server.run(sockets=[bound])
    if server.gate.fault is not None:
        raise server.gate.fault


def check(ws: Workspace, where: Where) -> tuple[str, str]:
    """Start, ask for the page as a browser would, and end: the address and the page's title line.

    StorageError when the page does not answer.
    """
    _check(ws, where)
    ws.store.serve()
    bound = listen(where)
    server = build(ws, where, bound)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        return address(where, bound), _asked(where, bound)
    except StorageError as cause:
        raise server.gate.fault or cause from None
    finally:
        server.release()
        server.should_exit = True
        thread.join(2 * GRACE_S)
        bound.close()


def build(ws: Workspace, where: Where, bound: socket.socket) -> Server:
    """The server over an open socket: shows the page at once, and the API as soon as it is made."""
    hosts, port = names(where), bound.getsockname()[1]

    def make() -> FastAPI:
        made: FastAPI = load("web.app:create")(ws, host=where.host, port=port, hosts=hosts, secure=where.secure)
        return made

    def failed() -> None:
        server.should_exit = True

    early = doorstep(frozenset({where.host, *hosts}), secure=where.secure, debug=ws.settings.debug)
    gate = Gate(make, early, failed)
    config = uvicorn.Config(
        gate, log_config=None, access_log=False, server_header=False, proxy_headers=False, lifespan="on", http="h11",
        ws="none", timeout_graceful_shutdown=GRACE_S, ssl_certfile=where.certificate, ssl_keyfile=where.key,
    )  # fmt: skip
    server = Server(config, gate)  # `failed` looks it up: it runs once the server does
    return server


def names(where: Where) -> list[str]:
    """Host names that it answers to beside loopback's."""
    found = [where.host] if where.host not in ANY else _own_names()
    public = urlsplit(where.public).hostname if where.public else None
    return [*found, *([public] if public else [])]


def _own_names() -> list[str]:
    name = socket.gethostname()
    found = {name, socket.getfqdn()}
    with suppress(OSError):
        found |= {str(each[4][0]) for each in socket.getaddrinfo(name, None)}
    return sorted(found)


def _check(ws: Workspace, where: Where) -> None:
    """Refuse to open a workspace to others before anybody can sign in to it, and certificates that do not fit."""
    if not where.local and not any(each.has_password for each in accounts.listing(ws)):
        raise InputError(
            f"--host {where.host}: others could reach this workspace and nobody has a password yet; run cowise start without "
            "--host, open its link and set a password under your name, then repeat this"
        )
    if (where.certificate is None) != (where.key is None):
        raise InputError("https: give both --tls-cert FILE and --tls-key FILE, each in PEM form")
    if where.certificate is not None:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(where.certificate, where.key)
        except (OSError, ssl.SSLError) as cause:
            raise InputError(
                f"https: certificate and key cannot be used ({cause}); give two PEM files that fit"
            ) from cause


def listen(where: Where) -> socket.socket:
    """An open socket at the port asked for, or at the next free one when none was asked for."""
    for port in () if where.port else range(PORT, PORT + TRIES):
        with suppress(ConflictError):
            return _bind(where.host, port)
    return _bind(where.host, where.port)  # none asked for and none of ours free: the system gives one


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # By its protocol asyncio knows a line that must not wait: without it the second packet of an answer took 40 ms.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(2048)  # now, for a port that is only bound can be bound twice
    except OSError as cause:
        made.close()
        raise _unbindable(host, port, cause) from cause
    made.set_inheritable(False)
    return made


def _unbindable(host: str, port: int, cause: OSError) -> Exception:
    if cause.errno == errno.EADDRINUSE:
        return ConflictError(f"port {port} is in use; leave --port out for a free one, or stop who has it")
    if cause.errno in (errno.EACCES, errno.EPERM):
        return StorageError(f"port {port}: no permission; use one above 1023")
    return InputError(f"--host {host}: {cause.strerror or cause}; give an address of this machine")


def address(where: Where, bound: socket.socket) -> str:
    """What to type into a browser."""
    if where.public:
        return where.public.rstrip("/")
    host = "127.0.0.1" if where.host in ANY else where.host
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if where.certificate else 'http'}://{shown}:{bound.getsockname()[1]}"


def _opened(ws: Workspace, where: Where, bound: socket.socket) -> tuple[str, str]:
    return address(where, bound), accounts.link(ws)


def _when_started(server: Server, then: Callable[[], object]) -> None:
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.005)
    then()


def _asked(where: Where, bound: socket.socket) -> str:
    """Ask for the page and the API over the wire."""
    host, port = ("127.0.0.1" if where.host in ANY else where.host), bound.getsockname()[1]
    try:
        page = _get(where, host, port, "/")
        health = json.loads(_get(where, host, port, "/api/health"))
    except (OSError, http.client.HTTPException, ValueError) as cause:
        raise StorageError(f"the page does not answer at {host}:{port} ({cause}); try another --port") from cause
    if not health.get("ok") or "<" not in page:
        raise StorageError(f"something else answers at {host}:{port}; try another --port")
    return page


def _get(where: Where, host: str, port: int, path: str) -> str:
    if where.certificate is None:
        line = http.client.HTTPConnection(host, port, timeout=10)
    else:  # our own certificate, asked for by address: only that it answers is looked at
        line = http.client.HTTPSConnection(host, port, timeout=10, context=ssl._create_unverified_context())  # noqa: S323
    try:
        line.request("GET", path)
        answer = line.getresponse()
        if answer.status != 200:
            raise OSError(f"status {answer.status}")
        return answer.read().decode("utf-8")
    finally:
        line.close()
