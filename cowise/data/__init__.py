"""In and out: everything that holds texts becomes rows, and decisions become files."""

from cowise.data.label_studio import to_tasks
from cowise.data.read import FORMATS, opened, read
from cowise.data.rows import MAX_CELL, MAX_COLUMNS, How, Row, Rows, Source
from cowise.data.tally import Conflict, Tally, counted
from cowise.data.write import Written, write

__all__ = [
    "FORMATS",
    "MAX_CELL",
    "MAX_COLUMNS",
    "Conflict",
    "How",
    "Row",
    "Rows",
    "Source",
    "Tally",
    "Written",
    "counted",
    "opened",
    "read",
    "to_tasks",
    "write",
]
