"""Real errors of real commands, in Chinese for people and in English for programs."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cowise.cli import app, words
from cowise.cli.failing import guarded
from cowise.cli.table import COMMANDS
from cowise.core.registry import load

runner = CliRunner()
NAMES = re.compile(r"'[^']*'|--?[a-z][\w-]*|[A-Z]{2,}(-\d+)?|\S*[./_]\S*|cowise( [a-z]+)*|root models")
"""What stays in Latin letters: names, options, places, files, commands."""
VALUES = {
    "shadow",
    "tickets",
    "a",
    "b",
    "c",
    "batch",
    "stream",
    "text",
    "classify",
    "path",
    "hashing",
    "list",
    "pull",
    "remove",
    "serve",
    "show",
    "versions",
    "release",
    "withdraw",
    "learn",
}

ENCODERS = {w for one in load("models.weights:catalogue")() for w in re.findall("[A-Za-z][A-Za-z0-9]*", one.name)}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("zh")
    (folder / "ok.csv").write_text("body,kind\none text,a\n")
    (folder / "labelled.csv").write_text("body,label\none text,a\n")
    (folder / "empty.csv").write_text("")
    (folder / "image.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)
    (folder / "short.csv").write_text("body,kind\none,two,three\n")
    (folder / "bad.jsonl").write_text('{"text": "x"}\nnot json\n')
    try:
        run(folder, "new", "tickets", "--labels", "a,b")
        yield folder
    finally:
        words.speak("en")


def run(home: Path, *command: str) -> Any:
    return runner.invoke(app, ["--home", str(home / "workspace"), "--lang", "zh", *command])


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("status", "nothing"), 5, "项目 'nothing' 不在此工作区；有 tickets"),
        (("new", "tickets", "--labels", "a,b"), 6, "项目 'tickets' 已存在"),
        (("new", "other", "--labels", "a"), 4, "标签：classify 任务需要 2 至"),
        (("new", "other", "--labels", "a,b", "--max-error", "2"), 2, "max_error：给出的是 2.0"),
        (("new", "other", "--labels", "a,b", "--max-error", "x"), 2, "'--max-error' 的值无效：'x' 不是数"),
        (("new", "other"), 2, "标签：请给出 --labels a,b,c"),
        (("add", "tickets", "{home}/nothing.csv"), 5, "不在这里；请检查路径"),
        (("add", "tickets", "{home}/empty.csv"), 3, "是空的；请给出至少有一条文本的文件"),
        (("add", "tickets", "{home}/image.csv"), 3, "不是文本，而是 PNG 图片"),
        (("add", "tickets", "{home}/short.csv"), 3, "第 2 行：有 3 个字段，而表头有 2 个；含有逗号的文本请加引号"),
        (("add", "tickets", "{home}/bad.jsonl"), 3, "第 2 行：不是 JSON（第 1 行第 1 列应有一个值）；请修正或删除该行"),
        (("add", "tickets", "{home}/ok.csv", "--text", "title"), 3, "没有 --text 所指的列 'title'；有 'body', 'kind'"),
        (("add", "tickets"), 2, "哪个文件？"),
        (("certify", "tickets"), 7, "没有待定的文本可作承诺"),
        (("certify", "tickets", "--for", "ever"), 2, "--for：给出的是 'ever'"),
        (("learn", "tickets"), 7, "learn：得到涉及 0 个标签的 0 个回答"),
        (("delete", "tickets"), 2, "此操作无法撤回"),
        (("nothing",), 2, "没有命令 'nothing'。"),
        (("status", "--nothing"), 2, "没有选项：--nothing"),
        (("new",), 2, "缺少参数 'NAME'。"),
        (("models",), 2, "models：哪个命令？有 list, pull"),
        (("models", "pull", "nothing"), 5, "编码器 'nothing' 不认识"),
        (("restore", "{home}/nothing"), 5, "不在这里；请指定备份的文件夹"),
    ],
)
def test_a_real_error_is_in_chinese(home: Path, command: tuple[str, ...], code: int, said: str) -> None:
    found = run(home, *(word.format(home=home) for word in command))
    told = found.stderr.strip()
    assert (found.exit_code, told.splitlines()[-1].startswith("错误：")) == (code, True), found.output
    assert said in told
    left = set(re.findall("[A-Za-z][A-Za-z0-9]*", NAMES.sub(" ", told)))
    assert left <= VALUES | set(COMMANDS) | ENCODERS, left


def test_a_document_for_programs_is_in_english(home: Path) -> None:
    for where in (("--json", "status", "nothing"), ("new", "x", "--labels", "a,b", "--max-error", "x", "--json")):
        found = run(home, *where)
        said = json.loads(found.stdout)["error"]["message"]
        assert said.isascii(), said
        assert found.stderr == ""


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (KeyboardInterrupt(), "已停止。做完的都已保存，工作区完好。"),
        (MemoryError(), "错误：内存不够"),
        (OSError(errno.ENOSPC, "No space left on device", "db"), "错误：db：磁盘已满；请腾出空间后重试"),
        (
            PermissionError(errno.EACCES, "Permission denied", "db"),
            "错误：db：没有权限；请换一个可写的文件夹，或修改权限",
        ),
        (OSError(errno.EIO, "Input/output error"), "错误：输入输出出错"),
        (ZeroDivisionError("oops"), "错误：cowise 自身出错（ZeroDivisionError: oops）。工作区保持在最后完成的一步。"),
    ],
)
def test_what_the_system_refuses_is_in_chinese(
    cause: BaseException, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise cause

    words.speak("zh")
    try:
        guarded(work, [], debug=False)
    finally:
        words.speak("en")
    assert capsys.readouterr().err.startswith(said)


def test_remarks_and_checks_are_in_chinese(home: Path) -> None:
    added = run(home, "add", "tickets", str(home / "labelled.csv"))
    assert "列 'label' 像是标签；要使用请加 --label 'label'" in added.stderr
    checked = run(home, "doctor").stdout
    assert "账本：" in checked
    assert "条记录、" in checked
    assert "GB 空间" in checked
