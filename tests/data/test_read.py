import gzip
import io
import json

import datasets
import pandas as pd
import pytest

from cowise.core.errors import DataError, InputError
from cowise.core.types import Item
from cowise.data import How, Row, read

CSV = 'id,text,label\n1,"Card lost, help",card\n2,"She said ""no""\nand left",none\n3,你好，世界 😀,zh\n'
WANT = [("Card lost, help", "card", 2), ('She said "no"\nand left', "none", 3), ("你好，世界 😀", "zh", 5)]


def test_csv(put):
    rows = read(put("a.csv", CSV), text="text", label="label")
    assert [(row.text, row.label, row.position) for row in rows] == WANT
    assert [row.meta for row in rows] == [{"id": "1"}, {"id": "2"}, {"id": "3"}]
    source = rows.source
    assert (source.format, source.encoding, source.delimiter, source.rows) == ("csv", "utf-8", ",", 3)
    assert source.columns == ("id", "text", "label")
    assert json.dumps(source.to_json())


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_line_end(put, ends):
    rows = read(put("a.csv", "text,label\nx,y\nz,w\n".replace("\n", ends)), label="label")
    assert [(row.text, row.label) for row in rows] == [("x", "y"), ("z", "w")]


@pytest.mark.parametrize(
    ("encoding", "stated"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_every_encoding_is_found_and_stated(put, encoding, stated):
    content = "text,label\n" + "请问酒店附近有没有地铁？,地点\n门票多少钱，can I pay by card?,价格\n" * 20
    rows = read(put("a.csv", content.encode(encoding)), text="text", label="label")
    assert [row.text for row in rows][:2] == ["请问酒店附近有没有地铁？", "门票多少钱，can I pay by card?"]
    assert rows.source.encoding == stated
    assert ("encoding" in rows.source.guessed) == (stated in ("gb18030", "utf-16-le", "utf-16-be"))


@pytest.mark.parametrize(
    ("name", "delimiter"),
    [("a.csv", ","), ("a.csv", ";"), ("a.csv", "\t"), ("a.csv", "|"), ("a.tsv", "\t"), ("noname", "\t")],
)
def test_delimiters_are_found(put, name, delimiter):
    lines = [["text", "label"], ['"a; b, c | d\te\nf ""q"""', "x"], ["plain", "y"]]
    rows = read(put(name, "\n".join(delimiter.join(line) for line in lines)), text="text", label="label")
    assert [(row.text, row.label) for row in rows] == [('a; b, c | d\te\nf "q"', "x"), ("plain", "y")]
    assert rows.source.delimiter == delimiter


def test_a_delimiter_that_is_named_wins(put):
    rows = read(put("a.csv", "te,xt;la,bel\na,b;c,d\n"), text="xt;la", how=How(delimiter=","))
    assert [row.text for row in rows] == ["b;c"]


def test_tabs_with_stray_quotation_marks(put):
    rows = read(put("a.tsv", 'text\tlabel\n"Hello" he said\tx\n5" disk\ty\n"open\tz\n'), text="text", label="label")
    assert [row.text for row in rows] == ['"Hello" he said', '5" disk', '"open']
    assert "ordinary characters" in rows.source.notes[0]


def test_jsonl(put):
    content = '{"text": "a", "n": 1, "deep": {"k": [1, "x"]}}\n\n{"text": "b", "label": 3, "late": true}\r\n'
    rows = list(read(put("a.jsonl", content), text="text", label="label"))
    assert [(row.text, row.label, row.position) for row in rows] == [("a", None, 1), ("b", "3", 3)]
    assert rows[0].meta == {"n": 1, "deep": {"k": [1, "x"]}}
    assert rows[1].meta == {"late": True}


def test_json_list(put):
    assert [row.text for row in read(put("a.json", '[{"text": "a"}, {"text": "b"}]'))] == ["a", "b"]


def test_plain_text(put):
    rows = read(put("a.txt", "first, line\n\n  \n第二\r\nlast"))
    assert [(row.text, row.position) for row in rows] == [("first, line", 1), ("第二", 4), ("last", 5)]
    assert rows.source.blank == 2


def test_folder(put, tmp_path):
    put("d/pos/a.txt", "good\nfilm")
    put("d/neg/b.txt", "坏电影，真是太难看了，浪费时间".encode("gb18030"))
    put("d/neg/picture.png", b"\x89PNG")
    put("d/.hidden/c.txt", "no")
    rows = read(tmp_path / "d", label="folder")
    assert [(row.text, row.label, row.meta["file"]) for row in rows] == [
        ("坏电影，真是太难看了，浪费时间", "neg", "neg/b.txt"),
        ("good\nfilm", "pos", "pos/a.txt"),
    ]
    assert "1 files" in rows.source.notes[0]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.gz", "a.csv"])
def test_gzip(put, name):
    rows = read(put(name, gzip.compress(CSV.encode())), text="text", label="label")
    assert [(row.text, row.label, row.position) for row in rows] == WANT


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (CSV, "csv"),
        ('{"text": "a"}\n', "jsonl"),
        ('[{"text": "a"}]', "json"),
        ("text\tlabel\na\tb\n", "tsv"),
        ("Dear Sir\nhello\n", "text"),
    ],
)
def test_standard_input_is_told_by_its_first_line(monkeypatch, content, form):
    class Terminal:
        buffer = io.BytesIO(content.encode())

    monkeypatch.setattr("sys.stdin", Terminal)
    rows = read("-")
    assert (rows.source.format, rows.source.name) == (form, "standard input")
    assert len(list(rows)) == len(list(rows)) >= 1


