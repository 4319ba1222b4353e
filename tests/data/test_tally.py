import hashlib
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from cowise.core.types import content_id, identity_text
from cowise.data import Row, Tally, counted


def slow_identity(text):
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@given(st.text())
@example("\ud800 a")
@example("\x1c\x1fA\x85")
@example("ẞ İ ǅ ﬁ")
def test_the_fast_content_id_equals_the_definition(text):
    form = slow_identity(text).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert identity_text(text) == slow_identity(text)
    assert content_id(text) == hashlib.sha256(form.encode()).hexdigest()[:32]


@given(st.text(st.characters(max_codepoint=127)))
def test_the_fast_content_id_equals_the_definition_on_ascii(text):
    assert identity_text(text) == slow_identity(text)


def test_counts():
    tally = Tally()
    given_ = [("a", "x"), (" A", None), ("a ", "y"), ("a", "z"), ("b", None), ("B", "x"), ("b", "x"), ("c", None)]
    passed = list(counted((Row(text, label=label) for text, label in given_), tally))
    assert [found for found, _ in passed] == [content_id(text) for text, _ in given_]
    assert (tally.rows, tally.distinct, tally.duplicates, tally.conflicts) == (8, 3, 5, 1)
    assert tally.labels == {"x": 3, "y": 1, "z": 1}
    assert [(c.id, c.text, c.labels) for c in tally.examples] == [(content_id("a"), "a ", ("x", "y"))]


def test_examples_are_bounded():
    tally = Tally()
    for number in range(100):
        tally.take(Row(f"t{number}", label="x"))
        tally.take(Row(f"t{number}", label="y"))
    assert tally.conflicts == 100
    assert len(tally.examples) == 20
