"""The server as a process: starts fast, one at a time, streams events, and loses no job to a kill."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from serving import ROOT, free_port, served, start

from cowise.core.errors import ConflictError, InputError, StorageError
from cowise.core.settings import Settings
from cowise.loop import accounts
from cowise.loop.workspace import open_workspace
from cowise.web.server import PORT, Where, _asked, _when_started, address, check, listen, local

pytestmark = pytest.mark.slow


def wait(client, job: str, seconds: float = 60.0) -> dict:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = client.get(f"/api/jobs/{job}").json()
        if found["state"] in ("done", "failed", "cancelled"):
            return found
        time.sleep(0.1)
    raise AssertionError(f"job {job} did not end: {found}")


def made(client, rows: int) -> tuple[str, str]:
    """A project with a file of so many rows waiting to be imported: (project, file)."""
    body = {"name": "mails", "labels": ["a", "b"], "encoder": "hashing"}
    assert client.post("/api/projects", json=body).status_code == 201
    text = "text\n" + "".join(f"mail number {i} about thing {i % 97}\n" for i in range(rows))
    return "mails", client.post("/api/files?name=mails.csv", content=text.encode()).json()["file"]


def test_no_answer_waits_for_the_line():
    """Head and body of an answer are two packets: held back until the first is acknowledged, each answer takes 40 ms more."""

    async def said() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            line = writer.get_extra_info("socket")
            told.set_result(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        bound = listen(Where(port=free_port()))
        async with await asyncio.start_server(greet, sock=bound):
            _, writer = await asyncio.open_connection(*bound.getsockname())
            writer.close()
            return await told

    assert asyncio.run(said()) != 0


def test_one_server_one_link_and_a_clean_end(tmp_path):
    home = tmp_path / "home"
    with served(home) as running:
        assert running.client.get("/").status_code == 200
        second = start(home, "--port", str(free_port()))
        out, _ = second.communicate(timeout=60)
        assert second.returncode == ConflictError.exit_code
        assert "a server runs on this workspace already" in json.loads(out)["error"]["message"]
        assert running.stop() == 0
    with open_workspace(Settings(home=home)) as ws:
        assert accounts.operator(ws).owner


def test_an_import_goes_on_after_the_server_was_killed(tmp_path):
    home = tmp_path / "home"
    with served(home) as running:
        project, file = made(running.client, 60_000)
        body = {"file": file, "text": "text"}
        job = running.client.post(f"/api/projects/{project}/imports", json=body).json()["id"]
        while running.client.get(f"/api/jobs/{job}").json()["done"] < 2_000:
            time.sleep(0.05)
        running.kill()
    with served(home) as running:
        found = wait(running.client, job)
        assert (found["state"], found["result"]["items"]) == ("done", 60_000), found
        assert running.client.get(f"/api/projects/{project}/status").json()["items"] == 60_000
        assert running.client.post("/api/workspace/verify").json()["ok"] is True
        assert running.stop() == 0


def test_a_running_import_can_be_stopped_and_leaves_nothing(tmp_path):
    with served(tmp_path / "home") as running:
        project, file = made(running.client, 200_000)
        body = {"file": file, "text": "text"}
        job = running.client.post(f"/api/projects/{project}/imports", json=body).json()["id"]
        while running.client.get(f"/api/jobs/{job}").json()["done"] < 2_000:
            time.sleep(0.05)
        stopped = running.client.delete(f"/api/jobs/{job}").json()
        assert stopped.get("state") == "cancelled", stopped
        end = time.monotonic() + 30
        again = None
        while time.monotonic() < end and again is None:  # the worker notices at its next beat, then takes all back
            other = running.client.post(f"/api/projects/{project}/imports", json=body).json()["id"]
            found = wait(running.client, other)
            again = found if found["state"] == "done" else None
        assert again is not None, found
        assert again["result"]["items"] == 200_000


def test_events_tell_of_jobs_as_they_go(tmp_path):
    with served(tmp_path / "home") as running:
        project, file = made(running.client, 200)
        seen: list[dict] = []
        with running.client.stream("GET", "/api/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            lines = stream.iter_lines()
            while next(lines) != "event: ping":
                pass
            running.client.post(f"/api/projects/{project}/imports", json={"file": file, "text": "text"})
            for line in lines:
                if line.startswith("data: ") and line != "data: {}":
                    seen.append(json.loads(line.removeprefix("data: ")))
                    if seen[-1]["what"] == "queue":
                        break
        states = [one["job"]["state"] for one in seen if one["what"] == "job"]
        assert states[0] == "ready"
        assert states[-1] == "done"
        assert {one["project"] for one in seen} == {"mails"}
        assert "mail number" not in json.dumps(seen)


def test_an_open_event_stream_does_not_hold_up_the_end(tmp_path):
    with served(tmp_path / "home") as running, running.client.stream("GET", "/api/events") as stream:
        next(stream.iter_lines())
        begun = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(20) == 0
        assert time.monotonic() - begun < 10


def test_the_worker_ends_with_its_server(tmp_path):
    with served(tmp_path / "home") as running:
        project, file = made(running.client, 50)
        job = running.client.post(f"/api/projects/{project}/imports", json={"file": file, "text": "text"}).json()["id"]
        wait(running.client, job)
        threads = Path(f"/proc/{running.process.pid}/task")
        if not threads.is_dir():
            pytest.skip("this system does not list child processes")
        workers = [pid for each in threads.iterdir() for pid in (each / "children").read_text().split()]
        assert workers
        running.kill()
    end = time.monotonic() + 15
    while time.monotonic() < end and any(_alive(pid) for pid in workers):
        time.sleep(0.1)
    assert not [pid for pid in workers if _alive(pid)]


def _alive(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_check_says_where_and_ends(tmp_path):
    command = [sys.executable, "-m", "cowise.cli", "--home", str(tmp_path / "home"), "start", "--check"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "http://127.0.0.1:" in done.stdout


def test_a_taken_port_gives_way_unless_it_was_asked_for():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConflictError, match=f"port {port} is in use"):
            listen(Where(port=port))
    with listen(Where()) as first, listen(Where()) as second:
        ports = {first.getsockname()[1], second.getsockname()[1]}
        assert len(ports) == 2
        assert min(ports) >= PORT


def test_others_are_let_in_only_once_somebody_has_a_password(tmp_path):
    with open_workspace(Settings(home=tmp_path / "home"), create=True) as ws:
        with pytest.raises(InputError, match="nobody has a password yet"):
            check(ws, Where(host="0.0.0.0"))
        owner = accounts.enter(ws, accounts.link(ws)).caller
        accounts.change_me(ws, owner, name="Ada", password="a long enough passphrase 42")
        address, page = check(ws, Where(host="0.0.0.0", port=free_port()))
        assert address.startswith("http://127.0.0.1:")
        assert "<" in page


def test_https_with_files_of_ones_own(tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(cert),
             "-days", "2", "-subj", "/CN=localhost"]  # fmt: skip
    try:
        subprocess.run(words, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    with open_workspace(Settings(home=tmp_path / "home"), create=True) as ws:
        address, _ = check(ws, Where(port=free_port(), certificate=cert, key=key))
        assert address.startswith("https://127.0.0.1:")
    with open_workspace(Settings(home=tmp_path / "home")) as ws:
        with pytest.raises(InputError, match="cannot be used"):
            check(ws, Where(certificate=key, key=key))
        with pytest.raises(InputError, match="give both"):
            check(ws, Where(certificate=cert))


@pytest.mark.parametrize(
    ("host", "said"), [("192.0.2.1", "--host 192.0.2.1: "), ("no such name", "--host no such name: ")]
)
def test_an_address_of_another_machine_is_refused(host, said):
    with pytest.raises(InputError, match=f"{said}.*give an address of this machine"):
        listen(Where(host=host, port=free_port()))
    assert not local(host)


def test_a_port_without_permission_says_which_are_free(monkeypatch):
    def refuse(self, address):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)  # the tests may run as root, who may have any
    with pytest.raises(StorageError, match="port 80: no permission; use one above 1023"):
        listen(Where(port=80))


def test_what_to_type_into_a_browser():
    with listen(Where()) as bound:
        port = bound.getsockname()[1]
        assert address(Where(), bound) == f"http://127.0.0.1:{port}"
        assert address(Where(host="::1"), bound) == f"http://[::1]:{port}"
        assert address(Where(host="0.0.0.0"), bound) == f"http://127.0.0.1:{port}"
        assert address(Where(public="https://cowise.example/"), bound) == "https://cowise.example"


@contextmanager
def answering(status: int, body: bytes):
    """Something that is not our server, at a port of its own."""

    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield other.socket
        other.shutdown()


@pytest.mark.parametrize(("status", "body", "said"), [
    (404, b"", "does not answer at .* \\(status 404\\)"), (200, b"hello", "does not answer"), (200, b"{}", "something else answers"),
])  # fmt: skip
def test_an_answer_that_is_not_ours_is_told(status, body, said):
    with answering(status, body) as bound, pytest.raises(StorageError, match=f"{said}.*try another --port"):
        _asked(Where(), bound)


def test_nobody_hears_of_a_server_that_did_not_start():
    heard = []
    _when_started(SimpleNamespace(started=False, should_exit=True), lambda: heard.append("ready"))
    assert heard == []
