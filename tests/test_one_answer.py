"""One day, one answer: every page, file and answer has the status and the figures of the rows, for every unit.

`faces` reads what people and programs are shown; this file has the kinds of days. A page with a rule or words of its
own differs on at least one of them. docs/one-answer.md lists which test finds which contradiction.
"""

import re
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import lxml.html
import pytest

from reporting import acts
from reporting.days.status import DayStatus
from reporting.models import Seal, Unit
from reporting.pages import trends
from reporting.pages.checking import check

from . import faces, factories as f
from .faces import AGENCIES, Visit
from .prepared import prepared
from .said import statements_of
from .some import some
from .views.visits import look

DAYS_BEFORE = 6
SENT = {"11416": 21, "11407": 13, "11470": 9, "11473": 6, "318": 2, "SYT": 30}  # on each of the days before
OPENED = {"11416": 4100, "11407": 2650, "11470": 900, "11473": 700, "318": 90, "SYT": 1500}
ON_TIME, LATE, WAITING, MISSING, EXCUSED, EXEMPT, NOT_DUE_YET = (
    DayStatus.ON_TIME,
    DayStatus.LATE,
    DayStatus.WAITING,
    DayStatus.MISSING,
    DayStatus.EXCUSED,
    DayStatus.EXEMPT,
    DayStatus.NOT_DUE_YET,
)


@prepared
def campaign(cast):
    """The cast and one more town; all have reported on the six days before."""
    cast.town = f.make_unit("11473", parent=cast.other_district, name="Minh Đức", kind="thị trấn", population=6000)
    units = (cast.commune, cast.neighbour, cast.stranger, cast.town, cast.island, cast.agency)
    for back in range(DAYS_BEFORE, 0, -1):
        for unit in units:
            day, is_first = f.DAY - timedelta(days=back), back == DAYS_BEFORE
            f.make_report(unit, day, installs=SENT[unit.code], opening=OPENED[unit.code] if is_first else 0)
    return cast


# Kinds of days: what happens, and the expected status of each unit, by a rule written here.


def late_request(cast, unit, moment, installs):
    officer = {"11416": cast.officer, "11407": cast.neighbour_officer, "11470": cast.stranger_officer}[unit.code]
    return f.make_late_request(unit, officer, installs=installs, received_at=f.at(moment))


def accept(request, moment, by):
    acts.decide(late_request=request, is_accepted=True, **f.stamp(by, f.at(moment)))


def ordinary(cast):
    """Two on time, one late, three missing."""
    f.make_report(cast.commune, installs=17)
    f.make_report(cast.island, installs=3, hour=time(16, 59))
    accept(late_request(cast, cast.neighbour, "2020-08-21 17:05", 40), "2020-08-21 18:00", cast.district_clerk)


def by_noon(cast):
    f.make_report(cast.commune, installs=17)
    f.make_report(cast.agency, installs=12, hour=time(11, 30))


def waiting(cast):
    f.make_report(cast.commune, installs=17)
    late_request(cast, cast.neighbour, "2020-08-21 17:20", 40)
    late_request(cast, cast.stranger, "2020-08-21 17:40", 5)
    f.make_late_request(cast.agency, cast.focal_person, installs=4, received_at=f.at("2020-08-21 17:41"))


def exempt(cast):
    """Nothing is due in the whole city; two report anyway, one of them at night."""
    f.make_exempt_day(cast.city, f.DAY)
    f.make_report(cast.commune, installs=17)
    f.make_report(cast.stranger, installs=4, hour=time(22, 50))


def exempt_district(cast):
    f.make_exempt_day(cast.district, f.DAY)
    f.make_report(cast.commune, installs=17)
    f.make_report(cast.island, installs=3)


def exempt_no_more(cast):
    """Exempt at its deadline, and not any more: nobody owes a report of it."""
    day = f.make_exempt_day(cast.city, f.DAY)
    f.make_report(cast.commune, installs=17)
    f.withdraw(day, f.at("2020-08-21 18:00"))


def hours_of_their_own(cast):
    """Hải An's deadline is 15h00, that of one of its wards 18h00."""
    f.make_unit_hour(cast.district, time(15))
    f.make_extension(cast.commune, until=f.at("2020-08-21 18:00"))
    f.make_report(cast.stranger, installs=5, hour=time(16, 30))


