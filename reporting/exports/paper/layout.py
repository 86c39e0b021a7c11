"""The pieces of an official document, by Decree 30/2020/NĐ-CP, Annex I: page, paragraphs, rules, tables."""

import re
from collections.abc import Sequence

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from ...text.characters import printable

FONT = "Times New Roman"
BODY = 14
PAGE_WIDTH, PAGE_HEIGHT = Mm(210), Mm(297)
TOP, BOTTOM, LEFT, RIGHT = Mm(20), Mm(20), Mm(30), Mm(15)
TEXT_WIDTH = 210 - 30 - 15  # mm
BOLD_CAPITAL = 0.67  # mean width of a bold capital of Times New Roman, in its size
BOLD_SMALL = 0.425
MM_PER_POINT = 25.4 / 72

BLANKS = re.compile("[ \t\r\n\x85\u2028\u2029]+")


def clean(text: str) -> str:
    """On one line, without the characters that would spoil the file or its order."""
    return BLANKS.sub(" ", printable(text)).strip(" ")


def new_document(*, title: str, author: str, comments: str) -> DocumentType:
    """An A4 page upright with the decree's margins, its number in the top margin from the second page on."""
    document = Document()
    document.core_properties.title = clean(title)
    document.core_properties.author = clean(author)
    document.core_properties.language = "vi-VN"
    document.core_properties.comments = comments
    _set_fonts(document)
    section = document.sections[0]
    section.page_width, section.page_height = PAGE_WIDTH, PAGE_HEIGHT
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = TOP, BOTTOM, LEFT, RIGHT
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    _number_pages(section.header.paragraphs[0])
    return document


def _set_fonts(document: DocumentType) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(BODY), RGBColor(0, 0, 0)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    fonts = style.element.rPr.rFonts
    for script in ("eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
    style.element.rPr.append(_element("lang", val="vi-VN", eastAsia="vi-VN"))


def _number_pages(paragraph: Paragraph) -> None:
    paragraph.alignment = ALIGN.CENTER
    run = paragraph.add_run()
    run.font.size = Pt(BODY)
    instruction = _element("instrText")
    instruction.text = "PAGE"
    run._r.extend([_element("fldChar", fldCharType="begin"), instruction, _element("fldChar", fldCharType="end")])


def _element(tag: str, **values: str) -> BaseOxmlElement:
    """A part of a document that the library has no name for."""
    made = OxmlElement(f"w:{tag}")
    for name, value in values.items():
        made.set(qn(f"w:{name}"), value)
    return made


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
    """One paragraph; of a fresh cell the one that it comes with. `indent` is the whole paragraph's, in mm."""
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


def width_of(text: str, size: float) -> float:
    """About how wide a bold line is, in mm."""
    capitals = sum(1 for letter in text if letter.isupper())
    return (capitals * BOLD_CAPITAL + (len(text) - capitals) * BOLD_SMALL) * size * MM_PER_POINT


def rule(container: DocumentType | _Cell, *, width: float, within: float, after: float = 0) -> None:
    """A solid line of so many mm, centred in a column `within` mm wide."""
    added = _next_paragraph(container)
    form = added.paragraph_format
    form.left_indent = form.right_indent = Mm((within - min(width, within)) / 2)
    form.space_before, form.space_after = Pt(1), Pt(after)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
    properties = added._p.get_or_add_pPr()
    borders = _element("pBdr")
    borders.append(_element("top", val="single", sz="6", space="1", color="000000"))
    properties.insert_element_before(borders, *AFTER_BORDERS)


AFTER_BORDERS = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr")  # by the schema


def table(document: DocumentType, rows: int, widths: Sequence[float], *, has_borders: bool) -> Table:
    """A table of fixed columns, in mm, whose rows are not torn by a page."""
    added = document.add_table(rows, len(widths), style="Table Grid" if has_borders else None)
    added.alignment = WD_TABLE_ALIGNMENT.CENTER
    added.autofit = False
    _set_cell_margins(added, 0.7 if has_borders else 0)
    for column, width in zip(added.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    for row in added.rows:
        row._tr.get_or_add_trPr().append(_element("cantSplit"))
    return added


def _set_cell_margins(added: Table, margin: float) -> None:
    margins = _element("tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(side, w=str(round(margin / 25.4 * 1440)), type="dxa"))
    properties = added._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    properties.append(margins) if look is None else look.addprevious(margins)


def repeat_head(added: Table) -> None:
    """The first row stands again at the top of every further page."""
    added.rows[0]._tr.get_or_add_trPr().append(_element("tblHeader"))


def _next_paragraph(container: DocumentType | _Cell) -> Paragraph:
    if isinstance(container, _Cell) and len(container.paragraphs) == 1 and not container.paragraphs[0].runs:
        first = container.paragraphs[0]
        if first._p.pPr is None:
            return first
    return container.add_paragraph()
