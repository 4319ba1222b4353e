"""Texts to unit vectors on the CPU, without torch.

Legend: n = texts, d = vector size, t = tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from cowise.core.errors import InputError
from cowise.core.types import Vectors32
from cowise.models.batches import plan
from cowise.models.session import OnnxSession

MAX_CHARS = 2000
BATCH_CHARS = 4096
BATCH_TEXTS = 32

MAX_TOKENS = 256
BATCH_TOKENS = 2048


def clean(text: str, max_chars: int = MAX_CHARS) -> str:
    r"""What the network reads of a text: its first `max_chars` characters, without NUL and lone surrogates.

    >>> clean("a\x00b\ud800")
    'a b�'
    """
    if not isinstance(text, str):
        raise InputError(f"texts: need strings, got {type(text).__name__}; convert them with str() first")
    cut = text[:max_chars].replace("\0", " ")
    return cut if cut.isascii() else cut.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def places(text: str) -> list[int]:
    r"""Where each character that `clean` leaves of a text begins in it, and at last its end: surrogate pairs become one.

    >>> places("a\ud83d\ude00b")
    [0, 1, 3, 4]
    """
    if text.isascii():
        return list(range(len(text) + 1))
    pairs = pairwise(text)
    torn = {i + 1 for i, (a, b) in enumerate(pairs) if "\ud800" <= a < "\udc00" <= b < "\ue000"}
    return [i for i in range(len(text) + 1) if i not in torn]


def unit(rows: npt.NDArray[Any]) -> Vectors32:
    """Rows scaled to length one; a row of zeros, or one that is not finite, becomes the first axis.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [1. , 0. ]], dtype=float32)
    """
    vectors = np.asarray(rows, dtype=np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    good = np.isfinite(length) & (length > 0)
    out = np.divide(vectors, length, out=np.zeros_like(vectors), where=good)
    out[~good[:, 0], 0] = 1
    return np.asarray(out)


class GraphEncoder:
    """An encoder whose graph holds its own tokenizer: strings in, vectors out (`use-multilingual`).

    Equal texts of one call share one vector; batches are made from the distinct texts in sorted order, so the
    same set of texts gives the same vectors in whatever order it comes. The int8 graph scales a batch as a
    whole: a text's vector moves a little (cosine >= .99) with the texts beside it. `digest` names all of this.
    """

    def __init__(self, session: OnnxSession, *, weights: str, dim: int) -> None:
        self.dim = dim
        self.digest = f"{weights}/cut{MAX_CHARS}c/batch{BATCH_TEXTS}x{BATCH_CHARS}c/1"
        self._session = session

    def encode(self, texts: Sequence[str]) -> Vectors32:
        """Unit rows, (n, d), in the order of `texts`."""
        cleaned = [clean(text) for text in texts]
        distinct = sorted(set(cleaned), key=lambda text: (len(text), text))
        place = {text: i for i, text in enumerate(distinct)}
        out = np.empty((len(distinct), self.dim), dtype=np.float32)

        def work(batch: npt.NDArray[np.int64]) -> None:
            feed = np.array([distinct[i] for i in batch], dtype=object)
            out[batch] = unit(self._session.run({"inputs": feed}))

        batches = plan([len(text) for text in distinct], budget=BATCH_CHARS, most=BATCH_TEXTS)
        self._session.map(work, batches[::-1])  # longest first: no thread is left alone with a long batch
        return np.asarray(out[[place[text] for text in cleaned]]) if cleaned else out
