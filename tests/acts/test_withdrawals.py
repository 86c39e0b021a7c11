"""Withdrawn settings: the record stays, and units that relied on it while it was in force lose nothing."""

from datetime import time, timedelta

import pytest
from django.utils import translation

from reporting import acts
from reporting.days import hours_in_force, state
from reporting.days.status import DayStatus
from reporting.figures import discipline, rollup, sealed_table, verification
from reporting.imports.kinds.units import import_units
from reporting.models import BaseFigure, Directive, Downtime, ExemptDay, Unit, UnitName
from reporting.pages.board import day_board
from tests.prepared import prepared, undone

from .. import factories as f

NOON = f.at("2020-08-21 12:00")


@prepared
def world(cast):
    """The commune reported on time, its neighbour by an accepted request of 17:20; the stranger's request waits."""
    cast.sent = f.make_report(cast.commune, hour=time(16))
    asked = f.make_late_request(cast.neighbour, cast.neighbour_officer, received_at=f.at("2020-08-21 17:20"), opening=0)
    evening = f.at("2020-08-21 17:30")
    acts.decide(late_request=asked, is_accepted=True, **f.stamp(cast.district_clerk, evening))
    cast.waiting = f.make_late_request(cast.stranger, cast.stranger_officer, opening=0)
    return cast


def stamped(cast, moment):
    at = f.at(f"2020-08-{moment}")
    return f.stamp(cast.city_clerk, at)


def withdraw(record, cast, moment, reason="Nhập nhầm"):
    return acts.withdraw_setting(record=record, reason=reason, **stamped(cast, moment))


def exempt(unit, cast, moment, day=f.DAY):
    added = ExemptDay(unit=unit, day=day, reason="Bão", by=cast.city_clerk)
    acts.record_setting(added, top=cast.city, now=lambda: f.at(f"2020-08-{moment}"))
    return added


def away(cast, moment, *, starts="16:30", ends="17:10"):
    moments = [f.at(f"2020-08-21 {hour}") for hour in (starts, ends)]
    added = Downtime(starts_at=moments[0], ends_at=moments[1], reason="Mất điện", by=cast.city_clerk)
    acts.record_setting(added, top=cast.city, now=lambda: f.at(f"2020-08-{moment}"))
    return added


def extend(unit, cast, moment, until):
    return f.extend(unit=unit, day=f.DAY, until=f.at(until), reason="Bão", **stamped(cast, moment))


def status(unit, at="2020-08-22 08:00"):
    """The unit's status of the day: its row and the record of discipline agree."""
    found = rollup.rows(unit, f.DAY, at=f.at(at)).own.status
    record = discipline.discipline(unit, [f.DAY], at=f.at(at)).own
    assert dict(record.days if record else ()).get(f.DAY) is found
    return found


def sums(cast, as_of=None):
    own = rollup.rows(cast.city, f.DAY, as_of).own
    return own.expected, own.reported, own.late


@pytest.mark.parametrize(
    ("declare", "found"),
    [(exempt, DayStatus.EXEMPT), (lambda unit, cast, moment: away(cast, moment), DayStatus.EXCUSED)],
)
def test_exempt_day_declared_late_excuses_units(declare, found, world):
    """It makes nothing on time: late and missing units, and one whose request is accepted, are exempt or excused."""
    assert (status(world.neighbour), status(world.stranger)) == (DayStatus.LATE, DayStatus.WAITING)
    declare(world.city, world, "21 18:00")
    accepted, _left = acts.decide_all(
        superior=world.other_district, day=f.DAY, **f.stamp(world.other_clerk, f.at("2020-08-21 18:05"))
    )
    assert (accepted, sums(world)[2]) == ([world.waiting], 0)
    assert {status(unit) for unit in (world.neighbour, world.stranger, world.island)} == {found}


def test_what_was_forgiven_by_mistake_is_late_again(world):
    for declare in (exempt, lambda *args: away(args[1], args[2]), lambda *args: extend(*args, "2020-08-21 19:00")):
        with undone():
            record = declare(world.city, world, "21 20:00")
            assert status(world.neighbour) is not DayStatus.LATE
            withdraw(record, world, "21 20:10")
            assert status(world.neighbour) is DayStatus.LATE
            assert sums(world, f.at("2020-08-21 20:05"))[2] == 0  # as it was in the meantime
            record.refresh_from_db()
            assert record.is_withdrawn


