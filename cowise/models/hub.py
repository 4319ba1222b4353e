"""Encoders of the Hugging Face hub, by `hf:OWNER/NAME` or `hf:OWNER/NAME@REVISION`: fetched once, verified always.

Nothing is asked of the hub but by `pull`. The files of one commit are kept with their hashes in source.json.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from cowise.core.errors import CowiseError, MissingError, StorageError, TrustError
from cowise.core.registry import need
from cowise.models.pooling import FILES as POOLING_FILES
from cowise.models.weights import HUB_MARK, hub_parts

NEEDED = "config.json"
TOKENIZERS = ("tokenizer.json", "vocab.txt")
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
BESIDE = ("tokenizer_config.json", *POOLING_FILES)

Progress = Callable[[str], None]
Sha256 = Callable[[Path], str]


class Hub(Protocol):
    """What is asked of the hub."""

    def commit(self, repo: str, revision: str) -> str:
        """The commit that a branch, a tag or "" (the newest) stands for."""
        ...

    def get(self, repo: str, file: str, commit: str) -> Path | None:
        """A local copy of one file, or None where the repository has no such file."""
        ...


class HuggingFace:
    """The hub through `huggingface_hub`, which keeps its own cache and the user's token."""

    def __init__(self) -> None:
        self._api = need("huggingface_hub", "hf")

    def commit(self, repo: str, revision: str) -> str:
        """See `Hub`."""
        return str(self._api.HfApi().model_info(repo, revision=revision or None).sha)

    def get(self, repo: str, file: str, commit: str) -> Path | None:
        """See `Hub`."""
        errors = self._api.errors
        try:
            return Path(self._api.hf_hub_download(repo, file, revision=commit))
        except errors.LocalEntryNotFoundError:  # no network: a kind of the next one, but another matter
            raise
        except errors.EntryNotFoundError:
            return None


def pull_hub(
    name: str, folder: Path, sha256_of: Sha256, *, hub: Hub | None = None, progress: Progress | None = None
) -> Path:
    """The folder of `name`, fetched unless it is here and whole.

    InputError for a name of another form, MissingError without a network or without the files of an encoder.
    """
    repo, revision = hub_parts(name)
    home = folder / name
    if _whole(home, sha256_of):
        return home
    try:
        source = hub or HuggingFace()
        commit = source.commit(repo, revision)
        if progress:
            progress(f"{name}: downloading commit {commit[:12]}")
        found = _collect(source, repo, commit)
    except CowiseError:
        raise
    except Exception as cause:
        said = str(cause).strip().partition("\n")[0][:200] or type(cause).__name__
        raise MissingError(
            f"encoder {name}: the Hugging Face hub did not give it ({said}); check the name and the network, "
            f"then run: cowise models pull {name}"
        ) from cause
    _keep(found, home, {"repo": repo, "revision": revision, "commit": commit}, sha256_of)
    return home


def check_hub(name: str, folder: Path, sha256_of: Sha256) -> Path:
    """The folder of `name`, verified. MissingError if it was never pulled, TrustError if a file changed since."""
    hub_parts(name)
    home = folder / name
    if not (home / HUB_MARK).is_file():
        raise MissingError(f"encoder {name} is not on this machine; run: cowise models pull {name}")
    if not _whole(home, sha256_of):
        raise TrustError(f"encoder {name}: a file in {home} is not what was pulled; run: cowise models pull {name}")
    return home


def _collect(source: Hub, repo: str, commit: str) -> dict[str, Path]:
    """The files of an encoder: configuration, tokenizer, weights, and what says how to pool."""
    found: dict[str, Path] = {}
    for choice in ((NEEDED,), TOKENIZERS, WEIGHTS):
        for file in choice:
            if got := source.get(repo, file, commit):
                found[file] = got
                break
        else:
            raise MissingError(f"{repo} on the Hugging Face hub has no {' or '.join(choice)}; give another encoder")
    for file in BESIDE:
        if got := source.get(repo, file, commit):
            found[file] = got
    return found


def _keep(found: dict[str, Path], home: Path, said: dict[str, Any], sha256_of: Sha256) -> None:
    """Copy the files with their hashes to `home` in one step."""
    draft = home.with_name(f".{home.name}.{uuid4().hex[:8]}.new")
    try:
        for name, file in found.items():
            target = draft / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            with target.open("rb+") as stream:
                os.fsync(stream.fileno())
        said["sha256"] = {name: sha256_of(draft / name) for name in found}
        (draft / HUB_MARK).write_text(json.dumps(said, indent=2, sort_keys=True) + "\n", "utf-8")
        shutil.rmtree(home, ignore_errors=True)
        draft.replace(home)
    except OSError as cause:
        raise StorageError(
            f"cannot write {home} ({cause.strerror}); free space or set COWISE_MODELS to another folder"
        ) from cause
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _whole(home: Path, sha256_of: Sha256) -> bool:
    try:
        said: Any = json.loads((home / HUB_MARK).read_text("utf-8"))
        hashes: dict[str, str] = said["sha256"]
        return NEEDED in hashes and all(sha256_of(home / name) == sha for name, sha in hashes.items())
    except (OSError, AttributeError, KeyError, TypeError, ValueError):
        return False
