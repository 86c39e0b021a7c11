"""A successor's own sum and the sums merged into it: corrected together, imported once, never below 0."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reporting import acts, imports
from reporting.figures import rollup, standings, verification
from reporting.imports import KINDS, Sent
from reporting.models import Report, Unit

from .. import factories as f, sheets
from ..clerk import read_table
from ..prepared import prepared, undone
from ..views.visits import look

CHANGE = f.DAY + timedelta(days=1)  # from this day Đằng Hải continues Cát Bi
AFTER = CHANGE + timedelta(days=1)
MORNING = f.at("2020-08-24 08:00")


@prepared
def merged(cast):
    """Đằng Hải has 100 of its own, 60 of them from before the campaign; merged Cát Bi adds 500."""
    f.make_report(cast.neighbour, installs=20, opening=480)
    f.make_report(cast.commune, installs=40, opening=60)
    f.reorganise("action,code,into\nmerge,11407,11416", effective_on=CHANGE, at=f.at("2020-08-21 18:00"))
    cast.commune, cast.neighbour = (Unit.objects.get(pk=unit.pk) for unit in (cast.commune, cast.neighbour))
    return cast


def adjust(unit, day, adjustment, by, version=0):
    stamp = f.stamp(by, MORNING)
    return acts.adjust(unit=unit, day=day, adjustment=adjustment, reason="Trùng", base_version=version, **stamp)


def totals(cast, *days):
    return [rollup.rows(cast.district, day).by_code["11416"].cumulative for day in days]


def disagreements():
    return [words for check in verification.CHECKS.values() for words in check[1]()]


def test_heir_is_corrected_below_its_own_sum_down_to_nothing(merged):
    f.make_report(merged.commune, CHANGE, installs=10)
    f.make_report(merged.commune, AFTER, installs=5)
    adjust(merged.commune, CHANGE, -150, merged.district_clerk, version=1)
    assert totals(merged, f.DAY, CHANGE, AFTER) == [100, 460, 465]
    adjust(merged.commune, CHANGE, -610, merged.district_clerk, version=2)
    assert totals(merged, f.DAY, CHANGE, AFTER) == [100, 0, 5]
    with pytest.raises(acts.BelowCumulative):
        adjust(merged.commune, CHANGE, -611, merged.district_clerk, version=3)
    assert standings.stored_day(merged.commune, AFTER).before == -500
    assert disagreements() == []


def test_closed_unit_is_not_corrected_below_what_its_successor_has_subtracted(merged):
    f.make_report(merged.commune, CHANGE, installs=0)
    adjust(merged.commune, CHANGE, -150, merged.district_clerk, version=1)
    with pytest.raises(acts.BelowCumulative):
        adjust(merged.neighbour, f.DAY, -451, merged.district_clerk, version=1)
    adjust(merged.neighbour, f.DAY, -450, merged.district_clerk, version=1)
    assert totals(merged, CHANGE, AFTER) == [0, 0]
    with pytest.raises(acts.StillNeeded):
        acts.void(
            unit=merged.neighbour, day=f.DAY, reason="Nhầm", base_version=2, **f.stamp(merged.district_clerk, MORNING)
        )


def test_adjustment_ends_at_the_people_of_its_day(merged):
    """Together they have 34,098 people; before the merger the limit is the unit's own 19,748."""
    f.make_report(merged.commune, CHANGE, installs=10)
    for day, most, people in ((CHANGE, 33_488, 34_098), (f.DAY, 19_648, 19_748)):
        with undone():
            with pytest.raises(acts.LimitExceeded) as refusal:
                adjust(merged.commune, day, most + 1, merged.district_clerk, version=1)
            assert refusal.value.population == people
            adjust(merged.commune, day, most, merged.district_clerk, version=1)
            assert totals(merged, day) == [people]


