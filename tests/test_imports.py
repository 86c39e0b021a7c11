"""Back-filled reports, base figures and units from files: what is planned, cell by cell, and what is written."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from reporting import imports, verification
from reporting.imports import KINDS, NothingToDo, Outcome, Sent
from reporting.models import BaseFigure, Report, Revision, Unit

from . import factories as f
from . import sheets

D1, D2, D3 = date(2020, 8, 6), date(2020, 8, 7), date(2020, 8, 8)
EVENING = f.at("2020-08-21 18:30")
REPORTS = KINDS["reports"]
HEAD = ["Mã đơn vị", "Đơn vị", "Loại số liệu", "Số máy đã cài trước đợt", D1, D2]


def sent(by, at=EVENING, **options):
    return Sent(by=by, at=at, source="tháng 8.xlsx sha256:0", options={"reason": "Báo cáo giấy", **options})


def planned(data, by, kind=REPORTS, name="a.xlsx", at=EVENING, **options):
    table, _source = imports.read(kind, data, name)
    with translation.override("vi"):
        return imports.preview(kind, imports.unpacked(imports.packed(table)), sent(by, at, **options))


def applied(data, by, kind=REPORTS, at=EVENING, shown=None, **options):
    table, _source = imports.read(kind, data, "a.xlsx")
    return imports.apply(kind, table, sent(by, at, **options), shown=shown, now=lambda: at)


def outcomes(plan):
    return [(row.address, row.outcome.value, row.before, row.after) for row in plan.rows]


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Unit, BaseFigure, Report, Revision)]


def figures(unit):
    return list(Report.objects.filter(unit=unit).order_by("day").values_list("day", "kind", "installs", "cumulative"))


def is_sound():
    """Everything agrees with everything, as `manage.py verify` says."""
    return [problem for check in (verification.histories, verification.cumulatives) for problem in check(lambda *_: 0)]


def test_wide_file_is_planned_and_applied(cast):
    data = sheets.workbook(
        HEAD,
        ["11416", "Phường Đằng Hải", "mới", 100, 5, 7],
        [11407, "Cát Bi", "lũy kế", 0, 10, 25],
    )
    plan = planned(data, cast.city_clerk)
    assert outcomes(plan) == [
        ("D2", "new", "", "100"),
        ("E2", "new", "", "5"),
        ("F2", "new", "", "7"),
        ("D3", "new", "", "0"),
        ("E3", "new", "", "10"),
        ("F3", "new", "", "15"),
    ]
    applied(data, cast.city_clerk, shown=plan.digest)
    before = f.FIRST_DAY - timedelta(days=1)
    assert figures(cast.commune) == [(before, "opening", 100, 100), (D1, "daily", 5, 105), (D2, "daily", 7, 112)]
    assert figures(cast.neighbour) == [(before, "opening", 0, 0), (D1, "daily", 10, 10), (D2, "daily", 15, 25)]
    revision = Revision.objects.get(report__unit=cast.commune, report__day=D2)
    assert (revision.kind, revision.source, revision.reason, revision.by) == (
        "import",
        "tháng 8.xlsx sha256:0",
        "Báo cáo giấy",
        cast.city_clerk,
    )
    assert (revision.received_at, revision.counted_at, revision.delta, revision.is_late) == (EVENING, EVENING, 7, True)
    assert is_sound() == []


def test_same_file_again_changes_nothing(cast):
    data = sheets.workbook(HEAD, ["11416", "", "mới", 100, 5, 7])
    applied(data, cast.city_clerk)
    before = stored()
    plan = planned(data, cast.city_clerk)
    assert [row.outcome for row in plan.rows] == [Outcome.UNCHANGED] * 3
    with pytest.raises(NothingToDo):
        applied(data, cast.city_clerk)
    assert stored() == before
