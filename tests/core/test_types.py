"""The nouns refuse what no project could use, and say what to do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError, TaskError
from cowise.core.types import MAX_LABELS, Answer, Certificate, Item, Promise, Task, classify, content_id, identity_text


@pytest.mark.parametrize(
    ("labels", "kind", "said"),
    [
        (("a", "b"), "guess", "asked for 'guess'; use classify, multilabel, tag or write"),
        (("a",), "classify", "takes 2 to 2,000 labels, got 1; give them as --labels"),
        ((), "multilabel", "takes 1 to 52 labels, got 0"),
        (tuple(f"l{i}" for i in range(MAX_LABELS + 1)), "classify", "got 2,001"),
        (("a", " "), "classify", "one label is empty"),
        (("a", "b "), "classify", "outer spaces or control characters"),
        (("a", "b\x07c"), "classify", "outer spaces or control characters"),
        (("a", "b\ud800"), "classify", "outer spaces or control characters"),
        (("Bug", "bug"), "classify", "'bug' and 'Bug' count as the same"),
        (("Ａ", "b", "a"), "tag", "'a' and 'Ａ' count as the same"),
    ],
)
def test_a_task_that_no_project_could_use(labels: tuple[str, ...], kind: str, said: str) -> None:
    with pytest.raises(TaskError) as caught:
        Task(labels, kind)  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_writing_needs_no_labels_and_the_others_few() -> None:
    assert Task((), "write").labels == ()
    assert Task(("only",), "multilabel").labels == ("only",)
    assert len(Task(tuple(f"l{i}" for i in range(MAX_LABELS))).labels) == MAX_LABELS


def test_an_unknown_label_names_the_first_known_ones() -> None:
    assert classify("bug", "praise").index("praise") == 1
    with pytest.raises(TaskError, match=r"'x' is not in the task; it has bug, praise$"):
        classify("bug", "praise").index("x")
    with pytest.raises(TaskError, match=r"it has l0, l1, l2, l3, l4, l5, l6, l7 …$"):
        classify(*(f"l{i}" for i in range(9))).index("x")


@given(st.text())
def test_the_identity_of_a_text_is_settled_at_once(text: str) -> None:
    form = identity_text(text)
    assert "  " not in form
    assert form == form.strip()
    assert content_id(f" {text}\n") == content_id(text) == Item(text).id


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_is_the_long_one(text: str) -> None:
    # NFKC leaves ASCII as it is, so a letter beyond it must not change what comes before
    assert identity_text(f"{text} é") == f"{identity_text(text)} é".strip()


def test_a_lone_surrogate_counts_as_the_store_writes_it() -> None:
    assert content_id("a\ud800b") == content_id("a\ufffd\ufffd\ufffdb")
    assert content_id("a\ud800b") != content_id("ab")


def test_answers_travel_as_json() -> None:
    for answer in (Answer.of("bug"), Answer("none"), Answer("unsure"), Answer("labels", ("a", "b"))):
        assert Answer.from_json(answer.to_json()) == answer
    with pytest.raises(InputError, match="answer kind 'maybe' is not known; use label, labels, none or unsure"):
        Answer.from_json({"kind": "maybe"})


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"max_error": 0.0}, "max_error: asked for 0.0; give a share between 0 and 1"),
        ({"max_error": 2.0}, "max_error: asked for 2.0"),
        ({"max_error": float("nan")}, "max_error: asked for nan"),
        ({"confidence": 0.4}, "confidence: asked for 0.4; give a share from 0.5 to below 1"),
        ({"confidence": 1.0}, "confidence: asked for 1.0"),
        ({"of": "all"}, "promise: asked for 'all'; use delivered or selective"),
    ],
)
def test_a_promise_that_means_nothing(figures: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as caught:
        Promise(**figures)  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_the_figures_of_promise_and_certificate() -> None:
    assert Promise(0.02, 0.9).delta == pytest.approx(0.1)

    def certificate(n_items: int) -> Certificate:
        return Certificate(Promise(), "out", "v1", "batch", n_items, 30, 10, 0, 0.5, 0.05)

    assert certificate(40).coverage == 0.75
    assert certificate(0).coverage == 0.0
    assert np.isfinite(certificate(0).coverage)
