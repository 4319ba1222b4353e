import os

import pytest

from cowise.core.errors import ConflictError, DataError, InputError, StorageError
from cowise.data import read, write

ROWS = [
    {"text": "=cmd|' /C calc'!A0", "n": -5, "who": "+li", "p": 0.25},
    {"text": "@x", "n": 7, "who": "\tz", "p": None},
    {"text": "-1", "n": 0, "who": None, "p": 1.0},
]


def test_formulas_are_guarded_in_texts_only(tmp_path):
    done = write(ROWS, tmp_path / "a.csv")
    assert (done.rows, done.guarded, done.format) == (3, 5, "csv")
    lines = (tmp_path / "a.csv").read_bytes().decode().split("\r\n")
    assert lines[0] == "text,n,who,p"
    assert lines[1] == "'=cmd|' /C calc'!A0,-5,'+li,0.25"
    assert lines[3] == "'-1,0,,1.0"
    assert write(ROWS, tmp_path / "b.csv", guard=False).guarded == 0
    assert write(ROWS, tmp_path / "b.jsonl").guarded == 0


def test_a_file_is_never_overwritten_unasked(tmp_path):
    write(ROWS, tmp_path / "a.csv")
    before = (tmp_path / "a.csv").read_bytes()
    with pytest.raises(ConflictError, match="--overwrite"):
        write([{"text": "new"}], tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == before
    write([{"text": "new"}], tmp_path / "a.csv", overwrite=True)
    assert (tmp_path / "a.csv").read_bytes() == b"text\r\nnew\r\n"


def test_a_file_that_came_meanwhile_is_left_alone(tmp_path):
    def rows():
        yield {"text": "a"}
        (tmp_path / "a.csv").write_text("other")

    with pytest.raises(ConflictError, match="meanwhile"):
        write(rows(), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "other"
    assert os.listdir(tmp_path) == ["a.csv"]  # noqa: PTH208


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json", "a.parquet"])
def test_an_error_on_the_way_leaves_nothing(tmp_path, name):
    def rows():
        yield {"text": "a"}
        raise RuntimeError("stopped")

    (tmp_path / name).write_text("old")
    with pytest.raises(RuntimeError):
        write(rows(), tmp_path / name, overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "old"


def test_columns_choose_and_order(tmp_path):
    write([{"a": 1, "b": 2}], tmp_path / "a.csv", columns=["b", "a"])
    assert (tmp_path / "a.csv").read_text() == "b,a\n2,1\n"
    write([{"a": 1, "b": 2}], tmp_path / "a.jsonl", columns=["b"])
    assert (tmp_path / "a.jsonl").read_text() == '{"b": 2}\n'
    with pytest.raises(DataError, match="row 2 has 'c' beyond the columns"):
        write([{"a": 1}, {"c": 1}], tmp_path / "b.csv")


def test_no_rows_give_a_file_all_the_same(tmp_path):
    for name in ("a.csv", "a.jsonl", "a.json", "a.parquet"):
        assert write([], tmp_path / name, columns=["text"]).rows == 0
        assert (tmp_path / name).exists()
    assert (tmp_path / "a.csv").read_text() == "text\n"
    assert (tmp_path / "a.json").read_text() == "[]\n"


def test_lists_and_objects_become_json_in_tables(tmp_path):
    write([{"text": "a", "l": [1, "é"], "d": {"k": None}}], tmp_path / "a.tsv")
    row = next(iter(read(tmp_path / "a.tsv")))
    assert row.meta == {"l": '[1, "é"]', "d": '{"k": null}'}


def test_parquet_keeps_numbers_and_flags(tmp_path):
    rows = [
        {"text": "a", "n": 1, "p": 0.5, "ok": True, "mixed": 1},
        {"text": "b", "n": None, "p": 2, "ok": None, "mixed": "x"},
    ]
    write(rows, tmp_path / "a.parquet")
    found = [dict(row.meta) for row in read(tmp_path / "a.parquet")]
    assert found == [{"n": 1, "p": 0.5, "ok": True, "mixed": "1"}, {"n": None, "p": 2.0, "ok": None, "mixed": "x"}]
    write([{"text": "a", "n": 2**80}], tmp_path / "b.parquet")
    assert next(iter(read(tmp_path / "b.parquet"))).meta == {"n": str(2**80)}


@pytest.mark.parametrize("value", [float("nan"), object(), {1: object()}])
def test_values_that_json_has_not_are_refused(tmp_path, value):
    with pytest.raises(DataError, match="cannot be written as JSON"):
        write([{"text": "a", "v": value}], tmp_path / "a.jsonl")
    assert not list(tmp_path.iterdir())


def test_unknown_formats_and_places_are_explained(tmp_path):
    with pytest.raises(InputError, match="which format"):
        write(ROWS, tmp_path / "a.xyz")
    with pytest.raises(StorageError, match="cannot be written"):
        write(ROWS, tmp_path / "no" / "a.csv")
    assert write(ROWS, tmp_path / "plain", format="jsonl").format == "jsonl"


def test_disks_without_hard_links_serve_too(tmp_path, monkeypatch):
    def refuse(a, b):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    assert write([{"text": "a"}], tmp_path / "a.csv").rows == 1
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        write([{"text": "a"}], tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())


def test_jsonl_escapes_nul_and_replaces_surrogates(tmp_path):
    write([{"text": "a\x00\ud800b", "\udfffk": ["\ud801"]}], tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_text("utf-8") == '{"text": "a\\u0000\ufffdb", "\ufffdk": ["\ufffd"]}\n'


def test_every_value_of_parquet_becomes_json(tmp_path):
    import datetime as dt
    import decimal
    import json

    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {
        "text": [b"bytes"],
        "when": [dt.datetime(2026, 1, 2, 3, 4)],  # noqa: DTZ001
        "price": [decimal.Decimal("1.50")],
        "p": [float("nan")],
        "raw": [b"\xff\x00"],
        "list": [[1, 2]],
        "deep": [{"k": "v"}],
    }
    parquet.write_table(arrow.table(columns), tmp_path / "a.parquet")
    rows = read(tmp_path / "a.parquet")
    meta = next(iter(rows)).meta
    want = {
        "when": "2026-01-02 03:04:00",
        "price": "1.50",
        "p": None,
        "raw": "\ufffd\ufffd",
        "list": [1, 2],
        "deep": {"k": "v"},
    }
    assert json.loads(json.dumps(meta, allow_nan=False)) == want
    parquet.write_table(arrow.table({"text": [b"\xff"]}), tmp_path / "b.parquet")
    with pytest.raises(DataError, match="row 1: bytes that are not UTF-8"):
        list(read(tmp_path / "b.parquet"))


def test_numbers_of_numpy_become_plain():
    import numpy as np

    row = next(iter(read([{"text": np.str_("a"), "n": np.int64(3), "p": np.float64(0.5)}])))
    assert row.meta == {"n": 3, "p": 0.5}
    assert type(row.meta["n"]) is int
