"""The pieces of an official document, by Decree 30/2020/NĐ-CP, Annex I.

Page, margins, page numbers, fonts and the styles of rules and tables are in `template.docx`, which Word opens.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.shared import Cm, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from ...text.characters import printable

TEMPLATE = str(Path(__file__).with_name("template.docx"))
BODY = 14
TEXT_WIDTH = 210 - 30 - 15  # mm
BOLD_CAPITAL = 0.67  # mean width of a bold capital of Times New Roman, in its size
BOLD_SMALL = 0.425
MM_PER_POINT = 25.4 / 72

BLANKS = re.compile("[ \t\r\n\x85\u2028\u2029]+")


def clean(text: str) -> str:
    """The text on one line, without characters that would spoil the file or its order."""
    return BLANKS.sub(" ", printable(text)).strip(" ")


def new_document(*, title: str, author: str, comments: str) -> DocumentType:
    document = Document(TEMPLATE)
    document.core_properties.title = clean(title)
    document.core_properties.author = clean(author)
    document.core_properties.comments = comments
    return document


def paragraph(
    container: DocumentType | _Cell,
    text: str,
    *,
    size: float = BODY,
    is_bold: bool = False,
    is_italic: bool = False,
    align: ALIGN = ALIGN.CENTER,
    after: float = 0,
    before: float = 0,
    indent: float = 0,
    keeps_next: bool = False,
) -> Paragraph:
    """Adds a paragraph; in a new cell it fills the one that is there. `indent` of all its lines, in mm."""
    added = _next_paragraph(container)
    run = added.add_run(clean(text))
    run.font.size, run.bold, run.italic = Pt(size), is_bold, is_italic
    added.alignment = align
    form = added.paragraph_format
    form.space_after, form.space_before, form.keep_with_next = Pt(after), Pt(before), keeps_next
    if indent:
        form.left_indent = Mm(indent)
    return added


def body(document: DocumentType, text: str, *, keeps_next: bool = False) -> Paragraph:
    """A paragraph of the text itself: justified, its first line indented, 6 points before the next."""
    added = paragraph(document, text, align=ALIGN.JUSTIFY, after=6, keeps_next=keeps_next)
    added.paragraph_format.first_line_indent = Cm(1.27)
    added.paragraph_format.line_spacing = 1.1
    return added


def heading(document: DocumentType, text: str) -> Paragraph:
    added = body(document, text, keeps_next=True)
    added.runs[0].bold = True
    return added


def _width_of(text: str, size: float) -> float:
    """The approximate width of a bold line, in mm."""
    capitals = sum(1 for letter in text if letter.isupper())
    return (capitals * BOLD_CAPITAL + (len(text) - capitals) * BOLD_SMALL) * size * MM_PER_POINT


def rule(
    container: DocumentType | _Cell, above: Sequence[str], size: float, *, within: float, part: float, after: float = 0
) -> None:
    """A solid line, as long as a part of the longest bold line above it, centred in a column `within` mm wide."""
    longest = max(_width_of(line, size) for line in above)
    added = _next_paragraph(container)
    added.style = "Rule"
    form = added.paragraph_format
    form.left_indent = form.right_indent = Mm((within - min(longest, within) * part) / 2)
    form.space_after = Pt(after)


def table(document: DocumentType, rows: int, widths: Sequence[float], *, has_borders: bool) -> Table:
    """A table of fixed columns, in mm; no row breaks across pages."""
    added = document.add_table(rows, len(widths), style="Figures" if has_borders else "Plain")
    added.alignment = WD_TABLE_ALIGNMENT.CENTER
    added.autofit = False
    for column, width in zip(added.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    for row in added.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return added


def repeat_head(added: Table) -> None:
    """Print the first row again at the top of every further page."""
    added.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _next_paragraph(container: DocumentType | _Cell) -> Paragraph:
    if isinstance(container, _Cell) and len(container.paragraphs) == 1 and not container.paragraphs[0].runs:
        first = container.paragraphs[0]
        if first._p.pPr is None:
            return first
    return container.add_paragraph()
