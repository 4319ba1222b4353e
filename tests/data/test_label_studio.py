import json

import pytest

from cowise.core.errors import DataError, LimitError
from cowise.data import How, label_studio, read, to_tasks, write


def choice(label):
    return {"from_name": "l", "to_name": "t", "type": "choices", "value": {"choices": [label]}}


TASKS = [
    {
        "id": 1,
        "data": {"text": "Card lost", "channel": "web"},
        "annotations": [
            {"completed_by": {"email": "li@example.org"}, "result": [choice("card")]},
            {"completed_by": 7, "result": [choice("fees")]},
            {"completed_by": 8, "was_cancelled": True, "result": [choice("no")]},
        ],
        "predictions": [{"model_version": "v2", "score": 0.8, "result": [choice("card")]}],
    },
    {"id": 2, "data": {"text": "你好"}, "annotations": [{"completed_by": 7, "result": []}]},
]


def put(tmp_path, tasks):
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    return tmp_path / "tasks.json"


def test_one_row_for_each_answer(tmp_path):
    rows = read(put(tmp_path, TASKS))
    assert rows.source.format == "label-studio"
    assert [(r.text, r.label, r.opinion, r.confidence, r.by, r.position) for r in rows] == [
        ("Card lost", "card", None, None, "li@example.org", 1),
        ("Card lost", "fees", None, None, "7", 1),
        ("Card lost", None, "card", 0.8, "v2", 1),
        ("你好", None, None, None, "", 2),
    ]
    assert next(iter(rows)).meta == {"channel": "web"}


def test_tasks_without_answers(tmp_path):
    assert [row.text for row in read(put(tmp_path, [{"data": {"text": "a"}}]))] == ["a"]


def test_there_and_back(tmp_path):
    rows = [
        {
            "text": "a",
            "answer": "x",
            "by": "li@example.org",
            "opinion": "y",
            "confidence": 0.25,
            "version": "v1",
            "route": "reviewed",
        },
        {"text": "b", "opinion": "y", "version": "v1"},
        {"text": "c"},
    ]
    assert write(rows, tmp_path / "out.json").rows == 3
    found = [(r.text, r.label, r.opinion, r.confidence, r.by) for r in read(tmp_path / "out.json")]
    assert found == [
        ("a", "x", None, None, "li@example.org"),
        ("a", None, "y", 0.25, "v1"),
        ("b", None, "y", None, "v1"),
        ("c", None, None, None, ""),
    ]


def test_tasks_fit_a_labelling_configuration():
    task = next(to_tasks([{"text": "a", "answer": "x"}], control="intent", field="utterance"))
    assert task["data"] == {"utterance": "a"}
    assert task["annotations"][0]["result"][0]["from_name"] == "intent"
    assert task["annotations"][0]["result"][0]["to_name"] == "utterance"


def test_either_kind_of_answer_can_be_asked_for_alone(tmp_path):
    labels = list(read(put(tmp_path, TASKS), label="label"))
    assert [(r.label, r.opinion, dict(r.meta)) for r in labels][1:3] == [
        ("fees", None, {"channel": "web"}),
        (None, None, {"channel": "web"}),
    ]
    said = list(read(put(tmp_path, TASKS), opinion="opinion", confidence="confidence", how=How(by="mine")))
    assert [(r.label, r.opinion, r.confidence, r.by) for r in said if r.opinion] == [(None, "card", 0.8, "mine")]
    assert all("label" not in r.meta and "by" not in r.meta for r in said)


def test_texts_under_another_key(tmp_path):
    tasks = [{"data": {"body": "a", "n": 1}, "annotations": [{"result": [choice("x")]}]}]
    assert [(r.text, r.label) for r in read(put(tmp_path, tasks))] == [("a", "x")]


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"data": {"text": "a"}, "annotations": 5}, "annotations is not a list"),
        ({"data": {"text": "a"}, "predictions": [1]}, "predictions is not a list"),
        ({"data": {"text": "a"}, "annotations": [{"result": 5}]}, "result is not a list"),
        ({"data": {"text": "a"}, "annotations": [{"result": [choice("x"), choice("y")]}]}, "2 choices"),
    ],
)
def test_damaged_tasks_are_refused(tmp_path, task, said):
    with pytest.raises(DataError, match=f"task 1: .*{said}"):
        read(put(tmp_path, [task]))


def test_results_of_other_kinds_are_passed_over(tmp_path):
    rating = {"from_name": "r", "to_name": "t", "type": "rating", "value": {"rating": 4}}
    odd = {"type": "choices", "value": "x"}
    tasks = [{"data": {"text": "a"}, "annotations": [{"result": [rating, odd, choice("x")]}, {"result": [rating]}]}]
    assert [(r.text, r.label) for r in read(put(tmp_path, tasks))] == [("a", "x")]


def test_a_file_too_large_to_hold_is_refused_with_another_form(tmp_path, monkeypatch):
    monkeypatch.setattr(label_studio, "_MAX_FILE", 100)
    with pytest.raises(LimitError, match="longer than 100 characters; write it as JSON Lines, one object a line"):
        read(put(tmp_path, TASKS))
