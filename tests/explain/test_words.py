"""Words of texts: nothing is torn, nothing lost, whatever is written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError
from cowise.explain.words import MAX_CHARS, words_of


def cut(text, **how):
    words = words_of(text, **how)
    return [words.text[a:b] for a, b in words.spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A good, well-made film!", ["A", "good", "well", "made", "film"]),
        ("don't  rock’n’roll 3.5", ["don't", "rock’n’roll", "3", "5"]),
        ("服务很好。", ["服", "务", "很", "好"]),
        ("好用app真香", ["好", "用", "app", "真", "香"]),
        ("e\u0301te\u0301 नमस्ते", ["e\u0301te\u0301", "नमस्ते"]),
        ("ok 👨‍👩‍👧 👍🏽🇩🇪❤️", ["ok", "👨‍👩‍👧", "👍🏽", "🇩🇪", "❤️"]),
        ("a \ud83d\ude00 \ud83d b", ["a", "\ud83d\ude00", "b"]),
        ("?!", ["?!"]),
    ],
)
def test_what_a_word_is(text, expected):
    assert cut(text) == expected


@pytest.mark.parametrize("text", ["", "  \n\t\u3000"])
def test_a_text_without_words_is_refused(text):
    with pytest.raises(InputError, match="empty or white space"):
        words_of(text)


def test_what_is_no_text_is_refused():
    with pytest.raises(InputError, match="got int"):
        words_of(3)  # type: ignore[arg-type]


@given(st.text(min_size=1, max_size=60).filter(lambda text: bool(text.strip())))
def test_all_kept_is_the_text_and_none_is_empty(text):
    words = words_of(text)
    n = len(words)
    assert words.keep(np.ones(n, bool)) == text
    assert words.keep(np.zeros(n, bool)) == ""
    assert all(a < b for a, b in words.spans)
    assert all(b <= a for (_, b), (a, _) in zip(words.spans, words.spans[1:], strict=False))
    for i in range(n):  # each alone is there whole, and together they are the text
        assert text[slice(*words.spans[i])] in words.keep(np.arange(n) == i)
    assert "".join(words.keep(np.arange(n) == i) for i in range(n)) == text


def test_long_texts_are_cut_and_their_neighbours_joined():
    words = words_of("好" * 3000)
    assert len(words.text) == MAX_CHARS
    assert len(words) <= 120
    assert words.spans[0] == (0, 17)
    assert words.spans[-1][1] == MAX_CHARS


def test_words_of_a_segmenter():
    pieces = ["服务", "很", "好", "！"]
    assert cut("服务很好！", segment=lambda _: pieces) == ["服务", "很", "好"]
    assert cut("。。", segment=lambda text: [text]) == ["。。"]
    for wrong in (["服务", "好"], ["服务", "很"]):
        with pytest.raises(InputError, match="do not make up the text"):
            words_of("服务很好", lambda _, wrong=wrong: wrong)
