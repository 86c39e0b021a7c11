"""One list of the days that a unit missed: board, form, list of days and discipline choose from it."""

from datetime import timedelta

import pytest

from reporting.days.status import DayStatus
from reporting.figures.discipline import discipline
from reporting.figures.standings import standing_of
from reporting.forms.report import ReportForm
from reporting.pages import receipts
from reporting.pages.board import day_board

from .. import factories as f

MORNING, EVENING = f.at("2020-08-21 09:00"), f.at("2020-08-21 18:00")


def back(*days):
    return [f.DAY - timedelta(days=number) for number in days]


@pytest.fixture
def gap(cast):
    """The commune's last report is four days old; a late request waits for the day before yesterday."""
    f.make_report(cast.commune, *back(4), installs=5, opening=0)
    f.make_late_request(cast.commune, cast.officer, *back(2), received_at=f.at("2020-08-20 08:00"))
    return cast


def on_board(cast, at):
    board = day_board(cast.district, f.DAY, at=at)
    return next(row.missed_days for row in board.rows if row.code == cast.commune.code)


def test_board_form_list_and_discipline_name_the_same_missed_days(gap):
    standing = standing_of(gap.commune, f.DAY)
    missed = [one.day for one in standing.missed if one.is_missed]
    assert missed == back(3, 1)
    assert on_board(gap, MORNING) == len(missed)
    assert on_board(gap, EVENING) == len(missed) + 1  # today too, once its hour has passed
    lines = receipts.day_lines(gap.commune, back(3, 2, 1), at=MORNING)
    assert [line.day for line in lines if line.may_make_up] == missed
    (record,) = [one for one in discipline(gap.district, back(3, 2, 1), at=EVENING).below if one.code == "11416"]
    assert [day for day, status in record.days if status is DayStatus.MISSING] == missed
    assert (record.missing, record.waiting) == (2, 1)


def test_form_says_why_its_number_includes_fewer(gap):
    standing = standing_of(gap.commune, f.DAY)
    assert (standing.missed_before, standing.missed_apart) == (back(1), back(3))
    form = ReportForm(unit=gap.commune, day=f.DAY, at=MORNING, user=gap.officer)
    assert form.fields["installs"].help_text.endswith(
        "Còn ngày 18/08 cũng chưa báo cáo, không tính vào số này vì báo cáo ngày 19/08 đang chờ tiếp nhận."
    )


def test_day_in_a_later_report_is_missed_nowhere_but_counts_as_unreported(gap):
    f.make_report(gap.commune, *back(-1), covers_from=back(1)[0])
    at = f.at("2020-08-22 18:00")
    assert [one.day for one in standing_of(gap.commune, f.DAY).missed if one.is_missed] == back(3)
    board = day_board(gap.district, f.DAY, at=at)
    assert next(row.missed_days for row in board.rows if row.code == "11416") == 1
    (record,) = [one for one in discipline(gap.district, back(3, 2, 1, 0), at=at).below if one.code == "11416"]
    assert (record.missing, record.waiting) == (3, 1)


def test_reasons_are_the_statuses_of_the_days(cast):
    f.make_report(cast.commune, *back(6), installs=5, opening=0)
    f.make_late_request(cast.commune, cast.officer, *back(2), received_at=f.at("2020-08-20 08:00"))
    f.make_exempt_day(cast.city, *back(3))
    f.make_downtime(starts_at=f.at("2020-08-17 16:30"), ends_at=f.at("2020-08-17 17:30"))
    reasons = [one.reason for one in standing_of(cast.commune, f.DAY).missed]
    assert reasons == ["missing", "excused", "exempt", "waiting", "missing"]
