"""Files that come in as Excel or CSV: read, shown cell by cell, and applied, all of it or nothing.

A kind of import is a description: its columns, what it plans, what it writes. The core knows none of them by name.
"""

from . import plan
from .importing import (
    KINDS,
    Changed,
    Kind,
    NotExplained,
    NothingToDo,
    apply,
    can_import,
    kinds_for,
    notes,
    open_book,
    preview,
    problems,
    read,
    source_of,
    table_of,
)
from .kinds.reports import MAX_DAYS
from .layout import Table
from .plan import Plan, Row, RowOutcome, Sent
from .template import template

__all__ = [
    "KINDS",
    "MAX_DAYS",
    "Changed",
    "Kind",
    "NotExplained",
    "NothingToDo",
    "Plan",
    "Row",
    "RowOutcome",
    "Sent",
    "Table",
    "apply",
    "can_import",
    "kinds_for",
    "notes",
    "open_book",
    "plan",
    "preview",
    "problems",
    "read",
    "source_of",
    "table_of",
    "template",
]
