"""The day's official paper (Báo cáo) of a unit as a Word file, from the same rows as the page.

It follows Decree 30/2020/NĐ-CP, Annex I, and is always in Vietnamese. A number that is not given is left blank. Page,
margins, page numbers, fonts and the styles of rules and tables are in `paper_template.docx`, which Word opens.
"""

import io
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

from django.utils import timezone, translation
from django.utils.translation import gettext as _, pgettext
from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.shared import Cm, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from . import acts, site
from .days.look_back import LookBack, newest_seal
from .exports import offices, paper_sentences as sentences, stamp
from .exports.offices import IssuingOffice
from .figures import rollup, sealed_table, statements
from .figures.rollup import DayRollup, Row
from .models import Unit
from .pages import checking, overview, trends
from .text import formatting
from .text.characters import printable

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LANGUAGE = "vi"  # an official document is Vietnamese
HEAD = (77, 93)  # mm: the issuing body, the state
FOOT = (80, 85)  # mm: the copies, the signature
PART = 0.4  # a rule's length over its line's: a third to a half
STATE_SIZE, MOTTO_SIZE = 12, 13
CELL_SIZE = 12
NOTHING = (formatting.NOT_KNOWN, "0", "0/0")
SIGNING_SPACE = 4  # empty lines
TEMPLATE = str(Path(__file__).parent / "exports/paper_template.docx")
BODY = 14
TEXT_WIDTH = 210 - 30 - 15  # mm
BOLD_CAPITAL = 0.67  # mean width of a bold Times New Roman capital, per type size
BOLD_SMALL = 0.425
MM_PER_POINT = 25.4 / 72

BLANKS = re.compile("[ \t\r\n\x85\u2028\u2029]+")


@translation.override(LANGUAGE)
def day_paper(unit: Unit, day: date, as_of: datetime | None = None, *, at: datetime) -> bytes | None:
    """The paper; None if the unit is not there, reports for itself or issues no papers.

    Without `as_of` the figures are those known at `at`, so that each can be had again. Raises `NotIssued` if a
    statement is false.
    """
    figures = rollup.rows(unit, day, as_of or at)
    if unit.code not in figures.by_code or figures.own.is_reporting or not offices.issues_papers(unit):
        return None
    seal = newest_seal(unit, day, figures.as_of)
    superior = Unit.objects.named(day, figures.as_of).filter(pk=unit.parent_id).first()
    issuer = offices.issuing_office(unit, superior, site.site_of(unit, day).own_office)
    trend = trends.trend(unit, figures, at=at, seal=seal)
    found = sentences.sections(
        figures,
        issuer,
        trend=trend,
        earlier_seal=trends.earlier_seal(trend),
        later=trends.after_hour(trend, figures.until(at), formatting.official_moment(figures.until(at))),
        slowest=overview.slowest(trend, at=at),
        difficulties=acts.day_difficulties(figures),
        until=figures.until(at),
    )
    number = checking.checked(sentences.statements_of(found))
    look, proof = stamp.look_words(as_of, seal, moment=formatting.official_moment), ""
    if seal and seal.at == figures.as_of:
        proof = sentences.chain_code_words(seal, sealed_table.seal_chain(seal.unit_id)[seal])
    return render(figures, issuer, found, at=at, look=look, proof=proof, checked=number)


