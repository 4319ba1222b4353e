"""The rooms' public faces: every name resolves, and importing them loads nothing heavy."""

import subprocess
import sys

import pytest

from cowise import learn, models


@pytest.mark.parametrize("room", [models, learn])
def test_every_name_resolves(room):
    assert list(room.__all__) == sorted(room.__all__)
    for name in room.__all__:
        assert getattr(room, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = room.nonsense


def test_importing_loads_nothing_heavy():
    code = (
        "import cowise.learn, cowise.models, sys;"
        "heavy = {'sklearn', 'scipy', 'onnxruntime', 'torch', 'safetensors', 'tokenizers'} & set(sys.modules);"
        "print(*sorted(heavy))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "", "")
