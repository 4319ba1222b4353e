"""The application as a whole: light to import, answers, and says what it is."""

from __future__ import annotations

import subprocess
import sys

import cowise


def test_health_needs_no_sign_in(office):
    answer = office.stranger().get("/api/health")
    assert answer.json() == {"ok": True, "version": cowise.__version__}


def test_importing_the_application_is_light():
    heavy = (
        "torch",
        "transformers",
        "sklearn",
        "scipy",
        "onnxruntime",
        "matplotlib",
        "pyarrow",
        "cowise.team",
        "cowise.data",
    )
    code = f"import sys, cowise.web.app; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