@translation.override(LANGUAGE)
def render(
    figures: DayRollup,
    issuer: IssuingOffice,
    sections: Sequence[sentences.Section],
    *,
    at: datetime,
    look: str = "",
    proof: str = "",
    checked: int = 0,
) -> bytes:
    """The .docx. Runs no query; its properties say how many statements were `checked`.

    The same figures give the same paper, except for the date of printing.
    """
    kinds, subject = sentences.kinds_of(figures.children), sentences.subject(issuer, figures.day)
    document = Document(TEMPLATE)
    about = document.core_properties
    about.title, about.author = _clean(" ".join(subject)), _clean(issuer.name)
    stamped = stamp.description(LookBack(figures.day, as_of=figures.as_of), at=at)
    about.comments = f"{stamped} {statements.checked_words(checked)}"
    about.created = about.modified = at
    _head(document, issuer, at)
    _subject(document, subject, look)
    _recipients(document, issuer)
    _body(document, sentences.opening(issuer, figures.order))
    by_kinds = (_("Figures by %(kinds)s") % {"kinds": kinds}, [])
    for number, (title, paragraphs) in enumerate([*sections, by_kinds], start=1):
        _body(document, f"{number}. {title}", keep_with_next=True).runs[0].bold = True
        for paragraph in paragraphs:
            text = sentences.written(paragraph)
            _body(document, text, keep_with_next=text.endswith(":"))
    _figures(document, figures, proof)
    _body(document, sentences.closing(issuer), keep_with_next=True)
    _signature(document, issuer, kinds)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _head(document: DocumentType, issuer: IssuingOffice, printed_at: datetime) -> None:
    head = _table(document, 2, HEAD, has_borders=False)
    body_cell, state_cell = head.rows[0].cells
    if issuer.managing:
        _paragraph(body_cell, issuer.managing, size=STATE_SIZE)
    for line in issuer.issuing:
        _paragraph(body_cell, line, size=STATE_SIZE, is_bold=True)
    _rule(body_cell, issuer.issuing, STATE_SIZE, within=HEAD[0], part=PART)
    motto = _("Independence - Freedom - Happiness")
    _paragraph(state_cell, _("SOCIALIST REPUBLIC OF VIET NAM"), size=STATE_SIZE, is_bold=True)
    _paragraph(state_cell, motto, size=MOTTO_SIZE, is_bold=True)
    _rule(state_cell, [motto], MOTTO_SIZE, within=HEAD[1], part=1)
    number_cell, date_cell = head.rows[1].cells
    blank = f" {issuer.number.zfill(2)}" if issuer.number else "\u00a0" * 12
    number = _("No.:%(blank)s/%(symbol)s") % {"blank": blank, "symbol": issuer.symbol}
    _paragraph(number_cell, number, size=13, space_before=Pt(4))
    place_and_day = formatting.place_and_day(issuer.place, timezone.localtime(printed_at).date())
    _paragraph(date_cell, place_and_day, size=13, is_italic=True, space_before=Pt(4))


def _subject(document: DocumentType, subject: Sequence[str], look: str) -> None:
    _paragraph(document, pgettext("paper", "REPORT"), is_bold=True, space_before=Pt(18))
    for line in subject:
        _paragraph(document, line, is_bold=True)
    if look:
        _paragraph(document, f"({look})", size=13, is_italic=True)
    _rule(document, subject, BODY, within=TEXT_WIDTH, part=PART, after=10)


def _recipients(document: DocumentType, issuer: IssuingOffice) -> None:
    *first, last = issuer.recipients.splitlines()
    if not first:
        _paragraph(document, _("To: %(recipient)s.") % {"recipient": last}, space_after=Pt(12))
        return
    _paragraph(document, _("To:"), align=ALIGN.LEFT, left_indent=Mm(30))
    for recipient in first:
        _paragraph(document, f"- {recipient};", align=ALIGN.LEFT, left_indent=Mm(48))
    _paragraph(document, f"- {last}.", align=ALIGN.LEFT, left_indent=Mm(48), space_after=Pt(12))


def _columns() -> list[tuple[str, float, Callable[[Row], str]]]:
    """Each column's head, width (mm) and text."""
    return [
        (_("Unit"), 38.5, lambda row: row.name),
        (_("Reported"), 16, lambda row: f"{row.reported}/{row.expected}"),
        (_("New installs"), 15, lambda row: formatting.number(row.installs)),
        (_("Adjusted"), 12, lambda row: formatting.signed(row.adjustment)),
        (_("Cumulative"), 19, lambda row: formatting.number(row.cumulative)),
        (_("Population"), 19, lambda row: formatting.number(row.population)),
        (_("Share"), 15.5, lambda row: formatting.percent(row.share)),
        (_("Still missing"), 19, lambda row: formatting.number(row.missing_to_target)),
    ]


