"""A made-up campaign on the real units of Hai Phong, from a seed, written by the acts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from operator import itemgetter
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from . import acts, deadline
from .figures import rollup
from .imports.kinds.units import import_units
from .ministry.acts import record_official
from .models import (
    BaseFigure,
    Directive,
    LateRequest,
    Metric,
    OfficialFigure,
    Report,
    Revision,
    Seal,
    SignOff,
    Unit,
    User,
)

SEED = 60
DATA = Path(__file__).resolve().parent / "data"
FIRST_DAY = date(2020, 8, 6)
LETTER_DAY = date(2020, 8, 5)
NEWCOMER_ARRIVES = datetime(2020, 8, 21, 15, 36, tzinfo=deadline.ZONE)
PASSWORD = settings.DEMO_PASSWORD
FILES = ("haiphong-2020-units.csv", "haiphong-agencies.csv")  # of units, in `DATA`
NEWCOMER_UNIT = "11416"  # Đằng Hải: its report of the last day is left for the newcomer to send
CLAIMS_MORE = "314"  # Kiến Thuỵ reports more and more above the ministry
ROLES = {  # the sign-in page shows these words beside each account; by user name
    "11416": gettext_noop("Commune officer (Đằng Hải)"),
    "306": gettext_noop("District staff (Hải An)"),
    "31": gettext_noop("ICT department"),
}

FAMILY_NAMES = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Đoàn", "Lương"]
MIDDLE_NAMES = ["Thị", "Văn", "Thu", "Minh", "Đức", "Quốc", "Thanh", "Hồng"]
GIVEN_NAMES = ["Hà", "Hùng", "Lan", "Tuấn", "Hương", "Dũng", "Mai", "Long", "Nga", "Sơn", "Yến", "Khánh", "Thảo"]
DIFFICULTIES = [
    "Nhiều người cao tuổi không dùng điện thoại thông minh.",
    "Một số hộ đi vắng, tổ công tác sẽ quay lại buổi tối.",
    "Máy đời cũ không cài được ứng dụng.",
    "Mạng yếu tại một số thôn, cài đặt mất nhiều thời gian.",
    "Đề nghị cấp thêm tờ rơi hướng dẫn.",
]
LATE_ONES = 0.4  # of the missing units
WHY_LATE = ["Mất điện, mất mạng", "Chờ số của thôn, tổ dân phố", "Cán bộ đi cơ sở"]
WHY_ADJUSTED = "Trùng máy giữa hai tổ dân phố"
WHY_CORRECTED = "Đếm lại theo danh sách của tổ dân phố"
CORRECTED_LATER = 3  # reports a day
SEALED_AFTER = timedelta(minutes=35)  # after the deadline
WHY_MISSING = "Đã gọi điện đôn đốc, đơn vị chưa tổng hợp xong."
COUNTED_FROM = date(2020, 8, 12)  # first day of the ministry's made-up figures
COUNTED_BY = "Cục Tin học hóa (số liệu minh họa)"
COUNTED = {Metric.DOWNLOADS: (1.06, 1.18), Metric.ACCOUNTS: (0.98, 1.03)}  # of what the units report
Moment = tuple[datetime, Callable[[datetime], object]]  # the time of an act, and the act


def newest_instant() -> datetime | None:
    """The last time of any count, confirmation or seal, or None: the demonstration starts after it."""
    moments = {Revision.objects: "counted_at", SignOff.objects: "at", Seal.with_withdrawn: "at"}
    newest = [records.aggregate(newest=Max(moment))["newest"] for records, moment in moments.items()]
    return max(filter(None, newest), default=None)


@transaction.atomic  # if stopped half-way, it leaves nothing
def build(*, until: datetime, progress: Callable[[str], None] = lambda words: None) -> None:
    """Fill an empty, migrated database with units, people, the directive and the reports up to `until`."""
    recorded_at = datetime.combine(LETTER_DAY, time(8), tzinfo=deadline.ZONE)
    progress("233 đơn vị của Hải Phòng và các sở, ban, ngành, đoàn thể")
    for name in FILES:
        import_units((DATA / name).read_bytes(), now=lambda: recorded_at)
    units = list(Unit.objects.all())
    for unit in units:
        unit.phone = f"0225 000 {unit.pk:04d}"  # no real telephone begins like this
    Unit.objects.bulk_update(units, ["phone"])
    progress("tài khoản")
    _people()
    _directive(recorded_at)
    offices = _offices()
    for number in range((deadline.reporting_day(until) - FIRST_DAY).days + 1):
        day = FIRST_DAY + timedelta(days=number)
        progress(f"báo cáo ngày {day:%d/%m/%Y}")
        for at, act in sorted(_moments_of(day, offices), key=itemgetter(0)):
            if at < until:
                act(at)


def _offices() -> list[DemoOffice]:
    units = Unit.objects.open_on(FIRST_DAY).filter(children=None).select_related("parent").named(FIRST_DAY)
    bases, officers = BaseFigure.objects.in_force_of(units, FIRST_DAY), User.objects.in_bulk(field_name="username")
    return [DemoOffice(unit, officers[unit.code], bases[unit.pk].population) for unit in units]


def _chance(name: str) -> random.Random:
    """A generator, the same in each demonstration."""
    return random.Random(f"{SEED}-{name}")  # noqa: S311 - made-up data


def _moments_of(day: date, offices: Sequence[DemoOffice]) -> Iterator[Moment]:
    """The acts of the day and the morning after, in any order."""
    chance, hour = _chance(f"{day}"), deadline.closes_at(day)
    for office in offices:
        if office.unit.code != NEWCOMER_UNIT or day != NEWCOMER_ARRIVES.date():
            yield from office.moments_of(day)
    yield hour + timedelta(minutes=20), partial(_accept_late, day)
    for district in Unit.objects.filter(parent__in=Unit.objects.sealing(), children__isnull=False).distinct():
        yield hour + timedelta(minutes=chance.uniform(20.5, 31)), partial(_confirm, district, day)  # a few after 17:30
    yield hour + SEALED_AFTER, partial(_seal, day)
    if day >= COUNTED_FROM:
        yield hour + timedelta(minutes=90), partial(_count, day)
    for number in range(CORRECTED_LATER):
        yield hour + timedelta(hours=15 + number * 0.6, minutes=chance.uniform(4, 30)), partial(_correct, day)


def _accept_late(day: date, at: datetime) -> None:
    for waiting in LateRequest.objects.waiting().filter(day=day).select_related("unit"):
        acts.decide(late_request=waiting, is_accepted=True, **_stamp(_clerk_of(waiting.unit.parent), at))


def _confirm(district: Unit, day: date, at: datetime) -> None:
    versions = acts.versions_below(district, day)
    reason = WHY_MISSING if 0 in versions.values() else ""
    acts.sign_off(unit=district, day=day, versions=versions, reason=reason, **_stamp(_clerk_of(district), at))


def _seal(day: date, at: datetime) -> None:
    city = Unit.objects.sealing().get()
    acts.seal(unit=city, day=day, reason="Họp Ban Chỉ đạo", **_stamp(_clerk_of(city), at))


def _clerk_of(unit: Unit) -> User:
    return User.objects.get(username=unit.code)


def _stamp(by: User, at: datetime) -> dict:
    """The person and the time, as arguments of an act."""
    return {"by": by, "at": at, "now": lambda: at}


def _correct(day: date, at: datetime) -> None:
    """A district corrects a number or adjusts a double count, after the seal."""
    chance, districts = _chance(f"{at}"), Unit.objects.filter(parent__in=Unit.objects.sealing(), children__isnull=False)
    reported = Report.objects.filter(day=day, installs__gt=20, unit__parent__in=districts).select_related("unit")
    report = chance.choice(reported.order_by("unit__code"))
    about = {"unit": report.unit, "day": day, "base_version": report.version}
    about |= _stamp(_clerk_of(report.unit.parent), at)
    if chance.random() < 0.5:
        acts.adjust(**about, adjustment=-chance.randint(2, 15), reason=WHY_ADJUSTED)
    else:
        unchanged = {"households_visited": report.households_visited, "note": report.note}
        acts.enter(**about, **unchanged, installs=report.installs + chance.randint(1, 12), reason=WHY_CORRECTED)


def _count(day: date, at: datetime) -> None:
    """Record the ministry's evening figures."""
    chance, city = _chance(f"{day}-ministry"), Unit.objects.sealing().get()
    own = rollup.rows(city, day).by_code
    counted = [
        OfficialFigure(
            unit=unit,
            day=day,
            metric=metric,
            counted_at=deadline.closes_at(day),
            value=round(own[unit.code].cumulative * _share_counted(unit, metric, day) * chance.uniform(0.997, 1.003)),
            source=COUNTED_BY,
        )
        for unit in [city, *city.children.residents().order_by("code")]
        for metric in COUNTED
    ]
    record_official(top=city, rows=counted, **_stamp(_clerk_of(city), at))


