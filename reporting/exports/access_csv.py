"""The access record as CSV."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _, override

from .. import deadline
from ..models import AccessRecord, Unit
from ..models.audit import AccessRecordQuerySet
from ..text import formatting
from . import csv_file

RECORDS_AT_ONCE = 500
FIELDS = ("at", "kind", "by_name", "by__username", "address", "about__username", "unit_id", "detail")


def access_csv(records: AccessRecordQuerySet, *, at: datetime, language: str) -> Iterator[bytes]:
    """Yields the records in their order, in parts; units have their names on the day of `at`."""
    units = {unit.pk: (unit.code, unit.full_name) for unit in Unit.objects.named(deadline.reporting_day(at))}
    rows = records.values_list(*FIELDS).iterator(chunk_size=RECORDS_AT_ONCE)
    with override(language):
        kinds = {kind.value: str(kind.label) for kind in AccessRecord.Kind}
        head = [_("Time"), _("What"), _("Who"), _("User name"), _("From address")]
        yield csv_file.excel_file([*head, _("About whom"), _("Unit code"), _("Unit"), _("Detail")], [])
        while part := list(islice(rows, RECORDS_AT_ONCE)):
            yield csv_file.lines(
                (formatting.exact(at), kinds[kind], *people, *units.get(unit, ("", "")), detail)
                for at, kind, *people, unit, detail in part
            )
