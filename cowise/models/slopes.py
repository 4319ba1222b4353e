"""The parts of a transformer's layer, forwards and backwards: what comes out, and what a change of it is worth further in.

Legend: r = rows (texts times tokens), d = columns.
Source: Rumelhart, Hinton & Williams 1986 (backwards); Ba, Kiros & Hinton 2016 (layer norm); Hendrycks & Gimpel 2016 (GELU).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
"""float32, or float64 where a network was opened so."""

ROWS = 16
"""Rows of GELU that are worked on at once: they stay in the cache."""
ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
ERF_SCALE = 0.3275911 / math.sqrt(2)
TANH = 0.044715
_CURVE = 1 / math.sqrt(2 * math.pi)
_ROOT = math.sqrt(2 / math.pi)


class Normed(NamedTuple):
    """Rows of mean 0 and variance 1, (…, d), and one over the deviation that they had, (…, 1)."""

    rows: Array
    scale: Array


def norm(x: Array, epsilon: float) -> Normed:
    """Layer norm without gain and shift.

    >>> norm(np.array([[1.0, 3.0]]), 0.0).rows
    array([[-1.,  1.]])
    """
    rows = x - x.mean(axis=-1, keepdims=True)
    spread = np.einsum("...d,...d->...", rows, rows)[..., None] / x.shape[-1]
    scale = 1 / np.sqrt(spread + x.dtype.type(epsilon))
    rows *= scale
    return Normed(rows, scale)


def norm_back(slope: Array, normed: Normed) -> Array:
    """The slope before a layer norm, from that behind it; `slope` is spent."""
    rows, scale = normed
    along = np.einsum("...d,...d->...", slope, rows)[..., None] / rows.shape[-1]
    slope -= slope.mean(axis=-1, keepdims=True)
    slope -= along * rows
    slope *= scale
    return slope


def softmax_back(slope: Array, share: Array) -> Array:
    """The slope before a softmax over the last axis, from that behind it; `slope` is spent."""
    slope -= np.einsum("...d,...d->...", slope, share)[..., None]
    slope *= share
    return slope


def gelu(z_rd: Array, act: str) -> Array:
    """Turn `z_rd` into its GELU in place; the derivative, (r, d). Within 1e-6, by the activation's name in config.json.

    >>> z = np.array([[0.0, 2.0]])
    >>> gelu(z, "gelu").round(4), z.round(4)
    (array([[0.5   , 1.0852]]), array([[0.    , 1.9545]]))
    """
    slope = np.empty_like(z_rd)
    room = np.empty((2, min(ROWS, len(z_rd)), z_rd.shape[1]), z_rd.dtype)
    work = _by_tanh if act == "gelu_new" else _by_erf
    for start in range(0, len(z_rd), ROWS):
        part = slice(start, start + ROWS)
        z = z_rd[part]
        work(z, slope[part], room[:, : len(z)])
    return slope


def _by_erf(z: Array, slope: Array, room: Array) -> None:
    """GELU as z P(Z < z). Source of the tail: Abramowitz & Stegun 1964, 7.1.26, error below 1.5e-7."""
    number, (t, below) = z.dtype.type, room
    np.multiply(z, z, out=slope)
    slope *= number(-0.5)
    np.exp(slope, out=slope)
    np.abs(z, out=t)
    t *= number(ERF_SCALE)
    t += number(1)
    np.reciprocal(t, out=t)
    np.multiply(t, number(-ERF[-1] / 2), out=below)
    for each in ERF[-2::-1]:
        below += number(-each / 2)
        below *= t
    below *= slope
    below += number(0.5)
    np.copysign(below, z, out=below)
    below += number(0.5)
    slope *= number(_CURVE)
    slope *= z
    slope += below
    z *= below


def _by_tanh(z: Array, slope: Array, room: Array) -> None:
    number, (t, square) = z.dtype.type, room
    np.multiply(z, z, out=square)
    square *= number(TANH)
    np.add(square, number(1), out=t)
    t *= z
    t *= number(_ROOT)
    np.tanh(t, out=t)
    np.multiply(t, t, out=slope)
    np.subtract(number(1), slope, out=slope)
    square *= number(3)
    square += number(1)
    slope *= square
    slope *= z
    slope *= number(_ROOT / 2)
    t += number(1)
    t *= number(0.5)
    slope += t
    z *= t
