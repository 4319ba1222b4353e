"""Methods that look inside a network, on a tiny random one: slopes, sums, places, and whom they refuse."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

import cowise as cw
from cowise.cli import app
from cowise.core.errors import InputError
from cowise.core.explanation import Ask
from cowise.explain import GRADIENTS, explainer, faithfulness
from cowise.explain.inside import inside
from cowise.explain.quadrature import kronrod, rules
from cowise.learn import KernelLearner
from cowise.learn.pool import PoolLearner
from cowise.models import HashingEncoder, TextModel
from cowise.models.network import open_network
from cowise.models.token_encoder import TokenEncoder
from tests.models.tiny import HEADS, LAYERS, make

TEXT = "where is  my card, 卡bank cards?"
LABELS = ("lost", "found")
IG = "integrated-gradients"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A network for which the word "bank" is a blank."""
    home = make(tmp_path_factory.mktemp("tiny"), "bert", "bert.")
    weights = load_file(home / "model.safetensors")
    table = weights["bert.embeddings.word_embeddings.weight"]
    table[5] = table[0]
    save_file(weights, home / "model.safetensors")
    return home


@pytest.fixture(scope="module")
def encoder(folder):
    return TokenEncoder(folder, name="tiny", threads=1)


def taught():
    texts = [
        f"{a} {b} {c}" for a in ("card", "where") for b in ("bank", "卡", "cards") for c in ("bank", "where", "卡")
    ]
    return texts, np.array([int(text.startswith("where")) for text in texts])


@pytest.fixture(scope="module")
def model(encoder):
    texts, y = taught()
    return TextModel(encoder, KernelLearner().fit(encoder.encode(texts), y, 2), LABELS, "tiny")


@pytest.fixture(scope="module")
def reader(encoder):
    """One whose head counts words beside the vector, as heads of projects do."""
    texts, y = taught()
    learner = PoolLearner(encoder.encode(texts), texts, 2)
    learner.learn(np.arange(len(texts)), y)
    head = learner.head()
    assert head.words is not None
    return TextModel(encoder, head, LABELS, "tiny")


@pytest.fixture(params=["model", "reader"])
def either(request):
    return request.getfixturevalue(request.param)


def why(model, text, name=IG, **ask):
    return explainer(name).explain(model, text, Ask(**ask))


@pytest.mark.parametrize("name", GRADIENTS)
def test_words_and_tokens_stand_where_they_are(either, name):
    found = why(either, TEXT, name)
    assert [TEXT[word.start : word.end] for word in found.words] == [word.text for word in found.words]
    assert [word.text for word in found.words] == ["where", "is", "my", "card", "卡", "bank", "cards"]
    assert [token.text for token in found.tokens][-3:] == ["card", "s", "?"]
    assert all(TEXT[token.start : token.end] == token.text for token in found.tokens)
    assert np.isfinite([each.score for each in (*found.words, *found.tokens)]).all()
    assert found.value == pytest.approx(either.predict([TEXT])[0].max(), abs=1e-5)
    assert found.target == LABELS[int(either.predict([TEXT])[0].argmax())]
    assert (found.method, found.read, found.complete) == (name, len(TEXT), True)
    assert found == why(either, TEXT, name), "one text, one explanation"
    assert json.loads(json.dumps(found.to_json()))["tokens"]
    assert 0 <= faithfulness(either, TEXT, found).deletion <= 1


@pytest.mark.parametrize("tolerance", [0.02, 1e-3, 2e-4])
def test_integrated_gradients_add_up_within_their_gap(either, tolerance):
    found = why(either, TEXT, tolerance=tolerance)
    total = sum(word.score for word in found.words)
    assert abs(total - (found.value - found.base)) == pytest.approx(found.gap, abs=1e-9)
    assert found.gap <= tolerance
    assert found.complete


def test_steps_are_added_until_the_gap_is_met(model):
    read, gaps = zip(
        *((f.cost.texts, f.gap) for f in (why(model, TEXT, tolerance=t) for t in (0.9, 1e-4, 1e-9))), strict=True
    )
    assert read[0] == 10
    assert read[0] < read[1] < read[2]
    assert gaps[0] > gaps[1]
    never = why(model, TEXT, tolerance=1e-12)
    assert never.end == "capped"
    assert never.cost.texts == 2 + 33 + 64 + 128 + 256


