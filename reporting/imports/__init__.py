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
    preview,
    read,
)
from .kinds.reports import MAX_DAYS
from .layout import Table, packed, unpacked
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
    "packed",
    "plan",
    "preview",
    "read",
    "template",
    "unpacked",
]