def downtime(cast):
    """The product was down from 16:30 to 17:10: nobody is late or missing, and nobody is on time because of it."""
    f.make_downtime()
    f.make_report(cast.commune, installs=17)
    accept(late_request(cast, cast.neighbour, "2020-08-21 22:50", 40), "2020-08-21 22:55", cast.district_clerk)
    late_request(cast, cast.stranger, "2020-08-21 22:51", 5)


def extended(cast):
    f.make_extension(cast.city, until=f.at("2020-08-21 18:30"), recorded_at=f.at("2020-08-21 16:00"))
    f.make_report(cast.commune, installs=17)
    f.make_report(cast.neighbour, installs=40, hour=time(17, 40))


def taken_back(cast):
    """A report accepted early is as late as the others; what arrived before the later deadline was withdrawn is on
    time."""
    f.make_report(cast.commune, installs=17)
    accept(late_request(cast, cast.neighbour, "2020-08-21 17:40", 40), "2020-08-21 17:42", cast.district_clerk)
    later = f.make_extension(cast.city, until=f.at("2020-08-21 18:30"), recorded_at=f.at("2020-08-21 17:50"))
    f.make_report(cast.stranger, installs=5, hour=time(18))
    f.withdraw(later, f.at("2020-08-21 18:40"))


def merger(cast):
    """Cát Bi of Hải An merges into Núi Đèo of Thuỷ Nguyên, with 2,728 installs."""
    f.reorganise("action,code,into\nmerge,11407,11470", effective_on=f.DAY, at=f.at("2020-08-20 18:00"))
    f.make_report(cast.commune, installs=17)
    f.make_report(Unit.objects.get(pk=cast.stranger.pk), installs=5)


def split(cast):
    """A part of Đằng Hải becomes a ward in another district, with 1,500 installs."""
    lines = "action,code,name,kind,parent_code,population,split_from,handed_over\nbase,11416,,,,12000,,\n"
    lines += "new,11417,Đằng Hải 2,phường,311,7748,11416,1500"
    f.reorganise(lines, effective_on=f.DAY, at=f.at("2020-08-20 18:00"))
    f.make_report(cast.commune, installs=17)
    f.make_report(Unit.objects.get(code="11417"), installs=8)


def sealed(cast):
    """Sealed at 17:10; a late report and a correction follow."""
    f.make_report(cast.commune, installs=17)
    f.make_report(cast.island, installs=3)
    request = late_request(cast, cast.neighbour, "2020-08-21 17:05", 40)
    acts.seal(unit=cast.city, day=f.DAY, reason="Sớm", **f.stamp(cast.city_clerk, f.at("2020-08-21 17:10")))
    accept(request, "2020-08-21 18:00", cast.district_clerk)
    about = {"unit": cast.commune, "day": f.DAY, "adjustment": -6, "reason": "Trùng", "base_version": 1}
    acts.adjust(**about, **f.stamp(cast.district_clerk, f.at("2020-08-21 18:05")))


def targeted(days, share):
    """An order with a target date so many days after the day."""

    def record(cast):
        until, share_ = f.DAY + timedelta(days=days), Decimal(share)
        f.make_directive(f.DAY, number="2/CV", target_date=until, target_share=share_)
        ordinary(cast)

    return record


def statuses(commune, neighbour, stranger, town, island, agency, **more):
    named = {"11416": commune, "11407": neighbour, "11470": stranger, "11473": town, "318": island, "SYT": agency}
    return {
        code: status for code, status in (named | {code[1:]: status for code, status in more.items()}).items() if status
    }


