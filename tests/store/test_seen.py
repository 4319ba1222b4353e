from hypothesis import given
from hypothesis import strategies as st

from cowise.store import items
from cowise.store.seen import Seen


@given(st.lists(st.lists(st.text(max_size=2), unique=True, max_size=6), max_size=12), st.integers(1, 40))
def test_no_repeat_is_ever_missed(batches, most):
    seen = Seen(most)
    before: set[str] = set()
    for batch in batches:
        maybe = seen.maybe(batch)
        assert maybe is None or before.intersection(batch) <= set(maybe)
        before.update(batch)


def test_beyond_its_size_everything_is_searched_for():
    seen = Seen(2)
    assert seen.maybe(["a", "b"]) == ()
    assert seen.maybe(["a", "c"]) == ("a",)
    assert seen.maybe(["d"]) is None


def test_repeats_across_batches_of_a_first_import_are_joined(store, project, add):
    done = add([f"text {i % 500}" for i in range(1200)])
    assert (done.rows, done.added, done.joined) == (1200, 500, 700)
    with store.read() as tx:
        (chunk,) = items.chunks(tx, project)
    assert sorted(set(chunk.weights.tolist())) == [2, 3]
