"""Explanations of a real model on the encoder without weights: offsets, targets, one text one answer, odd texts."""

from __future__ import annotations

import doctest
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.core.explanation import Ask
from cowise.core.roles import Model
from cowise.explain import METHODS, explainer, faithfulness
from cowise.explain.game import Reader
from cowise.explain.words import words_of
from cowise.learn import KernelLearner
from cowise.models import HashingEncoder, TextModel

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "explain.md"
GOOD, BAD = ("lovely", "great", "charming", "好"), ("awful", "dull", "tedious", "差")


@pytest.fixture(scope="module")
def model() -> Model:
    """Good against bad words, in English and Chinese."""
    rng = np.random.default_rng(0)
    texts, y = [], []
    for i in range(80):
        words = (GOOD, BAD)[i % 2]
        texts.append(f"the {words[i // 2 % 4]} film {rng.integers(99)} was {words[(i // 2 + 1) % 4]} 服务{words[3]}")
        y.append(i % 2)
    encoder = HashingEncoder()
    return TextModel(encoder, KernelLearner().fit(encoder.encode(texts), np.array(y), 2), ("good", "bad"), "hashing")


def why(model, text, name="default", **ask):
    return explainer(name).explain(model, text, Ask(**ask))


def test_the_words_that_matter_are_named_with_their_places(model):
    text = "  the film 👍🏽 was charming, really! "
    found = why(model, text)
    assert [text[word.start : word.end] for word in found.words] == [word.text for word in found.words]
    assert [word.text for word in found.words] == ["the", "film", "👍🏽", "was", "charming", "really"]
    assert found.target == "good"
    assert found.strongest[0].text == "charming"
    assert found.value == pytest.approx(model.predict([text])[0, 0])
    assert found.base == pytest.approx(model.predict([""])[0, 0])
    assert sum(word.score for word in found.words) == pytest.approx(found.value - found.base, abs=1e-9)


def test_chinese_by_characters_and_by_words_handed_in(model):
    assert why(model, "服务很好").strongest[0].text == "好"
    cut = explainer("paired", segment=lambda text: [text[:2], text[2:]]).explain(model, "服务很好")
    assert [word.text for word in cut.words] == ["服务", "很好"]


def test_another_target_is_the_mirror_where_there_are_two_labels(model):
    one, other = (why(model, "a dull film", target=label) for label in ("good", "bad"))
    assert [word.score for word in one.words] == pytest.approx([-word.score for word in other.words], abs=1e-9)
    with pytest.raises(InputError, match="no label 'worse'; it knows good, bad"):
        why(model, "a film", target="worse")


@pytest.mark.parametrize("name", list(METHODS))
def test_one_text_and_seed_one_explanation(model, name):
    text = "the lovely film was dull 服务差"
    first, again = why(model, text, name, seed=3), why(model, text, name, seed=3)
    assert first == again
    assert first.method == name
    assert first.cost.texts > 2
    assert first.complete
    assert first.to_json()["words"][0]["text"] == "the"


@pytest.mark.parametrize("name", list(METHODS))
@pytest.mark.parametrize("text", ["lovely", "👨‍👩‍👧", "\ud83d\ude00 x", "?!", "a\0b\u202e", "好"])
def test_odd_texts_with_one_word_or_two(model, name, text):
    found = why(model, text, name)
    assert 1 <= len(found.words) <= 2
    assert all(np.isfinite(word.score) for word in found.words)
    if name != "lime" and (len(found.words) == 1 or name != "leave-one-out"):  # of two words all but these are exact
        assert sum(word.score for word in found.words) == pytest.approx(found.value - found.base, abs=1e-9)


@pytest.mark.parametrize("name", ["leave-one-out", "ends", "paired", "kernel-shap", "permutation", "lime"])
def test_two_thousand_characters_and_what_lies_beyond(model, name):
    text = "lovely 服务 " * 400
    found = why(model, text, name, cap=600)
    assert len(text) > found.read == 2000
    assert len(found.words) <= 120
    assert found.words[-1].end <= 2000
    assert found.cost.texts <= 601
    assert found == why(model, text[:2000] + "awful " * 50, name, cap=600)


