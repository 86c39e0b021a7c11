"""The check of statements finds what was once said falsely, when the old words or numbers are put back."""

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest

from reporting import acts
from reporting.days.look_back import newest_seal
from reporting.figures import pace, rollup, statements
from reporting.figures.pace import Kind, Pace
from reporting.models import Unit
from reporting.pages import trends
from reporting.pages.checking import check

from .. import factories as f
from ..said import statements_of

AT = f.at("2020-08-21 20:00")
BEFORE = f.DAY - timedelta(days=1)


@pytest.fixture
def campaign(cast):
    """Three units of the city have reported a week; the agency and the island never."""
    for back in range(7, -1, -1):
        for unit, installs, opening in ((cast.commune, 20, 4000), (cast.neighbour, 13, 2600), (cast.stranger, 9, 900)):
            day = f.DAY - timedelta(days=back)
            f.make_report(unit, day, installs=installs + back, opening=opening if back == 7 else 0)
    return cast


def direct(share, *, ends=20):
    f.make_directive(f.FIRST_DAY, number="2/CV", target_share=Decimal(share), target_date=f.DAY + timedelta(days=ends))


def said(code="31"):
    return statements_of(code, f.DAY, at=AT)


def test_nothing_is_wrong_with_what_is_said_now(campaign):
    direct("0.60")
    found = [one for code in ("31", "306", "311", "11416") for one in said(code)]
    assert check(found) == []
    assert {"to_miss", "rates", "factor", "days_late", "standing", "growth_of_installs", "reports", "new_after"} <= {
        one.name for one in found
    }


@pytest.fixture
def adjusted(campaign):
    """Reached on the target date; then a double count of 900 is removed."""
    direct("0.185", ends=-1)
    sealed = f.stamp(campaign.city_clerk, f.at("2020-08-20 17:40"))
    campaign.seal = acts.seal(unit=campaign.city, day=BEFORE, reason="Sớm", **sealed)
    f.make_report(campaign.island, installs=1, opening=0)
    about = {"unit": campaign.commune, "day": f.DAY, "adjustment": -900, "reason": "Trùng", "base_version": 1}
    acts.adjust(**about, **f.stamp(campaign.district_clerk, f.at("2020-08-21 12:00")))
    return campaign


def test_target_date_is_judged_by_its_own_day(adjusted, monkeypatch):
    verdict = trends.trend(adjusted.city, rollup.rows(adjusted.city, f.DAY, at=AT), at=AT).verdict
    assert verdict.sentence() == "Ngày 20/08: 19,83%, đạt. Đến 21/08, sau điều chỉnh: 17,67%."
    assert check(said()) == []

    def as_it_was(about, pace):
        fields = ("row.target_share", "pace.target_date", "row.share", "row.is_target_reached")
        return statements.Verdict(title=about.state("old", *fields))

    monkeypatch.setitem(statements.TEMPLATES, "old", "%(target_share)s NOT REACHED by %(target_date)s: %(share)s")
    monkeypatch.setattr(statements, "_after", as_it_was)
    found = {one.words for one in check(said()) if one.statement.name == "old"}
    assert found == {"the target of 2020-08-20 is judged by 2020-08-21"}


def test_sealed_target_date_keeps_what_was_sealed_beside_what_it_has_now(adjusted):
    """On its own page too: it said missed, while the day after and the seal said reached."""
    about = {"unit": adjusted.commune, "day": BEFORE, "adjustment": -800, "reason": "Trùng", "base_version": 1}
    acts.adjust(**about, **f.stamp(adjusted.city_clerk, f.at("2020-08-21 12:30")))

    def sentence(code, as_of=None):
        unit = Unit.objects.named(BEFORE).get(code=code)
        figures, seal = rollup.rows(unit, BEFORE, as_of, at=AT), newest_seal(unit, BEFORE, as_of)
        return trends.trend(unit, figures, at=AT, seal=seal).verdict.sentence()

    assert sentence("31") == "Ngày 20/08: 19,83%, đạt. Sau chốt: 17,81%."
    assert sentence("31", adjusted.seal.at) == "Đã đạt 18,5%. Vượt chỉ tiêu 529 máy."
    assert sentence("11470") == "Đã đạt 18,5%. Vượt chỉ tiêu 66 máy."  # as sealed
    assert check(statements_of("31", BEFORE, at=AT)) == []


def test_two_rates_at_one_minute_are_found(campaign, monkeypatch):
    """The list divided by the days on which the city had reports, and dropped reports of several days."""
    direct("0.60")
    town = f.make_unit("11473", parent=campaign.other_district, name="Minh Đức", kind="thị trấn", population=6000)
    f.make_report(town, BEFORE, installs=70, opening=0, covers_from=f.DAY - timedelta(days=3))
    assert check(said("311")) == []
    by_the_citys_days = trends.pace_of

    def old(row, figures, *rest, **more):
        found = by_the_citys_days(row, figures, *rest, **more)
        return found if row.code == figures.unit_code else replace(found, mean=Fraction(9 * 7, 7))

    monkeypatch.setattr(trends, "pace_of", old)
    assert {one.statement.name for one in check(said("31"))} == {"rates", "factor"}


def test_growth_that_names_no_state_to_compare_with_is_found(campaign, monkeypatch):
    f.make_base(campaign.commune, population=30_000, effective_on=f.DAY)
    assert check(said()) == []

    def old(about):
        return about.state("old", "growth", "growth_of_share", "row.share", "row.cumulative", day_before="before.day")

    monkeypatch.setitem(statements.TEMPLATES, "old", "compared with %(day_before)s, the share %(growth_of_share)s")
    monkeypatch.setattr(statements, "growth", old)
    assert [one.words for one in check(said())] == [
        "the growth does not name the day and the number that it begins with",
        "the growth of the share does not name the share that it begins with",
    ]


