"""Whether the server answers; for those who start it."""

from __future__ import annotations

from fastapi import APIRouter

from cowise import __version__
from cowise.web.shapes import Health

router = APIRouter(tags=["workspace"])


@router.get("/health")
async def health() -> Health:
    """Whether the server answers, and its version. Needs no sign-in."""
    return Health(ok=True, version=__version__)
