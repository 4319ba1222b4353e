"""What every picker owes."""

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.core.types import Pool
from tests.checks.implementations import PICKERS


@pytest.fixture(params=PICKERS, ids=lambda make: make.__name__)
def picker(request):
    return request.param()


def pool(n=300, open_share=0.5, seed=0, d=8):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    return Pool(x, rng.random(n) < open_share, rng.dirichlet(np.ones(4), n))


@pytest.mark.parametrize("n", [1, 2, 7, 60, 149, 10_000])
def test_open_items_each_once_and_no_more_than_asked(picker, n):
    given = pool()
    chosen = picker.pick(given, n, np.random.default_rng(0))
    assert chosen.dtype == np.int64
    assert given.open[chosen].all()
    assert len(np.unique(chosen)) == len(chosen) == min(n, int(given.open.sum()))


def test_same_seed_same_items(picker):
    one, two = (picker.pick(pool(), 40, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, picker.pick(pool(), 40, np.random.default_rng(8)))


@pytest.mark.parametrize("n_open", [0, 1])
def test_nothing_or_one_item_open(picker, n_open):
    given = pool()
    given = Pool(given.vectors, np.arange(300) < n_open, given.p)
    chosen = picker.pick(given, 5, np.random.default_rng(0))
    assert chosen.dtype == np.int64
    assert chosen.tolist() == list(range(n_open))


def test_an_empty_pool(picker):
    given = Pool(np.zeros((0, 4), np.float32), np.zeros(0, bool), np.zeros((0, 2)))
    assert picker.pick(given, 5, np.random.default_rng(0)).shape == (0,)


def test_pools_of_copies(picker):
    given = Pool(np.ones((50, 1), np.float32), np.ones(50, bool), np.full((50, 2), 0.5))
    assert len(np.unique(picker.pick(given, 20, np.random.default_rng(0)))) == 20


@pytest.mark.parametrize("n", [0, -3])
def test_nothing_asked_is_refused(picker, n):
    with pytest.raises(InputError, match=f"asked for {n} items"):
        picker.pick(pool(), n, np.random.default_rng(0))


def test_inputs_untouched(picker):
    given = pool()
    for array in (given.vectors, given.open, given.p):
        array.setflags(write=False)  # writing to one would raise
    assert len(picker.pick(given, 20, np.random.default_rng(0))) == 20
    assert (given.open == pool().open).all()


def test_ten_thousand_items(picker):
    assert len(picker.pick(pool(n=10_000), 100, np.random.default_rng(0))) == 100