def test_the_cap_is_kept_and_said(model):
    assert why(model, TEXT, tolerance=1e-9, cap=30).cost.texts <= 30
    assert why(model, TEXT, tolerance=1e-9, cap=30).end == "capped"
    with pytest.raises(InputError, match="integrated-gradients of 7 words reads at least 10 texts, but the cap is 9"):
        why(model, TEXT, cap=9)
    for bad in (0, 1.0, float("nan")):
        with pytest.raises(InputError, match="tolerance"):
            Ask(tolerance=bad)


def exactly(model, text):
    """The same text in a network of float64."""
    found = inside(model, text, IG)
    net = open_network(model.encoder.folder, "exactly", np.float64)
    blanks = np.where(found.tokens.own, found.tokens.blank, found.tokens.ids)
    return replace(found, network=net, way=net.way(net.embed(blanks), net.embed(found.tokens.ids)))


def p_at(here, step_td, place=1.0):
    """The target's probability beside the way, all along the network and the head."""
    start = here.way.start + place * here.way.step + step_td - here.way.start
    moved = replace(here, way=here.network.way(here.way.start, here.way.start + start))
    head = moved._read(np.ones(1))[1]
    return float(head.p[0])


def test_slopes_at_the_text_are_those_of_small_steps(model):
    here = exactly(model, TEXT)
    slope, step = here.here()[1].tokens[0], 1e-5
    for i in np.ndindex(slope.shape):
        moved = np.zeros_like(slope)
        moved[i] = step
        assert slope[i] == pytest.approx((p_at(here, moved) - p_at(here, -moved)) / (2 * step), abs=1e-6)


def test_slopes_along_the_way_are_those_of_the_probability(either):
    """Words that are counted beside the vector too: all together are the derivative by the place."""
    here, step = exactly(either, TEXT), 1e-5
    for place in (0.1, 0.5, 0.9):
        scores, by_score = here.along(np.array([place]))
        up, down = (here._read(np.array([place + sign * step]))[1].p[0] for sign in (1, -1))
        total = scores.sum() + here.beside(by_score[0]).sum()
        assert total == pytest.approx((up - down) / (2 * step), abs=1e-6)


def test_in_float64_nothing_is_missed(either):
    """What is missed in float32 is its rounding: the sum is the difference of both ends within that of GELU."""
    here = exactly(either, TEXT)
    low, high = (here._read(np.array([place]))[1].p[0] for place in (0.0, 1.0))
    *_, (places, weights, _) = rules(8, 64)
    scores, by_score = here.along(places)
    total = (weights @ scores).sum() + here.beside(weights @ by_score).sum()
    assert total == pytest.approx(high - low, abs=1e-6)


def test_a_word_that_is_a_blank_gets_nothing(model):
    assert "bank" in [word.text for word in why(model, TEXT).words if word.score == 0]
    assert why(model, "bank", target="lost").words[0].score == 0


def test_words_counted_beside_the_vector_go_to_their_words(reader):
    here = inside(reader, TEXT, IG)
    whole = here.said.scores.sum(axis=0)
    assert len(here.said.scores) > 3
    assert here.said.shares.sum(axis=0) == pytest.approx(1)
    for k, unit in enumerate(np.eye(2)):
        assert here.beside(unit).sum() == pytest.approx(whole[k])
    owners = dict(zip([word.text for word in why(reader, TEXT).words], here.beside(np.array([0.0, 1.0])), strict=True))
    assert owners["where"] > 0
    assert owners["my"] == 0, "no answered text has it"


def test_scores_of_a_saliency_have_no_sign_and_those_of_attention_are_shares(model):
    assert all(
        word.score >= 0
        for name in ("saliency", "grad-cam", "attention-rollout")
        for word in why(model, TEXT, name).words
    )
    rolled = why(model, TEXT, "attention-rollout")
    assert 0.3 < sum(word.score for word in rolled.words) < 1
    assert rolled.words == why(model, TEXT, "attention-rollout", target="found").words, "the label plays no part"
    cam = why(model, TEXT, "grad-cam")
    assert np.array(cam.heads).shape == (LAYERS, HEADS)
    assert (np.array(cam.heads) >= 0).all()
    assert np.sum(cam.heads) == pytest.approx(1)
    assert 0 < sum(word.score for word in cam.words) <= 1
    assert rolled.heads == ()


def test_gradient_x_input_is_the_slope_along_the_text(model):
    here = exactly(model, TEXT)
    x, step = here.way.start + here.way.step, 1e-6
    mine = here.tokens.own[:, None] * x
    expected = (p_at(here, step * mine) - p_at(here, -step * mine)) / (2 * step)
    assert sum(word.score for word in why(model, TEXT, "gradient-x-input").words) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("text", ["card", "👍🏽", "\ud83d\ude00 card", "?!", "a\0b\u202e", "卡", "[PAD] [SEP] card"])
