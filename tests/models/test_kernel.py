"""The kernel head against its formula."""

import numpy as np

from cowise.models import kernel
from cowise.models.kernel import KernelHead, gaussian


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_gaussian_is_the_formula():
    rng = np.random.default_rng(0)
    a, b = unit(rng.normal(size=(6, 4))), unit(rng.normal(size=(5, 4)))
    expected = np.exp(-1.5 * ((a[:, None] - b[None]) ** 2).sum(axis=2))
    assert np.allclose(gaussian(a, b, 1.5), expected, atol=1e-6)


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(1)
    head = KernelHead(
        anchors=unit(rng.normal(size=(9, 4))),
        weights=rng.normal(size=(9, 3)).astype(np.float32),
        bias=np.zeros(3, np.float32),
        seen=np.ones(3, dtype=bool),
        gamma=1.0,
    )
    rows = unit(rng.normal(size=(50, 4)))
    whole = head.predict(rows)
    monkeypatch.setattr(kernel, "BLOCK_ROWS", 7)
    assert np.allclose(head.predict(rows), whole, atol=1e-6)
    assert np.allclose(whole.sum(axis=1), 1)