def _share_counted(unit: Unit, metric: Metric, day: date) -> float:
    """The ministry's count per install that the unit reports: usually more, as people also install by themselves."""
    if unit.code == CLAIMS_MORE:
        return max(1.02 - 0.0125 * (day - COUNTED_FROM).days, 0.9)
    return _chance(f"{unit.code}-{metric}").uniform(*COUNTED[metric])


def _people() -> None:
    password = make_password(PASSWORD)  # once: hashing is slow
    people = []
    for unit in Unit.objects.order_by("code"):
        chance = _chance(unit.code)
        last_name = f"{chance.choice(FAMILY_NAMES)} {chance.choice(MIDDLE_NAMES)}"
        names = {"last_name": last_name, "first_name": chance.choice(GIVEN_NAMES)}
        people.append(User(username=unit.code, unit=unit, phone=unit.phone, **names))
    people += [
        User(username="lanhdao", unit=Unit.objects.sealing().get(), is_viewer=True, last_name="Lãnh đạo"),
        User(username="admin", is_superuser=True, is_staff=True, last_name="Quản trị"),
    ]
    for person in people:
        person.password = password
    User.objects.bulk_create(people)


def _directive(recorded_at: datetime) -> None:
    top = Unit.objects.sealing().named(FIRST_DAY).get()
    Directive.objects.create(
        kind=Directive.Kind.LETTER,
        number="0805/UBND-MH",
        issuer=f"UBND {top.kind} {top.name}",
        title="Về việc cài đặt ứng dụng Bluezone (văn bản minh họa; ngày hoàn thành 10/09/2020 là giả định)",
        grounds="272/TB-VPCP; 30-CT/TU",
        issued_on=LETTER_DAY,
        effective_from=FIRST_DAY,
        target_share=Decimal("0.60"),
        target_date=date(2020, 9, 10),
        recorded_at=recorded_at,
        by=User.objects.get(username="admin"),
    )


