"""From labelled files to figures: what comes out, and what is refused."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from cowise.core.errors import DataError, InputError, MissingError, TaskError
from cowise.core.types import Promise
from cowise.loop import Crew, SimulateOptions, simulate
from cowise.loop import simulating as module

WORDS = {
    "food": ("dinner", "lunch", "menu", "noodles", "waiter", "soup"),
    "hotel": ("room", "breakfast", "suite", "lobby", "towels", "check in"),
    "出租车": ("司机", "机场", "打车", "车费", "上车", "后备箱"),
}


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def rows(n, seed=0):
    """Texts whose words give the label away, but for one in fifteen."""
    rng = np.random.default_rng(seed)
    labels = tuple(WORDS)
    for i in range(n):
        label = labels[int(rng.integers(3))]
        told = label if rng.random() > 1 / 15 else "none of these"
        yield f"{rng.choice(WORDS[label])} {rng.choice(WORDS[label])} {i}", told


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write(tmp_path_factory.mktemp("gold") / "gold.csv", rows(400))


def options(*files, **more):
    usual = {
        "text": "text", "label": "label", "promise": Promise(0.05, 0.9), "pool": 300, "repeat": 2, "encoder": "hashing",
    }  # fmt: skip
    return SimulateOptions(files, **{**usual, **more})


def timeless(found):
    each = [{**one, "seconds": 0} for one in found["repetitions"]]
    return {**found, "mean": {**found["mean"], "seconds": 0}, "repetitions": each}


def test_figures_as_json(file):
    heard = []
    found = simulate(options(file), lambda *said: heard.append(said))
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {"mean", "repetitions", "options", "data"}
    assert [one["seed"] for one in found["repetitions"]] == [0, 1]
    for name in ("human_share", "training", "audit", "deferred", "error", "automated_error", "seconds"):
        assert found["mean"][name] == pytest.approx(np.mean([one[name] for one in found["repetitions"]]))
    assert {"promise_kept", "coverage", "human_share_se"} <= set(found["mean"])
    assert all(one["items"] == 300 for one in found["repetitions"])
    assert found["data"] == {"texts": 400, "labels": sorted([*WORDS, "none of these"]), "conflicts": 0}
    assert found["options"]["promise"]["max_error"] == 0.05
    assert ("encoding", 400, 400) in heard
    assert heard[-1] == ("playing", 2, 2)


def test_words_that_give_the_label_away_are_learned(file):
    assert simulate(options(file, repeat=12))["mean"]["human_share"] < 0.75


def test_same_seed_same_figures(file):
    assert timeless(simulate(options(file))) == timeless(simulate(options(file)))
    other = timeless(simulate(options(file, seed=5)))
    assert other["mean"] != timeless(simulate(options(file)))["mean"]


def test_several_processes_say_the_same(file):
    one, two = (timeless(simulate(options(file, jobs=jobs))) for jobs in (1, 2))
    assert one["repetitions"] == two["repetitions"]
    assert one["mean"] == two["mean"]


def test_repetitions_draw_pools_of_their_own(file):
    each = simulate(options(file, repeat=3))["repetitions"]
    assert len({json.dumps([one["history"], one["error"], one["audit"]]) for one in each}) == 3


def test_crew_given_labels_and_scope_reach_the_play(file):
    promise = Promise(0.1, 0.9, "selective")
    crew = Crew(accuracy=0.9, skipping=0.1)
    found = simulate(options(file, given=100, crew=crew, promise=promise, repeat=1))
    assert found["repetitions"][0]["error"] > 0
    assert found["options"]["crew"]["accuracy"] == 0.9
    assert "human_share_se" not in found["mean"], "one repetition has no spread"


def test_equal_texts_are_joined_and_conflicts_told(tmp_path):
    twice = [*rows(60), ("ROOM  one", "hotel"), ("room one", "food"), ("room one", "hotel"), ("no label", "")]
    found = simulate(options(write(tmp_path / "a.csv", twice), repeat=1))
    assert found["data"]["texts"] == 61
    assert found["data"]["conflicts"] >= 1


def test_several_files_are_one_set(tmp_path):
    files = [write(tmp_path / f"{i}.csv", [(f"{i} {text}", label) for text, label in rows(40, i)]) for i in range(2)]
    assert simulate(options(*files, repeat=1))["data"]["texts"] == 80


def test_files_without_an_answer(tmp_path):
    bare = write(tmp_path / "bare.csv", [(text, "") for text, _ in rows(30)])
    with pytest.raises(DataError, match=r"bare\.csv: no text has a label; name the column"):
        simulate(options(bare))


def test_one_label_is_no_task(tmp_path):
    alone = write(tmp_path / "alone.csv", [(text, "yes") for text, _ in rows(30)])
    with pytest.raises(TaskError, match="takes 2 to 2,000 labels, got 1"):
        simulate(options(alone))


def test_columns_and_files_that_are_not_there(file, tmp_path):
    with pytest.raises(DataError, match="nothere"):
        simulate(options(file, label="nothere"))
    with pytest.raises(MissingError, match=r"missing\.csv is not here"):
        simulate(options(tmp_path / "missing.csv"))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"pool": 19}, "pool: asked for 19; give 20 or more"),
        ({"repeat": 0}, "repeat: asked for 0"),
        ({"jobs": 0}, "jobs: asked for 0"),
        ({"given": -1}, "given: asked for -1"),
        ({"seed": -1}, "seed: asked for -1"),
    ],
)
def test_options_that_cannot_be(file, more, says):
    with pytest.raises(InputError, match=says):
        options(file, **more)


def test_no_file_at_all():
    with pytest.raises(InputError, match="no file is named"):
        options()


def test_a_table_of_confusion_for_another_task(file):
    with pytest.raises(InputError, match="2 rows for 4 labels"):
        simulate(options(file, crew=Crew(confusion=((1.0, 0.0), (0.0, 1.0))), repeat=1))


def test_plots_are_written(file, tmp_path):
    found = simulate(options(file, repeat=1, plots=tmp_path / "new" / "figures"))
    assert [name.rsplit(".", 1)[1] for name in found["plots"]] == ["svg", "png"]
    assert all((tmp_path / "new" / "figures" / f"rehearsal.{end}").stat().st_size > 1000 for end in ("svg", "png"))


def test_a_missing_plot_package_is_told_before_any_work(file, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingError, match=r"pip install 'cowise\[plot\]'"):
        simulate(options(tmp_path / "never-read.csv", plots=tmp_path))


def test_a_rehearsal_without_plots_never_loads_matplotlib(file):
    code = (
        "import sys; from pathlib import Path; from cowise.loop import SimulateOptions, simulate\n"
        f"simulate(SimulateOptions((Path({str(file)!r}),), text='text', label='label', pool=60, repeat=1, encoder='hashing'))\n"
        "print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_vectors_come_in_the_order_of_texts():
    class Marks:
        dim, digest = 1, "marks"

        def encode(self, texts):
            return np.array([[float(text)] for text in texts], np.float32)

    texts = [str(i) for i in range(2500)]
    assert module.embed(Marks(), texts)[:, 0].tolist() == list(range(2500))
    assert module.embed(Marks(), []).shape == (0, 1)


@pytest.mark.parametrize("each", [False, True])
def test_sets_of_labels_are_played_whole_and_label_by_label(tmp_path, each):
    told = [
        (f"{a} {b}", f"{one}; {two}" if one != two else one)
        for (a, one), (b, two) in zip(rows(400), rows(400, 1), strict=True)
    ]
    found = simulate(
        options(write(tmp_path / "sets.csv", told), promise=Promise(0.1, 0.9, per_label=each), sets=True, repeat=1)
    )
    assert set(found["data"]["labels"]) == {*WORDS, "none of these"}
    (one,) = found["repetitions"]
    assert one["promise_kept"]
    assert 0 < one["human_share"] <= 1.1
    with pytest.raises(InputError, match="further opinions by their worth are for one label a text"):
        options(tmp_path / "sets.csv", sets=True, repair=5.0)


def test_people_who_err_about_sets_miss_one_label(tmp_path):
    told = [
        (f"{a} {b}", f"{one}; {two}" if one != two else one)
        for (a, one), (b, two) in zip(rows(300), rows(300, 1), strict=True)
    ]
    crew = (Crew(0.9), Crew(0.9), Crew(0.9))
    found = simulate(
        options(write(tmp_path / "sets.csv", told), sets=True, repeat=1, crew=crew[0], others=crew[1:], promise=Promise(0.2, 0.8))
    )  # fmt: skip
    assert 0 < found["mean"]["error"] < 0.3
    with pytest.raises(InputError, match="is for one label a text"):
        Crew(confusion=((1.0, 0.0), (0.0, 1.0))).answer_set(1, 2, 0, np.random.default_rng(0))