IN_THE_EVENING = statuses(ON_TIME, LATE, MISSING, MISSING, ON_TIME, MISSING)
TWENTY = "2020-08-21 20:00"
# What happens, as of when the day is seen ("seal": as it was sealed), and the status of each unit.
KINDS = {
    "before the hour": (
        by_noon,
        "2020-08-21 15:36",
        "",
        statuses(ON_TIME, NOT_DUE_YET, NOT_DUE_YET, NOT_DUE_YET, NOT_DUE_YET, ON_TIME),
    ),
    "after the hour": (ordinary, TWENTY, "", IN_THE_EVENING),
    "the next morning": (ordinary, "2020-08-22 09:00", "", IN_THE_EVENING),
    "requests wait": (waiting, "2020-08-21 18:30", "", statuses(ON_TIME, WAITING, WAITING, MISSING, MISSING, WAITING)),
    "exempt": (exempt, "2020-08-21 23:30", "", statuses(*[EXEMPT] * 6)),
    "exempt, before the hour": (
        exempt_district,
        "2020-08-21 12:00",
        "",
        statuses(EXEMPT, EXEMPT, *[NOT_DUE_YET] * 2, ON_TIME, NOT_DUE_YET),
    ),
    "exempt district": (exempt_district, TWENTY, "", statuses(EXEMPT, EXEMPT, MISSING, MISSING, ON_TIME, MISSING)),
    "exempt no more": (exempt_no_more, TWENTY, "", statuses(ON_TIME, *[EXCUSED] * 5)),
    "hours of their own": (
        hours_of_their_own,
        "2020-08-21 16:40",
        "",
        statuses(NOT_DUE_YET, MISSING, ON_TIME, *[NOT_DUE_YET] * 3),
    ),
    "downtime": (downtime, "2020-08-21 23:30", "", statuses(ON_TIME, EXCUSED, WAITING, EXCUSED, EXCUSED, EXCUSED)),
    "extended, before the later hour": (
        extended,
        "2020-08-21 18:00",
        "",
        statuses(ON_TIME, ON_TIME, *[NOT_DUE_YET] * 4),
    ),
    "extended": (extended, TWENTY, "", statuses(ON_TIME, ON_TIME, *[MISSING] * 4)),
    "extension taken back": (taken_back, TWENTY, "", statuses(ON_TIME, LATE, ON_TIME, *[MISSING] * 3)),
    "merger across districts": (merger, TWENTY, "", statuses(ON_TIME, None, ON_TIME, *[MISSING] * 3)),
    "split": (split, TWENTY, "", statuses(ON_TIME, *[MISSING] * 5, _11417=ON_TIME)),
    "sealed, now": (sealed, TWENTY, "", IN_THE_EVENING),
    "sealed": (sealed, TWENTY, "seal", statuses(ON_TIME, WAITING, MISSING, MISSING, ON_TIME, MISSING)),
    "before the target date": (targeted(9, "0.60"), TWENTY, "", IN_THE_EVENING),
    "on the target date": (targeted(0, "0.60"), TWENTY, "", IN_THE_EVENING),
    "after the target date": (targeted(-1, "0.60"), TWENTY, "", IN_THE_EVENING),
    "target reached": (targeted(-1, "0.10"), TWENTY, "", IN_THE_EVENING),
}


IN_EVERY_RUN = ("before the hour", "sealed")

# Which units a page must name, and what it must say about them.


def keys(codes, *names):
    return {(code, name) for code in codes for name in names}


def codes(rows):
    return [row.code for row in rows]


def senders(visit):
    """The reporting units below the unit."""
    return codes(row for row in visit.figures.reporting if row.code != visit.unit.code)


def agencies(visit):
    return [AGENCIES] if visit.figures.agencies else []


def sums(visit):
    return [row.code for row in visit.figures.children if not row.is_reporting]


def right_below(visit):
    return [*visit.figures.children, *visit.figures.agencies]


def reporting(rows):
    return codes(row for row in rows if row.is_reporting)


def silent(visit):
    return codes(visit.figures.not_reported)


def of_unit_page(visit):
    own, below = visit.unit.code, [*codes(right_below(visit)), *agencies(visit)]
    figures = keys([own, *below], "installs", "share") | keys([own], "cumulative", "population", "target")
    counted = keys([own, *sums(visit), *agencies(visit)], "reported", "expected")
    return (
        figures
        | counted
        | keys(reporting(right_below(visit)), "status")
        | keys([own, "chart"], "not_reported", "share", "installs")
        | keys([own], "late", "pace")
    )


def of_own_page(visit):
    return keys([visit.unit.code], "status", "installs", "cumulative", "share", "population")


def of_board(visit):
    missing = codes(row for row in right_below(visit) if row.is_reporting and row.not_reported)
    return keys([visit.unit.code], "reported", "expected", "late", "not_reported") | keys(missing, "cumulative")


def of_review(visit):
    lines = [row for row in right_below(visit) if row.is_reporting]
    figures = keys(codes(row for row in lines if not row.not_reported), "status", *faces.FIGURES)
    return figures | of_board(visit)


def of_ranking(visit):
    below = codes(row for row in visit.figures.by_code.values() if row.code != visit.unit.code)
    own = keys([visit.unit.code], "reported", "expected", "late") if visit.figures.own.expected else set()
    return keys(below, "cumulative", "share", "points") | own


