"""Settings: the environment over the file over the defaults, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowise.core.errors import InputError
from cowise.core.settings import model_key, read


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "settings.toml").write_text('threads = 3\nlang = "zh"\ndebug = true\ndb = "sqlite://"\n', "utf-8")
    return tmp_path


def test_the_environment_comes_before_the_file(home: Path) -> None:
    found = read({"COWISE_HOME": str(home), "COWISE_THREADS": "2"})
    assert (found.home, found.threads, found.lang, found.debug, found.db) == (home, 2, "zh", True, "sqlite://")
    assert read({"COWISE_HOME": str(home), "COWISE_DEBUG": "no"}).debug is False


def test_a_home_that_is_named_comes_before_all(home: Path, tmp_path: Path) -> None:
    assert read({"COWISE_HOME": "/nowhere"}, home).threads == 3
    assert read({"COWISE_HOME": str(home)}, tmp_path / "other").threads == 0


def test_defaults() -> None:
    found = read({"XDG_CACHE_HOME": "/cache"}, Path("/nowhere"))
    assert found.models == Path("/cache/cowise/models")
    assert (found.db, found.key, found.threads, found.lang, found.debug) == ("", "", 0, "en", False)
    assert read({}).home == Path("~/.local/share/cowise").expanduser()
    assert read({"COWISE_MODELS": "/weights"}, Path("/nowhere")).models == Path("/weights")


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "de_DE"}, "en"),
        ({"LANG": "de_DE", "LC_ALL": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "COWISE_LANG": "en"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale_unless_it_is_set(environ: dict[str, str], lang: str) -> None:
    assert read(environ, Path("/nowhere")).lang == lang


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"threads = ", "is not valid TOML"),
        (b"lang = '\xff'", "is not valid TOML"),
        (b"thread = 1\ncolour = 'red'", "sets colour, thread, which cowise does not know; known are data, db, debug"),
        (b"threads = 'many'", "threads: asked for 'many'; give a whole number, 0 for automatic"),
        (b"lang = 'fr'", "lang: asked for 'fr'; there are en, zh"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, raw: bytes, said: str) -> None:
    (tmp_path / "settings.toml").write_bytes(raw)
    with pytest.raises(InputError) as caught:
        read({}, tmp_path)
    assert said in str(caught.value)


def test_a_key_goes_to_its_own_host_alone() -> None:
    env = {"COWISE_LLM_KEY_API_EXAMPLE_COM": " one ", "COWISE_LLM_KEY_API__EXAMPLE_COM": "two"}
    assert model_key("api.example.com", env) == "one"
    assert model_key("api-example.com", env) == "two"
    assert model_key("api_example_com", env) == model_key("::1", env) == ""
