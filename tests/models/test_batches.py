"""Batches cover every item once and keep to their budget."""

from hypothesis import given
from hypothesis import strategies as st

from cowise.models.batches import plan


@given(st.lists(st.integers(0, 50), max_size=80), st.integers(1, 120), st.integers(1, 9))
def test_every_item_once_within_budget(lengths, budget, most):
    batches = plan(lengths, budget=budget, most=most)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert 1 <= len(batch) <= most
        padded = len(batch) * max(1, *(lengths[i] for i in batch)) if len(batch) > 1 else 0
        assert padded <= budget


@given(st.lists(st.integers(0, 50), max_size=40))
def test_lengths_rise_from_batch_to_batch(lengths):
    flat = [lengths[i] for batch in plan(lengths, budget=64, most=4) for i in batch]
    assert flat == sorted(flat)
