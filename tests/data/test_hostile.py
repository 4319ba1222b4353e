"""Bad input from users: one clear error each, or a stated repair."""

import gzip
import io
import time
import zipfile

import pytest

from cowise.core.errors import DataError, InputError, LimitError, MissingError, StorageError
from cowise.data import MAX_CELL, How, read


def excel():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return buffer.getvalue()


def archive(name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("a.csv", b"\n\n", "first line is empty"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG image"),
        ("a.csv", b"%PDF-1.7", "a PDF document"),
        ("a.csv", excel(), "an Excel workbook; open it and save the sheet as CSV"),
        ("a.xlsx", excel(), "an Excel workbook"),
        ("a.csv", archive("word/document.xml"), "a Word document"),
        ("a.csv", archive("content.xml"), "an OpenDocument"),
        ("a.csv", archive("a.csv"), "a zip archive; unpack"),
        ("a.csv", b"PK\x03\x04broken", "a zip archive"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file"),
        ("a.csv.gz", gzip.compress(b"text\n" * 1000, mtime=0)[:-20], "damaged gzip"),
        ("a.parquet", b"PAR1 broken PAR1", "not a whole Parquet file"),
        ("a.csv", b"PAR1" + bytes(100), "not a whole Parquet file"),
        ("a.jsonl", b'{"text": "a"}\n{"text": \n', r"line 2: not JSON"),
        ("a.jsonl", b'{"text": "a"}\n[1]\n', "line 2: a list, not an object"),
        ("a.jsonl", b'{"text": "a", "n": NaN}\n', "line 1: not JSON"),
        ("a.jsonl", b"\n \n", "has no objects"),
        ("a.jsonl", b'{"text": ' + b"[" * 100_000, "line 1"),
        ("a.json", b'{"text": "a"}', "needs a list of objects"),
        ("a.json", b"[]", "needs a list of objects"),
        ("a.json", b"[1]", "needs a list of objects"),
        ("a.json", b"[{]", "not JSON"),
        ("a.json", b"[" * 100_000, "nested too deeply|not JSON"),
        ("a.csv", b'text,label\na,b\n"open,c\nd,e\n', "record from line 3: a quotation mark is never closed"),
        ("a.csv", b'text,label\n"a" b,c\n', "record from line 2: characters follow a closing"),
        ("a.csv", b"text,label\na,b\na,b,c\n", "line 3: 3 fields where the header has 2"),
        ("a.csv", b"text,text\na,b\n", "names column 'text' twice"),
        ("a.txt", b"\xff\xd8\xff\xe0", "a JPEG image"),
    ],
)
def test_one_clear_refusal(put, name, content, said):
    with pytest.raises(DataError, match=said):
        list(read(put(name, content), text="text"))


def test_missing_column_lists_those_there_are(put):
    with pytest.raises(DataError, match="no column 'body' for --text; it has 'a', 'b'"):
        read(put("a.csv", "a,b\n1,2\n"), text="body")
    with pytest.raises(DataError, match="no column 'gold' for --label"):
        read([{"text": "a"}], label="gold")


def test_missing_file_and_empty_folder(tmp_path):
    with pytest.raises(MissingError, match="is not here"):
        read(tmp_path / "no.csv")
    with pytest.raises(DataError, match="no text files"):
        read(tmp_path)


def test_a_file_name_with_nul_is_refused_in_words():
    with pytest.raises((DataError, MissingError, InputError)):
        read("a\x00.csv")


def test_a_device_is_refused():
    with pytest.raises(DataError, match="is not a file"):
        read("/dev/null")


def test_wrong_encoding_names_line_and_byte(put):
    good = "text\n" + "你好世界，今天天气很好\n" * 50
    file = put("a.csv", good.encode() + b"bad \xff here\n")
    with pytest.raises(DataError, match=rf"line 52, byte {len(good.encode()) + 4:,}: 0xff is not utf-8.*--encoding"):
        read(file)


def test_an_encoding_that_is_named_wins_and_is_checked(put):
    file = put("a.csv", "text\ncafé à la carte\n".encode("cp1252"))
    assert [row.text for row in read(file, how=How(encoding="cp1252"))] == ["café à la carte"]
    with pytest.raises(DataError, match="line 2, byte 8: 0xe9 is not utf-8"):
        read(file, how=How(encoding="utf-8"))
    with pytest.raises(DataError, match="encoding 'klingon' is not known"):
        read(file, how=How(encoding="klingon"))


def test_a_text_cut_within_a_character(put):
    with pytest.raises(DataError, match="byte"):
        read(put("a.csv", ("text\n" + "你好" * 30).encode()[:-1]), how=How(encoding="utf-8"))


def test_chinese_after_a_long_plain_beginning(put):
    body = "text\n" + "plain words\n" * 50_000
    rows = read(put("a.csv", (body + "请问酒店附近有没有地铁站\n" * 5).encode("gb18030")))
    assert rows.source.encoding == "gb18030"
    assert [row.text for row in rows][-1] == "请问酒店附近有没有地铁站"


def test_western_text_is_not_taken_for_chinese(put):
    text = "Überraschend schöne Möbel für größere Räume, déjà vu à la carte. "
    rows = read(put("a.txt", (text * 20).encode("cp1252")))
    assert rows.source.encoding != "gb18030"
    assert "told from its bytes" in rows.source.notes[0]


def test_random_bytes_are_refused(put):
    import random

    noise = random.Random(1).randbytes(5_000)
    with pytest.raises(DataError):
        list(read(put("a.csv", b"\x00\x01\x02" + noise), text="text"))


def test_a_cell_of_ten_megabytes_is_taken(put):
    big = "word " * 2_097_152
    for name, content in (("a.csv", f'text,label\n"{big}",x\n'), ("a.txt", big), ("a.jsonl", f'{{"text": "{big}"}}\n')):
        assert [len(row.text) for row in read(put(name, content))] == [len(big)]


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.jsonl", "d/a.txt"])
def test_a_cell_beyond_the_limit_is_refused(put, name):
    big = "a" * (MAX_CELL + 1)
    content = {"a.csv": f"text\n{big}\n", "a.jsonl": f'{{"text": "{big}"}}\n'}.get(name, big)
    file = put(name, content)
    with pytest.raises(LimitError, match="longer than 16,777,216 characters"):
        list(read(file.parent if name.startswith("d/") else file))


def test_an_endless_line_is_refused_in_bounded_memory(put):
    with pytest.raises(LimitError, match="67,108,864"):
        list(read(put("a.txt.gz", gzip.compress(bytes(1) * 0 + b"a" * (4 * MAX_CELL + 10), 1))))


def test_a_hundred_thousand_columns_are_refused_quickly(put):
    file = put("a.csv", ",".join(f"c{i}" for i in range(100_000)) + "\n" + ",".join("x" * 100_000) + "\n")
    start = time.perf_counter()
    with pytest.raises(LimitError, match="100,000 columns, cowise accepts 2,000"):
        read(file, text="c0")
    assert time.perf_counter() - start < 3


def test_nul_characters_are_mended_and_counted(put):
    for name, content in (
        ("a.csv", "text,m\na\x00b,c\nplain text here,\n"),
        ("a.jsonl", '{"text": "a\\u0000b", "m": "c"}\n'),
    ):
        rows = read(put(name, content), text="text")
        assert next(iter(list(rows))).text == "a\ufffdb"
        assert rows.source.mended == 1


def test_lone_surrogates_are_mended_and_counted(put):
    rows = read(put("a.jsonl", '{"text": "a\\ud800b", "m": {"k\\udfff": ["\\ud801"]}}\n{"text": "\\ud83d\\ude00"}\n'))
    found = list(rows)
    assert [row.text for row in found] == ["a\ufffdb", "😀"]
    assert found[0].meta == {"m": {"k\ufffd": ["\ufffd"]}}
    assert rows.source.mended == 1
    assert [row.text for row in read(["\udc80x"])] == ["\ufffdx"]


def test_blank_texts_are_counted_and_passed_over(put):
    rows = read(put("a.csv", 'text,label\n"  \t ",x\n\u3000,y\na,z\n,w\n'), text="text")
    assert [row.text for row in rows] == ["a"]
    assert rows.source.blank == 3
    list(rows)
    assert rows.source.blank == 3


def test_short_rows_are_filled_and_counted_empty_surplus_is_dropped(put):
    rows = read(put("a.csv", "text,a,b\nx\ny,1,2,,\n\nz,1,2\n"), text="text")
    assert [(row.text, row.meta["b"]) for row in rows] == [("x", ""), ("y", "2"), ("z", "2")]
    assert rows.source.short == 1


def test_repeated_and_unnamed_columns_get_names(put):
    rows = read(put("a.csv", "text,n,n,,n\na,1,2,3,4\n"), text="text")
    assert next(iter(rows)).meta == {"n": "1", "n.2": "2", "column 4": "3", "n.3": "4"}
    assert len([note for note in rows.source.notes if "is named 'n'" in note]) == 2


def test_bad_delimiters_are_refused(put):
    with pytest.raises(InputError, match="one character"):
        read(put("a.csv", "text\n"), how=How(delimiter="::"))


def test_an_unreadable_file_is_explained(put, monkeypatch):
    file = put("a.csv", "text\na\n")

    def refuse(self, mode="r"):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(file), "open", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        read(file)


def test_gzipped_parquet_is_refused(put):
    with pytest.raises(DataError, match="unpack it first"):
        read(put("a.parquet.gz", gzip.compress(b"PAR1....PAR1", mtime=0)))


@pytest.mark.parametrize("name", ["base64", "zlib", "rot13", "no such"])
def test_codecs_that_give_no_text_are_refused(put, name):
    with pytest.raises(DataError, match="is not known"):
        read(put("a.csv", "text\na\n"), how=How(encoding=name))


def test_nul_in_plain_text_is_mended(put):
    rows = read(put("a.txt", "a\x00b\nplain text\n"))
    assert [row.text for row in rows] == ["a\ufffdb", "plain text"]
    assert rows.source.mended == 1


def test_too_many_keys_and_columns_are_refused(put, tmp_path):
    with pytest.raises(LimitError, match="5,000 keys"):
        read(put("a.jsonl", "{" + ",".join(f'"k{i}": 1' for i in range(5_000)) + "}"))
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({f"c{i}": [1] for i in range(2_001)}), tmp_path / "a.parquet")
    with pytest.raises(LimitError, match="2,001 columns"):
        read(tmp_path / "a.parquet")
    parquet.write_table(arrow.table([[1], [2]], names=["a", "a"]), tmp_path / "b.parquet")
    with pytest.raises(DataError, match="names a column twice"):
        read(tmp_path / "b.parquet")


