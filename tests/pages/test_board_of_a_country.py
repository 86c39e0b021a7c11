"""The board of a country, of which only the silent are read, is byte for byte that of the tree rolled up whole."""

import re
from datetime import time, timedelta

import pytest

from reporting import acts
from reporting.figures import silent
from reporting.models import Unit, User

from .. import factories as f
from ..views.visits import look

AFTERNOON = f.at("2020-08-21 16:30")
EVENING = "2020-08-21 17:20"
QUERIES = ("", "?show=waiting", "?show=asked", "?show=missing&below=306")


@pytest.fixture
def nation(db):
    cast = f.make_nation()
    f.make_report(cast.commune, installs=88, opening=1000, by=cast.officer, arrived_at=f.at("2020-08-21 16:20"))
    f.make_report(cast.commune, f.DAY - timedelta(days=1), arrived_at=f.at("2020-08-20 16:45"))
    f.make_report(cast.stranger, f.DAY - timedelta(days=2), installs=7, opening=30)
    f.make_report(cast.agency, installs=9, opening=50)
    return cast


def markup(page):
    assert page.status_code == 200
    return re.sub(r'csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"', "", page.text)


def boards(nation, moment, queries=QUERIES):
    return [markup(look(nation.country_clerk, "board", "VN", f.DAY, moment=moment, query=query)) for query in queries]


def assert_alike(nation, monkeypatch, moment=EVENING, *, is_few=True, queries=QUERIES):
    assert (silent.below(nation.country, f.DAY) is not None) == is_few
    few = boards(nation, moment, queries)
    with monkeypatch.context() as patch:
        patch.setattr(silent, "below", lambda unit, day: None)
        whole = boards(nation, moment, queries)
    assert few == whole


def test_silent_waiting_and_reminded(nation, monkeypatch):
    f.make_late_request(nation.neighbour, nation.neighbour_officer)
    acts.remind(units=[nation.stranger], day=f.DAY, by=nation.city_clerk, at=AFTERNOON)
    f.make_reminder(nation.commune, nation.city_clerk)  # which has reported
    User.objects.filter(unit=nation.stranger).update(phone="0912 000 407")
    assert_alike(nation, monkeypatch)
    assert_alike(nation, monkeypatch, "2020-08-21 16:30", queries=QUERIES[:1])
    assert_alike(nation, monkeypatch, "2020-08-22 08:00", queries=QUERIES[:1])
    board = look(nation.country_clerk, "board", "VN", f.DAY, moment=EVENING).context["board"]
    assert board.counts == {"missing": 4, "waiting": 1, "asked": 2, "all": 6}
    assert nation.agency.code not in {row.code for row in board.rows}


def test_late_and_other_hours(nation, monkeypatch):
    stamp = {"by": nation.district_clerk, "at": f.at("2020-08-21 18:00"), "now": lambda: f.at("2020-08-21 18:00")}
    acts.enter(unit=nation.neighbour, day=f.DAY, installs=3, opening=0, reason="Điện thoại", base_version=0, **stamp)
    acts.void(unit=nation.commune, day=f.DAY, reason="Nhập nhầm", base_version=1, **stamp)
    acts.void(unit=nation.commune, day=f.DAY - timedelta(days=1), reason="Nhập nhầm", base_version=1, **stamp)
    f.make_unit_hour(nation.stranger, time(12))
    f.make_extension(nation.foreigner)
    assert_alike(nation, monkeypatch, "2020-08-21 18:10", queries=QUERIES[:1])


def test_complete_and_with_units_right_below_and_many_of_them(nation, monkeypatch):
    for number in range(45):
        f.make_unit(f"8{number}", parent=nation.country, level="city", name=f"Số {number}")
    Unit.objects.filter(code__startswith="81").update(region="Miền núi")
    f.make_report(Unit.objects.get(code="81"), installs=3, opening=0)
    assert_alike(nation, monkeypatch, queries=("?below=region-Miền núi", "?show=missing&rows=all"))
    for unit in silent.reporting(nation.country, f.DAY).filter(reports=None):
        f.make_report(unit, installs=3, opening=0)
    f.make_report(nation.stranger, installs=3)
    assert_alike(nation, monkeypatch, queries=QUERIES[:1])
    page = look(nation.country_clerk, "board", "VN", f.DAY, moment=EVENING)
    assert page.context["board"].complete_at == f.at("2020-08-21 16:20")


def test_units_that_end_and_begin(nation, monkeypatch):
    nation.neighbour.close(on=f.DAY, into=nation.stranger)
    f.make_unit("NEW", parent=nation.other_district, name="Mới", opened_on=f.DAY - timedelta(days=2))
    f.make_unit("SOON", parent=nation.other_district, name="Sắp", opened_on=f.DAY + timedelta(days=1))
    f.make_report(f.make_unit("SGD", level="agency", parent=nation.country), installs=7, opening=0)
    assert_alike(nation, monkeypatch, queries=("", "?below=VN-agencies"))


def test_day_on_which_something_is_not_due_is_rolled_up_whole(nation, monkeypatch):
    f.make_exempt_day(nation.district, f.DAY)
    assert_alike(nation, monkeypatch, is_few=False, queries=QUERIES[:1])


def test_all_units_are_shown_where_they_are_asked_for(nation):
    page = look(nation.country_clerk, "board", "VN", f.DAY, moment=EVENING, query="?show=all")
    assert nation.agency.code in {row.code for _group, row, _contacts in page.context["rows"]}
    page = look(
        nation.country_clerk, "board", "VN", f.DAY, moment=EVENING, query="?show=missing&as_of=2020-08-21T10:00"
    )
    assert page.context["board"].is_of_all
