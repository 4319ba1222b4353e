"""Tokenizers of folders, old and new."""

import json

import pytest

from cowise.core.errors import MissingError, TrustError
from cowise.models.token_encoder import TokenEncoder
from cowise.models.tokens import open_tokenizer
from tests.models.tiny import WORDS, make

TEXT = "Card 卡 where"


def test_a_word_list_does_as_well(tmp_path):
    home = make(tmp_path, "bert", "bert.")
    expected, before = open_tokenizer(home, 10).encode(TEXT).ids, TokenEncoder(home, name="x")
    (home / "tokenizer.json").unlink()
    (home / "vocab.txt").write_text("\n".join(WORDS), "utf-8")
    assert open_tokenizer(home, 10).encode(TEXT).ids == expected == [2, 4, 6, 7, 3]
    assert TokenEncoder(home, name="x").digest != before.digest


def test_case_counts_where_it_is_said(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS), "utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False}))
    assert open_tokenizer(tmp_path, 10).encode(TEXT).ids == [2, 1, 6, 7, 3]


def test_long_texts_are_cut(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS), "utf-8")
    assert open_tokenizer(tmp_path, 4).encode("card " * 9).ids == [2, 4, 4, 3]


def test_what_cannot_be_read_is_said(tmp_path):
    with pytest.raises(MissingError, match=r"tokenizer\.json"):
        open_tokenizer(tmp_path, 10)
    (tmp_path / "vocab.txt").write_text("one\ntwo", "utf-8")
    with pytest.raises(TrustError, match="restore"):
        open_tokenizer(tmp_path, 10)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(TrustError, match="restore"):
        open_tokenizer(tmp_path, 10)
