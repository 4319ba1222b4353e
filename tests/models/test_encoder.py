"""What the network reads, and the default encoder itself (marker `weights`)."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError, MissingError, TrustError
from cowise.core.settings import read
from cowise.models.encoder import MAX_CHARS, clean, unit
from cowise.models.opening import open_encoder
from cowise.models.session import OnnxSession, thread_count


@given(st.text(st.characters(), max_size=50))
def test_clean_text_can_be_written(text):
    out = clean(text)
    out.encode("utf-8")
    assert "\0" not in out


def test_clean_cuts_and_keeps_pairs():
    assert len(clean("x" * 1_000_000)) == MAX_CHARS
    assert clean("\ud83d\ude00") == "😀"
    with pytest.raises(InputError, match="need strings, got int"):
        clean(3)


def test_rows_that_are_not_finite_become_an_axis():
    out = unit(np.array([[np.nan, 1.0], [np.inf, 1.0], [0.0, 2.0]]))
    assert out.tolist() == [[1, 0], [1, 0], [0, 1]]


def test_threads():
    assert thread_count(3) == 3
    assert thread_count(0) in (1, 2)


def test_no_graph_is_said(tmp_path):
    with pytest.raises(MissingError, match="is not there"):
        OnnxSession(tmp_path / "none.onnx").run({})
    (tmp_path / "bad.onnx").write_bytes(b"not a graph")
    with pytest.raises(TrustError, match="not a graph"):
        OnnxSession(tmp_path / "bad.onnx").run({})


def test_a_session_travels_without_its_graph(tmp_path):
    session = OnnxSession(tmp_path / "x.onnx", threads=1)
    assert copy.deepcopy(session) is session
    back = pickle.loads(pickle.dumps(session))
    assert (back.file, back.threads) == (session.file, 1)


@pytest.fixture(scope="module")
def use():
    return open_encoder("use-multilingual", read().models)


@pytest.mark.weights
def test_default_encoder_knows_both_languages(use):
    a, b, c = use.encode(["Where is my bank card?", "我的银行卡在哪里？", "The film was wonderful"])
    assert a @ b > 0.6 > a @ c


@pytest.mark.weights
def test_order_and_repeats_change_nothing(use):
    texts = [f"text number {i}" for i in range(50)]
    forward = use.encode(texts)
    assert np.array_equal(use.encode(texts[::-1])[::-1], forward)
    assert np.array_equal(use.encode(texts), forward)
    assert np.array_equal(use.encode(texts * 2), np.vstack([forward, forward]))


@pytest.mark.weights
def test_batching_moves_vectors_only_a_little(use):
    texts = ["short", "a somewhat longer text about cards", "好" * 200, *(f"number {i}" for i in range(60))]
    alone = np.vstack([use.encode([text]) for text in texts])
    assert (alone * use.encode(texts)).sum(axis=1).min() > 0.98


@pytest.mark.weights
def test_one_encoder_per_process(use):
    assert open_encoder("use-multilingual", read().models) is use