class DemoOffice:
    """A unit's habits: its installs before the campaign, its pace, and how often it forgets to report."""

    def __init__(self, unit: Unit, officer: User, population: int):
        self.unit, self.officer, self.population, self.has_begun = unit, officer, population, False
        self.chance = chance = _chance(f"{unit.code}-office")
        level = {"phường": 0.215, "thị trấn": 0.195, "xã": 0.155}.get(unit.kind, 0.24)
        self.opening = round(population * min(max(chance.gauss(level, 0.045), 0.05), 0.34))
        self.pace = min(max(chance.gauss(0.0068, 0.0024), 0.0015), 0.013)  # share of the population a day
        self.reliability = 0.80 if chance.random() < 0.08 else 0.975

    def moments_of(self, day: date) -> Iterator[Moment]:
        """The day's acts: one report, or a late request, or none."""
        chance = self.chance
        weekend = {5: 0.8, 6: 0.6}.get(day.weekday(), 1.0)
        expected = self.population * self.pace * weekend * chance.lognormvariate(0, 0.35)
        installs = 0 if chance.random() < 0.02 else round(expected)
        at = datetime.combine(day, time(), tzinfo=deadline.ZONE) + timedelta(hours=chance.triangular(9, 16.98, 15.1))
        note = chance.choice(DIFFICULTIES) if chance.random() < 0.08 else ""
        households = None if self.unit.is_agency else round(installs * chance.uniform(0.4, 0.8))
        if chance.random() < self.reliability:
            figures = {"installs": installs, "households_visited": households, "note": note, "now": lambda: at}
            yield at, partial(self._send, acts.submit, day, figures)
        elif chance.random() < LATE_ONES and not self.unit.is_agency:
            late = deadline.closes_at(day) + timedelta(minutes=chance.uniform(1, 15))
            figures = {"installs": installs, "reason": chance.choice(WHY_LATE)}
            yield late, partial(self._send, acts.send_late_request, day, figures)

    def _send(self, act: Callable, day: date, figures: dict, at: datetime) -> None:
        """Send figures; the first ones with the opening number."""
        opening, self.has_begun = None if self.has_begun else self.opening, True
        act(unit=self.unit, day=day, opening=opening, **figures, by=self.officer, at=at)
