"""Every file that the product writes, sent back as it is, changes nothing: silence never becomes a report of 0."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from reporting import acts, imports
from reporting.acts import sign_off_and_seal
from reporting.days.look_back import LookBack
from reporting.exports import tidy
from reporting.exports.stamp import Range
from reporting.models import Unit

from .. import clerk, factories as f, sheets
from ..views.visits import signed_in
from .test_imports import EVENING, REPORTS, YESTERDAY, planned


@pytest.fixture
def days(cast):
    """Units that reported, that are silent since, and that have never reported."""
    for unit in (cast.commune, cast.stranger, cast.agency):
        f.make_report(unit, YESTERDAY, 5, opening=100)
    f.make_report(cast.commune, f.DAY, 7)
    return cast


def fetched(client, path):
    """The workbook or CSV of the city at that path."""
    answer = client.get(f"/units/31/workbook/{path}")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def corrected(unit, day, installs, by, at):
    about = {"unit": unit, "day": day, "installs": installs, "base_version": 1, "reason": "Đếm lại"}
    acts.enter(**about, by=by, at=at)


def test_workbook_of_a_day_sent_back_after_an_earlier_day_was_corrected_reports_nothing(days):
    with time_machine.travel(EVENING, tick=False):
        workbook = fetched(signed_in(days.city_clerk), f"{f.DAY}.xlsx")
        corrected(days.stranger, YESTERDAY, 3, days.city_clerk, EVENING)
    plan = planned(workbook, days.city_clerk)
    assert (plan.errors, plan.counts["new"]) == ([], 0)


@pytest.mark.parametrize("path", [f"{f.DAY}.xlsx?as_of=seal", f"{f.DAY}/{f.DAY}.csv?as_of=seal"])
def test_figures_as_of_a_seal_are_not_new_reports(path, days):
    """What was corrected since the seal is not undone by its file, unless somebody says so."""
    after = EVENING + timedelta(minutes=30)
    with time_machine.travel(EVENING, tick=False):
        sign_off_and_seal.seal(unit=days.city, day=f.DAY, by=days.city_clerk, at=EVENING, reason="Thiếu báo cáo")
    with time_machine.travel(after, tick=False):
        corrected(days.commune, f.DAY, 9, days.city_clerk, after)
        plan = planned(fetched(signed_in(days.city_clerk), path), days.city_clerk, at=after)
    [changed] = [row for row in plan.rows if row.outcome in ("new", "changed")]
    assert (changed.before, changed.after) == ("9", "7")
    assert plan.consents == {"overwrite": "Ghi đè 1 số liệu đã có, 0 do chính đơn vị gửi"}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", [f"{YESTERDAY}/{f.DAY}.csv", f"{f.DAY}.xlsx", f"{YESTERDAY}/{f.DAY}.xlsx"])
def test_file_of_the_product_changes_nothing(path, language, days):
    client = signed_in(days.city_clerk)
    client.cookies["django_language"] = language
    with time_machine.travel(EVENING, tick=False):
        file = SimpleUploadedFile(path.rpartition("/")[2], fetched(client, path))
        page = client.post("/imports/reports/", {"file": file, "reason": "x"}, follow=True)
    changes_nothing(page.context["plan"])


def changes_nothing(plan):
    assert (plan.errors, plan.doubtful, plan.can_be_applied) == ([], [], False)
    assert plan.counts["unchanged"] >= 1


def test_days_csv_names_units_by_their_codes_and_changes_nothing(days):
    city = Unit.objects.named(f.DAY).get(pk=days.city.pk)
    shown = Range(unit=city, first=YESTERDAY, last=f.DAY, at=EVENING, look=LookBack(f.DAY))
    data = b"".join(tidy.days_csv(shown))
    [found] = clerk.table_of(REPORTS, imports.open_book(data, "days.csv")).sheets
    meanings = {found.heads[number]: meaning for number, meaning in found.columns.items()}
    assert (meanings["unit"], meanings["unit_name"]) == ("code", "name")
    changes_nothing(planned(data, days.city_clerk))


def test_cumulative_that_has_not_moved_is_no_report(days):
    data = sheets.csv(["Mã đơn vị", "Ngày", "Lũy kế"], ["11470", f"{f.DAY:%d/%m/%Y}", 105])
    [row] = planned(data, days.city_clerk).rows
    words = "Lũy kế không đổi: chưa đủ để coi là báo cáo 0 máy, bỏ qua."
    assert (row.outcome, row.words.endswith(words)) == ("left_out", True), row.words