def of_discipline(visit):
    truth, of_days = visit.truth, [status for status in DayStatus if status is not NOT_DUE_YET]
    below = [visit.unit.code, *codes(right_below(visit)), *agencies(visit)]
    judged = [code for code in below if any(truth[code, f"n {status}"] for status in of_days)]
    return keys(judged, "n on_time", "n late", "n waiting", "n missing", "days due", "not counted")


def of_own_discipline(visit):
    is_judged = visit.figures.own.status not in (None, NOT_DUE_YET)
    return keys([visit.unit.code] if is_judged else [], "status")


def of_bulletin(visit):
    own, children = visit.unit.code, visit.figures.children
    figures = keys([own, *codes(children)], *faces.FIGURES) | keys([own, *sums(visit)], "reported", "expected")
    found = figures | keys(reporting(children), "status") | keys(silent(visit), "status") | keys([own], "pace")
    return found | (keys([own], "late", "not reported words") if visit.figures.own.expected else set())


def of_reminder(visit):
    asked = any(visit.truth[code, "is asked"] for code in senders(visit))
    return keys(senders(visit), "is asked") | (keys(["reminder"], "missing", "expected") if asked else set())


def of_seal_page(visit):
    is_sealed = Seal.objects.filter(unit=visit.unit, day=f.DAY).exists()
    return set() if is_sealed else keys([visit.unit.code], "cumulative", "share")


def of_paper(visit):
    own, children = visit.unit.code, codes(visit.figures.children)
    figures = keys([own, *children], *faces.FIGURES, "adjustment", "population", "missing_to_target")
    found = figures | keys([own, *children], "reported", "expected") | keys([own], "growth", "points", "pace")
    if not visit.figures.own.expected:
        return found
    late = codes(row for row in visit.figures.reporting if row.status is LATE)
    return found | keys([own], "on_time", "late", "not reported words") | keys([*late, *silent(visit)], "status")


def of_workbook(visit):
    own, rows = visit.unit.code, visit.figures.by_code
    figures = keys([*rows, *agencies(visit)], *faces.FIGURES, "before", "adjustment", "population", "target")
    counted = [code for code, row in rows.items() if not row.is_reporting] + agencies(visit)
    found = figures | keys(rows, "missing_to_target") | keys(senders(visit), "status")
    found |= keys(counted, "reported", "expected")
    return found | (keys([own], "status") if visit.figures.own.is_reporting else set())


def of_lines(visit):
    return keys(codes(visit.figures.reporting), "status", *faces.FIGURES)


def of_api_day(visit):
    below = [visit.unit.code, *codes(right_below(visit)), *agencies(visit)]
    return keys(below, "status", "share", *faces.OF_A_ROW, *faces.COUNTED)


def of_api_days(visit):
    return of_lines(visit) | keys([visit.unit.code, *agencies(visit)], *faces.FIGURES)


def of_silent_letter(visit):
    return keys(silent(visit), "status")


def of_bulletin_letter(visit):
    missing = keys(codes(row for row in visit.figures.not_reported if not row.is_agency), "status")
    return missing | keys([visit.unit.code], "share")


def of_reminder_letter(visit):
    return keys([visit.unit.code], "is reminded")


# By name: how it is read, what it must say, for which units, and whether it can be seen as sealed.
CITY, SUPERIORS, SENDERS, TWO, ALL = "the city", "superiors", "who reports", "a commune and an agency", "all"
FACES = {
    "unit page": (faces.unit_page, of_unit_page, SUPERIORS, True),
    "page of a reporting unit": (faces.own_page, of_own_page, SENDERS, True),
    "board": (faces.board, of_board, SUPERIORS, True),
    "review page": (faces.review, of_review, SUPERIORS, False),
    "ranking": (faces.ranking, of_ranking, SUPERIORS, True),
    "discipline": (faces.discipline, of_discipline, SUPERIORS, True),
    "discipline of a reporting unit": (faces.own_discipline, of_own_discipline, SENDERS, True),
    "bulletin": (faces.bulletin, of_bulletin, SUPERIORS, True),
    "reminder text": (faces.reminder, of_reminder, SUPERIORS, False),
    "seal page": (faces.seal_page, of_seal_page, CITY, False),
    "paper": (faces.paper, of_paper, SUPERIORS, True),
    "workbook": (faces.workbook, of_workbook, SUPERIORS, True),
    "workbook of a reporting unit": (faces.workbook, of_workbook, TWO, True),
    "range workbook": (faces.range_workbook, of_lines, SUPERIORS, True),
    "range CSV": (faces.range_csv, of_lines, ALL, True),
    "API, a day": (faces.api_day, of_api_day, ALL, True),
    "API, days": (faces.api_days, of_api_days, ALL, True),
    "API, days.csv": (faces.api_csv, of_lines, SUPERIORS, True),
    "mail of who is silent": (faces.silent_letter, of_silent_letter, SUPERIORS, False),
    "mail with the bulletin": (faces.bulletin_letter, of_bulletin_letter, CITY, True),
    "mail before the hour": (faces.reminder_letter, of_reminder_letter, SENDERS, False),
}


