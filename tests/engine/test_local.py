"""Work in one process or several: same results, same order, errors as they were."""

import math
import os

import pytest

from cowise.core.errors import InputError, LimitError
from cowise.engine import Local

NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def square(x):
    return x * x


def threads(_):
    return tuple(os.environ.get(name) for name in NAMES)


def dies(_):
    os._exit(3)


def test_results_in_order_however_many_processes():
    wanted = [x * x for x in range(20)]
    assert list(Local(1).map(square, range(20))) == wanted
    assert list(Local(2).map(square, iter(range(20)))) == wanted


def test_nothing_to_do():
    assert list(Local(1).map(square, [])) == []
    assert list(Local(2).map(square, [])) == []


def test_one_job_stays_in_this_process_and_is_lazy():
    seen = []
    results = Local(1).map(seen.append, iter([1, 2]))
    assert seen == []
    next(results)
    assert seen == [1]


def test_each_process_has_one_thread_and_the_setting_is_put_back(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    assert set(Local(2).map(threads, range(3))) == {("1", "1", "1")}
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


@pytest.mark.parametrize("jobs", [1, 2])
def test_errors_arrive_as_they_were(jobs):
    with pytest.raises(ValueError, match=r"domain|nonnegative"):
        list(Local(jobs).map(math.sqrt, [4.0, -1.0]))
    assert "OMP_NUM_THREADS" in os.environ


def test_a_process_that_dies_is_explained():
    with pytest.raises(LimitError, match="one of 2 processes ended before its work was done"):
        list(Local(2).map(dies, [1]))


@pytest.mark.parametrize("jobs", [0, -2])
def test_no_process_at_all_is_refused(jobs):
    with pytest.raises(InputError, match=f"jobs: asked for {jobs}; give 1 or more"):
        Local(jobs)
