"""One BLAS thread round every fit: two threads made these small fits twenty times slower."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


@cache
def _controller() -> Any:
    return ThreadpoolController()  # finding the libraries costs milliseconds, holding them to one thread microseconds


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS and OpenMP to one thread while the block runs."""
    with _controller().limit(limits=1):
        yield