@pytest.mark.parametrize("kind", some(KINDS, IN_EVERY_RUN))
def test_every_face_gives_the_answer_of_the_rows(kind, campaign, subtests, monkeypatch):
    faces.marked(monkeypatch)
    happens, moment, as_of, expected = KINDS[kind]
    happens(campaign)
    visits = visits_of(campaign, moment, as_of)
    assert what_the_day_is(visits[0]) == expected
    assert what_jumps(visits[0]) == {}
    for visit in visits:
        assert check(statements_of(visit.unit.code, visit.day, at=visit.at, as_of=visit.figures.as_of)) == []
        for face, (read, owed, whose, is_of_the_past) in FACES.items():
            if is_seen(visit, whose, is_of_the_past):
                with subtests.test(face=face, unit=visit.unit.code):
                    said, truth = read(visit), visit.truth
                    assert {key: (value, truth[key]) for key, value in said.items() if value != truth[key]} == {}
                    assert owed(visit) - said.keys() == set()


def visits_of(cast, moment, as_of):
    """Visits to every unit on the day, the city first."""
    token = f.make_token(cast.city, cast.city_clerk)
    units = Unit.objects.open_on(f.DAY).named(f.DAY).order_by("path")
    return [Visit(unit, cast.city_clerk, token, moment, as_of) for unit in units]


def what_the_day_is(of_city):
    return {row.code: row.status for row in of_city.figures.reporting}


def what_jumps(of_city):
    """Units whose cumulative has grown since yesterday by something else than the day's installs."""
    rows = of_city.figures.by_code.items()
    grown = {code: (of_city.truth[code, "growth"], (row.installs or 0) + row.adjustment) for code, row in rows}
    return {code: both for code, both in grown.items() if both[0] != both[1]}


def is_seen(visit, whose, is_of_the_past):
    own = visit.figures.own
    is_theirs = {
        CITY: own.is_city,
        SUPERIORS: not own.is_reporting,
        SENDERS: own.is_reporting,
        TWO: own.code in ("11416", "SYT"),
        ALL: True,
    }[whose]
    return is_theirs and (not visit.as_of or is_of_the_past)


# Statements about several days, and about who has sent what.


def test_rate_in_a_list_is_that_of_the_units_own_page(campaign):
    """Of every unit with others below it, after a merger too: the sum of the rates of its parts."""
    merger(campaign)
    for visit in visits_of(campaign, TWENTY, ""):
        found = visit.trend.recent.rates.by_code
        for row in visit.figures.children:
            own = trends.trend(Unit.objects.get(code=row.code), visit.figures.within(row.code), at=f.at(TWENTY))
            assert found[row.code] == own.recent.rates.by_code[row.code]


def test_receipt_names_who_sent_the_figures_whoever_adjusted_them(cast):
    f.make_report(cast.commune, by=cast.officer)
    about = {"unit": cast.commune, "day": f.DAY, "adjustment": -2, "reason": "Trùng", "base_version": 1}
    acts.adjust(**about, **f.stamp(cast.district_clerk, f.at("2020-08-21 18:00")))
    page = look(cast.city_clerk, "report_detail", "11416", f.DAY, moment=TWENTY)
    [sender] = lxml.html.fromstring(page.text).xpath("//div[dt[normalize-space()='Người gửi']]/dd")
    assert faces.words(sender) == cast.officer.display_name


def test_every_test_that_the_page_names_is_there():
    root = Path(__file__).parents[1]
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (root / "docs/one-answer.md").read_text(encoding="utf-8")))
    lost = [one for one in named if f"\ndef {one[1]}(" not in (root / one[0]).read_text(encoding="utf-8")]
    assert (lost, len(named) > 15) == ([], True)
