"""People played by known answers do what their shares say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowise.core.errors import InputError
from cowise.loop.crew import Crew


def answers(crew, truth=1, labels=4, given=0, n=4000, seed=0):
    rng = np.random.default_rng(seed)
    return [crew.answer(truth, labels, given, rng) for _ in range(n)]


def share(said, wanted):
    return sum(one == wanted for one in said) / len(said)


def test_perfect_people_answer_truly_and_draw_nothing():
    rng = np.random.default_rng(0)
    assert {Crew().answer(truth, 3, 10**6, rng) for truth in (0, 1, 2)} == {0, 1, 2}
    assert rng.random() == np.random.default_rng(0).random()


def test_accuracy_skips_and_even_mistakes():
    said = answers(Crew(accuracy=0.7, skipping=0.1))
    assert share(said, None) == pytest.approx(0.1, abs=0.02)
    given = [one for one in said if one is not None]
    assert share(given, 1) == pytest.approx(0.7, abs=0.03)
    assert [share(given, label) for label in (0, 2, 3)] == pytest.approx([0.1] * 3, abs=0.02)


def test_fatigue_wears_down_to_chance_and_no_further():
    crew = Crew(accuracy=0.9, fatigue=0.2)
    assert share(answers(crew, given=0), 1) == pytest.approx(0.9, abs=0.02)
    assert share(answers(crew, given=1000), 1) == pytest.approx(0.7, abs=0.03)
    assert share(answers(crew, given=10**6), 1) == pytest.approx(0.25, abs=0.03)


def test_people_worse_than_chance_stay_so():
    assert share(answers(Crew(accuracy=0.0)), 1) == 0
    assert share(answers(Crew(accuracy=0.1, fatigue=0.5), given=10**6), 1) == pytest.approx(0.1, abs=0.02)


def test_confusion_stands_in_place_of_accuracy():
    crew = Crew(accuracy=0.0, confusion=((1.0, 0.0, 0.0), (0.2, 0.5, 0.3), (0.0, 1.0, 0.0)))
    said = answers(crew, labels=3)
    assert [share(said, label) for label in range(3)] == pytest.approx([0.2, 0.5, 0.3], abs=0.03)
    assert set(answers(crew, truth=0, labels=3, n=50)) == {0}
    assert set(answers(crew, truth=2, labels=3, n=50)) == {1}


def test_rows_that_nearly_sum_to_one_serve():
    third = 0.3333333
    assert set(answers(Crew(confusion=((third,) * 3,) * 3), labels=3, n=100)) == {0, 1, 2}


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(2, 30), st.integers(0, 10**6))
def test_any_crew_answers_with_a_label_or_skips(accuracy, fatigue, skipping, labels, given):
    said = Crew(accuracy, fatigue, skipping).answer(labels - 1, labels, given, np.random.default_rng(0))
    assert said is None or 0 <= said < labels


@pytest.mark.parametrize(
    ("crew", "says"),
    [
        ({"accuracy": 1.1}, "accuracy: asked for 1.1"),
        ({"fatigue": -0.1}, "fatigue: asked for -0.1"),
        ({"skipping": float("nan")}, "skipping: asked for nan"),
        ({"confusion": ((1.0,), (1.0,))}, "square table"),
        ({"confusion": ((0.5, 0.4), (0.5, 0.5))}, "square table"),
        ({"confusion": ((1.5, -0.5), (0.5, 0.5))}, "square table"),
        ({"confusion": ((),)}, "square table"),
        ({"confusion": ((float("nan"), 1.0), (0.5, 0.5))}, "square table"),
    ],
)
def test_crews_that_cannot_be(crew, says):
    with pytest.raises(InputError, match=says):
        Crew(**crew)


def test_a_table_for_another_task():
    with pytest.raises(InputError, match="2 rows for 3 labels"):
        Crew(confusion=((1.0, 0.0), (0.0, 1.0))).answer(0, 3, 0, np.random.default_rng(0))
