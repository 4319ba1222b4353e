"""The application as a whole: light to import, answers, and says what it is."""

from __future__ import annotations

import subprocess
import sys

from fastapi.routing import APIRoute

import cowise
from cowise.web.app import ROUTERS


def test_health_needs_no_sign_in(office):
    answer = office.stranger().get("/api/health")
    assert answer.json() == {"ok": True, "version": cowise.__version__}


def test_every_route_is_made_once(office):
    """An included router makes its routes again at the first request, which waits for all of them."""
    mine = [id(one) for one in office.app.routes if isinstance(one, APIRoute)]
    assert mine == [id(one) for router in ROUTERS for one in router.routes]
    assert all(one.path.startswith("/api/") for one in office.app.routes if isinstance(one, APIRoute))


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
