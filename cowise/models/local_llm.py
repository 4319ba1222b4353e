"""A language model of the registry in this process, and as an OpenAI-compatible server on this machine's loopback.

llama.cpp does the work, by `xllamacpp`, which keeps one server for each open model.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cowise.core.errors import InputError, MissingError, StorageError
from cowise.core.registry import need
from cowise.models.fetch import check
from cowise.models.weights import language_model

LOOPBACK = "127.0.0.1"
CONTEXT = 8192
"""Tokens that a prompt and its answer may take together; a longer prompt is refused, never cut by the model."""
QUIET = -1
SCREEN_ORIGIN = "http://localhost"
"""The one page whose scripts may read answers: none is served there."""


def model_file(name: str, folder: Path) -> Path:
    """The verified file of a language model. MissingError for an unknown one or one that was never pulled."""
    part = language_model(name).parts[0]
    if not (folder / name / part.save_as).is_file():
        raise MissingError(f"language model {name} is not on this machine; run: cowise models pull {name}")
    return check(name, folder) / part.save_as


def ready(name: str, folder: Path) -> Path:
    """The file of a model that could be opened now. MissingError without the extra `llm`, or as `model_file` does."""
    need("xllamacpp", "llm")
    return model_file(name, folder)


class LocalModel:
    """An open language model. `port` None keeps it to this process: its server then asks for a key nobody has.

    MissingError without the extra `llm` or the model, StorageError where the port is taken or the model does not load.
    """

    def __init__(self, name: str, folder: Path, *, threads: int = 0, port: int | None = None) -> None:
        llama, file = need("xllamacpp", "llm"), model_file(name, folder)
        if port is not None and not 0 <= port <= 65535:
            raise InputError(f"port: asked for {port}; give a number from 0 (any free one) to 65535")
        asked = llama.CommonParams()
        asked.model.path = str(file)
        asked.model_alias = {name}
        asked.n_ctx = CONTEXT
        asked.n_parallel = 1
        asked.verbosity = QUIET
        asked.ui = asked.warmup = asked.endpoint_slots = False
        asked.hostnames = [LOOPBACK]
        asked.port = port or 0
        asked.cors_origins = SCREEN_ORIGIN
        # Threads of llama.cpp wait by turning: one more than there are free cores makes all of them five times slower.
        asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = threads or max(1, (os.cpu_count() or 1) // 2)
        if port is None:
            asked.api_keys = [secrets.token_hex(32)]
        try:
            self._server = llama.Server(asked)
        except RuntimeError as cause:
            raise StorageError(
                f"language model {name} does not start ({str(cause)[:200]}); free the port or some memory"
            ) from cause
        self.name = name
        self.digest = language_model(name).parts[0].sha256

    @property
    def address(self) -> str:
        """Where its API answers: http://127.0.0.1:PORT/v1."""
        return f"{self._server.listening_address}/v1"

    def chat(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one chat request, as the server would give it; errors are objects with `error`."""
        found = self._server.handle_chat_completions(dict(body))
        answer: dict[str, Any] = json.loads(found) if isinstance(found, str | bytes) else found
        return answer
