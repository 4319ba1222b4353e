"""TextClassifier wherever scikit-learn takes a classifier."""

import hashlib
import json
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from cowise.core.errors import InputError, MissingError, TrustError
from cowise.learn.classifier import Memory, TextClassifier, check_texts
from cowise.models.encoder import unit
from cowise.models.hashing import HashingEncoder

GOOD, BAD = ("love", "great", "喜欢", "wonderful"), ("hate", "awful", "讨厌", "terrible")


def reviews(n, seed=0):
    rng = np.random.default_rng(seed)
    y = np.array(["neg", "pos"])[rng.integers(2, size=n)]
    texts = [f"I {rng.choice(GOOD if mark == 'pos' else BAD)} thing {rng.integers(50)}" for mark in y]
    return texts, y


def classifier(**settings):
    return TextClassifier(encoder=HashingEncoder(128), head="kernel", **settings)


def test_learns_and_says_what_it_knew_before():
    texts, y = reviews(120)
    clf = classifier().fit(texts, y)
    assert clf.score(*reviews(80, seed=1)) > 0.9
    assert clf.out_of_fold_.shape == (120, 2)
    assert clf.classes_.tolist() == ["neg", "pos"]
    assert np.allclose(clf.predict_proba(texts).sum(axis=1), 1)


@pytest.mark.parametrize("head", ["auto", "kernel", "ridge", "logistic"])
def test_every_head(head):
    texts, y = reviews(60)
    assert clone(classifier()).set_params(head=head).fit(texts, y).score(texts, y) > 0.9


def test_number_labels_keep_their_kind():
    texts, y = reviews(60)
    clf = classifier().fit(texts, np.where(y == "pos", 7, 3))
    assert clf.predict(texts).dtype.kind == "i"
    assert set(clf.predict(texts)) == {3, 7}


def test_selection_pipeline_and_clone():
    texts, y = reviews(90)
    assert cross_val_score(classifier(), texts, y, cv=3).mean() > 0.85
    assert cross_val_predict(classifier(), texts, y, cv=3, method="predict_proba").shape == (90, 2)
    search = GridSearchCV(classifier(), {"head": ["ridge", "kernel"]}, cv=3).fit(texts, y)
    assert search.best_params_["head"] in ("ridge", "kernel")
    lower = FunctionTransformer(lambda rows: [row.lower() for row in rows])
    assert make_pipeline(lower, classifier()).fit(texts, y).score(texts, y) > 0.9
    assert clone(classifier(random_state=3)).get_params()["random_state"] == 3


def test_pickle_holds_the_folder():
    texts, y = reviews(60)
    clf = classifier().fit(texts, y)
    data = pickle.dumps(clf)
    assert b"cowise-head/1" in data
    assert b"KernelHead" not in data.split(b"cowise-head/1")[0]
    back = pickle.loads(data)
    assert np.array_equal(back.predict_proba(texts), clf.predict_proba(texts))
    assert np.array_equal(back.out_of_fold_, clf.out_of_fold_)
    assert not hasattr(pickle.loads(pickle.dumps(classifier())), "head_")


def test_folder_round_trip(tmp_path):
    texts, y = reviews(60)
    clf = TextClassifier(encoder="hashing", head="ridge").fit(texts, y)
    clf.save(tmp_path / "m")
    back = TextClassifier.load(tmp_path / "m")
    assert np.array_equal(back.predict_proba(texts), clf.predict_proba(texts))
    assert back.predict(texts).tolist() == clf.predict(texts).tolist()
    (tmp_path / "m" / "labels.json").write_text("{}")
    with pytest.raises(TrustError, match=r"labels\.json"):
        TextClassifier.load(tmp_path / "m")


def test_classes_that_cannot_be_read_are_refused(tmp_path):
    texts, y = reviews(60)
    folder = TextClassifier(encoder="hashing", head="ridge").fit(texts, y).save(tmp_path / "m")
    metrics = json.loads((folder / "metrics.json").read_text("utf-8")) | {"dtype": "no such kind"}
    (folder / "metrics.json").write_text(json.dumps(metrics), "utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["sha256"]["metrics.json"] = hashlib.sha256((folder / "metrics.json").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(TrustError, match="names classes that cannot be read; save the model again"):
        TextClassifier.load(folder)


def test_bad_input_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="requires y to be passed"):
        classifier().fit(["a", "b"], None)
    with pytest.raises(InputError, match="list of strings"):
        classifier().fit("one", ["a"])
    with pytest.raises(InputError, match="item 1 is float"):
        classifier().fit(["a", float("nan")], ["a", "b"])
    with pytest.raises(InputError, match="one label for each"):
        classifier().fit(["a", "b"], ["x"])
    with pytest.raises(InputError, match="got none"):
        classifier().fit([], [])
    with pytest.raises(InputError, match="mixed kinds"):
        classifier().fit(["a", "b"], ["x", None])
    with pytest.raises(InputError, match="asked for head"):
        classifier().set_params(head="forest").fit(["a", "b"], ["x", "y"])
    with pytest.raises(NotFittedError):
        classifier().predict(["a"])
    with pytest.raises(MissingError, match="cowise models pull"):
        TextClassifier(models=str(tmp_path)).fit(["a", "b"], ["x", "y"])


def test_hostile_texts_are_only_texts():
    texts = ["", "\0", "\ud800", "😀" * 10, "好" * 50, "x" * 1_000_000, " "]
    clf = classifier().fit(texts, ["a", "b", "a", "b", "a", "b", "a"])
    assert np.isfinite(clf.predict_proba(texts)).all()


def test_memory_is_bounded_and_exact(monkeypatch):
    monkeypatch.setattr("cowise.learn.classifier.MEMORY_BYTES", 3000)
    memory, encoder = Memory(), HashingEncoder(64)
    for i in range(20):
        assert np.array_equal(memory.encode(encoder, [str(i)]), encoder.encode([str(i)]))
    assert sum(rows.nbytes for rows in memory.kept.values()) <= 3000
    assert check_texts(np.array(["a", "b"])) == ["a", "b"]


class NumberEncoder:
    """Vectors written as texts, so that scikit-learn's checks with number tables reach the estimator."""

    digest = "numbers"
    dim = 65

    def encode(self, texts):
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            numbers = np.array([float(word) for word in text.split()])[: self.dim - 1]
            row[: len(numbers)] = numbers / 4
            row[-1] = 1
        return unit(rows)


class TablesAsTexts(TextClassifier):
    """The estimator behind a door that writes each row of a table as a text: scikit-learn's whole suite applies."""

    def fit(self, X, y):
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        return super().fit(written(X), y)

    def predict_proba(self, X):
        check_is_fitted(self, "head_")
        return super().predict_proba(written(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array, tags.input_tags.string = True, False, False
        return tags


def written(rows):
    return [" ".join(repr(float(value)) for value in row) for row in rows]


FLOAT32 = "heads multiply in float32: other sample orders move probabilities by up to 1e-5, the check allows 1e-7"
EXPECTED = {"check_methods_sample_order_invariance": FLOAT32, "check_methods_subset_invariance": FLOAT32}


@pytest.mark.parametrize("head", ["kernel", "logistic"])
def test_check_estimator_behind_a_table(head):
    found = check_estimator(
        TablesAsTexts(encoder=NumberEncoder(), head=head), on_skip=None, expected_failed_checks=EXPECTED
    )
    assert not [one["check_name"] for one in found if one["status"] == "failed"]
    assert sum(one["status"] == "passed" for one in found) > 30


def test_texts_themselves_are_declared():
    tags = get_tags(classifier())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