def test_parquet_damaged_within_is_refused_or_read_never_a_traceback(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "a.parquet"
    parquet.write_table(arrow.table({"text": [f"text number {i}" for i in range(5_000)]}), file, compression="zstd")
    whole = file.read_bytes()
    refused = 0
    for at in range(4, len(whole), len(whole) // 60):
        file.write_bytes(whole[:at] + bytes(b ^ 0xFF for b in whole[at : at + 40]) + whole[at + 40 :])
        try:
            list(read(file, text="text"))
        except DataError:
            refused += 1
    assert refused > 30
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="not a whole Parquet file"):
        read(file)


def test_a_header_that_is_broken_is_refused(put):
    with pytest.raises(DataError, match="record from line 1"):
        read(put("a.csv", '"text"x,label\na,b\n'))


def test_an_endless_csv_line_is_refused(put):
    line = "a," * (2 * MAX_CELL + 10)
    with pytest.raises(LimitError, match="a line is longer"):
        list(read(put("a.csv.gz", gzip.compress(f"text,label\nx,y\n{line}\n".encode(), 1, mtime=0)), text="text"))


@pytest.mark.parametrize("name", ["a long text that is no path " * 200, "~no-such-person-here/x.csv"])
def test_what_cannot_be_a_path_is_explained(name):
    with pytest.raises(InputError, match="cannot be a file name"):
        read(name)


def test_a_folder_that_is_closed_is_explained(tmp_path, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "exists", refuse)
    with pytest.raises(StorageError, match="cannot be reached"):
        read(tmp_path / "a.csv")


def test_a_folder_with_a_file_behind_a_closed_door_is_explained(put, tmp_path, monkeypatch):
    put("d/a.txt", "x")

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "is_symlink", refuse)
    with pytest.raises(StorageError, match=r"d cannot be read \(Permission denied\); check its permissions"):
        read(tmp_path / "d")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_an_encoding_that_asks_for_a_mark_at_the_beginning_misses_it(put, encoding):
    file = put("a.csv", "text,label\nx,y\n".encode(f"{encoding}-le"))
    with pytest.raises(DataError, match=f"line 1, byte 0: 0x74 is not {encoding}; save the file as UTF-8"):
        read(file, text="text", how=How(encoding=encoding))


def test_a_full_disk_under_standard_input_is_explained(monkeypatch):
    class Broken(io.RawIOBase):
        def read(self, size=-1):
            raise OSError(28, "No space left on device")

    class Terminal:
        buffer = Broken()

    monkeypatch.setattr("sys.stdin", Terminal)
    with pytest.raises(StorageError, match="No space left"):
        read("-")
