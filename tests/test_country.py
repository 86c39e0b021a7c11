"""A city below a country has the same rights, seal, deadlines, papers and pages as a city at the top.

The country reads all below it and decides nothing; a neighbouring city is a stranger.
"""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction

from reporting import acts, imports
from reporting.acts import unit_register
from reporting.days import state
from reporting.deadline import Phase
from reporting.forms.day import AccessFilterForm
from reporting.ministry import acts as ministry
from reporting.models import AccessRecord, OfficialFigure, Seal, Unit
from reporting.pages import inbox
from reporting.people import access, second_factor
from reporting.permissions import Role
from reporting.reorganisation.draft import Change, Draft

from . import factories as f
from .views import routes
from .views.visits import frozen, look

AFTER = "2020-08-21 17:20"
VISITS = [  # a person and the unit whose pages he asks for
    *[("officer", "commune"), ("focal_person", "agency"), ("district_clerk", "district")],
    *[("city_clerk", "city"), ("city_clerk", "district")],
]
OF_A_PERSON = {"district_clerk": ["inbox", "people"], "city_clerk": ["inbox", "people", "campaign", "access_records"]}


@pytest.fixture
def nation(db):
    return f.make_nation()


def reported(cast):
    """Figures of communes, of the agency, and of a neighbour whose correction waits."""
    for unit, by in [(cast.commune, cast.officer), (cast.agency, cast.focal_person)]:
        f.make_report(unit, installs=88, opening=100, note="Mạng yếu", by=by)
    f.make_late_request(cast.neighbour, cast.neighbour_officer)
    return cast


def on_both_trees(read):
    """What `read` returns for the city at the top, and for the same city below a country."""
    found = []
    for make in (f.make_cast, f.make_nation):
        with transaction.atomic():
            found.append(read(reported(make())))
            transaction.set_rollback(True)
    return found


def codes(units):
    return sorted(unit.code for unit in units)


# What the city may do


