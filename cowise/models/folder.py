"""A model is a folder: configuration, weights, label schema, card, metrics, and a manifest with every file's hash.

config.json  weights.safetensors  labels.json  README.md  metrics.json  manifest.json
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from cowise.core.errors import MissingError, StorageError, TrustError
from cowise.core.roles import Encoder
from cowise.core.types import Floats
from cowise.models.head_files import AnyHead, from_bytes, to_bytes
from cowise.models.kernel import KernelHead
from cowise.models.opening import open_encoder
from cowise.models.sets import SetBook
from cowise.models.voices import Members
from cowise.models.words import count_words

FORMAT = "cowise-model/1"
MANIFEST = "manifest.json"
FILES = ("config.json", "weights.safetensors", "labels.json", "README.md", "metrics.json")


@dataclass(frozen=True, slots=True)
class TextModel:
    """An encoder with a head: texts to class probabilities (role `Model`).

    `name` is what the encoder is opened by; `metrics` and `about` go into the folder. `members` says which opinions on a
    project's items are weighed beside the head; `predict` reads texts alone, of which nobody spoke.
    """

    encoder: Encoder
    head: AnyHead
    labels: tuple[str, ...]
    name: str
    metrics: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    members: Members | None = None

    @property
    def sets(self) -> bool:
        """Whether its answers are sets of labels, of which each has a probability of its own."""
        return self.book is not None

    @property
    def book(self) -> SetBook | None:
        """Which sets it says, None for one label each."""
        return self.head.book if isinstance(self.head, KernelHead) else None

    def predict(self, texts: Sequence[str]) -> Floats:
        """Class probabilities, (n, k), rows summing to one; for sets, how likely each label is there."""
        vectors = self.encoder.encode(texts)
        if isinstance(self.head, KernelHead) and self.head.words is not None:
            return self.head.predict(vectors, count_words(texts))
        return self.head.predict(vectors)


def pack(model: TextModel) -> dict[str, bytes]:
    """The files of a model's folder, manifest and all; the same model gives the same bytes."""
    config: dict[str, Any] = {
        "format": FORMAT,
        "encoder": {"name": model.name, "digest": model.encoder.digest, "dim": model.encoder.dim},
        "task": "multilabel" if model.sets else "classify",
    }
    if model.members is not None:
        config["members"] = model.members.to_json()
    files = {
        "config.json": _json(config),
        "weights.safetensors": to_bytes(model.head),
        "labels.json": _json({"labels": list(model.labels)}),
        "README.md": _card(model).encode("utf-8"),
        "metrics.json": _json(dict(model.metrics)),
    }
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return {**files, MANIFEST: _json({"format": FORMAT, "sha256": hashes})}


def unpack(
    files: Mapping[str, bytes], encoder: Encoder | None = None, *, weights: Path = Path(), threads: int = 0
) -> TextModel:
    """The model in verified files; its encoder is opened from the cache `weights` unless it is given.

    TrustError if a file does not fit the manifest, or the encoder is another one than the head was fitted with.
    """
    verify(files)
    try:
        config = json.loads(files["config.json"])
        name, digest = str(config["encoder"]["name"]), str(config["encoder"]["digest"])
        labels = tuple(json.loads(files["labels.json"])["labels"])
        metrics = json.loads(files["metrics.json"])
        members = Members.read(config["members"], len(labels)) if "members" in config else None
    except (KeyError, TypeError, ValueError) as cause:
        raise TrustError(
            "model folder: config.json, labels.json or metrics.json lacks what it must hold; save the model again"
        ) from cause
    found = encoder if encoder is not None else open_encoder(name, weights, threads=threads)
    if found.digest != digest:
        raise TrustError(
            f"model folder: fitted on vectors of {digest}, but the encoder here makes {found.digest}; "
            "pull that encoder, or train the model again"
        )
    head = from_bytes(files["weights.safetensors"])
    if head.n_classes != len(labels):
        raise TrustError(
            f"model folder: {len(labels)} labels for a head of {head.n_classes} classes; save the model again"
        )
    return TextModel(found, head, labels, name, metrics, members=members)


def verify(files: Mapping[str, bytes]) -> None:
    """TrustError unless every file has the hash that the manifest says and nothing else lies there."""
    try:
        manifest = json.loads(files[MANIFEST])
        hashes = dict(manifest["sha256"])
        known = manifest["format"]
    except (KeyError, TypeError, ValueError) as cause:
        raise TrustError("model folder: manifest.json cannot be read; save the model again") from cause
    if known != FORMAT:
        raise TrustError(f"model folder: format {known!r}, this cowise reads {FORMAT!r}; use the cowise that saved it")
    if set(hashes) != set(FILES) or set(files) != {*FILES, MANIFEST}:
        raise TrustError("model folder: files are missing or added; restore the folder or save the model again")
    for name, expected in hashes.items():
        if hashlib.sha256(files[name]).hexdigest() != expected:
            raise TrustError(f"model folder: {name} was changed since it was saved; restore it or save the model again")


def save(model: TextModel, folder: Path) -> Path:
    """Write a model's folder in one step: a kill leaves the old one or the new one. StorageError if it cannot be."""
    return write(pack(model), folder)


def load(folder: Path, encoder: Encoder | None = None, *, weights: Path = Path(), threads: int = 0) -> TextModel:
    """The model in a folder, every file verified before it is read. MissingError if there is none."""
    return unpack(read(folder), encoder, weights=weights, threads=threads)


def read(folder: Path) -> dict[str, bytes]:
    """The files of a model folder, not yet verified."""
    if not (folder / MANIFEST).is_file():
        raise MissingError(
            f"{folder} is no model folder: it has no {MANIFEST}; give the folder that a model was saved to"
        )
    try:
        return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}
    except OSError as cause:
        raise StorageError(f"cannot read {folder} ({cause.strerror}); check its permissions") from cause


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Put files into `folder` in one step, replacing a model folder that stands there."""
    if folder.exists() and not (folder / MANIFEST).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise StorageError(f"{folder} exists and is no model folder; give another place")
    mark = uuid4().hex[:8]
    fresh, old = folder.with_name(f".{folder.name}.{mark}.new"), folder.with_name(f".{folder.name}.{mark}.old")
    try:
        fresh.mkdir(parents=True)
        for name, data in files.items():
            with (fresh / name).open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except OSError as cause:
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise StorageError(f"cannot write {folder} ({cause.strerror}); free space or check its permissions") from cause
    shutil.rmtree(old, ignore_errors=True)
    return folder


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8", "surrogatepass")


def _card(model: TextModel) -> str:
    figures = "\n".join(f"- {name}: {value}" for name, value in sorted(model.metrics.items())) or "- none recorded"
    labels = "\n".join(f"- {label}" for label in model.labels)
    beside = ""
    if model.members is not None:
        named = ", ".join(f"{seat.name} (`{seat.version}`)" for seat in model.members.seats)
        beside = (
            f"## Members\n\nIn its project opinions of {named} are weighed beside this head, on the items that they spoke of. "
            "Outside, and for texts to come, the head answers alone.\n\n"
        )
    return (
        f"# Text classifier\n\n{model.about or 'Trained with cowise.'}\n\n"
        f"- Encoder: `{model.name}` (`{model.encoder.digest}`)\n- Head: {model.head.kind}\n\n"
        f"## Labels\n\n{labels}\n\n## Figures on answers it had not seen\n\n{figures}\n\n"
        f"{beside}## Limits\n\nProbabilities are calibrated on the training answers' kind of text. "
        "They certify nothing: a certificate is made for named items or a stream, with audits.\n"
    )
