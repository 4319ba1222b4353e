"""Encoders with a tokenizer beside their graph: BERT, RoBERTa and MPNet folders, known ones and the user's own.

Legend: n = texts, d = vector size, t = tokens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cowise.core.errors import MissingError, TrustError
from cowise.core.registry import load
from cowise.core.types import Indices, Vectors32
from cowise.models.batches import plan
from cowise.models.bert import build, shape_of
from cowise.models.encoder import clean, unit
from cowise.models.session import OnnxSession

MAX_TOKENS = 256
MAX_CHARS = 10_000
BATCH_TOKENS = 2048
BATCH_TEXTS = 32


class TokenEncoder:
    """An encoder on ONNX Runtime: the first 256 tokens, their masked mean (or the first one), unit length.

    Batches hold texts of like length; padding is masked, so that a vector depends on its batch by rounding only
    (about 1e-6).
    """

    def __init__(self, folder: Path, *, name: str, threads: int = 0) -> None:
        shape = shape_of(folder)
        self.folder = folder
        self.name = name
        self.dim = shape.hidden
        self.most = min(MAX_TOKENS, shape.positions)
        self.digest = f"{name}:{_hash(folder)}/cut{self.most}t/{shape.pooling}/1"
        self._session = OnnxSession(folder, threads=threads, build=build)
        self._tokenizer = _tokenizer(folder, self.most)

    def __getstate__(self) -> dict[str, Any]:
        """The folder and the name: the rest is read again where this arrives."""
        return {"folder": self.folder, "name": self.name, "threads": self._session.threads}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__init__(state["folder"], name=state["name"], threads=state["threads"])  # type: ignore[misc]

    def encode(self, texts: Sequence[str]) -> Vectors32:
        """Unit rows, (n, d), in the order of `texts`."""
        cleaned = [clean(text, MAX_CHARS) for text in texts]
        distinct = list(dict.fromkeys(cleaned))
        place = {text: i for i, text in enumerate(distinct)}
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(distinct)]
        out = np.empty((len(distinct), self.dim), dtype=np.float32)

        def work(batch: Indices) -> None:
            width = max(1, *(len(ids[i]) for i in batch))
            tokens = np.zeros((len(batch), width), dtype=np.int64)
            mask = np.zeros((len(batch), width), dtype=np.int64)
            for row, i in enumerate(batch):
                tokens[row, : len(ids[i])] = ids[i]
                mask[row, : max(1, len(ids[i]))] = 1
            out[batch] = unit(self._session.run({"ids": tokens, "mask": mask, "positions": np.arange(width)[None]}))

        batches = plan([len(each) for each in ids], budget=BATCH_TOKENS, most=BATCH_TEXTS)
        self._session.map(work, batches[::-1])
        return np.asarray(out[[place[text] for text in cleaned]]) if cleaned else out


def _tokenizer(folder: Path, most: int) -> Any:
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise MissingError(f"{folder} has no tokenizer.json; save the tokenizer there in its fast form")
    try:
        found = load("tokenizers:Tokenizer").from_file(str(file))
    except Exception as cause:
        raise TrustError(f"{file} is no tokenizer that can be read; restore the folder") from cause
    found.no_padding()
    found.enable_truncation(most)
    return found


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        file = folder / name
        if not file.is_file():
            raise MissingError(f"{folder} has no {name}; give a folder of a BERT encoder with safetensors weights")
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]
