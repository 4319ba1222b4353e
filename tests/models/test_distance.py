"""Distances in buckets: near ones apart, far ones together, both sides alike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cowise.models.distance import FAR, buckets, by_offset


@given(st.integers(-600, 600), st.sampled_from([8, 16, 32, 64]))
def test_sides_mirror_and_buckets_grow_with_distance(offset, count):
    one, other, further = (
        int(buckets(np.array([each]), count)[0]) for each in (abs(offset), -abs(offset), abs(offset) + 1)
    )
    assert 0 <= one < count
    assert other < count // 2
    assert offset == 0 or one == other + count // 2
    assert further >= one


def test_single_steps_near_and_one_bucket_far():
    near = buckets(-np.arange(8), 32)
    assert near.tolist() == list(range(8))
    assert set(buckets(np.arange(FAR, 2 * FAR), 32).tolist()) == {31}
    assert buckets(np.array([-16, -32, -64]), 32).tolist() == [10, 12, 14]  # the edges of float32


def test_the_bias_of_each_offset():
    table = np.random.default_rng(0).normal(size=(32, 3)).astype(np.float32)
    found = by_offset(table, 40)
    assert found.shape == (3, 79)
    assert np.array_equal(found[:, 39 + 5], table[16 + 5])
    assert np.array_equal(found[:, 39 - 5], table[5])
