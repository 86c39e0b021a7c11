"""The day's official paper of a unit as a Word file, for whoever hands it out: a page, or a mail."""

from datetime import datetime

from . import acts, site
from .exports import offices
from .exports.paper import document
from .figures import sealed_table
from .figures.rollup import DayRollup
from .models import Seal, Unit
from .pages import dashboard

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def day_paper(unit: Unit, figures: DayRollup, *, seal: Seal | None, at: datetime) -> bytes | None:
    """Printed at `at`; None of a unit that reports for itself, or issues no papers. `seal`: these are its figures."""
    if figures.own.is_reporting or not offices.issues_papers(unit):
        return None
    superior = Unit.objects.named(figures.day, figures.as_of).filter(pk=unit.parent_id).first()
    office = site.over(unit, figures.day).own_office
    trend, heard = dashboard.trend(unit, figures, at=at), acts.heard(figures)
    return document.day_paper(
        figures,
        unit=unit,
        superior=superior,
        office=office,
        until=figures.until(at),
        printed_at=at,
        confirmed=acts.confirmed(figures),
        yesterday=trend.yesterday,
        pace=trend.pace,
        several=trend.several_words,
        difficulties=heard.difficulties,
        not_sent_up=heard.silent_on_the_way,
        seal=seal,
        chain_code=sealed_table.chain(seal.unit_id)[seal] if seal else "",
    )
