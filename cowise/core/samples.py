"""The texts that cowise carries, for a first try without data of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cowise.core.errors import MissingError

TEXT_COLUMN = "text"
LABEL_COLUMN = "label"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: a CSV file with the columns `text` and `label`, and what a page or a command says about it."""

    name: str
    title: str
    language: str
    licence: str


SAMPLES: tuple[Sample, ...] = (
    Sample("bank", "Bank customers' questions, 14 intents", "en", "CC-BY-4.0"),
    Sample("travel", "Chinese travellers' messages, 5 subjects", "zh", "Apache-2.0"),
)


def sample(name: str) -> Path:
    """The CSV file of a sample, in an installed wheel or in a checkout.

    Raises MissingError for a name that is not in SAMPLES, and where an installation lost its samples.

    >>> sample("bank").name
    'bank.csv'
    """
    known = ", ".join(each.name for each in SAMPLES)
    if name not in {each.name for each in SAMPLES}:
        raise MissingError(f"sample {name!r} does not exist; there are {known}")
    package = Path(__file__).parents[1]
    for folder in (package / "samples", package.parent / "samples"):
        file = folder / name / f"{name}.csv"
        if file.is_file():
            return file
    raise MissingError(f"sample {name!r} is not in this installation of cowise; install cowise again")
