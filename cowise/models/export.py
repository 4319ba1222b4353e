"""Once, with torch: pickled weights become safetensors, and networks that `bert` cannot write become graphs.

The extra `torch` is needed for the turn only; what it leaves in the folder is read without it.

Legend: n = texts, t = tokens, d = hidden size.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from cowise.core.errors import InputError, StorageError, TrustError
from cowise.core.registry import need
from cowise.models.bert import config_of, is_known
from cowise.models.pooling import pooling_of

WEIGHTS = "model.safetensors"
PICKLED = "pytorch_model.bin"
GRAPH = "cowise.onnx"
OPSET = 17


def prepare(folder: Path) -> None:
    """Leave `folder` in a state that is read without torch; nothing happens where it is so already.

    MissingError names the extra where torch is needed and not here; InputError for a network that cannot be
    turned into a graph; StorageError if the folder cannot be written.
    """
    if is_known(config_of(folder)):
        if not (folder / WEIGHTS).is_file() and (folder / PICKLED).is_file():
            _place(folder / WEIGHTS, lambda draft: _convert(folder / PICKLED, draft))
    elif not (folder / GRAPH).is_file():
        _place(folder / GRAPH, lambda draft: _export(folder, draft))


def _place(target: Path, make: Callable[[Path], None]) -> None:
    """Write beside the target, then move: a kill leaves no half file."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        make(draft)
        draft.replace(target)
    except OSError as cause:
        raise StorageError(
            f"cannot write {target} ({cause.strerror}); copy the folder to where you may write"
        ) from cause
    finally:
        draft.unlink(missing_ok=True)


def _convert(pickled: Path, draft: Path) -> None:
    """Weights out of a pickle, read by torch's loader that runs no code of the file."""
    torch = need("torch", "torch")
    try:
        found = torch.load(pickled, map_location="cpu", weights_only=True)
        arrays = {
            str(name): np.ascontiguousarray(value.detach().float().numpy())
            for name, value in found.items()
            if value.is_floating_point()
        }
    except OSError:
        raise
    except Exception as cause:
        said = str(cause).partition("\n")[0][:200]
        raise TrustError(f"{pickled} holds no plain weights ({said}); get the encoder again") from cause
    save_file(arrays, draft)


def _export(folder: Path, draft: Path) -> None:
    """Token ids and mask in, the pooled last layer out, by the network's own code in transformers."""
    torch, transformers = need("torch", "torch"), need("transformers", "torch")
    pooling, kind = pooling_of(folder), config_of(folder)["model_type"]
    try:
        network = transformers.AutoModel.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, attn_implementation="eager"
        )
        example = torch.tensor([[5, 6, 7, 8], [5, 6, 0, 0]]), torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
        free = {0: "n", 1: "t"}
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer's remarks on constants
            torch.onnx.export(
                _pooled(torch, network.float().eval(), pooling), example, str(draft), opset_version=OPSET, dynamo=False,
                input_names=["ids", "mask"], output_names=["vectors"],
                dynamic_axes={"ids": free, "mask": free, "vectors": {0: "n"}},
            )  # fmt: skip
    except Exception as cause:
        said = str(cause).partition("\n")[0][:200]
        raise InputError(
            f"{folder}: the {kind} network cannot be made a graph ({said}); give another encoder"
        ) from cause


def _pooled(torch: Any, network: Any, pooling: str) -> Any:
    """The network with the pooling on top, as a torch module."""

    def forward(self: Any, ids: Any, mask: Any) -> Any:
        x = self.network(input_ids=ids, attention_mask=mask).last_hidden_state  # (n, t, d)
        if pooling == "cls":
            return x[:, 0]
        share = mask.unsqueeze(-1).to(x.dtype)
        return (x * share).sum(1) / share.sum(1)

    module = type("Pooled", (torch.nn.Module,), {"forward": forward})()
    module.network = network
    return module