def _figures(document: DocumentType, figures: DayRollup, proof: str) -> None:
    """The table, without columns that say nothing."""
    rows = [*figures.children, figures.own]
    shown = [column for column in _columns() if any(column[2](row) not in NOTHING for row in rows)]
    heads, widths, texts_of = zip(*shown, strict=True)
    aligns = [ALIGN.CENTER, ALIGN.LEFT, *[ALIGN.RIGHT] * (len(heads) - 1)]
    added = _table(document, len(rows) + 1, [11, *widths], has_borders=True)
    for cell, head in zip(added.rows[0].cells, [_("No."), *heads], strict=True):
        _put(cell, head, align=ALIGN.CENTER, is_bold=True)
    added.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # repeated on every further page
    for number, (cells, row) in enumerate(zip(added.rows[1:], rows, strict=True), start=1):
        is_total = row is figures.own
        texts = ["" if is_total else str(number), *[text(row) for text in texts_of]]
        if is_total:
            texts[1] = _("Total")
        for cell, text, align in zip(cells.cells, texts, aligns, strict=True):
            _put(cell, text, align=align, is_bold=is_total)
    note = _("“–”: not known. In the total line, the share and the number still missing are the unit's own, not sums.")
    for words in filter(None, (note, proof)):
        _paragraph(document, words, size=11, is_italic=True, align=ALIGN.LEFT, space_before=Pt(3), space_after=Pt(8))


def _put(cell: _Cell, text: str, *, align: ALIGN, is_bold: bool) -> None:
    _paragraph(cell, text, size=CELL_SIZE, align=align, is_bold=is_bold)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _signature(document: DocumentType, issuer: IssuingOffice, kinds: str) -> None:
    copies, signature = _table(document, 1, FOOT, has_borders=False).rows[0].cells
    _paragraph(copies, _("Copies to:"), size=12, is_bold=True, is_italic=True, align=ALIGN.LEFT)
    for line in [*issuer.copies, _("People's Committees of the %(kinds)s") % {"kinds": kinds}]:
        _paragraph(copies, f"- {line};", size=11, align=ALIGN.LEFT)
    _paragraph(copies, _("- File: VT, …"), size=11, align=ALIGN.LEFT)
    for line in issuer.signature.splitlines():
        _paragraph(signature, line, is_bold=True)
    for _line in range(SIGNING_SPACE):
        _paragraph(signature, "")
    if issuer.signer:
        _paragraph(signature, issuer.signer, is_bold=True)


def _clean(text: str) -> str:
    """The text on one line, without characters that would spoil the file or its order."""
    return BLANKS.sub(" ", printable(text)).strip(" ")


def _paragraph(
    container: DocumentType | _Cell,
    text: str,
    *,
    size: float = BODY,
    is_bold: bool = False,
    is_italic: bool = False,
    align: ALIGN = ALIGN.CENTER,
    **spacing: object,
) -> Paragraph:
    """Adds a paragraph; a new cell has one already, which is filled. `spacing` is set in its format."""
    added = _next_paragraph(container)
    run = added.add_run(_clean(text))
    run.font.size, run.bold, run.italic = Pt(size), is_bold, is_italic
    added.alignment = align
    for name, value in {"space_after": Pt(0), "space_before": Pt(0), "keep_with_next": False, **spacing}.items():
        setattr(added.paragraph_format, name, value)
    return added


def _body(document: DocumentType, text: str, *, keep_with_next: bool = False) -> Paragraph:
    """A paragraph of body text: justified, its first line indented, 6 points before the next."""
    spacing = {"space_after": Pt(6), "first_line_indent": Cm(1.27), "line_spacing": 1.1}
    return _paragraph(document, text, align=ALIGN.JUSTIFY, keep_with_next=keep_with_next, **spacing)


def _width_of(text: str, size: float) -> float:
    """The approximate width of a bold line, in mm."""
    capitals = sum(1 for letter in text if letter.isupper())
    return (capitals * BOLD_CAPITAL + (len(text) - capitals) * BOLD_SMALL) * size * MM_PER_POINT


def _rule(
    container: DocumentType | _Cell, above: Sequence[str], size: float, *, within: float, part: float, after: float = 0
) -> None:
    """A solid line, `part` as long as the longest bold line above it, centred in a column `within` mm wide."""
    longest = max(_width_of(line, size) for line in above)
    added = _next_paragraph(container)
    added.style = "Rule"
    form = added.paragraph_format
    form.left_indent = form.right_indent = Mm((within - min(longest, within) * part) / 2)
    form.space_after = Pt(after)


def _table(document: DocumentType, rows: int, widths: Sequence[float], *, has_borders: bool) -> Table:
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


def _next_paragraph(container: DocumentType | _Cell) -> Paragraph:
    if isinstance(container, _Cell) and len(container.paragraphs) == 1 and not container.paragraphs[0].runs:
        first = container.paragraphs[0]
        if first._p.pPr is None:
            return first
    return container.add_paragraph()
