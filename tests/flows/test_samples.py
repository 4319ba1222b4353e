"""A carried sample through the whole loop, by the store-backed review, with known answers in place of people."""

import os
from csv import DictReader
from pathlib import Path

import pytest

from cowise import loop
from cowise.core.samples import SAMPLES, TEXT_COLUMN, sample
from cowise.core.settings import Settings, read
from cowise.core.types import Promise, classify
from cowise.loop.demonstration import figures, known_answers, play


def played(home: Path, encoder: str, n: int, promise: Promise, models: Path):
    each = SAMPLES[0]
    gold = known_answers(each)
    texts = sample_texts(each)[:n]
    with loop.open_workspace(Settings(home=home, models=models), create=True) as ws:
        loop.create(ws, "p", classify(*sorted(set(gold.values()))), promise, encoder=encoder)
        loop.add(ws, "p", texts)
        curve = play(ws, "p", gold)
        return curve, figures(ws, "p", gold), loop.verify(ws)


def sample_texts(each):
    return [row[TEXT_COLUMN] for row in DictReader(sample(each.name).read_text("utf-8").splitlines())]


def test_a_sample_without_weights(tmp_path):
    curve, found, report = played(tmp_path, "hashing", 700, Promise(0.1, 0.8), tmp_path)
    assert report.ok
    assert report.entries > 200
    assert found["items"] == 700
    assert found["automated"] > 0
    assert found["kept"]
    assert found["certified"] <= 0.1
    assert found["training"] + found["audit"] + found["deferred"] == round(found["human_share"] * 700)
    assert curve[0][1] > curve[-1][1]


@pytest.mark.weights
def test_a_sample_with_the_default_encoder(tmp_path):
    models = read(dict(os.environ)).models
    _, found, report = played(tmp_path, "use-multilingual", 800, Promise(0.08, 0.9), models)
    assert report.ok
    assert found["kept"]
    assert found["human_share"] < 0.5


@pytest.mark.weights
@pytest.mark.slow
def test_the_demo_plays_both_samples(tmp_path):
    settings = Settings(home=tmp_path / "home", models=read(dict(os.environ)).models)
    found = loop.demo(settings, tmp_path / "out")
    assert [each["name"] for each in found["samples"]] == [each.name for each in SAMPLES]
    for each in found["samples"]:
        assert each["certificate"]
        assert each["certified"] <= each["promise"]
        assert each["human_share"] < 0.6
        assert Path(each["file"]).is_file()
