import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError
from cowise.guard.canonical import canonical

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
# Keys on both sides of the place where UTF-16 and code point order part.
keys = texts | st.text(st.sampled_from("a\ud7ff\ue000\uffff\U00010000\U0001f600z"), max_size=3)
whole = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.none() | st.booleans() | whole | texts | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(keys, values, max_size=6))
def test_equals_the_reference_implementation(record):
    assert canonical(record) == rfc8785.dumps(record)
    # ECMAScript writes 1.0 as 1, so numbers are compared as floats.
    assert json.loads(canonical(record), parse_int=float) == record


@given(st.dictionaries(texts, texts | whole | st.booleans() | st.none(), max_size=6))
def test_flat_records_equal_the_reference(record):
    assert canonical(record) == rfc8785.dumps(record)


def test_keys_are_in_utf16_order():
    record = {"\U0001f600": 1, "\uffff": 2}
    assert canonical(record) == '{"\U0001f600":1,"\uffff":2}'.encode()
    assert canonical({"in": record}) == '{"in":{"\U0001f600":1,"\uffff":2}}'.encode()


def test_every_control_character_is_escaped_alike():
    record = {"t": "".join(map(chr, range(0xA1)))}
    assert canonical(record) == rfc8785.dumps(record)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"n": 2**53}, "2\\*\\*53"),
        ({"n": float("nan")}, "finite"),
        ({"n": float("inf")}, "finite"),
        ({"t": "\ud800"}, "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        ({"o": object()}, "object is not JSON"),
        ({"b": b"x"}, "bytes is not JSON"),
        ({"in": {1: 2}}, "key that is not a text"),
    ],
)
def test_what_json_cannot_carry_is_refused(record, said):
    with pytest.raises(InputError, match=said):
        canonical(record)


def test_depth_is_bounded():
    deep: dict = {}
    for _ in range(5_000):
        deep = {"d": deep}
    with pytest.raises(InputError, match="64 levels"):
        canonical(deep)


def test_tuples_and_other_mappings_count_as_lists_and_objects():
    from types import MappingProxyType

    assert canonical({"a": (1, 2)}) == b'{"a":[1,2]}'
    assert canonical(MappingProxyType({"a": MappingProxyType({"b": 1})})) == b'{"a":{"b":1}}'
    assert canonical({"a": MappingProxyType({"b": 0.5})}) == b'{"a":{"b":0.5}}'


@given(st.floats(1e-5, 1e16) | st.floats(0, 1) | st.integers(-20, 20).map(float))
def test_floats_are_written_as_ecmascript_does(number):
    for value in (number, -number):
        assert canonical({"p": value}) == rfc8785.dumps({"p": value})


@pytest.mark.parametrize(
    "number", [1e-4, 9.999e-5, 1e-6, 1e-7, 1e15, 1e15 + 0.5, 1e16, 1e21, 1.0, 0.0, -0.0, 5e-324, 0.1 + 0.2]
)
def test_floats_at_the_edges_of_notation(number):
    assert canonical({"p": number}) == rfc8785.dumps({"p": number})