def test_sum_follows_a_chain_of_mergers(merged):
    f.make_report(merged.commune, CHANGE, installs=0)
    adjust(merged.commune, CHANGE, -550, merged.district_clerk, version=1)  # 50 left of both
    f.make_report(merged.stranger, CHANGE, installs=1, opening=9)
    f.make_unit("11499", parent=merged.district)  # so that the district still has a unit
    text = "action,code,into\nmerge,11416,11470"
    f.reorganise(text, effective_on=AFTER, at=f.at("2020-08-22 18:00"))
    f.make_report(merged.stranger, AFTER, installs=0)
    adjust(merged.stranger, AFTER, -30, merged.other_clerk, version=1)
    assert rollup.rows(merged.city, AFTER).by_code["11470"].cumulative == 30
    with pytest.raises(acts.BelowCumulative):
        adjust(merged.neighbour, f.DAY, -31, merged.city_clerk, version=1)
    adjust(merged.neighbour, f.DAY, -30, merged.city_clerk, version=1)
    assert rollup.rows(merged.city, AFTER).by_code["11470"].cumulative == 0


def planned(cast, *rows):
    data = sheets.workbook(["Mã đơn vị", "Loại số liệu", "Số máy đã cài trước đợt", f.DAY, CHANGE], *rows)
    kind = KINDS["reports"]
    table, _source = read_table(kind, data, "a.xlsx")
    sent = Sent(by=cast.district_clerk, at=MORNING, source="x", options={"reason": "Báo cáo giấy"})
    plan = imports.preview(kind, table, sent)
    ticked = replace(sent, consents=frozenset(plan.consents))
    return plan, lambda: imports.apply(kind, table, ticked, now=lambda: MORNING)


def test_closed_units_last_day_and_its_heirs_total_in_one_file_count_once(merged):
    """Cát Bi's last day was 40, not 20; Đằng Hải's total of the next day includes the 40."""
    for rows in (
        [["11416", "lũy kế", None, None, 630], ["11407", "mới", None, 40, None]],
        [["11407", "lũy kế", None, 520, None], ["11416", "lũy kế", None, 100, 630]],
    ):
        plan, _apply = planned(merged, *rows)
        assert plan.errors == []
        [row] = [row for row in plan.rows if row.unit == "Phường Đằng Hải" and row.what.startswith("22/08")]
        assert row.after == "10"
    _plan, apply = planned(merged, *rows)
    apply()
    assert totals(merged, CHANGE) == [630]
    assert Report.objects.get(unit=merged.commune, day=CHANGE).installs == 10
    assert disagreements() == []


EVENING = f.at("2020-08-22 18:00")
NIGHT = f.at("2020-08-22 19:00")


@prepared
def merged_unreported(cast):
    """As above, but Cát Bi does not report its last day, and Đằng Hải continues both."""
    eve = f.DAY - timedelta(days=1)
    f.make_report(cast.neighbour, eve, installs=20, opening=480)
    f.make_report(cast.commune, eve, installs=40, opening=60)
    f.make_report(cast.commune, f.DAY, installs=0)
    f.reorganise("action,code,into\nmerge,11407,11416", effective_on=CHANGE, at=f.at("2020-08-21 12:00"))
    cast.commune, cast.neighbour = (Unit.objects.get(pk=unit.pk) for unit in (cast.commune, cast.neighbour))
    return cast


def total_of_heir(cast, cumulative=630, **about):
    about = {"reason": "điện thoại", **f.stamp(cast.district_clerk, EVENING), **about}
    return acts.enter(unit=cast.commune, day=CHANGE, cumulative=cumulative, **about)


def test_total_of_the_successor_includes_an_unreported_day_of_a_closed_unit(merged_unreported):
    """600 until then: the 30 of the day include Cát Bi's last day, which is not counted again."""
    total_of_heir(merged_unreported)
    about = {"unit": merged_unreported.neighbour, "day": f.DAY, "installs": 12, "reason": "điện thoại"}
    with pytest.raises(acts.InLaterReport) as refusal:
        acts.enter(**about, **f.stamp(merged_unreported.district_clerk, EVENING))
    assert "báo cáo ngày 22/08/2020 (Phường Đằng Hải, 30 máy cài mới)." in refusal.value.message
    page = look(merged_unreported.officer, "late_request", "11407", f.DAY, moment="2020-08-22 19:00")
    assert [page.text.count(f'href="/units/{code}/late/{CHANGE}/"') for code in ("11416", "11407")] == [1, 0]
    assert totals(merged_unreported, CHANGE) == [630]
    plan, _apply = planned(merged_unreported, ["11407", "mới", None, 12, None])
    assert [row.unit for row in plan.errors] == ["Phường Cát Bi"]
    void = {"unit": merged_unreported.commune, "day": CHANGE, "reason": "lũy kế sai", "base_version": 1}
    acts.void(**void, **f.stamp(merged_unreported.district_clerk, EVENING))
    acts.enter(**about, **f.stamp(merged_unreported.district_clerk, EVENING))
    assert totals(merged_unreported, CHANGE) == [612]
    assert disagreements() == []


