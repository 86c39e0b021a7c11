"""The day's official paper (Báo cáo) of a unit as a Word file, from the same rows as the page.

It follows Decree 30/2020/NĐ-CP, Annex I, and is always in Vietnamese. Number and signature are left blank.
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
from .exports.paper import layout, sentences
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
    """The paper, printed at `at`; None if the unit reports for itself or issues no papers. `seal`: of its figures."""
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
    """The .docx. Runs no query: `unit` and `superior` are named, `chain_code` is that of all seals so far.

    The same figures give the same paper, except for the date of printing.
    """
    with translation.override(LANGUAGE):
        issuer, until = offices.issuing_office(unit, superior, office), figures.until(at)
        kinds, subject = sentences.kinds_of(figures.children), sentences.subject(issuer, figures.day)
        comments = stamp.description(LookBack(figures.day, as_of=figures.as_of), at=at)
        document = layout.new_document(title=" ".join(subject), author=issuer.name, comments=comments)
        document.core_properties.created = document.core_properties.modified = at
        _head(document, issuer, at)
        _subject(document, subject, stamp.look_words(figures.as_of, seal, moment=formatting.official_moment))
        _recipients(document, issuer)
        layout.body(document, sentences.opening(issuer, figures.directive, until))
        results = (_("Results"), sentences.results(figures, issuer, trend, until))
        senders = (_("Reporting by the units"), sentences.senders(figures, confirmed))
        by_kinds = (_("Figures by %(kinds)s") % {"kinds": kinds}, [])
        for number, (title, paragraphs) in enumerate([results, senders, *_said(heard), by_kinds], start=1):
            layout.heading(document, f"{number}. {title}")
            for words in paragraphs:
                layout.body(document, words)
        _figures(document, figures, sentences.chain(seal, chain_code) if chain_code else "")
        layout.body(document, sentences.closing(issuer, figures.day), keeps_next=True)
        _signature(document, issuer, kinds)
        stream = io.BytesIO()
        document.save(stream)
        return stream.getvalue()


def _head(document: DocumentType, issuer: IssuingOffice, printed_at: datetime) -> None:
    head = layout.table(document, 2, HEAD, has_borders=False)
    body_cell, state_cell = head.rows[0].cells
    if issuer.managing:
        layout.paragraph(body_cell, issuer.managing, size=STATE_SIZE)
    for line in issuer.issuing:
        layout.paragraph(body_cell, line, size=STATE_SIZE, is_bold=True)
    layout.rule(body_cell, issuer.issuing, STATE_SIZE, within=HEAD[0], part=PART)
    motto = _("Independence - Freedom - Happiness")
    layout.paragraph(state_cell, _("SOCIALIST REPUBLIC OF VIET NAM"), size=STATE_SIZE, is_bold=True)
    layout.paragraph(state_cell, motto, size=MOTTO_SIZE, is_bold=True)
    layout.rule(state_cell, [motto], MOTTO_SIZE, within=HEAD[1], part=1)
    number_cell, date_cell = head.rows[1].cells
    number = _("No.:%(blank)s/%(symbol)s") % {"blank": "\u00a0" * 12, "symbol": issuer.symbol}
    layout.paragraph(number_cell, number, size=13, before=4)
    place_and_day = formatting.place_and_day(issuer.place, timezone.localtime(printed_at).date())
    layout.paragraph(date_cell, place_and_day, size=13, is_italic=True, before=4)


def _subject(document: DocumentType, subject: Sequence[str], look: str) -> None:
    layout.paragraph(document, _("REPORT"), is_bold=True, before=18)
    for line in subject:
        layout.paragraph(document, line, is_bold=True)
    if look:
        layout.paragraph(document, f"({look})", size=13, is_italic=True)
    layout.rule(document, subject, layout.BODY, within=layout.TEXT_WIDTH, part=PART, after=10)


def _recipients(document: DocumentType, issuer: IssuingOffice) -> None:
    if len(issuer.recipients) == 1:
        layout.paragraph(document, _("To: %(recipient)s.") % {"recipient": issuer.recipients[0]}, after=12)
        return
    layout.paragraph(document, _("To:"), align=ALIGN.LEFT, indent=30)
    *first, last = issuer.recipients
    for recipient in first:
        layout.paragraph(document, f"- {recipient};", align=ALIGN.LEFT, indent=48)
    layout.paragraph(document, f"- {last}.", align=ALIGN.LEFT, indent=48, after=12)


def _said(heard: Heard) -> list[tuple[str, list[str]]]:
    difficult, proposed = sentences.difficulty_sentences(heard.difficulties)
    not_said = sentences.not_said(heard.difficulties, heard.silent_on_the_way)
    paragraphs = [f"- {line}" for line in difficult] + not_said
    proposals = [(_("Proposals"), [f"- {line}" for line in proposed])] if proposed else []
    return [(_("Difficulties"), paragraphs), *proposals]


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
    added = layout.table(document, len(rows) + 1, [11, *widths], has_borders=True)
    for cell, head in zip(added.rows[0].cells, [_("No."), *heads], strict=True):
        _put(cell, head, align=ALIGN.CENTER, is_bold=True)
    layout.repeat_head(added)
    for number, (cells, row) in enumerate(zip(added.rows[1:], rows, strict=True), start=1):
        is_total = row is figures.own
        texts = ["" if is_total else str(number), *[text(row) for text in texts_of]]
        if is_total:
            texts[1] = _("Total")
        for cell, text, align in zip(cells.cells, texts, aligns, strict=True):
            _put(cell, text, align=align, is_bold=is_total)
    note = _("“–”: not known. Share and still missing of the total line are the unit's own, not the sum of the lines.")
    for words in filter(None, (note, proof)):
        layout.paragraph(document, words, size=11, is_italic=True, align=ALIGN.LEFT, before=3, after=8)


def _put(cell: _Cell, text: str, *, align: ALIGN, is_bold: bool) -> None:
    layout.paragraph(cell, text, size=CELL_SIZE, align=align, is_bold=is_bold)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _signature(document: DocumentType, issuer: IssuingOffice, kinds: str) -> None:
    copies, signature = layout.table(document, 1, FOOT, has_borders=False).rows[0].cells
    layout.paragraph(copies, _("Copies to:"), size=12, is_bold=True, is_italic=True, align=ALIGN.LEFT)
    for line in [*issuer.copies, _("People's Committees of the %(kinds)s") % {"kinds": kinds}]:
        layout.paragraph(copies, f"- {line};", size=11, align=ALIGN.LEFT)
    layout.paragraph(copies, _("- File: VT, …"), size=11, align=ALIGN.LEFT)
    for line in issuer.signature:
        layout.paragraph(signature, line, is_bold=True)
    for _line in range(SIGNING_SPACE):
        layout.paragraph(signature, "")