def test_a_format_that_is_named_wins(put):
    assert [row.text for row in read(put("a.csv", "one, two\nthree\n"), how=How(format="text"))] == [
        "one, two",
        "three",
    ]
    with pytest.raises(InputError, match="use csv, json"):
        read(put("a.csv", "x"), how=How(format="xml"))


def test_a_models_own_answers(put):
    file = put("a.csv", "text,said,sure,gold\na,x,0.9,y\nb,x,97%,y\nc,,,\n")
    rows = list(read(file, text="text", label="gold", opinion="said", confidence="sure", how=How(by="gpt")))
    assert [(r.opinion, r.confidence, r.label, r.by) for r in rows] == [
        ("x", 0.9, "y", "gpt"),
        ("x", 0.97, "y", "gpt"),
        (None, None, None, "gpt"),
    ]
    assert rows[0].meta == {}


@pytest.mark.parametrize("share", ["1.5", "-0.1", "nan", "often", "120%"])
def test_a_confidence_that_is_none_is_refused(put, share):
    with pytest.raises(DataError, match="row 2: confidence"):
        list(read(put("a.csv", f"text,said,sure\na,x,{share}\n"), text="text", opinion="said", confidence="sure"))


def test_confidence_needs_an_opinion_and_columns_differ(put):
    with pytest.raises(InputError, match="without an opinion"):
        read(["a"], confidence="c")
    with pytest.raises(InputError, match="twice"):
        read(["a"], text="t", label="t")


def test_python_objects():
    values = ["a", {"text": "b", "k": 1}, Item("c", {"m": 2}), Row("d", {"z": 3})]
    assert [(row.text, dict(row.meta)) for row in read(values)] == [
        ("a", {}),
        ("b", {"k": 1}),
        ("c", {"m": 2}),
        ("d", {"z": 3}),
    ]
    assert [row.label for row in read([Row("a", label="x")], text="text", label="label")] == ["x"]
    assert [row.text for row in read(iter("ab"))] == ["a", "b"]
    assert [row.text for row in read(word for word in ("x", "y"))] == ["x", "y"]


def test_input_dicts_stay_as_they_are():
    values = [{"text": "a", "label": "x"}]
    list(read(values, label="label"))
    assert values == [{"text": "a", "label": "x"}]


