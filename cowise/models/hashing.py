"""An encoder without weights: hashed pieces of the text. For trying things out where nothing can be fetched.

Legend: n = texts, d = vector size.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Vectors32
from cowise.models.encoder import MAX_CHARS, clean, unit


class HashingEncoder:
    """Words and runs of 1 to 3 characters, hashed with a sign into `dim` places, damped by the square root.

    A text's vector depends on that text alone. It knows no meaning: `use-multilingual` errs far less.

    >>> HashingEncoder(dim=64).encode(["same", "same"]).shape
    (2, 64)

    Source: Weinberger et al., ICML 2009.
    """

    def __init__(self, dim: int = 512) -> None:
        if dim < 2:
            raise InputError(f"hashing encoder: asked for {dim} dimensions; give at least 2")
        self.dim = dim
        self.digest = f"hashing:{dim}/cut{MAX_CHARS}c/1"

    def encode(self, texts: Sequence[str]) -> Vectors32:
        """Unit rows, (n, d)."""
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(out, texts, strict=True):
            for piece, count in Counter(pieces(clean(text).casefold())).items():
                code = zlib.crc32(piece.encode())
                row[(code >> 1) % self.dim] += count**0.5 * (1 if code & 1 else -1)
        return unit(out)


def pieces(text: str) -> Iterator[str]:
    """Words, and runs of 1 to 3 characters within them.

    >>> sorted(set(pieces("ab")))
    ['<a', '<ab', '=<ab>', 'a', 'ab', 'ab>', 'b', 'b>']
    """
    for word in text.split():
        framed = f"<{word}>"
        yield f"={framed}"
        for size in (1, 2, 3):
            for i in range(len(framed) - size + 1):
                piece = framed[i : i + size]
                if piece not in ("<", ">"):
                    yield piece
