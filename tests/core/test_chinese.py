"""Every error and reason has its Chinese, and a sentence finds it again whatever its values are."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic_core._pydantic_core import list_all_errors

sys.path.insert(0, str(Path(__file__).parent))  # sentences.py

import sentences

from cowise.core import chinese as translator
from cowise.core.chinese import chinese, fit
from cowise.core.registry import load

READ = json.loads(translator.FILE.read_text("utf-8"))
LISTS = READ.pop(translator.WORDS)
# Sections whose sentences are not found in the package: another library says them, or they are put together there.
OTHERS = ("put together", "the system", "Python", "the command line's library", "the server's library")
OURS = {en: zh for room, pairs in READ.items() if room not in OTHERS for en, zh in pairs.items()}
ALL = {en: zh for pairs in READ.values() for en, zh in pairs.items()}
HOLE = re.compile(r"\{(\d+)(?::(\w+))?\}")
ENGLISH = {
    "the",
    "is",
    "are",
    "was",
    "be",
    "it",
    "its",
    "of",
    "and",
    "or",
    "not",
    "no",
    "with",
    "that",
    "give",
    "use",
    "has",
}


def test_every_error_and_reason_has_its_chinese() -> None:
    found = sentences.said()
    assert len(found) > 500
    missing = [f"{where}: {text}" for text, where in found.items() if text not in OURS]
    assert not missing, "add to cowise/core/errors_zh.json:\n" + "\n".join(missing)


def test_no_translation_is_left_over() -> None:
    assert not sorted(set(OURS) - set(sentences.said()))
    assert sum(map(len, READ.values())) == len(ALL), "a sentence stands in two rooms"


def test_what_others_say_is_said() -> None:
    assert set(READ["the system"]) <= {os.strerror(code) for code in errno.errorcode}
    told = {
        re.sub(r"\{expected_plural\}", end, one["message_template_python"])
        for one in list_all_errors()
        for end in ("", "s")
    }
    told = {re.sub(r"\{\w+\}", "{}", text) for text in told} | {"JSON decode error"}  # the last is FastAPI's own
    assert set(READ["the server's library"]) <= told


def test_what_python_says_of_json_is_known() -> None:
    bad = ["", "{", "[1", '{"a" 1}', "1 2", '"a', '"\n"', '"\\x"']
    told = set()
    for text in bad:
        with pytest.raises(ValueError, match="line 1") as caught:
            json.loads(text)
        told.add(re.sub(r"\d+", "{}", str(caught.value)))
    assert set(READ["Python"]) <= told


def test_a_translation_says_the_same_values() -> None:
    for english, text in ALL.items():
        holes = HOLE.findall(text)
        # Left out in Chinese: the kind of a list, which needs no word, and what Python says twice, line and column and place.
        wanted = range(english.startswith("{} should have"), english.count("{}") - english.endswith("(char {})"))
        assert Counter(int(n) for n, _ in holes) == Counter(wanted), english
        assert {named for _, named in holes if named} <= set(LISTS), english


def test_a_translation_is_chinese() -> None:
    for english, text in ALL.items():
        assert re.search("[\u4e00-\u9fff]", text), english
        assert not re.search("[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]", text), f"punctuation: {text}"
        latin = re.findall("[A-Za-z]+", HOLE.sub(" ", text))
        assert set(latin) <= set(re.findall("[A-Za-z]+", english)), f"new words: {text}"
        assert not ENGLISH & set(latin), text


def test_what_is_typed_stays_as_it_is() -> None:
    typed = r"--[a-z][a-z-]*|`[^`]+`|cowise (?:review|learn|ledger verify|signin|models pull|new NAME|start|accounts)"
    for english, text in ALL.items():
        assert set(re.findall(typed, english)) == set(re.findall(typed, text)), english


def test_no_template_fits_nearly_everything() -> None:
    for english in ALL:
        assert len(re.findall("[A-Za-z]", english)) >= 4, english
        assert " " in english, "a single word is taken for a value"


def test_lists_of_words_are_used_and_chinese() -> None:
    for named, words in LISTS.items():
        assert any(f":{named}}}" in text for text in ALL.values()), named
        assert all(re.search("[\u4e00-\u9fff]", text) for text in words.values()), named


def test_lists_hold_every_role_and_action() -> None:
    assert set(LISTS["role"]) == {*load("guard.access:ROLES"), "stranger"}
    assert set(LISTS["action"]) == set(load("guard.access:ACTIONS"))


TEMPLATES = sorted(ALL)


def filled(parts: list[str], values: list[str]) -> str:
    return parts[0] + "".join(value + part for value, part in zip(values, parts[1:], strict=True))


@settings(max_examples=200)
@given(st.sampled_from(TEMPLATES), st.data())
def test_a_filled_template_is_the_chinese_one_filled_likewise(english: str, data: st.DataObject) -> None:
    parts = english.split("{}")
    values = [data.draw(st.text(max_size=30)) for _ in parts[1:]]
    sentence = filled(parts, values)
    # Where a value holds the words that stand after it, or another template fits, there is more than one reading.
    assume(fit(tuple(parts), sentence) == values)
    weight = sum(map(len, parts))
    others = [one.split("{}") for one in ALL if one != english]
    assume(not any(fit(tuple(one), sentence) is not None and sum(map(len, one)) >= weight for one in others))
    assume(translator.BETWEEN not in sentence)
    assume(all(chinese(value) == value for value in values))
    assume(not any(value in words for value in values for words in LISTS.values()))
    assert chinese(sentence) == HOLE.sub(lambda hole: values[int(hole[1])], ALL[english])


@given(st.text(max_size=40), st.text(max_size=40))
def test_names_stay_as_they_are(name: str, folder: str) -> None:
    assume("' is not in this workspace; it has " not in name and "; it has" not in folder)
    said = chinese(f"project {name!r} is not in this workspace; it has {folder}")
    assume(chinese(folder) == folder and folder != "none yet" and translator.BETWEEN not in name + folder)
    assert said == f"项目 {name!r} 不在此工作区；有 {folder}"


def test_values_that_are_sentences_are_translated_too() -> None:
    reason = "3 wrong among 120 audits, 2 tolerated; stopped after 40 of 900"
    said = chinese(
        f"no certificate: {reason}. They train the model now; go on with: cowise review x, then certify again"
    )
    assert said == (
        "没有证书：120 个抽检中错 3 个，容许 2 个；900 个条目中走到第 40 个停下。"
        "这些回答现在用来训练模型；请继续 cowise review x，然后再认证"
    )
    both = chinese(f"{reason} | 0 wrong among 60 audits, 2 tolerated; the whole rest was walked")
    assert both == (
        "120 个抽检中错 3 个，容许 2 个；900 个条目中走到第 40 个停下 | 60 个抽检中错 0 个，容许 2 个；剩余部分全部走完"
    )


def test_words_of_a_list_are_said_in_chinese() -> None:
    who = load("guard.access:allowed")
    assert (
        chinese(who("inspector", False, "review.answer").reason)
        == "回答问题需要角色所有者、负责人、审核员；您在这里是观察员"
    )
    assert chinese(load("guard.access:reaches")(None, False, "owner").reason) == "没有角色的人不能授予或收回角色所有者"


def test_a_name_before_a_sentence_stays() -> None:
    assert chinese("db: the disk is full; free some space and repeat") == "db：磁盘已满；请腾出空间后重试"
    assert chinese("db: nobody says this") == "db: nobody says this"


def test_what_nobody_knows_stays() -> None:
    assert chinese("a sentence that nobody says") == "a sentence that nobody says"
    assert chinese("") == ""


def test_a_hostile_name_takes_no_longer_than_reading_it() -> None:
    name = ", line : , byte " * 60_000
    assert chinese(f"{name}, line 3: not JSON (x); mend it now") == f"{name}, line 3: not JSON (x); mend it now"


def test_reading_waits_for_the_first_sentence(tmp_path: Path) -> None:
    code = (
        "import sys, cowise\n"
        "from cowise.cli import main\n"
        f"sys.argv = ['cowise', '--home', {str(tmp_path / 'w')!r}, '--lang', 'zh', *sys.argv[1:]]\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "from cowise.core.chinese import _table\n"
        "print(_table.cache_info().currsize)\n"
    )

    def read(*words: str) -> str:
        ran = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        return ran.stdout.splitlines()[-1]

    assert read("new", "x", "--labels", "a,b") == "0"
    assert read("status") == "0"
    assert read("status", "nothing") == "1"
