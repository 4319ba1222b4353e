"""Likelihoods of labels from those of tokens."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.models.likelihood import label_shares, tokens_of

LABELS = ("bug", "bug report", "praise")


def said(*tokens):
    return [(raw.encode(), {other.encode(): p for other, p in others.items()}) for raw, others in tokens]


def test_a_label_that_begins_another_is_told_apart():
    tokens = said(('{"label":"', {}), ("bug", {"bug": 0.8, "pra": 0.2}), ('"', {'"': 0.75, " report": 0.25}), ("}", {}))
    assert label_shares(tokens, LABELS) == pytest.approx([0.6, 0.2, 0.2], abs=1e-5)


def test_a_token_may_begin_before_the_label_and_end_after_it():
    tokens = said(('{"label"', {}), (':"praise"}', {':"praise"}': 0.5, ':"bug"}': 0.25, ':"': 0.25}))
    assert label_shares(tokens, LABELS)[2] > label_shares(tokens, LABELS)[0] > 0.1


def test_half_a_character_counts_for_what_it_becomes():
    labels = ("餐馆", "景点")
    first, rest = "餐馆".encode()[:2], "餐馆".encode()[2:]
    tokens = [(b'{"label": "', {}), (first, {first: 0.9, "景".encode()[:2]: 0.1}), (rest + b'"}', {rest + b'"}': 1.0})]
    assert label_shares(tokens, labels) == pytest.approx([0.9, 0.1], abs=1e-5)


def test_no_likelihoods_no_shares():
    assert label_shares((), LABELS) is None
    assert label_shares(said(("nothing here", {"x": 1.0})), LABELS) is None
    assert label_shares(said(('{"label": "zzz"}', {"z": 1.0})), LABELS) is None


@pytest.mark.parametrize(
    "choice",
    [{}, {"logprobs": None}, {"logprobs": {"content": [{"token": 3}]}}, {"logprobs": {"content": 7}},
     {"logprobs": {"content": [{"token": "a", "logprob": "x", "top_logprobs": []}]}},
     {"logprobs": {"content": [{"token": "a", "bytes": [300], "logprob": 0, "top_logprobs": []}]}}],
)  # fmt: skip
def test_a_hostile_list_of_tokens_is_none(choice):
    assert tokens_of(choice) == ()


def test_numbers_that_are_none_count_for_nothing():
    content = [{"token": "a", "bytes": None, "logprob": math.nan, "top_logprobs": [{"token": "b", "logprob": 5}]}]
    assert tokens_of({"logprobs": {"content": content}}) == [(b"a", {b"b": 1.0, b"a": 0.0})]


@given(
    st.lists(
        st.tuples(st.sampled_from(['{"label": "', "b", "ug", '"', " rep", "ort", "praise", "x"]), st.floats(0, 1)),
        max_size=8,
    )
)
def test_shares_are_a_distribution_whatever_is_said(parts):
    found = label_shares(said(*[(raw, {raw: p, "pr": 1 - p}) for raw, p in parts]), LABELS)
    assert found is None or (found.shape == (3,) and np.isclose(found.sum(), 1) and (found > 0).all())
