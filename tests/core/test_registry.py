"""Names to objects, and what is said where a name leads nowhere."""

from __future__ import annotations

import pytest

from cowise.core import errors
from cowise.core.errors import MissingError
from cowise.core.registry import load, need


def test_names_inside_the_package_and_outside() -> None:
    assert load("core.errors:MissingError") is MissingError
    assert load("cowise.core.errors:MissingError") is MissingError
    assert load("json:dumps")([1]) == "[1]"
    with pytest.raises(AttributeError):
        load("core.errors:NoSuchError")


def test_an_optional_package_is_imported_or_named_with_its_command() -> None:
    assert need("cowise.core.errors", "none") is errors
    with pytest.raises(MissingError, match=r"no_such_package is needed .* run: pip install 'cowise\[plot\]'"):
        need("no_such_package", "plot")
