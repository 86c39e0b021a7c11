"""Excel files, from the same rows as the pages. They know nothing of HTTP and ask no database.

Numbers are numbers, shares are ratios (cut as on the page) with a format, what is not known is an empty cell, and text
that begins with "=" stays text.
"""

from ...files.workbook_style import roman
from .day import day_workbook
from .ranges import range_workbook

__all__ = ["day_workbook", "range_workbook", "roman"]
