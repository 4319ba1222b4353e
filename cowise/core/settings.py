"""The only reader of environment and settings file."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from cowise.core.errors import InputError

LANGUAGES = ("en", "zh")
DEFAULT_HOME = Path("~/.local/share/cowise")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things live and how much they may use. Every field can be set as COWISE_<NAME> or in settings.toml.

    home: the workspace folder. db: an SQLAlchemy address, "" for the workspace's own SQLite file.
    models: folder of downloaded weights. key: passphrase of an encrypted workspace.
    threads: threads for encoders (fits always use one). data: folder of benchmark sets.
    lang: language of messages, en or zh, by default that of LC_ALL, LC_MESSAGES or LANG.
    debug: show tracebacks of unexpected errors.
    """

    home: Path = Path("cowise-home")
    db: str = ""
    models: Path = Path()
    key: str = ""
    threads: int = 0
    data: Path = Path()
    lang: str = "en"
    debug: bool = False


def read(environ: Mapping[str, str] | None = None, home: Path | None = None) -> Settings:
    """Settings from the environment, over `settings.toml` in the workspace, over the defaults.

    >>> read({"COWISE_HOME": "/tmp/ws"}).home.name
    'ws'
    """
    env = os.environ if environ is None else environ
    where = home or Path(env.get("COWISE_HOME", "") or DEFAULT_HOME.expanduser())
    found: dict[str, str] = {}
    file = where / "settings.toml"
    if file.is_file():
        try:
            found.update({k: str(v) for k, v in tomllib.loads(file.read_text("utf-8")).items()})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
            raise InputError(f"{file} is not valid TOML ({cause}); mend or remove it") from cause
    names = {f.name for f in fields(Settings)}
    unknown = sorted(set(found) - names)
    if unknown:
        raise InputError(
            f"{file} sets {', '.join(unknown)}, which cowise does not know; known are {', '.join(sorted(names))}"
        )
    for name in names:
        value = env.get(f"COWISE_{name.upper()}")
        if value:
            found[name] = value
    try:
        threads = int(found.get("threads", "0"))
    except ValueError:
        raise InputError(f"threads: asked for {found['threads']!r}; give a whole number, 0 for automatic") from None
    lang = found.get("lang", "") or _spoken(env)
    if lang not in LANGUAGES:
        raise InputError(f"lang: asked for {lang!r}; there are {', '.join(LANGUAGES)}")
    cache = Path(env.get("XDG_CACHE_HOME", "") or Path("~/.cache").expanduser())
    return Settings(
        home=where,
        db=found.get("db", ""),
        models=Path(found.get("models", "") or cache / "cowise" / "models"),
        key=found.get("key", ""),
        threads=threads,
        data=Path(found.get("data", "")),
        lang=lang,
        debug=found.get("debug", "").lower() in ("1", "true", "yes"),
    )


def _spoken(env: Mapping[str, str]) -> str:
    """The language that the locale asks for: Chinese, or else English."""
    wanted = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "zh" if wanted.lower().startswith("zh") else "en"


def model_key(host: str, environ: Mapping[str, str] | None = None) -> str:
    """The API key for language models at a host, from COWISE_LLM_KEY_ and the host's name; "" where there is none.

    A key belongs to one host, so that nobody who names another address is sent it; a hyphen is two underscores, so that
    no two hosts share a name.

    >>> model_key("my-api.example.com", {"COWISE_LLM_KEY_MY__API_EXAMPLE_COM": "secret"})
    'secret'
    """
    env = os.environ if environ is None else environ
    if not re.fullmatch(r"[a-z0-9.-]+", host):
        return ""
    return env.get(f"COWISE_LLM_KEY_{host.upper().replace('-', '__').replace('.', '_')}", "").strip()
