"""A chat server on loopback that behaves as it is told: what it is asked is kept in `asked`."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def answer(label, *, usage=(100, 10), tokens=None, content=None):
    """A chat completion that names a label."""
    choice = {"message": {"role": "assistant", "content": content or json.dumps({"label": label}, ensure_ascii=False)}}
    if tokens is not None:
        choice["logprobs"] = {"content": tokens}
    found = {"choices": [choice]}
    return found | ({"usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1]}} if usage else {})


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        self.server.act(self, body)

    def log_message(self, *words):
        pass

    def say(self, found, status=200, headers=None):
        raw = found if isinstance(found, bytes) else json.dumps(found).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def drip(self, seconds):
        """Bytes, one at a time, for ever: each comes in time, all of them never."""
        self.send_response(200)
        self.end_headers()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.02)


@contextmanager
def serving(act):
    """The address of a server that answers each request by `act(handler, body)`, and the server."""
    server = Server(("127.0.0.1", 0), Handler)
    server.asked, server.act = [], act
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
