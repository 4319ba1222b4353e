"""One tree of errors. Each message says what was asked, what was got, and what to do.

CowiseError
├── InputError            the caller's data or options are off                    exit 2
│   ├── DataError         a file or column cannot be read as asked               exit 3
│   └── TaskError         labels, answers or task settings do not fit            exit 4
├── MissingError          a project, item, model or package is not here          exit 5
├── ConflictError         somebody or something else holds it, or changed it     exit 6
├── GuaranteeError        a promise cannot be certified with what there is       exit 7
├── TrustError            a hash, key, signature or ledger does not fit          exit 8
├── StorageError          disk, permission or database                           exit 9
├── LimitError            larger than cowise accepts                             exit 10
│   └── RateError         too many attempts in a short time                      exit 13
├── AuthError             nobody is signed in, or name and password do not fit   exit 11
└── ForbiddenError        the role or token does not reach this                  exit 12
"""

from __future__ import annotations


class CowiseError(Exception):
    """Base of every error that a user may meet; `exit_code` is what the command line ends with."""

    exit_code = 1


class InputError(CowiseError):
    """The caller's data or options are off."""

    exit_code = 2


class DataError(InputError):
    """A file, column or row cannot be read as asked."""

    exit_code = 3


class TaskError(InputError):
    """Labels, answers or task settings do not fit each other."""

    exit_code = 4


class MissingError(CowiseError):
    """A project, item, model, file or package is not here."""

    exit_code = 5


class ConflictError(CowiseError):
    """Somebody or something else holds it, or it changed meanwhile."""

    exit_code = 6


class GuaranteeError(CowiseError):
    """A promise cannot be certified with what there is."""

    exit_code = 7


class TrustError(CowiseError):
    """A hash, key, signature or ledger does not fit."""

    exit_code = 8


class StorageError(CowiseError):
    """The disk, a permission or the database refuses."""

    exit_code = 9


class LimitError(CowiseError):
    """Larger than cowise accepts."""

    exit_code = 10


class RateError(LimitError):
    """Too many attempts in a short time; repeat after `retry_after_s` seconds."""

    exit_code = 13

    def __init__(self, message: str = "", retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class AuthError(CowiseError):
    """Nobody is signed in, or name and password do not fit."""

    exit_code = 11


class ForbiddenError(CowiseError):
    """The role or the token does not reach this; the message is the reason."""

    exit_code = 12