def test_lateness_does_not_depend_on_who_accepted_a_report_and_when(cast):
    """Three units send at 17:40; one is accepted before an extension, which is withdrawn later, the others after it."""
    officers = {
        cast.commune: cast.officer,
        cast.neighbour: cast.neighbour_officer,
        cast.stranger: cast.stranger_officer,
    }
    moment, granted = f.at("2020-08-21 17:40"), f.at("2020-08-21 17:50")
    for granting in ("21 17:30", "21 17:55"):  # before they send, and after it
        with undone():
            extension = None
            if granting < "21 17:40":
                extension = extend(cast.city, cast, granting, "2020-08-21 18:30")
                for unit in officers:
                    f.make_report(unit, arrived_at=moment)
            else:
                asked = [f.make_late_request(u, by, received_at=moment, opening=0) for u, by in officers.items()]
                decided = f.stamp(cast.district_clerk, granted)
                acts.decide(late_request=asked[0], is_accepted=True, **decided)
                extension = extend(cast.city, cast, granting, "2020-08-21 18:30")
                for superior, clerk in ((cast.district, cast.district_clerk), (cast.other_district, cast.other_clerk)):
                    acts.decide_all(superior=superior, day=f.DAY, **f.stamp(clerk, f.at("2020-08-21 18:00")))
            assert {status(unit) for unit in officers} == {DayStatus.ON_TIME}
            withdraw(extension, cast, "21 18:40")
            kept = DayStatus.ON_TIME if granting < "21 17:40" else DayStatus.LATE
            assert {status(unit) for unit in officers} == {kept}


def test_no_withdrawal_shortens_an_hour_that_runs(cast):
    extension = extend(cast.district, cast, "21 16:30", "2020-08-21 19:00")
    for moment in ("21 16:31", "21 17:00", "21 18:59"):
        with pytest.raises(acts.StillRunning) as refusal:
            withdraw(extension, cast, moment)
        assert refusal.value.until == f.at("2020-08-21 19:00")
    assert state.day_state(cast.commune, f.DAY, at=f.at("2020-08-21 18:59")).is_open
    for moment in ("21 16:30", "21 19:00"):
        with undone():
            withdraw(extension, cast, moment)


def test_no_exemption_ends_shortly_before_the_deadline(cast):
    record = exempt(cast.city, cast, "21 08:00")
    with pytest.raises(acts.StillRunning) as refusal:
        withdraw(record, cast, "21 16:31")
    assert refusal.value.until == f.at("2020-08-21 17:00")


def test_unit_exempt_at_its_deadline_is_never_called_missing(cast):
    """On no page: it owes no report of that day, however late the exemption is withdrawn."""
    missing, excused = DayStatus.MISSING, DayStatus.EXCUSED
    for moment, found in (("21 16:30", missing), ("21 17:00", excused), ("22 07:00", excused)):
        with undone():
            record = exempt(cast.city, cast, "21 08:00")
            assert sums(cast) == (0, 0, 0)
            withdraw(record, cast, moment)
            assert (sums(cast)[0], status(cast.commune)) == (4 if found is missing else 0, found)
            assert faces(cast, "22 08:00") == {(found, found is missing)}
    record = exempt(cast.city, cast, "21 17:30")  # too late and withdrawn: as if it had never existed
    withdraw(record, cast, "21 17:40")
    assert status(cast.commune) is missing


def faces(cast, moment):
    """For the commune without a report on each page: its status, and whether it is listed as not reported."""
    at = f.at(f"2020-08-{moment}")
    figures = rollup.rows(cast.district, f.DAY)
    board = day_board(cast.district, f.DAY, at=at)
    [row] = [row for row in board.rows if row.code == "11416"]
    day_state = state.day_state(cast.commune, f.DAY, at=at)
    return {
        (figures.by_code["11416"].status, "11416" in {row.code for row in figures.not_reported}),
        (row.status, bool(row.not_reported)),
        (day_state.status(None, is_waiting=False, at=at), not day_state.owes_nothing),
    }


def test_mistyped_first_order_is_taken_back_and_set_anew(cast):
    mistyped = Directive.objects.get()
    withdraw(mistyped, cast, "21 10:00")
    assert hours_in_force.campaign_start() is None
    assert state.day_state(cast.commune, f.DAY, at=NOON).code is state.DayCode.BEFORE_CAMPAIGN
    right = Directive(number="2", issuer="UBND", title="x", issued_on=f.DAY, effective_from=f.DAY, by=cast.city_clerk)
    acts.record_setting(right, top=cast.city, now=lambda: f.at("2020-08-21 10:05"))
    assert hours_in_force.campaign_start() == f.DAY
    found = [hours_in_force.hours_of_day(f.DAY, f.at(f"2020-08-21 10:{minute}")).order for minute in ("00", "04", "05")]
    assert [order and order.number for order in found] == [None, None, "2"]
    assert hours_in_force.hours_of_day(f.DAY, f.at("2020-08-21 09:59")).order == mistyped


