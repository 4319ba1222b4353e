"""Encoders of the Hugging Face hub; the hub is a folder made here, or one that fails as the real one does."""

import hashlib
import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from cowise.core.errors import InputError, MissingError, StorageError, TrustError
from cowise.models import hub
from cowise.models.fetch import check, pull, sha256_of
from cowise.models.hub import HuggingFace, pull_hub
from cowise.models.opening import open_encoder
from cowise.models.token_encoder import TokenEncoder
from cowise.models.weights import find, hub_parts
from tests.models.tiny import TEXTS, make

NAME = "hf:acme/tiny-mpnet"


class FolderHub:
    """A hub that is a folder; it remembers what was asked."""

    def __init__(self, folder):
        self.folder = folder
        self.asked = []

    def commit(self, repo, revision):
        self.asked.append((repo, revision))
        return hashlib.sha1(revision.encode()).hexdigest()

    def get(self, repo, file, commit):
        self.asked.append(file)
        found = self.folder / file
        return found if found.is_file() else None


@pytest.fixture
def source(tmp_path):
    (tmp_path / "remote").mkdir()
    return FolderHub(make(tmp_path / "remote", "mpnet", "mpnet."))


def test_pulled_once_then_the_same_path(source, tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "HuggingFace", lambda: source)
    cache, said = tmp_path / "cache", []
    with pytest.raises(MissingError, match="cowise models pull hf:acme/tiny-mpnet"):
        open_encoder(NAME, cache)
    assert source.asked == []  # opening asks nothing of the hub
    home = pull(NAME, cache, progress=said.append)
    assert len(said) == 1
    assert "downloading commit" in said[0]
    encoder, plain = open_encoder(NAME, cache), TokenEncoder(source.folder, name="plain")
    assert np.array_equal(encoder.encode(list(TEXTS)), plain.encode(list(TEXTS)))
    assert open_encoder(NAME, cache) is encoder
    count = len(source.asked)
    assert pull(NAME, cache) == home == check(NAME, cache)
    assert len(source.asked) == count
    written = json.loads((home / "source.json").read_text())
    assert written["repo"] == "acme/tiny-mpnet"
    assert set(written["sha256"]) == {"config.json", "tokenizer.json", "model.safetensors"}
    assert sorted(file.name for file in home.parent.iterdir()) == [home.name]


def test_revisions_lie_apart_and_pooling_comes_along(source, tmp_path):
    (source.folder / "1_Pooling").mkdir()
    (source.folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    home = pull_hub(f"{NAME}@v1.0", tmp_path / "cache", sha256_of, hub=source)
    assert source.asked[0] == ("acme/tiny-mpnet", "v1.0")
    assert (home / "1_Pooling" / "config.json").is_file()
    assert "/cls/" in open_encoder(f"{NAME}@v1.0", tmp_path / "cache").digest
    with pytest.raises(MissingError):
        check(NAME, tmp_path / "cache")


def test_a_changed_file_is_noticed_and_mended(source, tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "HuggingFace", lambda: source)
    home = pull(NAME, tmp_path)
    (home / "config.json").write_text((home / "config.json").read_text() + " ")
    with pytest.raises(TrustError, match="cowise models pull"):
        open_encoder(NAME, tmp_path)
    pull(NAME, tmp_path)
    assert check(NAME, tmp_path) == home
    (home / "source.json").write_text("[]")
    with pytest.raises(TrustError):
        check(NAME, tmp_path)


@pytest.mark.parametrize(
    ("gone", "named"), [("config.json", "config"), ("tokenizer.json", "vocab"), ("model.safetensors", "bin")]
)
def test_a_repository_without_an_encoder(source, tmp_path, gone, named):
    (source.folder / gone).unlink()
    with pytest.raises(MissingError, match=named):
        pull_hub(NAME, tmp_path / "cache", sha256_of, hub=source)
    assert not (tmp_path / "cache").exists()


def test_no_network_is_one_sentence(tmp_path):
    class Down:
        def commit(self, repo, revision):
            raise ConnectionError("no route to host\nmore")

    with pytest.raises(MissingError, match="check the name and the network") as said:
        pull_hub(NAME, tmp_path, sha256_of, hub=Down())
    assert "\n" not in str(said.value)
    assert NAME in str(said.value)


def test_a_cache_that_cannot_be_written(source, tmp_path):
    (tmp_path / "hf:acme").write_text("a file")
    with pytest.raises(StorageError, match="COWISE_MODELS"):
        pull_hub(NAME, tmp_path, sha256_of, hub=source)


@pytest.mark.parametrize(
    "name", ["hf:", "hf:bert", "hf:../x", "hf:a/..", "hf:a/b@", "hf:a/b/c", "hf:a/b@../x", "hf:a /b", "hf:é/b"]
)
def test_other_forms_of_names_are_refused(name, tmp_path):
    with pytest.raises(InputError, match="OWNER/NAME"):
        pull(name, tmp_path)
    with pytest.raises(InputError):
        open_encoder(name, tmp_path)


def test_names_are_entries_too():
    assert hub_parts("hf:a/b") == ("a/b", "")
    assert find(NAME).layout == "hub"


class Absent(Exception):
    """No such file in the repository."""


class Unreachable(Absent):
    """No network and nothing kept: in the library, too, a kind of the other."""


@pytest.fixture
def library(source, monkeypatch):
    """A `huggingface_hub` that reads the folder."""

    def download(repo, file, revision):
        if repo == "acme/down":
            raise Unreachable("offline")
        if not (source.folder / file).is_file():
            raise Absent(file)
        return str(source.folder / file)

    module = ModuleType("huggingface_hub")
    module.errors = SimpleNamespace(EntryNotFoundError=Absent, LocalEntryNotFoundError=Unreachable)
    module.hf_hub_download = download
    module.HfApi = lambda: SimpleNamespace(model_info=lambda repo, revision: SimpleNamespace(sha=f"c-{revision}"))
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)


def test_the_library_is_asked_as_it_wants(library, source, tmp_path):
    real = HuggingFace()
    assert real.commit("a/b", "") == "c-None"
    assert real.get("a/b", "nothing.json", "c") is None
    assert real.get("a/b", "config.json", "c") == source.folder / "config.json"
    assert pull(NAME, tmp_path / "cache").is_dir()
    with pytest.raises(MissingError, match="offline"):
        pull("hf:acme/down", tmp_path / "cache")


def test_without_the_library(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingError, match=r"cowise\[hf\]"):
        pull(NAME, tmp_path)