def words(page):
    """A page's text, without keys of records and the way down from the country."""
    way = r'<nav class="trail".*?</nav>'
    text = re.sub(rf"{way}|<script.*?</script>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    return " ".join(text.split())


@pytest.mark.matrix
def test_pages_of_a_city_are_the_same_below_a_country(db):
    def read(cast):
        pages = {}
        for person, unit in VISITS:
            for name in routes.of_a_unit():
                place = {"code": getattr(cast, unit).code, "day": f.DAY}
                args = [place[key] for key in routes.names()[f"reporting:{name}"]]
                pages[person, unit, name] = look(getattr(cast, person), name, *args, moment=AFTER)
        for person, names in OF_A_PERSON.items():
            pages |= {(person, name): look(getattr(cast, person), name, moment=AFTER) for name in names}
        is_page = {key: "text/html" in page.headers["Content-Type"] for key, page in pages.items()}
        return {key: (page.status_code, words(page) if is_page[key] else "") for key, page in pages.items()}

    alone, below = on_both_trees(read)
    shown = {key for key, (status, _words) in alone.items() if status == 200}
    assert (len(shown) > 35, {("city_clerk", "city", "seal"), ("city_clerk", "campaign")} <= shown) == (True, True)
    for key, page in alone.items():
        assert below[key] == page, key


def test_seal_of_a_city_is_of_its_own_tree(nation):
    seal = acts.seal(
        unit=nation.city,
        day=f.DAY,
        reason="Sớm",
        by=nation.city_clerk,
        at=f.at(AFTER),
        now=lambda: f.at(AFTER),
    )
    units = [nation.commune, nation.agency, nation.foreigner]
    states = state.day_states(units, f.DAY, at=f.at(AFTER))
    assert [states[unit.pk].seal for unit in units] == [seal, seal, None]
    superiors = [nation.city, nation.district, nation.foreign_district, nation.country]
    days = state.superior_days(superiors, [f.DAY], at=f.at(AFTER))
    assert [days[unit.pk, f.DAY].phase for unit in superiors] == [
        Phase.NOT_DUE,
        Phase.SEALED,
        Phase.TO_CONFIRM,
        Phase.NOT_DUE,
    ]


def test_command_seals_the_day_of_every_city(nation):
    with frozen("2020-08-21 17:40"):
        call_command("seal_day")
    assert set(Seal.objects.filter(day=f.DAY).values_list("unit__code", flat=True)) == {"31", "92"}


def test_settings_and_records_of_another_city_are_not_shown(nation):
    f.make_extension(nation.foreign_district)
    f.make_exempt_day(nation.foreigner, f.DAY)
    own = [f.make_extension(nation.district), f.make_exempt_day(nation.city, f.DAY)]
    page = look(nation.city_clerk, "campaign", moment=AFTER)
    assert [*page.context["extensions"], *page.context["exempt_days"]] == own
    for person in (nation.officer, nation.foreign_officer, nation.admin):
        f.make_access_record(person)
    form = AccessFilterForm({}, at=f.at(AFTER))
    assert form.is_valid()
    kind = AccessRecord.Kind.SIGNED_IN
    shown = form.records(nation.city).filter(kind=kind).exclude(by=nation.city_clerk)
    assert sorted(record.by.username for record in shown) == ["11416", "admin"]


def test_figures_of_the_ministry_are_recorded_by_a_city_of_its_own_tree(nation):
    moment = f.at(AFTER)

    def record(unit, top, by):
        count = OfficialFigure(unit=unit, day=f.DAY, metric="downloads", counted_at=moment, value=5, source="Cục")
        return len(ministry.record_official(top=top, rows=[count], by=by, at=moment, now=lambda: moment))

    assert record(nation.district, nation.city, nation.city_clerk) == 1
    assert record(nation.foreigner, nation.country, None) == 1  # a command on the server
    with pytest.raises(acts.Refusal, match="không đếm"):
        record(nation.foreigner, nation.city, nation.city_clerk)
    with pytest.raises(ministry.NotYours):
        record(nation.district, nation.country, nation.country_clerk)


# The country


def test_country_reads_all_below_it_and_decides_nothing(nation):
    reported(nation)
    clerk = nation.country_clerk
    assert len(access.visible_units(clerk)) == Unit.objects.count()
    units = [nation.city, nation.district, nation.commune, nation.agency, nation.foreigner]
    assert [access.role(clerk, unit) for unit in units] == [Role.VIEWER] * 5
    assert [access.role_below(clerk, unit) for unit in [nation.country, *units]] == [Role.VIEWER] * 6
    pages = [look(clerk, "unit", unit.code, moment=AFTER) for unit in [nation.country, *units]]
    assert [page.status_code for page in pages] == [200] * 6
    assert [page.context.get("can_enter") for page in pages[:3]] == [False] * 3
    assert [
        look(clerk, name, "VN", f.DAY, moment=AFTER).status_code for name in ("bulletin", "workbook", "review")
    ] == [
        200,
        200,
        403,
    ]
    assert (look(clerk, "seal", "VN", f.DAY).status_code, look(clerk, "seal", "31", f.DAY).status_code) == (404, 403)
    assert look(clerk, "campaign").status_code == 403
    assert inbox.inbox(clerk, at=f.at(AFTER)).count == inbox.count(clerk, at=f.at(AFTER)) == 0
    assert (imports.kinds_for(clerk), codes(access.units_to_cover(clerk, f.DAY))) == ({}, [])
    assert second_factor.reaches_far(clerk)
    for unit in (nation.country, nation.city):
        with pytest.raises(acts.NotAllowed):
            acts.seal(unit=unit, day=f.DAY, reason="Sớm", by=clerk, at=f.at(AFTER))
    with pytest.raises(acts.NotAllowed):
        acts.seal(unit=nation.country, day=f.DAY, by=None, at=f.at(AFTER))


# Units from a file


def line(number, code, level, parent, name="Mới"):
    return unit_register.UnitLine(line=number, code=code, name=name, level=level, parent_code=parent)


def problems(by, *lines):
    eve = f.DAY - timedelta(days=1)
    checked = unit_register.Checked(list(lines), by=by, effective_on=f.DAY, today=eve)
    return [number for number, _words in checked.errors]


def test_file_of_a_city_is_about_its_own_units(nation):
    lines = [
        line(1, "306", "district", "31", "Hải An"),
        line(2, "900", "district", "31"),
        line(3, "901", "commune", "900"),
        line(4, "916", "district", "92", "Ninh Kiều"),
        line(5, "902", "commune", "916"),
        line(6, "93", "city", "VN"),
    ]
    assert problems(nation.city_clerk, *lines) == [4, 5, 6]
    assert problems(None, *lines) == []


def test_city_lies_below_the_country_alone_and_nothing_else_does(nation):
    lines = [line(1, "93", "city", "VN"), line(2, "94", "city", "31"), line(3, "95", "district", "VN")]
    assert problems(None, *lines) == [2, 3]


def test_mergers_of_a_city_are_of_its_own_units(nation):
    def drafted(by, *changes):
        draft = Draft(changes, f.DAY, by=by, today=f.DAY)
        return [number for number, _words in draft.errors] or [sum(people.values()) for people in draft.people]

    changes = [
        Change(line=1, action="rename", code="11416", name="Đằng Hải Mới"),
        Change(line=2, action="rename", code="31117", name="Cái Khế Mới"),
        Change(line=3, action="merge", code="11407", into="31117"),
        Change(line=4, action="new", code="999", name="Mới", parent_code="916", population=5),
    ]
    assert drafted(nation.city_clerk, *changes) == [2, 3, 4]
    own, everybodys = 19748 + 14350 + 5000 + 624, 19748 + 14350 + 5000 + 624 + 9000
    assert drafted(nation.city_clerk, changes[0]) == [own, own]
    assert drafted(None, *changes[:2]) == [everybodys, everybodys]