def ask(cast, unit, day, by, **figures):
    return acts.send_late_request(unit=unit, day=day, reason="mất điện", by=by, at=EVENING, **figures)


def test_no_total_of_the_heir_while_a_day_of_a_closed_unit_waits(merged_unreported):
    officer = f.make_user("canbo.cu", merged_unreported.neighbour)
    asked = ask(merged_unreported, merged_unreported.neighbour, f.DAY, officer, installs=12)
    with pytest.raises(acts.CoversReported) as refusal:
        total_of_heir(merged_unreported)
    assert "Phường Cát Bi" in refusal.value.message
    plan, _apply = planned(merged_unreported, ["11416", "lũy kế", None, None, 630])
    assert ["Phường Cát Bi" in row.words for row in plan.errors] == [True]
    acts.decide(late_request=asked, is_accepted=True, **f.stamp(merged_unreported.district_clerk, NIGHT))
    total_of_heir(merged_unreported)
    assert totals(merged_unreported, CHANGE) == [630]  # 12 of them are of the day before
    assert Report.objects.get(unit=merged_unreported.commune, day=CHANGE).installs == 18


def test_late_total_of_the_successor_subtracts_a_day_reported_since(merged_unreported):
    asked = ask(merged_unreported, merged_unreported.commune, CHANGE, merged_unreported.officer, cumulative=630)
    assert asked.holds_from == f.FIRST_DAY
    moment = EVENING + timedelta(minutes=1)
    about = {"unit": merged_unreported.neighbour, "day": f.DAY, "installs": 12, "reason": "điện thoại"}
    acts.enter(**about, **f.stamp(merged_unreported.district_clerk, moment))
    with pytest.raises(acts.CoversReported):
        acts.decide(late_request=asked, is_accepted=True, **f.stamp(merged_unreported.district_clerk, NIGHT))
    assert totals(merged_unreported, CHANGE) == [612]


def test_imported_total_of_the_heir_holds_it_too_unless_the_file_says_it(merged_unreported):
    _plan, apply = planned(merged_unreported, ["11407", "mới", None, 12, None], ["11416", "lũy kế", None, None, 630])
    apply()
    assert totals(merged_unreported, CHANGE) == [630]
    report = Report.objects.get(unit=merged_unreported.commune, day=CHANGE)
    assert (report.installs, report.holds_from) == (18, f.FIRST_DAY)


def test_imported_total_of_the_successor_includes_a_closed_unit_without_reports(cast):
    """Cát Bi never reported before it was closed: the total already includes what it would report later."""
    total = {"cumulative": 100, "opening": 60, "reason": "điện thoại"}  # which leaves nothing for its own days
    acts.enter(unit=cast.commune, day=f.DAY, **total, **f.stamp(cast.district_clerk, f.at("2020-08-21 18:00")))
    f.reorganise("action,code,into\nmerge,11407,11416", effective_on=CHANGE, at=f.at("2020-08-21 12:00"))
    _plan, apply = planned(cast, ["11416", "lũy kế", None, None, 103])
    apply()
    assert Report.objects.get(unit=cast.commune, day=CHANGE).holds_from == f.FIRST_DAY
    about = {"unit": cast.neighbour, "day": f.DAY, "installs": 12, "opening": 500, "reason": "điện thoại"}
    with pytest.raises(acts.InLaterReport):
        acts.enter(**about, **f.stamp(cast.district_clerk, NIGHT))
    assert totals(cast, CHANGE) == [103]