@pytest.mark.parametrize("source", [b"abc", 5, None])
def test_what_is_no_source_is_refused(source):
    with pytest.raises(InputError, match="give a path"):
        read(source)


def test_what_is_no_text_is_refused():
    with pytest.raises(InputError, match="text 1: got int"):
        read([1])
    with pytest.raises(DataError, match="no texts"):
        read([])
    with pytest.raises(DataError, match="the text is a list"):
        list(read([{"text": ["a"]}]))


@pytest.fixture
def reviews():
    """A data set as the library makes it; -1 is its number for an unknown class."""
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
    return datasets.Dataset.from_dict({"text": ["good", "unknown", "很好"], "label": [1, -1, 1]}, features=features)


def test_hugging_face_dataset(reviews):
    rows = read(reviews, label="label")
    assert [(row.text, row.label) for row in rows] == [("good", "pos"), ("unknown", None), ("很好", "pos")]
    assert rows.source.format == "dataset"
    assert next(row.text for row in read(reviews.shuffle(seed=1).select([0]), text="text")) in reviews["text"]


def test_hugging_face_splits_are_explained(reviews):
    for splits in (
        datasets.DatasetDict(train=reviews),
        datasets.IterableDatasetDict(train=reviews.to_iterable_dataset()),
    ):
        with pytest.raises(DataError, match=r"data\['train'\]"):
            read(splits)


@pytest.mark.parametrize("header", ["text", "Body", "内容", "whatever"])
def test_the_text_column_is_guessed_where_only_one_reading_is_possible(put, header):
    rows = read(put("a.csv", f"{header},label\na,b\n"))
    assert [row.text for row in rows] == ["a"]
    assert rows.source.guessed == ("delimiter", "text")
    assert "add --label 'label'" in rows.source.notes[0]


@pytest.mark.parametrize("header", ["a,b", "body,review", "id,label"])
def test_no_guess_where_several_are(put, header):
    with pytest.raises(DataError, match="which column holds the texts"):
        read(put("a.csv", f"{header}\na,b\n"))


def test_labels_are_trimmed_and_empty_ones_are_none(put):
    rows = read(
        put(
            "a.jsonl",
            '{"text":"a","label":" x "}\n{"text":"b","label":""}\n{"text":"c","label":2.0}\n{"text":"d","label":null}\n',
        ),
        label="label",
    )
    assert [row.label for row in rows] == ["x", None, "2", None]


def test_data_frames_are_read_by_row_and_dicts_of_columns_refused():
    rows = read(pd.DataFrame({"text": ["good", None], "label": ["pos", "neg"]}), label="label")
    assert [(row.text, row.label) for row in rows] == [("good", "pos")]
    assert (rows.source.format, rows.source.blank) == ("frame", 1)
    with pytest.raises(InputError, match="list of dicts"):
        read({"text": ["a", "b"]})


def test_streamed_datasets_need_not_know_their_columns(reviews):
    stream = reviews.to_iterable_dataset()
    assert next((row.text, row.label) for row in read(stream, label="label")) == ("good", "pos")
    unknown = datasets.IterableDataset.from_generator(lambda: iter([{"text": "good"}, {"text": "bad"}]))
    assert unknown.column_names is None
    assert [row.text for row in read(unknown, text="text")] == ["good", "bad"]


def test_plain_text_taken_for_csv_is_explained(put):
    with pytest.raises(DataError, match="--format text"):
        read(put("noname", "Dear all, good morning\nbye\n"))


def test_a_list_with_one_label_is_that_label(put):
    content = '{"text":"a","label":["x"]}\n{"text":"b","label":[]}\n'
    assert [row.label for row in read(put("a.jsonl", content), label="label")] == ["x", None]
    for many, said in (('["x","y"]', "2 labels in 'label'"), ('{"k":1}', "holds an object")):
        with pytest.raises(DataError, match=f"row 1: .*{said}"):
            list(read(put("b.jsonl", f'{{"text":"a","label":{many}}}'), label="label"))
