from openpyxl import Workbook
from openpyxl.styles import Font

from reporting.exports.workbook.style import with_styles


def test_books_share_the_styles_but_not_that_of_cells_without_one():
    """A range prints its plain cells in a look of its own: the fonts that it adds are its book's alone."""
    one, other = with_styles(Workbook()), with_styles(Workbook())
    fonts = len(other._fonts)
    one._named_styles["Normal"].font = Font(name="Times New Roman", size=17)
    later = with_styles(Workbook())
    assert one._fonts[one._named_styles["Normal"].as_tuple().fontId].size == 17
    assert [len(book._fonts) for book in (one, other, later)] == [fonts + 1, fonts, fonts]
    assert [book._named_styles["Normal"].font.size for book in (other, later)] == [11, 11]
    assert one._named_styles["head"] is later._named_styles["head"]
