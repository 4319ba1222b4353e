"""A task of 2,000 labels, the most there may be: asked, learned, estimated and foretold like any other; two labels are the least."""

import numpy as np
import pytest
from worlds import answer, settings

from cowise import loop
from cowise.core.errors import TaskError
from cowise.core.types import Promise, Task
from cowise.loop.estimating import SHOWN

LABELS = tuple(f"topic {i}" for i in range(2000))


def gold(n=2400):
    """Every label once, and then the first ones most often."""
    rng = np.random.default_rng(0)
    which = [*range(2000), *(min(1999, int(one) - 1) for one in rng.zipf(1.3, n - 2000))]
    return {f"word{j} kind{j % 7} note {i}": LABELS[j] for i, j in enumerate(which)}


@pytest.mark.slow
def test_two_thousand_labels_are_asked_learned_and_foretold(tmp_path):
    known = gold()
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, "p", Task(LABELS), Promise(0.1, 0.8), encoder="hashing")
        loop.add(ws, "p", list(known))
        assert answer(ws, known, limit=90) == 90
        found = loop.estimates(ws, "p")
        assert (found.state, len(found.labels)) == ("ready", SHOWN)
        assert loop.forecast(ws, "p").state == "ready"
        assert loop.status(ws, "p").phase == "train"
        version = loop.learn(ws, "p")
        assert version.metrics["answers"] >= 85
        assert next(iter(loop.decide(ws, "p", ["word0 kind0 note x"]))).answer is None, "no certificate, no answer"


@pytest.mark.parametrize("n", [1, 2001])
def test_fewer_and_more_are_refused(n):
    with pytest.raises(TaskError, match="takes 2 to 2,000 labels"):
        Task(tuple(f"topic {i}" for i in range(n)))
