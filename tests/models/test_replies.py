"""Replies that are kept: found again, by version and text; damaged ones are as good as none."""

import numpy as np
import pytest

from cowise.core.errors import StorageError
from cowise.core.types import content_id
from cowise.models.replies import Kept, Replies

KEPT = Kept(np.array([0.25, 0.75]), 10, 3, "me")


def test_found_again_by_version_and_text(tmp_path):
    replies = Replies(tmp_path)
    replies.put("v1", "It crashes", KEPT)
    found = replies.get("v1", " it  CRASHES", 2)
    assert found.p.tolist() == [0.25, 0.75]
    assert (found.tokens_in, found.tokens_out, found.payer) == (10, 3, "me")
    assert replies.get("v2", "It crashes", 2) is None
    assert replies.get("v1", "other", 2) is None
    assert replies.get("v1", "It crashes", 3) is None


def test_no_text_is_kept(tmp_path):
    Replies(tmp_path).put("v1", "a secret text", KEPT)
    assert not [p for p in tmp_path.rglob("*") if "secret" in p.name or (p.is_file() and b"secret" in p.read_bytes())]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[]",
        '{"p": [0.5, 0.5]}',
        '{"p": [NaN, 1], "in": 1, "out": 1, "payer": ""}',
        '{"p": [2, -1], "in": 1, "out": 1, "payer": ""}',
    ],
)
def test_a_damaged_reply_is_none(tmp_path, raw):
    replies = Replies(tmp_path)
    replies.put("v1", "x", KEPT)
    next(tmp_path.rglob("*.json")).write_text(raw)
    assert replies.get("v1", "x", 2) is None


def test_forgotten_in_every_version(tmp_path):
    replies = Replies(tmp_path, named=lambda content: content[::-1])
    replies.put("v1", "x", KEPT)
    replies.put("v2", "x", KEPT)
    replies.put("v2", "y", KEPT)
    assert replies.forget(content_id("x")) == 2
    assert replies.get("v2", "x", 2) is None
    assert replies.get("v2", "y", 2) is not None
    replies.clear()
    replies.clear()
    assert not tmp_path.exists()


def test_a_disk_that_refuses_says_so(tmp_path):
    (tmp_path / "v1").write_text("a file where a folder should be")
    with pytest.raises(StorageError, match="cannot write"):
        Replies(tmp_path).put("v1", "x", KEPT)
