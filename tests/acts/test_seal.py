"""The city's seal: the act, the timer's command, and what is recorded after it."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from reporting import acts, demo
from reporting.figures import discipline, rollup, sealed_table
from reporting.models import LateRequest, Reopening, Seal

from .. import factories as f
from ..views.visits import frozen

BEFORE = f.DAY - timedelta(days=1)
ARRIVED, FIXED, EVENING = (f.at(f"2020-08-21 {hour}") for hour in ("17:39:59", "17:40", "17:50"))


@pytest.fixture
def reported(cast):
    f.make_report(cast.commune, installs=30, opening=500)
    return cast


def seal(cast, at=FIXED, **options):
    stamp = {**f.stamp(cast.city_clerk, at), "reason": "Sớm"}
    return acts.seal(**{"unit": cast.city, "day": f.DAY, **stamp, **options})


# The act.


def test_seal_is_never_earlier_than_what_it_counts(reported):
    """Even if the clock was set back."""
    early = f.at("2020-08-21 09:00")
    fixed = seal(reported, now=lambda: early)
    assert fixed.at == reported.commune.reports.get(day=f.DAY).revisions.get().counted_at == f.at("2020-08-21 10:00")
    assert sealed_table.check_table(fixed, reported.city).is_right
    assert sealed_table.read_table(fixed.table)["31/306/11416/"]["cumulative"] == "530"


def test_seal_is_never_earlier_than_a_withdrawal_or_request_that_it_includes(reported):
    late = f.at("2020-08-21 18:30")
    extension = f.make_extension(reported.other_district)
    acts.withdraw_setting(record=extension, reason="Nhầm", **f.stamp(reported.city_clerk, late))
    assert seal(reported).at == late
    asked = {"unit": reported.neighbour, "day": f.DAY, "by": reported.neighbour_officer, "opening": 1}
    asked = acts.send_late_request(**asked, installs=7, reason="x", at=late + timedelta(minutes=1))
    again = seal(reported, reason="Có báo cáo trễ")
    assert again.at == asked.received_at
    declined = {"late_request": asked, "is_accepted": False, "note": "x", "by": reported.district_clerk}
    acts.decide(**declined, at=EVENING, now=lambda: EVENING + timedelta(hours=2))
    assert [sealed_table.check_table(fixed, reported.city).is_right for fixed in Seal.objects.all()] == [True, True]


# What arrived before the seal and got the lock after it is known after it.


def test_request_taken_back_while_the_city_sealed_waits_in_the_sealed_figures(reported):
    ask = {"unit": reported.neighbour, "day": f.DAY, "by": reported.neighbour_officer}
    asked = acts.send_late_request(**ask, installs=7, opening=1, reason="x", at=f.at("2020-08-21 17:10"))
    fixed = seal(reported)
    taken_back = acts.withdraw_request(**ask, shown=asked.pk, at=ARRIVED)
    assert taken_back.withdrawn_at > fixed.at
    assert list(LateRequest.objects.waiting(fixed.at)) == [taken_back]
    assert list(LateRequest.objects.waiting()) == []


def test_request_sent_while_the_city_sealed_does_not_wait_in_the_sealed_figures(reported):
    ask = {"unit": reported.neighbour, "day": f.DAY, "by": reported.neighbour_officer, "opening": 1, "reason": "x"}
    fixed = seal(reported)
    asked = acts.send_late_request(**ask, installs=7, at=ARRIVED)
    assert asked.received_at > fixed.at
    assert list(LateRequest.objects.waiting(fixed.at)) == []
    assert sealed_table.check_table(fixed, reported.city).differences == []
    assert discipline.discipline(reported.neighbour, [f.DAY], at=fixed.at, as_of=fixed.at).own.missing == 1
    assert list(LateRequest.objects.waiting()) == [asked]


def test_request_accepted_during_the_seal_still_waits_in_the_sealed_figures(reported):
    ask = {"unit": reported.neighbour, "day": f.DAY, "by": reported.neighbour_officer, "opening": 1, "reason": "x"}
    asked = acts.send_late_request(**ask, installs=7, at=f.at("2020-08-21 17:10"))
    fixed = seal(reported)
    acts.decide(late_request=asked, is_accepted=True, by=reported.city_clerk, at=ARRIVED, now=lambda: FIXED)
    asked.refresh_from_db()
    assert (asked.decision, asked.decided_at > fixed.at) == ("accepted", True)
    assert sealed_table.read_table(fixed.table)["31/306/11407/"]["status"] == "waiting"
    assert sealed_table.check_table(fixed, reported.city).is_right


def test_request_replaced_while_the_city_sealed_waits_in_the_sealed_figures(reported):
    ask = {"unit": reported.neighbour, "day": f.DAY, "by": reported.neighbour_officer, "opening": 1, "reason": "x"}
    first = acts.send_late_request(**ask, installs=7, at=f.at("2020-08-21 17:10"))
    fixed = seal(reported)
    second = acts.send_late_request(**ask, installs=8, replaces=first.pk, at=EVENING)
    assert list(LateRequest.objects.waiting(fixed.at)) == [first]
    assert list(LateRequest.objects.waiting()) == [second]


def test_day_reopened_while_the_city_sealed_is_not_reopened_in_the_sealed_figures(reported):
    fixed = seal(reported)
    about = {"unit": reported.commune, "day": f.DAY, "reason": "Đếm lại", "base_version": 1}
    acts.reopen(**about, until=f.at("2020-08-21 20:00"), by=reported.district_clerk, at=ARRIVED)
    assert Reopening.objects.get().opened_at > fixed.at
    assert list(Reopening.objects.all().in_force_then(fixed.at)) == []
    assert Reopening.objects.all().in_force(EVENING).count() == 1


def test_difficulty_sent_up_while_the_city_sealed_is_not_in_the_sealed_figures(reported):
    said = f.make_report(reported.neighbour, installs=7, note="Mạng yếu")
    fixed = seal(reported)
    acts.pass_up(unit=reported.district, day=f.DAY, reports=[said], by=reported.district_clerk, at=ARRIVED)
    shown = [acts.day_difficulties(rollup.rows(reported.city, f.DAY, as_of)) for as_of in (fixed.at, None)]
    assert [[(one.row.code, one.note) for one in found] for found in shown] == [[], [("11407", "Mạng yếu")]]


# The command, for a timer.


def seal_day(moment):
    out = io.StringIO()
    with frozen(moment):
        call_command("seal_day", stdout=out)
    return out.getvalue().splitlines()


def test_timer_seals_due_days_and_those_that_it_missed(reported):
    """It waits for a later deadline, and looks back a week."""
    f.make_extension(reported.city)  # to 18h00
    missed = [f"2020-08-{day}" for day in range(15, 21)]
    assert [line[:10] for line in seal_day("2020-08-21 17:05")] == missed
    assert seal_day("2020-08-21 18:29") == []  # a seal would shut out those who may still confirm
    (line,) = seal_day("2020-08-21 18:30")
    made = Seal.objects.get(day=f.DAY)
    assert line == f"2020-08-21 31: sealed 18:30:00 21/08/2020, {made.digest}"
    assert (made.unit, made.by, made.at) == (reported.city, None, f.at("2020-08-21 18:30"))
    assert made.table == sealed_table.canonical_table(rollup.rows(reported.city, f.DAY))
    f.make_report(reported.neighbour, BEFORE, installs=4, opening=60)
    assert seal_day("2020-08-21 18:35") == seal_day("2020-08-22 09:00") == []
    assert [str(day) for day in Seal.objects.order_by("day").values_list("day", flat=True)] == [*missed, "2020-08-21"]


def test_timer_tells_what_it_cannot_seal(reported, monkeypatch):
    monkeypatch.setattr(acts, "seal", refuse)
    with pytest.raises(CommandError, match=r"2020-08-15 31: not sealed\."):
        seal_day("2020-08-21 17:05")


def refuse(**asked):
    raise acts.ReasonMissing


def test_demonstration_starts_after_the_newest_seal_too(cast):
    f.make_report(cast.commune, by=cast.officer)
    assert demo.newest_instant() < f.make_seal(cast.city, cast.city_clerk).at == demo.newest_instant()
