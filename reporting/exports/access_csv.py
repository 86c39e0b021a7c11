"""The access record as CSV, a part at a time: however long it is, the server holds five hundred lines of it."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from ..hours import deadline
from ..models import AccessRecord, Unit
from ..models.audit import AccessRecordQuerySet
from ..text import formatting
from . import csv_file

PART = 500  # lines
READ = ("at", "kind", "by_name", "by__username", "address", "about__username", "unit_id", "detail")


def access_csv(records: AccessRecordQuerySet, *, at: datetime) -> Iterator[bytes]:
    """The lines of the records, in their order, with their units' names of the day of `at`.

    The words are those of the language that is spoken now, not of when the lines are sent.
    """
    head = [
        *(_("Moment"), _("What"), _("Who"), _("User name"), _("From address")),
        *(_("About whom"), _("Unit code"), _("Unit"), _("Detail")),
    ]
    kinds = {kind.value: str(kind.label) for kind in AccessRecord.Kind}
    known = {unit.pk: (unit.code, unit.full_name) for unit in Unit.objects.named(deadline.reporting_day(at))}
    return _parts(head, kinds, known, records)


def _parts(
    head: list[str], kinds: dict[str, str], units: dict[int, tuple[str, str]], records: AccessRecordQuerySet
) -> Iterator[bytes]:
    yield csv_file.written(head, [])
    part = list(records.values_list("pk", *READ)[:PART])
    while part:
        rows = []
        for _pk, at, kind, by_name, by, address, about, unit, detail in part:
            code, name = units.get(unit, ("", ""))
            rows.append((formatting.exact(at), kinds[kind], by_name, by, address, about, code, name, detail))
        yield csv_file.lines(rows)
        part = list(_older(records, pk=part[-1][0], at=part[-1][1]).values_list("pk", *READ)[:PART])


def _older(records: AccessRecordQuerySet, *, pk: int, at: datetime) -> AccessRecordQuerySet:
    """Those behind one in their order. A question for each part: behind a pool no cursor lives on between two."""
    return records.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk), at__lte=at)
