"""cowise: language models and people as one team, under a promise that is kept."""

__version__ = "0.1.0"
