"""ONNX Runtime, opened late and shared by a few threads. The only file that imports it.

Several one-thread runs side by side beat one run with several threads by 5-15 % on these graphs: nothing
waits at the end of each operator.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from cowise.core.errors import MissingError, TrustError
from cowise.core.registry import load

T = TypeVar("T")
R = TypeVar("R")

MOST_AUTOMATIC_THREADS = 2


def thread_count(asked: int) -> int:
    """Threads to use for `asked`, where 0 means automatic: two, or one on a machine with one core."""
    return asked if asked > 0 else min(MOST_AUTOMATIC_THREADS, os.cpu_count() or 1)


class OnnxSession:
    """A graph file that is loaded at its first use, with the text operators of onnxruntime-extensions.

    `build` makes the graph out of `file`, where the file (or folder) is not a graph itself.
    Raises MissingError if the file is gone and TrustError if it is no graph.
    """

    def __init__(self, file: Path, *, threads: int = 0, build: Callable[[Path], bytes] | None = None) -> None:
        self.file = file
        self.build = build
        self.threads = thread_count(threads)
        self._lock = threading.Lock()
        self._session: Any = None

    def __getstate__(self) -> dict[str, Any]:
        """Without the loaded graph and the lock: both are made again where this arrives."""
        return {"file": self.file, "threads": self.threads, "build": self.build}

    def __deepcopy__(self, memo: object) -> OnnxSession:
        """Itself: nothing in it changes, and a second graph would cost 200 MB."""
        return self

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__init__(state["file"], threads=state["threads"], build=state["build"])  # type: ignore[misc]

    def run(self, feed: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
        """The first output of the graph for one feed."""
        out: npt.NDArray[np.float32] = self._loaded().run(None, dict(feed))[0]
        return out

    def map(self, work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
        """`work` of each part, in order, on this session's threads."""
        self._loaded()
        if self.threads == 1 or len(parts) < 2:
            return [work(part) for part in parts]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, parts))

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = _open(self.file, self.build)
            return self._session


def _open(file: Path, build: Callable[[Path], bytes] | None) -> Any:
    if not file.exists():
        raise MissingError(f"model file {file} is not there; pull or save the model again")
    ort = load("onnxruntime:InferenceSession")
    options = load("onnxruntime:SessionOptions")()
    options.register_custom_ops_library(load("onnxruntime_extensions:get_library_path")())
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    source = build(file) if build else str(file)
    try:
        return ort(source, options, providers=["CPUExecutionProvider"])
    except Exception as cause:
        raise TrustError(
            f"model file {file} is not a graph that ONNX Runtime can read; pull or save the model again"
        ) from cause
