"""Encoders with a tokenizer beside their graph: BERT, RoBERTa and MPNet folders, known ones and the user's own.

Legend: n = texts or versions of one, d = vector size, t = tokens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cowise.core.errors import MissingError, TrustError
from cowise.core.types import Bools, Indices, Vectors32
from cowise.models.batches import plan
from cowise.models.bert import build, config_of, is_known, shape_of
from cowise.models.encoder import clean, places, unit
from cowise.models.export import GRAPH, WEIGHTS, prepare
from cowise.models.network import Network, open_network
from cowise.models.pooling import pooling_of
from cowise.models.session import OnnxSession
from cowise.models.tokens import FILES as TOKENIZER_FILES
from cowise.models.tokens import open_tokenizer

MAX_TOKENS = 256
MAX_CHARS = 10_000
BATCH_TOKENS = 2048
BATCH_TEXTS = 32
SIZES = ("hidden_size", "dim", "d_model")  # names that configurations have for the size of vectors
BLANKS = ("[PAD]", "<pad>")  # the token that stands for nothing
MOST_BLANKS = 512
SPARE = 2  # places that some networks keep before the first token


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """What an encoder reads of a text: `ids` (t,), where they stand in it, which are of the text, and the token for nothing.

    `whole` says whether the window holds all of the text.
    """

    ids: Indices
    spans: tuple[tuple[int, int], ...]
    own: Bools
    blank: int
    whole: bool


class TokenEncoder:
    """An encoder on ONNX Runtime: the first 256 tokens, their masked mean (or the first one), unit length.

    Batches hold texts of like length; padding is masked, so that a vector depends on its batch by rounding only
    (about 1e-6).
    """

    def __init__(self, folder: Path, *, name: str, threads: int = 0) -> None:
        prepare(folder)
        form = _form(folder)
        self.folder = folder
        self.name = name
        self.dim = form.dim
        self.most = min(MAX_TOKENS, form.places)
        self.digest = f"{name}:{_hash(folder, form.files)}/cut{self.most}t/{form.pooling}/1"
        self._inputs = form.inputs
        self._session = OnnxSession(folder, threads=threads, build=form.build)
        self._tokenizer = open_tokenizer(folder, self.most)
        self._known = form.build is build
        self._blanks: dict[bytes, Vectors32] = {}

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
            out[batch] = self._read(tokens, mask)

        batches = plan([len(each) for each in ids], budget=BATCH_TOKENS, most=BATCH_TEXTS)
        self._session.map(work, batches[::-1])
        return np.asarray(out[[place[text] for text in cleaned]]) if cleaned else out

    def _read(self, ids: Indices, mask: Indices) -> Vectors32:
        feed = {"ids": ids, "mask": mask, "positions": np.arange(ids.shape[1])[None]}
        return unit(self._session.run({key: feed[key] for key in self._inputs}))

    def vector(self, ids_t: Indices) -> Vectors32:
        """The unit row of a text that was cut into tokens, (t,) -> (1, d)."""
        return self._read(ids_t[None], np.ones((1, len(ids_t)), np.int64))

    def blank_vector(self, ids_t: Indices) -> Vectors32:
        """The same of blank tokens: read once for each number of them."""
        key = ids_t.tobytes()
        if key not in self._blanks:
            if len(self._blanks) > MOST_BLANKS:
                self._blanks.clear()
            self._blanks[key] = self.vector(ids_t)
        return self._blanks[key]

    def tokens(self, text: str) -> Tokens:
        """The tokens of a text with their places in it."""
        found, at = self._tokenizer.encode(clean(text, MAX_CHARS)), places(text[:MAX_CHARS])
        own = ~np.array(found.special_tokens_mask, bool)
        spans = tuple((at[a], at[b]) if mine else (0, 0) for (a, b), mine in zip(found.offsets, own, strict=True))
        blank = next((one for one in map(self._tokenizer.token_to_id, BLANKS) if one is not None), 0)
        whole = not found.overflowing and len(text) <= MAX_CHARS
        return Tokens(np.array(found.ids, np.int64), spans, own, blank, whole)

    def network(self) -> Network | None:
        """The same network with derivatives, opened at first use; None for a graph that cowise did not write."""
        return open_network(self.folder, self.digest) if self._known else None


@dataclass(frozen=True, slots=True)
class _Form:
    """How a folder is read: vector size, tokens that fit, pooling, files that make the vectors, the graph's inputs."""

    dim: int
    places: int
    pooling: str
    files: tuple[str, ...]
    inputs: tuple[str, ...]
    build: Callable[[Path], bytes]


def _form(folder: Path) -> _Form:
    """A network that `bert` writes, or a graph that `export` left."""
    config = config_of(folder)
    if is_known(config):
        shape = shape_of(folder)
        return _Form(shape.hidden, shape.positions, shape.pooling, (WEIGHTS,), ("ids", "mask", "positions"), build)
    try:
        dim = int(next(config[key] for key in SIZES if key in config))
        places = int(config.get("max_position_embeddings", MAX_TOKENS + SPARE)) - SPARE
    except (StopIteration, TypeError, ValueError) as cause:
        raise TrustError(f"{folder / 'config.json'} does not say the size of vectors; restore the folder") from cause
    return _Form(dim, max(1, places), pooling_of(folder), (GRAPH,), ("ids", "mask"), _read_graph)


def _read_graph(folder: Path) -> bytes:
    return (folder / GRAPH).read_bytes()


def _hash(folder: Path, weights: Sequence[str]) -> str:
    digest = hashlib.sha256()
    tokenizer = [name for name in TOKENIZER_FILES if (folder / name).is_file()][:1] or ["tokenizer.json"]
    for name in ("config.json", *tokenizer, *weights):
        file = folder / name
        if not file.is_file():
            raise MissingError(f"{folder} has no {name}; give a folder of Hugging Face files with safetensors weights")
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]
