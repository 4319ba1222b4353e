"""The door for terminals and scripts: one file per noun, loaded when it is used."""

from cowise.cli.program import app, main

__all__ = ["app", "main"]
