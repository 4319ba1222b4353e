"""Work in this process, or in several on this machine."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TypeVar

from cowise.core.errors import InputError, LimitError

T = TypeVar("T")
R = TypeVar("R")

# Two BLAS threads on two cores made small fits twenty times slower, and processes fight over the cores besides.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Local:
    """Role `Engine` over `jobs` processes; with one job the work stays in this process.

    >>> list(Local(1).map(abs, [-1, -2]))
    [1, 2]

    InputError for fewer than one job, LimitError where a process dies or cannot be started.
    """

    jobs: int = 1

    def __post_init__(self) -> None:
        """At least one process."""
        if self.jobs < 1:
            raise InputError(f"jobs: asked for {self.jobs}; give 1 or more")

    def map(self, work: Callable[[T], R], parts: Iterable[T]) -> Iterator[R]:
        """`work` of each part, in order. `work` and parts must travel to other processes when there are several."""
        if self.jobs == 1:
            yield from map(work, parts)
            return
        kept = {name: os.environ.get(name) for name in _ONE_THREAD}
        os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
        try:
            with ProcessPoolExecutor(self.jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
                yield from pool.map(work, parts)
        except BrokenProcessPool as cause:
            raise LimitError(
                f"one of {self.jobs} processes ended before its work was done, often for want of memory; use fewer jobs "
                "(a script of your own must start its work below `if __name__ == '__main__':`)"
            ) from cause
        finally:
            for name, value in kept.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
