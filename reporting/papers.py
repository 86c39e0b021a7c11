"""The day's official paper (Báo cáo) of a unit as a Word file, from the same rows as the page.

The layout follows Decree 30/2020/NĐ-CP, Annex I. The paper is always in Vietnamese. The number, the
signature and what only a person can say are left blank: it is ready to be completed and signed.
"""

import io
from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from docx.document import Document as DocumentType
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.table import _Cell

from . import acts, site
from .acts.reminders import Heard
from .days.look_back import LookBack
from .exports import offices, stamp
from .exports.offices import IssuingOffice
from .exports.paper import sentences
from .exports.paper.layout import (
    BODY,
    TEXT_WIDTH,
    body,
    heading,
    new_document,
    paragraph,
    repeat_head,
    rule,
    table,
    width_of,
)
from .figures import sealed_table
from .figures.rollup import DayRollup, Row
from .models import Office, Seal, Unit
from .pages import dashboard
from .text import formatting

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LANGUAGE = "vi"  # an official document is Vietnamese
HEAD = (77, 93)  # mm: the issuing body, the state
FOOT = (80, 85)  # mm: the copies, the signature
PART = 0.4  # of the line above a rule: between a third and a half
STATE_SIZE, MOTTO_SIZE = 12, 13
CELL_SIZE = 12
SIGNING_SPACE = 4  # empty lines


def day_paper(unit: Unit, figures: DayRollup, *, seal: Seal | None, at: datetime) -> bytes | None:
    """Printed at `at`; None of a unit that reports for itself, or issues no papers. `seal`: these are its figures."""
    if figures.own.is_reporting or not offices.issues_papers(unit):
        return None
    return written(
        figures,
        unit,
        Unit.objects.named(figures.day, figures.as_of).filter(pk=unit.parent_id).first(),
        office=site.over(unit, figures.day).own_office,
        trend=dashboard.trend(unit, figures, at=at),
        heard=acts.heard(figures),
        confirmed=acts.confirmed(figures),
        at=at,
        seal=seal,
        chain_code=sealed_table.chain(seal.unit_id)[seal] if seal else "",
    )


def written(
    figures: DayRollup,
    unit: Unit,
    superior: Unit | None,
    *,
    trend: dashboard.Trend,
    heard: Heard,
    confirmed: acts.Confirmed,
    at: datetime,
    office: Office | None = None,
    seal: Seal | None = None,
    chain_code: str = "",
) -> bytes:
    """The .docx, without a query: `unit` and the one right above it are named, `chain_code` is of all seals so far.

    The same figures give the same paper but for the date it is printed on.
    """
    with translation.override(LANGUAGE):
        issuer, until = offices.issuing_office(unit, superior, office), figures.until(at)
        kinds, subject = sentences.kinds_of(figures.children), sentences.subject(issuer, figures.day)
        comments = stamp.description(LookBack(figures.day, as_of=figures.as_of), at=at)
        document = new_document(title=" ".join(subject), author=issuer.name, comments=comments)
        document.core_properties.created = document.core_properties.modified = at
        _head(document, issuer, at)
        _subject(document, subject, sentences.look(figures.as_of, seal))
        _recipients(document, issuer)
        body(document, sentences.opening(issuer, figures.directive, until))
        about = {"yesterday": trend.yesterday, "pace": trend.pace, "several": trend.several_words}
        results = (_("Results"), sentences.results(figures, issuer, until=until, **about))
        senders = (_("Reporting by the units"), sentences.senders(figures, confirmed))
        by_kinds = (_("Figures by %(kinds)s") % {"kinds": kinds}, [])
        for number, (title, paragraphs) in enumerate([results, senders, *_said(heard), by_kinds], start=1):
            heading(document, f"{number}. {title}")
            for words in paragraphs:
                body(document, words)
        _figures(document, figures, sentences.chain(seal, chain_code) if chain_code else "")
        body(document, sentences.closing(issuer, figures.day), keeps_next=True)
        _signature(document, issuer, kinds)
        stream = io.BytesIO()
        document.save(stream)
        return stream.getvalue()