@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_to_explain(model, text):
    with pytest.raises(InputError, match="give one with words"):
        why(model, text)


def test_unknown_methods_and_bad_asks_are_refused():
    with pytest.raises(InputError, match="no method 'shap'; there are leave-one-out"):
        explainer("shap")
    for bad in ({"cap": 1}, {"top": 0}, {"confidence": 1.0}):
        with pytest.raises(InputError, match="explain: "):
            Ask(**bad)


def test_equal_texts_are_read_once(model):
    read = []

    class Counting:
        labels = model.labels

        def predict(self, texts):
            read.extend(texts)
            return model.predict(texts)

    found = why(Counting(), "dull dull dull dull dull", "exact")
    assert sorted(read) == sorted(set(read))
    assert len(read) == found.cost.texts < 2**5
    assert found.words[0].score == pytest.approx(found.words[-1].score, abs=1e-6)


def test_batches_are_of_like_length(model):
    batches = []

    class Watching:
        labels = model.labels

        def predict(self, texts):
            batches.append([len(text) for text in texts])
            return np.full((len(texts), 2), 0.5)

    words = words_of("lovely film 服务 " * 120)
    rng = np.random.default_rng(0)
    Reader(Watching(), words)(rng.random((700, len(words))) < rng.random((700, 1)))
    assert len(batches) > 1
    assert all(max(batch) * len(batch) <= 1 << 16 and len(batch) <= 512 for batch in batches)
    assert all(max(a) <= min(b) for a, b in pairwise(batches))


def test_true_words_make_better_curves_than_false_ones(model):
    text = "the lovely film 7 was charming though a bit long for me and my old friend 服务"
    found = why(model, text)
    true = faithfulness(model, text, found)
    false = faithfulness(model, text, turned(found))
    assert true.deletion < false.deletion
    assert true.insertion > false.insertion
    assert true.comprehensiveness[1] > false.comprehensiveness[1]
    assert true.sufficiency[1] < false.sufficiency[1]
    assert true.deleted.shape == true.inserted.shape == (21,)
    assert true.deleted[0] == true.inserted[-1] == pytest.approx(found.value)
    assert true.deleted[-1] == true.inserted[0] == pytest.approx(found.base)
    assert true.comprehensiveness[2] == pytest.approx(found.value - true.deleted[10])
    assert true.sufficiency[2] == pytest.approx(found.value - true.inserted[10])


def turned(found):
    """The explanation with every sign turned."""
    kind = type(found)
    fields = {name: getattr(found, name) for name in kind.__slots__}
    words = tuple(type(word)(word.start, word.end, word.text, -word.score) for word in found.words)
    return kind(**{**fields, "words": words})


def test_areas_of_a_curve_that_is_known():
    class Steps:
        labels = ("a", "b")

        def predict(self, texts):
            p = np.array([len(text.split()) / 4 for text in texts])
            return np.stack([p, 1 - p], axis=1)

    found = why(Steps(), "one two three four", "ends", target="a")
    curves = faithfulness(Steps(), "one two three four", found, steps=4, shares=(0.5,))
    assert curves.deleted.tolist() == [1, 0.75, 0.5, 0.25, 0]
    assert (curves.deletion, curves.insertion) == (0.5, 0.5)
    assert (curves.comprehensiveness, curves.sufficiency) == ((0.5,), (0.5,))


def test_figures_of_another_text_or_of_no_steps_are_refused(model):
    found = why(model, "a lovely film")
    with pytest.raises(InputError, match="of another text"):
        faithfulness(model, "a dull film", found)
    for how in ({"steps": 0}, {"shares": (0.0,)}):
        with pytest.raises(InputError, match="give steps from 1"):
            faithfulness(model, "a lovely film", found, **how)


def test_the_page_how_to_explain_runs():
    failed, tried = doctest.testfile(str(HOW_TO), module_relative=False)
    assert tried > 10
    assert not failed
