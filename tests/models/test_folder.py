"""A model folder: written in one step, verified before it is read."""

import hashlib
import json

import numpy as np
import pytest

from cowise.core.errors import MissingError, StorageError, TrustError
from cowise.models import folder as folders
from cowise.models.folder import TextModel, load, pack, save, unpack, verify
from cowise.models.hashing import HashingEncoder
from cowise.models.heads import LinearHead

TEXTS = ["hello", "你好", "", "😀"]


def model(labels=("bug", "表扬")):
    rng = np.random.default_rng(0)
    head = LinearHead(
        weights=rng.normal(size=(32, len(labels))).astype(np.float32),
        bias=np.zeros(len(labels), np.float32),
        seen=np.ones(len(labels), dtype=bool),
        kind="ridge",
    )
    return TextModel(HashingEncoder(32), head, tuple(labels), "mine", {"accuracy": 0.9})


def test_round_trip(tmp_path):
    first = model()
    save(first, tmp_path / "m")
    back = load(tmp_path / "m", HashingEncoder(32))
    assert np.array_equal(back.predict(TEXTS), first.predict(TEXTS))
    assert back.labels == first.labels
    assert dict(back.metrics) == {"accuracy": 0.9}
    assert sorted(f.name for f in (tmp_path / "m").iterdir()) == sorted([*folders.FILES, "manifest.json"])
    assert "表扬" in (tmp_path / "m" / "README.md").read_text("utf-8")


def test_same_model_same_bytes():
    assert pack(model()) == pack(model())


def test_saving_again_replaces_and_leaves_nothing_behind(tmp_path):
    save(model(), tmp_path / "m")
    save(model(("a", "b", "c")), tmp_path / "m")
    assert load(tmp_path / "m", HashingEncoder(32)).labels == ("a", "b", "c")
    assert [f.name for f in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize("name", folders.FILES)
def test_any_changed_file_is_refused(tmp_path, name):
    save(model(), tmp_path / "m")
    file = tmp_path / "m" / name
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(TrustError, match=name):
        load(tmp_path / "m", HashingEncoder(32))


def test_added_or_missing_files_are_refused(tmp_path):
    save(model(), tmp_path / "m")
    (tmp_path / "m" / "extra.py").write_text("x")
    with pytest.raises(TrustError, match="missing or added"):
        load(tmp_path / "m", HashingEncoder(32))
    files = pack(model())
    with pytest.raises(TrustError, match=r"manifest\.json cannot be read"):
        verify({**files, "manifest.json": b"{"})
    manifest = json.loads(files["manifest.json"]) | {"format": "cowise-model/9"}
    with pytest.raises(TrustError, match="format"):
        verify({**files, "manifest.json": json.dumps(manifest).encode()})


def test_another_encoder_is_refused():
    with pytest.raises(TrustError, match="pull that encoder"):
        unpack(pack(model()), HashingEncoder(64))


def test_no_folder_and_foreign_folder(tmp_path):
    with pytest.raises(MissingError, match="no model folder"):
        load(tmp_path)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StorageError, match="is no model folder"):
        save(model(), tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_named_encoder_is_opened(tmp_path):
    base = model()
    named = TextModel(
        HashingEncoder(),
        LinearHead(np.zeros((512, 2), np.float32), np.zeros(2, np.float32), np.ones(2, bool)),
        ("a", "b"),
        "hashing",
    )
    save(named, tmp_path / "m")
    assert load(tmp_path / "m").predict(["x"]).shape == (1, 2)
    assert base.labels == ("bug", "表扬")


def forged(files, name, content):
    """The folder's files with one of them replaced and the manifest made to fit."""
    files = {**files, name: content}
    manifest = json.loads(files["manifest.json"])
    manifest["sha256"][name] = hashlib.sha256(content).hexdigest()
    return {**files, "manifest.json": json.dumps(manifest).encode()}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("config.json", b"{}", "lacks what it must hold"),
        ("metrics.json", b"{", "lacks what it must hold"),
        ("labels.json", b'{"labels": ["a", "b", "c"]}', "3 labels for a head of 2 classes"),
    ],
)
def test_files_that_fit_the_manifest_and_nothing_else_are_refused(name, content, said):
    with pytest.raises(TrustError, match=f"{said}.*save the model again"):
        unpack(forged(pack(model()), name, content), HashingEncoder(32))


def test_a_disk_that_fails_keeps_the_old_model(tmp_path, monkeypatch):
    save(model(), tmp_path / "m")
    rename = type(tmp_path).rename

    def fails(self, target):
        if self.name.endswith(".new"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(type(tmp_path), "rename", fails)
    with pytest.raises(StorageError, match="No space left on device"):
        save(model(("other", "labels")), tmp_path / "m")
    assert [file.name for file in tmp_path.iterdir()] == ["m"]
    assert load(tmp_path / "m", HashingEncoder(32)).labels == model().labels

    def unreadable(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "read_bytes", unreadable)
    with pytest.raises(StorageError, match=r"cannot read .* \(Permission denied\); check its permissions"):
        load(tmp_path / "m", HashingEncoder(32))
