"""A power cut at any moment, short form: `make torture` has the long one. The last test shows that losses would be found."""

import pytest
from power import cut

pytestmark = [pytest.mark.slow, pytest.mark.strace]


@pytest.mark.parametrize(("what", "least"), [("answer", 300), ("blobs", 30)])
def test_nothing_acknowledged_is_lost_by_a_power_cut(tmp_path, what, least):
    found = cut(tmp_path, 40, what=what)
    assert found.clean, found
    assert found.acknowledged > least


def test_commits_that_are_not_flushed_are_found_out(tmp_path):
    assert cut(tmp_path, 20, what="careless").lost > 0