def test_growth_between_two_populations_is_found(campaign):
    """As two papers in a row had it: 32.97%, then 30.66%."""
    f.make_base(campaign.commune, population=30_000, effective_on=f.DAY)
    [growth] = [one for one in said() if one.name == "growth_of_installs"]
    then = rollup.rows(campaign.city, BEFORE, at=AT).own.share
    facts = {**growth.facts, "share_before": replace(growth.facts["share_before"], value=then)}
    assert then != growth.facts["share_before"].value
    assert any("is not of" in one.words for one in check([replace(growth, facts=facts)]))


def test_forecast_that_misses_by_a_share_above_the_target_is_found(campaign, monkeypatch):
    direct("0.21")
    assert "on_pace" in {one.name for one in said()}
    assert check(said()) == []
    monkeypatch.setattr(pace, "_kind", lambda *args, **more: Kind.NOT_ENOUGH)
    assert any("does not miss" in one.words for one in check(said()))


def test_factor_that_the_printed_rates_do_not_give_is_found(campaign, monkeypatch):
    direct("0.60")
    whole = property(lambda own: Decimal(ceil(own.needed_per_day / own.mean * 10 + 1)) / 10)
    monkeypatch.setattr(Pace, "factor", whole)
    assert {one.statement.name for one in check(said())} == {"factor"}


def test_reports_that_leave_out_the_excused_are_found(campaign, monkeypatch):
    """After a downtime: 2/4 have reported, 1 on time and 0 late."""
    f.make_downtime()
    asked = f.make_late_request(
        campaign.island, campaign.officer, installs=3, opening=0, received_at=f.at("2020-08-21 18:00")
    )
    acts.decide(late_request=asked, is_accepted=True, **f.stamp(campaign.city_clerk, f.at("2020-08-21 19:00")))
    [reports] = [one for one in said() if one.name.startswith("reports")]
    assert "không tính trễ 1" in reports.words()
    assert check([reports]) == []
    facts = {name: one for name, one in reports.facts.items() if name != "reported_excused"}
    assert {one.words for one in check([replace(reports, name="reports", facts=facts)])} == {
        "1 are reported_excused, not 0",
        "on time, late and excused are 3, not 4",
    }


def test_share_of_an_incomplete_day_without_its_mark_is_found(campaign):
    [share] = [one for one in said() if one.name == "result"]
    assert "(tạm tính, " in share.words()
    facts = {**share.facts, "share": replace(share.facts["share"], note=None)}
    assert [one.words for one in check([replace(share, facts=facts)])] == [
        "the share of 31 on 2020-08-21 is provisional"
    ]


def test_change_after_the_hour_that_is_left_out_is_found(campaign):
    """An adjustment at 18:00 and a late report stand under "as of 17:00"."""
    about = {"unit": campaign.commune, "day": f.DAY, "adjustment": -9, "reason": "Trùng", "base_version": 1}
    acts.adjust(**about, **f.stamp(campaign.district_clerk, f.at("2020-08-21 18:00")))
    enter = {"unit": campaign.island, "day": f.DAY, "installs": 3, "opening": 40, "reason": "gọi điện"}
    acts.enter(**enter, **f.stamp(campaign.city_clerk, f.at("2020-08-21 18:30")))
    later = next(one for one in said() if one.name == "after_hour")
    assert str(later).endswith("1 điều chỉnh -9, 1 báo cáo nhập thay +3, 1 số đã cài trước đợt +40")
    facts = {name: one for name, one in later.facts.items() if name != "delta_adjustment"}
    assert check([later]) == []
    assert [one.words for one in check([replace(later, facts=facts)])] == [
        "43 by causes are not the 34 from 7920 to 7954"
    ]


def test_figure_that_has_changed_since_is_found(campaign):
    before = said()
    f.make_report(campaign.island, installs=3, opening=0)
    assert {one.statement.name for one in check(before)} >= {"result", "reports", "message"}


def test_sealed_day_is_provisional_only_once_it_has_lost_a_report(campaign):
    sealed = f.stamp(campaign.city_clerk, f.at("2020-08-21 17:40"))
    seal = acts.seal(unit=campaign.city, day=f.DAY, reason="Sớm", **sealed)  # without the island and the agency

    def marks():
        looks = [rollup.rows(campaign.city, f.DAY, as_of) for as_of in (None, seal.at)]
        rows = [(figures, row) for figures in looks for row in (figures.own, figures.agency_total)]
        return [statements.subject(figures, row, seal=seal).provisional for figures, row in rows]

    assert marks() == [None] * 4
    by = f.stamp(campaign.district_clerk, f.at("2020-08-21 18:00"))
    acts.adjust(unit=campaign.neighbour, day=f.DAY, adjustment=-5, reason="Trùng", base_version=1, **by)
    assert marks() == [None] * 4
    acts.void(unit=campaign.commune, day=f.DAY, reason="Nhầm phường", base_version=1, **by)
    now, *others = marks()
    assert (str(now), others) == ("tạm tính, 2/4", [None] * 3)
    assert check(said()) == []


def test_paper_says_no_change_only_if_somebody_has_reported(campaign):
    """At 07:00 it said "không thay đổi" of a day that nobody had reported."""
    day = f.DAY + timedelta(days=1)
    morning = statements_of("31", day, at=f.at("2020-08-22 07:00"))
    assert {"no_new"} == {one.name for one in morning if one.name.startswith(("growth", "no_new"))}
    f.make_report(campaign.commune, day, installs=0, hour=time(8))
    [growth] = [one for one in statements_of("31", day, at=f.at("2020-08-22 09:00")) if one.name.startswith("growth")]
    assert "không thay đổi" in growth.words()
