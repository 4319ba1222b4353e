"""The first own project of the README runs as it stands, in both languages, from the command line and from Python.

What a person does in it, `review`, is done by somebody who knows the answers; every other line is run as it is written.
"""

from __future__ import annotations

import csv
import os
import random
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cowise import loop
from cowise.core.settings import read
from cowise.core.types import Answer, content_id

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
WORDS = {
    "billing": ["invoice", "charge", "refund", "payment", "receipt", "price"], "账单": ["发票", "扣款", "退款", "付款", "收据", "价格"],
    "bug": ["crash", "error", "freeze", "broken", "timeout", "failure"], "故障": ["崩溃", "报错", "卡住", "坏了", "超时", "失败"],
    "praise": ["love", "great", "thanks", "wonderful", "perfect", "happy"], "表扬": ["喜欢", "很棒", "感谢", "满意", "完美", "开心"],
}  # fmt: skip
LABELS = {"README.md": ("billing", "bug", "praise"), "README.zh.md": ("账单", "故障", "表扬")}


def block(page: str, language: str, holds: str) -> str:
    """The one block of a README that holds these words."""
    text = (ROOT / page).read_text("utf-8")
    (found,) = [body for kind, body in FENCE.findall(text) if kind == language and holds in body]
    return str(found)


def tickets(folder: Path, labels: tuple[str, ...]) -> dict[str, str]:
    """`tickets.csv` as the README has it; the known answers by content id."""
    rng, gold = random.Random(0), dict[str, str]()
    with (folder / "tickets.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "body"])
        for i in range(240):
            label = rng.choice(labels)
            text = " ".join([*rng.sample(WORDS[label], 3), str(i)])
            gold[content_id(text)] = label
            table.writerow([i, text])
    return gold


def review(home: Path, gold: dict[str, str]) -> int:
    """Answer whatever is asked until nothing more is; how many answers."""
    given = 0
    with loop.open_workspace(read(home=home)) as ws, loop.session(ws, "tickets", "me") as desk:
        while asked := desk.ask(1):
            desk.take(asked[0], Answer.of(gold[asked[0].item]), 1.0)
            given += 1
    return given


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a workspace of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COWISE_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.weights
@pytest.mark.parametrize("page", LABELS)
def test_the_commands_of_the_readme_run(page: str, place: Path) -> None:
    gold = tickets(place, LABELS[page])
    lines = [line[2:] for line in block(page, "console", "cowise new tickets").splitlines()]
    assert lines[0].startswith(". .venv"), "the environment of the tests is active already"
    for line in lines[1:]:
        words = shlex.split(line)
        assert words[0] == "cowise"
        if words[1] == "review":
            assert 0 < review(place / "home", gold) < len(gold), "the machine answers a part"
            continue
        command = [sys.executable, "-m", "cowise.cli", *words[1:]]
        done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
    with (place / "decided.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(gold)
    assert sum(row["label"] != gold[content_id(row["body"] if "body" in row else row["text"])] for row in rows) <= 12


@pytest.mark.weights
@pytest.mark.parametrize("page", LABELS)
def test_the_python_of_the_readme_runs(page: str, place: Path) -> None:
    gold = tickets(place, LABELS[page])
    before, after = block(page, "python", "cw.open").split("project.review()\n")
    names: dict[str, Any] = {}
    exec(compile(before, page, "exec"), names)
    assert review(place / "home", gold) < len(gold)
    exec(compile(after, page, "exec"), names)
    certificate = names["project"].certify()
    assert certificate.n_automated > 0
    assert certificate.promise.max_error == 0.05
