"""A real small language model: in this process, on loopback, and what it refuses."""

import http.client
import json
import sys
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from cowise.core.errors import InputError, MissingError, StorageError, TrustError
from cowise.core.settings import read
from cowise.models.local_llm import LocalModel, model_file
from cowise.models.opening import open_encoder
from cowise.models.weights import encoder, language_model

NAME = "smollm2-135m"
BODY = {"messages": [{"role": "user", "content": "Say yes."}], "max_tokens": 4, "temperature": 0}


def post(address, headers=None):
    to = urlsplit(address)
    line = http.client.HTTPConnection(to.hostname, to.port, timeout=60)
    line.request(
        "POST", f"{to.path}/chat/completions", json.dumps(BODY), {"Content-Type": "application/json"} | (headers or {})
    )
    with closing(line):
        found = line.getresponse()
        return found.status, found.headers, json.loads(found.read())


@pytest.fixture(scope="module")
def served():
    return LocalModel(NAME, read().models, threads=1, port=0)


@pytest.mark.llm
def test_it_answers_here_and_on_loopback_alike(served):
    assert served.address.startswith("http://127.0.0.1:")
    here = served.chat(BODY)["choices"][0]["message"]["content"]
    status, _, there = post(served.address)
    assert status == 200
    assert there["choices"][0]["message"]["content"] == here != ""
    assert there["model"] == NAME


@pytest.mark.llm
def test_pages_of_others_may_not_read_its_answers(served):
    _, headers, _ = post(served.address, {"Origin": "https://elsewhere.example"})
    assert headers["Access-Control-Allow-Origin"] not in ("*", "https://elsewhere.example")


@pytest.mark.llm
def test_a_prompt_beyond_its_window_is_refused_not_cut(served):
    found = served.chat({**BODY, "messages": [{"role": "user", "content": "far too long " * 9000}]})
    assert "exceeds" in found["error"]["message"]


@pytest.mark.llm
def test_without_a_port_nobody_else_gets_an_answer():
    model = LocalModel(NAME, read().models, threads=1)
    assert model.chat(BODY)["choices"]
    assert post(model.address)[0] == 401


@pytest.mark.llm
def test_a_port_that_is_taken_or_none(served):
    with pytest.raises(StorageError, match="free the port"):
        LocalModel(NAME, read().models, threads=1, port=urlsplit(served.address).port)
    with pytest.raises(InputError, match="65535"):
        LocalModel(NAME, read().models, threads=1, port=70000)


def test_what_is_missing_is_named(tmp_path, monkeypatch):
    with pytest.raises(MissingError, match="cowise models pull smollm2-135m"):
        model_file(NAME, tmp_path)
    with pytest.raises(MissingError, match=r"qwen2\.5-coder-0\.5b"):
        model_file("gpt-9", tmp_path)
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingError, match=r"pip install 'cowise\[llm\]'"):
        LocalModel(NAME, tmp_path)


def test_a_changed_file_is_not_opened(tmp_path):
    part = language_model(NAME).parts[0]
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / part.save_as).write_bytes(b"GGUF")
    with pytest.raises(TrustError, match="cowise models pull"):
        model_file(NAME, tmp_path)


def test_a_language_model_is_no_encoder(tmp_path):
    for look in (encoder, lambda name: open_encoder(name, tmp_path)):
        with pytest.raises(InputError, match="cowise member add"):
            look(NAME)
    with pytest.raises(MissingError, match=NAME):
        language_model("minilm-en")
