from __future__ import annotations

import csv

import pytest

from cowise.core.errors import MissingError
from cowise.core.samples import SAMPLES, sample
from cowise.core.types import classify, content_id


@pytest.mark.parametrize("name", [each.name for each in SAMPLES])
def test_a_sample_is_a_clean_labelled_csv(name: str) -> None:
    with sample(name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == {"text", "label"}
    assert len(rows) > 2000
    assert all(row["text"].strip() and row["label"].strip() for row in rows)
    assert len({content_id(row["text"]) for row in rows}) == len(rows), "duplicates would blur the demo's figures"
    labels = sorted({row["label"] for row in rows})
    assert classify(*labels).labels == tuple(labels)


@pytest.mark.parametrize("name", [each.name for each in SAMPLES])
def test_a_sample_says_whose_it_is_and_under_which_licence(name: str) -> None:
    folder = sample(name).parent
    words = (folder / "LICENSE.md").read_text("utf-8")
    licence = next(each.licence for each in SAMPLES if each.name == name)
    assert licence in words
    assert "Changes" in words


def test_an_unknown_sample_names_the_known_ones() -> None:
    with pytest.raises(MissingError, match="there are bank, travel"):
        sample("../etc/passwd")
