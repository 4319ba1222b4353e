"""Writes ONNX graphs: the few messages of the format that an encoder needs, so that no exporter is needed.

Source: the field numbers of onnx/onnx.proto3, ONNX IR version 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32] | npt.NDArray[np.int64]

IR_VERSION = 9
OPSET = 20
KINDS = {np.dtype(np.float32): 1, np.dtype(np.int64): 7}


def varint(value: int) -> bytes:
    """A number as protobuf writes it, seven bits a byte.

    >>> varint(300).hex()
    'ac02'
    """
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(tag: int, value: int) -> bytes:
    """An integer field."""
    return varint(tag << 3) + varint(value)


def block(tag: int, data: bytes | str) -> bytes:
    """A text, bytes or message field."""
    raw = data.encode() if isinstance(data, str) else data
    return opening(tag, len(raw)) + raw


def opening(tag: int, size: int) -> bytes:
    """What stands before the `size` bytes of a block."""
    return varint(tag << 3 | 2) + varint(size)


def tensor(tag: int, name: str, array: Array) -> tuple[bytes, npt.NDArray[np.uint8]]:
    """A block with a constant, in two pieces: the weights of a large network are not copied again and again."""
    raw = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    dims = b"".join(number(1, size) for size in array.shape)
    head = dims + number(2, KINDS[array.dtype]) + block(8, name) + opening(9, raw.size)
    return opening(tag, len(head) + raw.size) + head, raw


def attribute(name: str, value: float | str | Sequence[int]) -> bytes:
    """A setting of an operator."""
    head = block(1, name)
    if isinstance(value, str):
        return head + block(4, value) + number(20, 3)
    if isinstance(value, float):
        return head + varint(2 << 3 | 5) + np.float32(value).tobytes() + number(20, 1)
    if isinstance(value, int):
        return head + number(3, value) + number(20, 2)
    return head + b"".join(number(8, each) for each in value) + number(20, 7)


def value_info(name: str, kind: type[np.float32 | np.int64], dims: Sequence[str | int]) -> bytes:
    """An input or output with named or fixed sizes."""
    sizes = b"".join(block(1, block(2, dim) if isinstance(dim, str) else number(1, dim)) for dim in dims)
    return block(1, name) + block(2, block(1, number(1, KINDS[np.dtype(kind)]) + block(2, sizes)))


@dataclass(slots=True)
class Graph:
    """A graph in the making: constants, then operators in the order they run."""

    nodes: list[bytes] = field(default_factory=list)
    constants: list[tuple[bytes, npt.NDArray[np.uint8]]] = field(default_factory=list)

    def constant(self, array: Array) -> str:
        """Keep an array; its name."""
        name = f"c{len(self.constants)}"
        self.constants.append(tensor(5, name, array))
        return name

    def add(self, op: str, *inputs: str, output: str = "", **settings: float | str | Sequence[int]) -> str:
        """Append an operator; the name of its output."""
        name = output or f"v{len(self.nodes)}"
        parts = [block(1, each) for each in inputs] + [block(2, name), block(4, op)]
        parts += [block(5, attribute(key, value)) for key, value in settings.items()]
        self.nodes.append(b"".join(parts))
        return name

    def model(self, inputs: Mapping[str, Sequence[str | int]], output: str, dims: Sequence[str | int]) -> bytes:
        """The finished file: inputs are int64, the output float32."""
        pieces: list[Any] = [  # bytes and arrays of bytes
            *(block(1, node) for node in self.nodes),
            block(2, "encoder"),
            *(piece for constant in self.constants for piece in constant),
            *(block(11, value_info(name, np.int64, sizes)) for name, sizes in inputs.items()),
            block(12, value_info(output, np.float32, dims)),
        ]
        start = number(1, IR_VERSION) + block(2, "cowise") + opening(7, sum(len(piece) for piece in pieces))
        return b"".join([start, *pieces, block(8, number(2, OPSET))])
