"""The help pages, in Chinese: English sentence -> Chinese sentence."""

from __future__ import annotations

CHINESE_HELP: dict[str, str] = {}
