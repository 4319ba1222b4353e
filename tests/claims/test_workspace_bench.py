"""The benchmark of the workspace: what it counts was really stored, and a peer that is not there is named."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed; pip install playwright")

from benchmarks.workspace.measure import spent_s
from benchmarks.workspace.ours import Cowise
from benchmarks.workspace.product import Environment, family, memory, served
from benchmarks.workspace.run import products


@pytest.mark.slow
def test_a_step_saves_one_answer(tmp_path: Path) -> None:
    ours = Cowise(tmp_path)
    ours.prepare(60)
    with served(ours) as running:
        step, done, before = ours.step(running), 0, ours.answers(running)
        for _ in range(200):
            done += step()
            if done == 3:
                break
        assert (before, ours.answers(running)) == (0, 3)
        assert memory(family(running.process.pid)[:1])["pss_mb"] > 20
    assert running.process.poll() is not None


def test_a_process_is_seen_with_what_it_started() -> None:
    busy = "import time\nwhile time.process_time() < 0.1: pass\nprint(1, flush=True); time.sleep(60)"  # clocks tick in 10 ms
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        found = family(parent.pid)
        assert (found[0], len(found)) == (parent.pid, 2)
        assert spent_s(found) > 0
        for pid in reversed(found):
            os.kill(pid, 9)


def test_peers_that_are_not_there_are_named(tmp_path: Path) -> None:
    told, left = products(argparse.Namespace(peers=None, install=False), tmp_path)
    assert [each.name for each in told] == ["cowise"]
    assert left == dict.fromkeys(("label_studio", "potato"), "no --peers DIR was given")
    told, left = products(argparse.Namespace(peers=tmp_path / "peers", install=False), tmp_path)
    assert [each.name for each in told] == ["cowise"]
    assert left["potato"] == "potato-annotation is not in peers/; run this again with --install"
    with pytest.raises(AssertionError, match="outside the repository"):
        products(argparse.Namespace(peers=Path(__file__).parent, install=False), tmp_path)


def test_a_peer_that_cannot_be_installed_says_why(tmp_path: Path) -> None:
    made = Environment(tmp_path, "label-studio", "label-studio")
    made.install("/bin/false")
    assert made.missing().startswith("label-studio could not be installed: ")
