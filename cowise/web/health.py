"""Whether the server answers; for those who start it."""

from __future__ import annotations

from cowise.core.version import VERSION
from cowise.web.shapes import Health, routes

router = routes("workspace")


@router.get("/health")
async def health() -> Health:
    """Whether the server answers, and its version. Needs no sign-in."""
    return Health(ok=True, version=VERSION)
