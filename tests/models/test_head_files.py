"""Heads survive a file exactly; a damaged file is refused."""

import numpy as np
import pytest

from cowise.core.errors import TrustError
from cowise.models.head_files import from_bytes, to_bytes
from cowise.models.heads import LinearHead
from cowise.models.kernel import KernelHead

RNG = np.random.default_rng(0)


def linear():
    return LinearHead(
        weights=RNG.normal(size=(5, 2)).astype(np.float32),
        bias=RNG.normal(size=2).astype(np.float32),
        seen=np.array([True, False, True]),
        temperature=0.37,
        share=0.01,
        kind="ridge",
    )


def kernel():
    return KernelHead(
        anchors=RNG.normal(size=(7, 5)).astype(np.float32),
        weights=RNG.normal(size=(7, 3)).astype(np.float32),
        bias=RNG.normal(size=3).astype(np.float32),
        seen=np.ones(3, dtype=bool),
        gamma=1.0,
    )


@pytest.mark.parametrize("make", [linear, kernel])
def test_round_trip_is_exact(make):
    head = make()
    back = from_bytes(to_bytes(head))
    rows = RNG.normal(size=(11, 5)).astype(np.float32)
    assert np.array_equal(head.predict(rows), back.predict(rows))
    assert type(back) is type(head)
    assert back.kind == head.kind
    assert to_bytes(back) == to_bytes(head)


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b[:-9],
        lambda b: b"",
        lambda b: b"\x80\x04pickle",
        lambda b: b.replace(b"cowise-head/1", b"cowise-head/9"),
    ],
)
def test_damage_is_refused(damage):
    with pytest.raises(TrustError, match="no head"):
        from_bytes(damage(to_bytes(linear())))


def test_shapes_that_do_not_fit_are_refused():
    head = linear()
    off = LinearHead(weights=head.weights, bias=head.bias, seen=np.array([True, True, True]))
    with pytest.raises(TrustError):
        from_bytes(to_bytes(off))