def test_odd_texts(either, name, text):
    found = why(either, text, name)
    assert all(np.isfinite(word.score) for word in found.words)
    assert all(text[token.start : token.end] == token.text for token in found.tokens)
    assert [word.text for word in found.words if "card" in word.text] == ["card"] * text.count("card")


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_text_is_refused(model, text):
    with pytest.raises(InputError, match="give one with words"):
        why(model, text)
    with pytest.raises(InputError, match="got int"):
        why(model, 3)


def test_a_text_longer_than_the_window_is_read_as_far_as_it_goes(model, reader):
    text = "card where " * 300
    found = why(model, text)
    assert len(found.tokens) == 254
    assert found.read == found.words[-1].end == found.tokens[-1].end
    assert len(found.words) == 254, "no neighbours are taken together"
    assert found.words == why(model, text + "bank").words
    assert [word.score for word in found.words] == [token.score for token in found.tokens]
    further = why(reader, text, tolerance=0.001)
    assert further.read == 2000, "the head counts words as far as that"
    assert sum(word.score for word in further.words) == pytest.approx(further.value - further.base, abs=0.001)
    long = "x" * 12_000
    assert why(model, long).read >= 10_000 or len(why(model, long).tokens) == 1


def test_labels_that_are_asked_for(model):
    one, other = (why(model, TEXT, target=label, tolerance=1e-5) for label in LABELS)
    assert [word.score for word in one.words] == pytest.approx([-word.score for word in other.words], abs=1e-4)
    with pytest.raises(InputError, match="no label 'worse'; it knows lost, found"):
        why(model, TEXT, target="worse")
    cut = explainer(IG, segment=lambda text: [text[:6], text[6:]]).explain(model, TEXT)
    assert [word.text for word in cut.words] == [TEXT[:6], TEXT[6:]]


class Rule:
    labels = LABELS

    def predict(self, texts):
        return np.full((len(texts), 2), 0.5)


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_model_without_gradients_names_the_methods_that_need_none(name):
    encoder = HashingEncoder()
    texts, y = taught()
    hashed = TextModel(encoder, KernelLearner().fit(encoder.encode(texts), y, 2), LABELS, "hashing")
    for other, called in ((hashed, "hashing"), (Rule(), "Rule")):
        with pytest.raises(
            InputError, match=f"{name} looks inside a network, and {called} has none .*paired, ends, .*minilm-en"
        ):
            why(other, TEXT, name)


def test_an_unknown_method_is_told_of_all():
    with pytest.raises(InputError, match=r"no method 'lrp'; there are leave-one-out, .*integrated-gradients"):
        explainer("lrp")


def test_rules_are_exact_and_keep_what_was_read():
    for n in (3, 10, 18):
        places, weights, new = kronrod(n)
        assert places[:n] == pytest.approx(np.polynomial.legendre.leggauss(n)[0])
        assert new.tolist() == [False] * n + [True] * (n + 1)
        assert (weights > 0).all()
        for power in range(3 * n + 1):
            assert weights @ places**power == pytest.approx((1 + (-1) ** power) / (power + 1) / 1, abs=1e-12)
    before = np.zeros(0)
    for places, weights, new in rules(10, 200):
        assert weights @ np.cos(places) == pytest.approx(np.sin(1), abs=2e-5)
        assert ((places > 0) & (places < 1)).all()
        assert places[~new].tolist() == before[: (~new).sum()].tolist()
        before = places


def test_through_a_project_and_the_command_line(folder, tmp_path):
    texts, y = taught()
    known = {text: LABELS[label] for text, label in zip(texts, y, strict=True)}
    with cw.open("cards", task=cw.classify(*LABELS), encoder=f"path:{folder}", home=tmp_path / "w") as project:
        project.add(list(known))
        project.review(lambda question: known[question.text], limit=len(known))
        project.learn()
        found = project.explain(TEXT, method=IG).explanation
    assert found.method == IG
    assert found.gap <= 0.02
    assert sum(word.score for word in found.words) == pytest.approx(found.value - found.base, abs=0.02)
    said = CliRunner().invoke(app, ["--home", str(tmp_path / "w"), "explain", "cards", "--text", TEXT, "--method", IG])
    assert said.exit_code == 0
    assert "where" in said.output
    assert "add up to the difference" in said.output
