"""What the command line says, in Chinese: English sentence -> Chinese sentence."""

from __future__ import annotations

CHINESE: dict[str, str] = {}