def test_order_that_alone_covers_what_was_sent_stays(cast):
    first, at = Directive.objects.get(), f.at("2020-08-21 15:00")
    fields = {"issuer": "UBND", "title": "x", "issued_on": f.DAY, "by": cast.city_clerk}
    later = Directive(number="2", effective_from=f.DAY + timedelta(days=1), **fields)
    acts.record_setting(later, top=cast.city, now=lambda: at)
    asked = {"by": cast.officer, "day": f.DAY}
    for send in (
        lambda: [f.make_report(cast.commune, day=f.DAY - timedelta(days=back)) for back in (2, 1, 0)],
        lambda: f.make_late_request(cast.commune, **asked),
        lambda: f.make_sign_off(cast.district, cast.district_clerk),
        lambda: f.make_seal(cast.city, cast.city_clerk),
    ):
        with undone():
            sent = send()
            with pytest.raises(acts.Refusal, match=f"{3 if isinstance(sent, list) else 1} ngày đã có"):
                withdraw(first, cast, "22 18:00")
    f.make_report(cast.commune, day=later.effective_from)
    withdraw(later, cast, "22 18:00")  # the first order covers its days
    assert hours_in_force.hours_of_day(later.effective_from).order == first
    with pytest.raises(acts.Refusal, match="không còn văn bản chỉ đạo"):
        withdraw(first, cast, "22 18:00")


def test_seal_before_a_withdrawal_goes_on_to_agree(world):
    record = exempt(world.district, world, "21 17:20")  # once it is withdrawn, the units are missing again
    sealed = acts.seal(unit=world.city, day=f.DAY, reason="Sớm", **stamped(world, "21 17:30"))
    withdraw(record, world, "21 17:30")  # at the same time on the clock
    assert sealed_table.canonical_table(rollup.rows(world.city, f.DAY, sealed.at)) == sealed.table
    assert sealed_table.canonical_table(rollup.rows(world.city, f.DAY)) != sealed.table


# Reorganisations that have not begun.

MERGED = """action,code,into,name,kind,parent_code,population
merge,11416,11407,,,,
rename,11407,,Cát Hải,phường,,
new,11999,,Mới,phường,306,700
base,11407,,,,,30000
"""


def reorganise(cast, day, moment="21 12:00", table=MERGED):
    at = f.at(f"2020-08-{moment}")
    return f.reorganise(table, effective_on=day, at=at, by=cast.city_clerk)


def stand():
    return (
        list(Unit.objects.order_by("code").values_list("code", "closed_on", "successor", "sort_key", "name_folded")),
        list(UnitName.objects.order_by("pk").values_list("unit", "name")),
        list(BaseFigure.objects.order_by("pk").values_list("unit", "population")),
    )


def test_reorganisation_that_has_not_begun_is_taken_back(cast):
    day, before = f.DAY + timedelta(days=10), stand()
    recorded = reorganise(cast, day)
    withdraw(recorded, cast, "22 09:00")
    units, names, bases = stand()
    assert ([unit for unit in units if unit[0] != "11999"], names, bases) == before
    assert not Unit.objects.get(code="11999").is_open_on(day)
    assert sorted(rollup.rows(cast.district, day).by_code) == ["11407", "11416", "306"]
    again = reorganise(cast, f.DAY + timedelta(days=3), "22 10:00")  # the day was mistyped
    assert Unit.objects.get(code="11999").is_open_on(again.effective_on)
    assert Unit.objects.named(again.effective_on).get(code="11407").name == "Cát Hải"
    assert Unit.objects.get(code="11416").closed_on == again.effective_on


def test_withdrawn_unit_can_be_imported_and_reports_every_day(cast):
    withdraw(reorganise(cast, f.DAY + timedelta(days=3)), cast, "21 13:00")
    head = "code,name,kind,level,parent_code,population,population_source"
    line = "11999,Mới,phường,commune,306,9000,Niên giám"
    tomorrow, noon = f.DAY + timedelta(days=1), f.at("2020-08-21 14:00")
    import_units(f"{head}\n{line}\n".encode(), effective_on=tomorrow, now=lambda: noon, by=cast.city_clerk)
    unit = Unit.objects.get(code="11999")
    for day in (tomorrow, tomorrow + timedelta(days=1)):
        f.make_report(unit, day, installs=5)
    assert rollup.rows(unit, day).own.cumulative == 10


def test_check_of_the_tree_asks_no_name_of_a_unit_that_was_never_open(cast):
    withdraw(reorganise(cast, f.DAY + timedelta(days=10)), cast, "22 09:00")
    check = verification.CHECKS["tree"][1]
    assert Unit.objects.get(code="11999").was_never_open
    assert list(check()) == []
    Unit.objects.filter(code="11999").update(closed_on=None)
    with translation.override("vi"):
        assert list(check()) == ["11999: không có tên"]


def test_reorganisation_that_has_begun_or_is_built_upon_stays(cast):
    recorded = reorganise(cast, f.DAY + timedelta(days=1))
    for moment in ("22 00:00", "23 08:00"):
        with pytest.raises(acts.Refusal, match="đã có hiệu lực"):
            withdraw(recorded, cast, moment)
    later = reorganise(cast, f.DAY + timedelta(days=2), "21 13:00", "action,code,into\nmerge,11999,11407\n")
    with pytest.raises(acts.Refusal, match="dựa trên quyết định này"):
        withdraw(recorded, cast, "21 14:00")
    withdraw(later, cast, "21 14:00")
    withdraw(recorded, cast, "21 14:00")
