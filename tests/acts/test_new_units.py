"""Where and from when a unit may be added: the same rules for a file and a reorganisation."""

from datetime import timedelta

import pytest
from django.utils import translation

from reporting import acts
from reporting.acts.new_units import CENSUS_DAY
from reporting.acts.unit_register import BadFile
from reporting.figures import discipline, rollup
from reporting.imports.kinds.units import import_units
from reporting.models import BaseFigure, Directive, Unit, UnitName

from .. import factories as f
from ..prepared import prepared

BEFORE, NEXT = f.DAY - timedelta(days=1), f.DAY + timedelta(days=1)
NOON, SEALED = f.at("2020-08-21 12:00"), f.at("2020-08-21 17:40")
HEAD = "code,name,kind,level,parent_code,population,population_source"
NEW = "11999,Tràng Cát,phường,commune,306,9000,Niên giám"


@prepared
def reported(cast):
    for day in (BEFORE, f.DAY):
        f.make_report(cast.commune, day, installs=100)
        f.make_report(cast.island, day, installs=50)
    return cast


def load(*lines, effective_on=NEXT, at=NOON, by=None):
    data = "\n".join([HEAD, *lines]).encode()
    return import_units(data, effective_on=effective_on, now=lambda: at, by=by)


def refused(*lines, **options):
    with translation.override("en"):
        with pytest.raises(BadFile) as refusal:
            load(*lines, **options)
        return refusal.value.errors


def row_counts():
    return [model.objects.count() for model in (Unit, UnitName, BaseFigure)]


def past(cast):
    """What the pages show for the days up to today."""
    days = [BEFORE, f.DAY]
    rows = [rollup.rows(cast.city, day).by_code for day in days]
    return rows, discipline.discipline(cast.city, days, at=f.at("2020-08-23 08:00"))


def test_nothing_is_put_below_a_unit_that_reports(reported):
    before = row_counts(), past(reported)
    words = "reports for itself: no unit can be put below it."
    for parent, name in (("318", "Huyện Bạch Long Vĩ (318)"), ("11416", "Phường Đằng Hải (11416)")):
        for level in ("agency", "commune"):
            assert refused(f"11999,Mới,,{level},{parent},9,x") == [f"Line 2: {name} {words}"]
        text = f"action,code,name,parent_code,population\nnew,11999,Mới,{parent},9"
        with translation.override("en"):
            with pytest.raises(BadFile) as refusal:
                f.reorganise(text, effective_on=NEXT, at=NOON)
            assert refusal.value.errors == [f"Line 2: {name} {words}"]
    assert (row_counts(), past(reported)) == before


def test_reported_unit_stays_reported_without_an_order_in_force(reported):
    f.withdraw(Directive.objects.get(), NOON)
    assert refused("11999,Mới,xã,commune,318,9,x", effective_on=NEXT)[0].startswith("Line 2: Huyện Bạch Long Vĩ (318)")


def test_unit_opens_on_the_day_it_takes_effect_and_the_past_keeps_its_figures(reported):
    before = past(reported)
    load(NEW, "SXD,Sở Xây dựng,,agency,31,90,Sở", "11998,Chưa rõ,xã,commune,311,,")
    assert set(Unit.objects.filter(code__in=("11999", "SXD", "11998")).values_list("opened_on", flat=True)) == {NEXT}
    assert past(reported) == before
    then = rollup.rows(reported.city, NEXT)
    assert (then.by_code["306"].expected, then.by_code["306"].population) == (3, 19748 + 14350 + 9000)
    assert (then.own.expected, then.own.population, then.agency_total.expected) == (6, None, 2)
    assert (then.own.cumulative, then.by_code["306"].cumulative) == (300, 200)


@pytest.mark.parametrize("day", [CENSUS_DAY, BEFORE, f.DAY])
def test_unit_cannot_open_on_a_day_that_has_begun(day, reported):
    before = row_counts()
    words = "a new unit opens on 22 Aug 2020 at the earliest: the days before keep their figures."
    assert refused(NEW, effective_on=day) == [f"Line 2: {words}"]
    assert row_counts() == before


def test_new_district_gets_its_communes_in_a_second_file(reported):
    load("309,Dương Kinh,quận,district,31,,")
    load("11700,Anh Dũng,phường,commune,309,500,x")
    assert rollup.rows(reported.city, NEXT).by_code["309"].population == 500
    assert refused("11701,Hải Thành,phường,commune,309,500,x", effective_on=f.DAY) == [
        "Line 2: 309 opens on 22 Aug 2020."
    ]


def withdraw(record, by):
    return acts.withdraw_setting(record=record, reason="Chưa thực hiện", **f.stamp(by, NOON))


def test_reorganisation_is_not_withdrawn_from_under_units_that_a_file_put_there(reported):
    text = "action,code,name,kind,parent_code,population\nnew,309,Dương Kinh,quận,31,\nnew,11700,Anh Dũng,phường,309,5"
    record = f.reorganise(text, effective_on=NEXT, at=NOON)
    load("11701,Hải Thành,phường,commune,309,500,x")
    with pytest.raises(acts.Refusal, match="dựa trên quyết định này"):
        withdraw(record, reported.city_clerk)