def _head(document: DocumentType, issuer: IssuingOffice, printed_at: datetime) -> None:
    head = table(document, 2, HEAD, has_borders=False)
    body_cell, state_cell = head.rows[0].cells
    if issuer.managing:
        paragraph(body_cell, issuer.managing, size=STATE_SIZE)
    for line in issuer.issuing:
        paragraph(body_cell, line, size=STATE_SIZE, is_bold=True)
    longest = max(width_of(line, STATE_SIZE) for line in issuer.issuing)
    rule(body_cell, width=min(longest, HEAD[0]) * PART, within=HEAD[0])
    motto = _("Independence - Freedom - Happiness")
    paragraph(state_cell, _("SOCIALIST REPUBLIC OF VIET NAM"), size=STATE_SIZE, is_bold=True)
    paragraph(state_cell, motto, size=MOTTO_SIZE, is_bold=True)
    rule(state_cell, width=width_of(motto, MOTTO_SIZE), within=HEAD[1])
    number_cell, date_cell = head.rows[1].cells
    number = _("No.:%(blank)s/%(symbol)s") % {"blank": "\u00a0" * 12, "symbol": issuer.symbol}
    paragraph(number_cell, number, size=13, before=4)
    place_and_day = formatting.place_and_day(issuer.place, timezone.localtime(printed_at).date())
    paragraph(date_cell, place_and_day, size=13, is_italic=True, before=4)


def _subject(document: DocumentType, subject: Sequence[str], look: str) -> None:
    paragraph(document, _("REPORT"), is_bold=True, before=18)
    for line in subject:
        paragraph(document, line, is_bold=True)
    if look:
        paragraph(document, look, size=13, is_italic=True)
    longest = max(width_of(line, BODY) for line in subject)
    rule(document, width=min(longest, TEXT_WIDTH) * PART, within=TEXT_WIDTH, after=10)


def _recipients(document: DocumentType, issuer: IssuingOffice) -> None:
    if len(issuer.recipients) == 1:
        paragraph(document, _("To: %(recipient)s.") % {"recipient": issuer.recipients[0]}, after=12)
        return
    paragraph(document, _("To:"), align=ALIGN.LEFT, indent=30)
    *first, last = issuer.recipients
    for recipient in first:
        paragraph(document, f"- {recipient};", align=ALIGN.LEFT, indent=48)
    paragraph(document, f"- {last}.", align=ALIGN.LEFT, indent=48, after=12)


def _said(heard: Heard) -> list[tuple[str, list[str]]]:
    difficult, proposed = sentences.difficulty_sentences(heard.difficulties)
    not_said = sentences.not_said(heard.difficulties, heard.silent_on_the_way)
    paragraphs = [f"- {line}" for line in difficult] + not_said
    sections = [(_("Difficulties"), paragraphs)]
    if proposed:
        sections.append((_("Proposals"), [f"- {line}" for line in proposed]))
    return sections


def _columns() -> list[tuple[str, float, Callable[[Row], str]]]:
    """Head, width in mm and text of each."""
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
    heads, widths, texts_of = zip(*_columns(), strict=True)
    aligns = [ALIGN.CENTER, ALIGN.LEFT, *[ALIGN.RIGHT] * (len(heads) - 1)]
    rows = [*figures.children, figures.own]
    added = table(document, len(rows) + 1, [11, *widths], has_borders=True)
    for cell, head in zip(added.rows[0].cells, [_("No."), *heads], strict=True):
        _put(cell, head, align=ALIGN.CENTER, is_bold=True)
    repeat_head(added)
    for number, (cells, row) in enumerate(zip(added.rows[1:], rows, strict=True), start=1):
        is_total = row is figures.own
        texts = ["" if is_total else str(number), *[text(row) for text in texts_of]]
        if is_total:
            texts[1] = _("Total")
        for cell, text, align in zip(cells.cells, texts, aligns, strict=True):
            _put(cell, text, align=align, is_bold=is_total)
    note = _("“–”: not known. Share and still missing of the total line are the unit's own, not the sum of the lines.")
    for words in filter(None, (note, proof)):
        paragraph(document, words, size=11, is_italic=True, align=ALIGN.LEFT, before=3, after=8)


def _put(cell: _Cell, text: str, *, align: ALIGN, is_bold: bool) -> None:
    paragraph(cell, text, size=CELL_SIZE, align=align, is_bold=is_bold)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _signature(document: DocumentType, issuer: IssuingOffice, kinds: str) -> None:
    copies, signature = table(document, 1, FOOT, has_borders=False).rows[0].cells
    paragraph(copies, _("Copies to:"), size=12, is_bold=True, is_italic=True, align=ALIGN.LEFT)
    for line in [*issuer.copies, _("People's Committees of the %(kinds)s") % {"kinds": kinds}]:
        paragraph(copies, f"- {line};", size=11, align=ALIGN.LEFT)
    paragraph(copies, _("- File: VT, …"), size=11, align=ALIGN.LEFT)
    for line in issuer.signature:
        paragraph(signature, line, is_bold=True)
    for _line in range(SIGNING_SPACE):
        paragraph(signature, "")
