"""How a folder of sentence-transformers files makes one vector of a text's tokens.

Source: the files 1_Pooling/config.json and modules.json that the library writes (Reimers & Gurevych, EMNLP 2019).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cowise.core.errors import InputError, TrustError

POOLING = "1_Pooling/config.json"
MODULES = "modules.json"
FILES = (POOLING, MODULES)
KNOWN = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
STEPS = {"Transformer", "Pooling", "Normalize"}


def pooling_of(folder: Path) -> str:
    """`mean` of the tokens or `cls`, the first one; mean where the folder says nothing.

    InputError for another pooling or a layer after it, TrustError for files that cannot be read.
    """
    try:
        steps = {str(each["type"]).rsplit(".", 1)[-1] for each in _json(folder / MODULES, [])}
    except (KeyError, TypeError) as cause:
        raise TrustError(f"{folder / MODULES} lists no steps that can be read; restore the folder") from cause
    said = _json(folder / POOLING, {"pooling_mode": "mean"})
    on = [name for name, chosen in said.items() if name.startswith("pooling_mode_") and chosen is True]
    modes = [said["pooling_mode"]] if "pooling_mode" in said else on
    found = [KNOWN.get(str(name), str(name)) for name in modes]
    if len(found) != 1 or found[0] not in KNOWN.values() or steps - STEPS:
        asked = ", ".join(sorted(steps - STEPS)) or ", ".join(found) or "no pooling"
        raise InputError(
            f"{folder} makes its vectors with {asked}; give an encoder that uses mean or first token alone"
        )
    return found[0]


def _json(file: Path, otherwise: Any) -> Any:
    if not file.is_file():
        return otherwise
    try:
        found = json.loads(file.read_text("utf-8"))
        if type(found) is not type(otherwise):
            raise TypeError(type(found).__name__)
    except (OSError, TypeError, ValueError) as cause:
        raise TrustError(f"{file} cannot be read ({cause}); restore the folder") from cause
    return found
