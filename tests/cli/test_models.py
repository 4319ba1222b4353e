"""`cowise models serve`: a language model for programs on this machine."""

import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest


@pytest.mark.llm
def test_serve_says_where_and_ends_with_ctrl_c():
    command = [sys.executable, "-m", "cowise.cli", "--json", "models", "serve", "smollm2-135m", "--port", "0"]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)
    try:
        said = ""
        while not said.rstrip().endswith("}"):
            line = running.stdout.readline()
            assert line, running.stderr.read()
            said += line
        address = json.loads(said)["address"]
        with urllib.request.urlopen(f"{address}/models", timeout=30) as found:
            assert json.load(found)["data"][0]["id"] == "smollm2-135m"
    finally:
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=30)
    assert running.returncode == 0, errors
