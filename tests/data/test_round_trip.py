"""What is written comes back, whatever the text."""

import csv
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowise.data import How, read, write
from cowise.data.encoding import detect
from cowise.data.mend import mend

SOME = [
    "你好，世界",
    "😀👩‍👩‍👧",
    "مرحبا بالعالم",
    'she "said"',
    "a\nb\r\nc\rd",
    "a,b;c\td|e",
    "=1+1",
    "\ufeffx",
    "\x1a",
    "\u2028line",
    "'",
    '"',
    " a ",
]
wild = st.text(max_size=30) | st.sampled_from(SOME) | st.lists(st.sampled_from(SOME)).map("".join)
kept = wild.map(lambda t: t + "x")  # never blank
tables = st.lists(st.tuples(kept, wild), min_size=1, max_size=8)
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


@same_folder
@given(tables)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet"])
def test_any_text_comes_back(tmp_path, name, table):
    rows = [{"text": text, "other": other} for text, other in table]
    done = write(rows, tmp_path / name, overwrite=True, guard=False)
    assert done.rows == len(rows)
    found = [
        (row.text, row.meta["other"])
        for row in read(tmp_path / name, text="text", how=How(encoding="" if "parquet" in name else "utf-8"))
    ]
    assert found == [(mend(text), mend(other)) for text, other in table]


@same_folder
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=200),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_marks_and_utf8_never_mislead(text, encoding):
    # Zeros or signatures aside, what is UTF-8 is read as UTF-8.
    name, _ = detect(text.encode(encoding))
    assert text.encode(encoding).decode(name).removeprefix("\ufeff") == text.removeprefix("\ufeff")


@same_folder
@given(
    st.lists(st.tuples(wild, wild), min_size=1, max_size=6),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_csv_of_others_comes_back(tmp_path, table, delimiter, ends):
    with (tmp_path / "b.csv").open("w", encoding="utf-8", errors="replace", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, lineterminator=ends, quoting=csv.QUOTE_ALL)
        writer.writerow(["text", "other"])
        writer.writerows([("x" + mend(a), mend(b)) for a, b in table])
    rows = read(tmp_path / "b.csv", text="text", how=How(encoding="utf-8"))
    assert [(row.text, row.meta["other"]) for row in rows] == [("x" + mend(a), mend(b)) for a, b in table]
    assert rows.source.delimiter == delimiter


@same_folder
@given(st.binary(max_size=300))
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.txt", "a.parquet", "a.gz", "a"])
def test_any_bytes_end_in_rows_or_in_one_error_of_ours(tmp_path, name, content):
    from cowise.core.errors import CowiseError

    (tmp_path / name).write_bytes(content)
    try:
        rows = list(read(tmp_path / name))
        said = ""
    except CowiseError as refusal:
        rows, said = [], str(refusal)
    assert not said or len(said) > 20
    assert all(row.text.strip() and "\x00" not in row.text for row in rows)


@same_folder
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["text", "a", "b"]),
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.lists(wild),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_jsonl_keeps_types(tmp_path, rows):
    full = [{"text": "x", **row, "id": number} for number, row in enumerate(rows)]
    write(full, tmp_path / "c.jsonl", overwrite=True)
    lines = (tmp_path / "c.jsonl").read_text("utf-8").removesuffix("\n").split("\n")
    assert [json.loads(line)["id"] for line in lines] == list(range(len(rows)))
