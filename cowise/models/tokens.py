"""The tokenizer of a folder: `tokenizer.json`, or the word list `vocab.txt` of older BERT folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cowise.core.errors import MissingError, TrustError
from cowise.core.registry import load

FILES = ("tokenizer.json", "vocab.txt")


def open_tokenizer(folder: Path, most: int) -> Any:
    """A tokenizer that cuts at `most` tokens and does not pad. MissingError without one, TrustError for a broken one."""
    whole, words = (folder / name for name in FILES)
    if not whole.is_file() and not words.is_file():
        raise MissingError(f"{folder} has no {whole.name}; save the tokenizer there in its fast form")
    file = whole if whole.is_file() else words
    try:
        found = load("tokenizers:Tokenizer").from_file(str(whole)) if file == whole else _from_words(folder, words)
    except Exception as cause:
        raise TrustError(f"{file} is no tokenizer that can be read; restore the folder") from cause
    found.no_padding()
    found.enable_truncation(most)
    return found


def _from_words(folder: Path, words: Path) -> Any:
    """BERT's word pieces; tokenizer_config.json says whether case counts, and it does not where that is missing."""
    said = folder / "tokenizer_config.json"
    config = json.loads(said.read_text("utf-8")) if said.is_file() else {}
    return load("tokenizers:BertWordPieceTokenizer")(str(words), lowercase=bool(config.get("do_lower_case", True)))
