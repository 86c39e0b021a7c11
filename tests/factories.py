"""Plain functions that make test data."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache

from django.contrib.auth.hashers import make_password

from reporting import acts, deadline, triggers
from reporting.acts import Confirmations
from reporting.days.status import DayStatus
from reporting.deadline import DayHours
from reporting.exports.annex import Annex
from reporting.exports.offices import letterhead
from reporting.figures import standings
from reporting.figures.rollup import DayRollup, Row, roll_up
from reporting.models import (
    AccessRecord,
    BaseFigure,
    Cover,
    Directive,
    Downtime,
    ExemptDay,
    Extension,
    Import,
    LateRequest,
    Message,
    Office,
    OfficialFigure,
    PassedUp,
    Reminder,
    Reopening,
    Reorganisation,
    Seal,
    SignOff,
    Unit,
    UnitHour,
    User,
)
from reporting.people import tokens
from reporting.reorganisation.acts import record_reorganisation
from reporting.reorganisation.draft import Change
from reporting.reorganisation.forms import read_changes
from reporting.text.names import sort_key

FIRST_DAY = date(2020, 8, 6)
DAY = date(2020, 8, 21)
LONG_AGO = date(2019, 4, 1)
PASSWORD = "an-office-password"


def at(text: str) -> datetime:
    """ "2020-08-21 16:59:59.999" in Hai Phong."""
    return datetime.fromisoformat(text).replace(tzinfo=deadline.ZONE)


RECORDED_AT = at("2020-08-05 08:00")
_FIVE_PAST = at("2020-08-21 17:05")


def make_unit(
    code, *, parent=None, level=Unit.Level.COMMUNE, name=None, kind="", population=None, smartphone_users=None, **dates
):
    closed_on, successor = dates.pop("closed_on", None), dates.pop("successor", None)
    unit = Unit.objects.establish(
        code=code,
        level=level,
        parent=parent,
        name=name or f"Đơn vị {code}",
        kind=kind,
        effective_on=LONG_AGO,
        at=RECORDED_AT,
        **dates,
    )
    if closed_on:
        Unit.objects.filter(pk=unit.pk).update(closed_on=closed_on, successor=successor)
    if population is not None:
        make_base(unit, population=population, smartphone_users=smartphone_users)
    return Unit.objects.get(pk=unit.pk)


def make_base(unit, *, population, effective_on=LONG_AGO, **figures):
    return BaseFigure.objects.create(
        unit=unit,
        population=population,
        effective_on=effective_on,
        source="census-2019",
        recorded_at=RECORDED_AT,
        **figures,
    )


def stamp(by, moment) -> dict:
    """Who acts, and when; the act gets the lock at the same moment."""
    return {"by": by, "at": moment, "now": lambda: moment}


hashed = cache(make_password)  # all test users have the same password


def make_user(username, unit=None, **fields):
    user = User(username=username, unit=unit, is_superuser=unit is None, is_staff=unit is None, **fields)
    user.password = hashed(PASSWORD)
    user.save()
    return user


@contextmanager
def without_triggers():
    """Without the triggers that protect history, to write what the product never writes."""
    triggers.remove()
    yield
    triggers.install()


def withdraw(record, withdrawn_at, *, by=None, reason="Nhập nhầm"):
    """Fill in the withdrawal's columns only; `acts.withdraw_setting` checks and does more."""
    withdrawn = {"withdrawn_at": withdrawn_at, "withdrawn_by": by, "withdrawal_reason": reason}
    type(record)._base_manager.filter(pk=record.pk).update(**withdrawn)
    vars(record).update(withdrawn_at=withdrawn_at, withdrawn_by_id=by and by.pk, withdrawal_reason=reason)
    return record


def make_directive(effective_from=FIRST_DAY, *, withdrawn_at=None, **fields):
    order = Directive.objects.create(
        **{
            "number": "1/CV",
            "issuer": "UBND thành phố Hải Phòng",
            "title": "Cài đặt Bluezone",
            "issued_on": effective_from - timedelta(days=1),
            "effective_from": effective_from,
            "target_share": Decimal("0.60"),
            "recorded_at": RECORDED_AT,
            **fields,
        }
    )
    if withdrawn_at:
        withdraw(order, withdrawn_at)
    return order


def make_exempt_day(unit, day, reason="Quốc khánh"):
    return ExemptDay.objects.create(unit=unit, day=day, reason=reason, recorded_at=RECORDED_AT)


def make_extension(unit, day=DAY, **fields):
    values = {"until": at("2020-08-21 18:00"), "reason": "Mất điện", "recorded_at": RECORDED_AT, **fields}
    return Extension.objects.create(unit=unit, day=day, **values)


def extend(*, unit, day, until, reason, by, now, at=None):
    """As the form does."""
    extension = Extension(unit=unit, day=day, until=until, reason=reason, by=by)
    acts.record_setting(extension, top=unit, now=now)
    return extension


def make_downtime(**fields):
    values = {"starts_at": at("2020-08-21 16:30"), "ends_at": at("2020-08-21 17:10"), **fields}
    return Downtime.objects.create(**{"reason": "Mất điện máy chủ", "recorded_at": RECORDED_AT, **values})


def make_unit_hour(unit, hour, effective_from=DAY, **fields):
    values = {"reason": "CV 5", "recorded_at": RECORDED_AT, **fields}
    return UnitHour.objects.create(unit=unit, report_deadline=hour, effective_from=effective_from, **values)


# Records of the review, without the checks of the acts.


def make_late_request(unit, by, day=DAY, **fields):
    values = {"installs": 88, "reason": "Mất mạng", "received_at": at("2020-08-21 17:05"), **fields}
    return LateRequest.objects.create(unit=unit, day=day, by=by, by_name=by.display_name, **values)


def make_reopening(unit, by, day=DAY, **fields):
    values = {"opened_at": at("2020-08-21 17:10"), "until": at("2020-08-21 19:00"), "reason": "Mất mạng", **fields}
    return Reopening.objects.create(unit=unit, day=day, by=by, **values)


def make_reminder(unit, by, day=DAY, **fields):
    return Reminder.objects.create(**{"unit": unit, "day": day, "by": by, "at": at("2020-08-21 16:30"), **fields})


def make_sign_off(unit, by, day=DAY, **fields):
    return SignOff.objects.create(**{"unit": unit, "day": day, "by": by, "at": at("2020-08-21 17:20"), **fields})


def make_seal(unit, by, day=DAY, **fields):
    return Seal.objects.create(**{"unit": unit, "day": day, "by": by, "at": at("2020-08-21 17:40"), **fields})


def make_reorganisation(**fields):
    values = {
        "effective_on": DAY + timedelta(days=10),
        "source": "Nghị quyết 872",
        "table": "",
        "recorded_at": RECORDED_AT,
    }
    return Reorganisation.objects.create(**{**values, **fields})


def changes_of(text) -> list[Change]:
    """The lines of a reorganisation file as `Change` objects."""
    changes, errors = read_changes(text)
    assert errors == []
    return changes


def reorganise(text, *, effective_on, at, source="Nghị quyết 872", by=None, now=None):
    """Record the lines of a reorganisation file, as the city does."""
    beside = {"source": source, "by": by, "at": at, "now": now or (lambda: at)}
    return record_reorganisation(changes_of(text), effective_on=effective_on, **beside)


def make_office(unit, **fields):
    """The names that a renamed department has set."""
    names = {"name": "Sở Khoa học và Công nghệ", "short_name": "Sở KH&CN", "symbol": "SKHCN"}
    values = {**names, "managing": "UBND tỉnh Sơn Lâm", "recorded_at": RECORDED_AT, **fields}
    return Office.objects.create(unit=unit, **values)


def make_official(unit, value, day=DAY, metric=OfficialFigure.Metric.DOWNLOADS, **fields):
    """The ministry's figure for a unit and a day, counted at 17:00 and recorded five minutes later."""
    counted_at = datetime.combine(day, time(17), tzinfo=deadline.ZONE)
    values = {"counted_at": counted_at, "recorded_at": counted_at + timedelta(minutes=5), **fields}
    return OfficialFigure.objects.create(
        unit=unit, day=day, metric=metric, value=value, **{"source": "Cục Tin học hóa", **values}
    )


def make_import(unit, by, **fields):
    """An import of an office, as recorded."""
    about = {"kind": "reports", "source": "tháng 8.xlsx sha256:0", "recorded_at": at("2020-08-21 15:00"), "count": 1}
    return Import.objects.create(unit=unit, by=by, **about | fields)


def make_passed_up(report, by):
    return PassedUp.objects.create(report=report, by=by, at=at("2020-08-21 17:20"))


def make_report(unit, day=DAY, installs=10, *, opening=0, by=None, hour=time(10), **fields):
    """Submit a report that arrives at `hour` of its day; the unit's first report gets the opening number."""
    arrived = fields.pop("arrived_at", None) or datetime.combine(day, hour, tzinfo=deadline.ZONE)
    stored = standings.stored_day(unit, day)
    return acts.submit(
        **{
            "unit": unit,
            "day": day,
            "installs": installs,
            "opening": opening if stored.opening is None else None,
            "base_version": stored.version,
            "by": by,
            "source": "" if by else "test",
            "at": arrived,
            "now": lambda: arrived,
            **fields,
        }
    ).report


def ask(unit, by, *, at=None, day=DAY, **figures):
    """Request a late report, five minutes after the deadline."""
    sent = {"installs": 88, "opening": 100, "reason": "Mất điện, mất mạng", **figures}
    return acts.send_late_request(unit=unit, day=day, by=by, at=at or _FIVE_PAST, **sent)


def confirm(unit, by, at, *, day=DAY, reason="", **versions):
    """The district confirms the day with the stored versions, or with the given ones."""
    versions = acts.versions_below(unit, day) | versions
    return acts.sign_off(unit=unit, day=day, versions=versions, reason=reason, **stamp(by, at))


def make_access_record(by, kind=AccessRecord.Kind.SIGNED_IN, **fields):
    values = {"at": at("2020-08-21 08:00"), "address": "203.0.113.7", "by_name": by.display_name, "unit": by.unit}
    return AccessRecord.objects.create(by=by, kind=kind, **{**values, **fields})


def make_cover(unit, person, by, first_day=DAY, last_day=DAY, **fields):
    values = {"first_day": first_day, "last_day": last_day, "recorded_at": at("2020-08-20 08:00"), **fields}
    return Cover.objects.create(unit=unit, person=person, by=by, **values)


def make_figure(path, **fields):
    """An unsaved row of a unit; `path` ends with its code, and its depth sets the level."""
    code = path.split("/")[-2]
    levels = ["city", "district", "commune", "commune"]
    name = fields.pop("name", f"Đơn vị {code}")
    is_reported = fields.get("installs") is not None
    status = DayStatus.LATE if fields.pop("is_late", False) else DayStatus.ON_TIME
    status = status if is_reported else DayStatus.MISSING
    if fields.pop("is_exempt", False):
        fields["is_owed"], status = False, DayStatus.EXEMPT
    return Row(
        **{
            "status": status,
            "unit_id": int.from_bytes(path.encode()),
            "code": code,
            "level": levels[path.count("/") - 1],
            "path": path,
            "name": name,
            "sort_key": sort_key(name),
            **fields,
        }
    )


def make_day_rollup(*figures, day=DAY):
    """The rollup of these figures; the first is the unit's own row."""
    by_code, agency_total = roll_up(figures, root=figures[0].path, target_share=Decimal("0.6"))
    return DayRollup(day, DayHours(day=day), figures[0].code, by_code, agency_total, figures=figures)


def make_annex(*figures, **fields):
    """The content of a workbook from unsaved figures; the first is the unit's own row."""
    now = make_day_rollup(*figures)
    city = figures[0].name if figures[0].level == "city" else "Thành phố Hải Phòng"
    values = {
        "figures": now,
        "printed_at": at("2020-08-21 17:00"),
        "letterhead": letterhead(figures[0], name=figures[0].name, city=city),
        "confirmed": Confirmations(0, {}),
        "difficulties": [],
        "of_several_days": [],
        "digest": "0" * 64,
    }
    return Annex(**{**values, **fields})


@dataclass
class Cast:
    """The city; district A with communes 1 and 2; district B with commune 3; an island district; an agency."""

    city: Unit
    district: Unit
    commune: Unit
    neighbour: Unit
    other_district: Unit
    stranger: Unit
    island: Unit
    agency: Unit
    officer: User
    neighbour_officer: User
    district_clerk: User
    stranger_officer: User
    other_clerk: User
    city_clerk: User
    island_officer: User
    focal_person: User
    leader: User
    admin: User


def make_cast(*, above: Unit | None = None) -> Cast:
    make_directive()
    city = make_unit("31", parent=above, level="city", name="Hải Phòng", kind="thành phố", phone="0225 000 0031")
    district = make_unit("306", parent=city, level="district", name="Hải An", kind="quận", phone="0225 000 0306")
    commune = make_unit("11416", parent=district, name="Đằng Hải", kind="phường", population=19748)
    neighbour = make_unit("11407", parent=district, name="Cát Bi", kind="phường", population=14350)
    other_district = make_unit("311", parent=city, level="district", name="Thuỷ Nguyên", kind="huyện")
    stranger = make_unit("11470", parent=other_district, name="Núi Đèo", kind="thị trấn", population=5000)
    island = make_unit("318", parent=city, level="district", name="Bạch Long Vĩ", kind="huyện", population=624)
    agency = make_unit("SYT", parent=city, level="agency", name="Sở Y tế", population=7420, smartphone_users=6890)
    return Cast(
        city=city,
        district=district,
        commune=commune,
        neighbour=neighbour,
        other_district=other_district,
        stranger=stranger,
        island=island,
        agency=agency,
        officer=make_user("11416", commune, last_name="Nguyễn Thị", first_name="Hà"),
        neighbour_officer=make_user("11407", neighbour),
        district_clerk=make_user("306", district),
        stranger_officer=make_user("11470", stranger),
        other_clerk=make_user("311", other_district),
        city_clerk=make_user("31", city),
        island_officer=make_user("318", island),
        focal_person=make_user("SYT", agency),
        leader=make_user("lanhdao", city, is_viewer=True),
        admin=make_user("admin"),
    )


@dataclass
class Nation(Cast):
    """The same city below a country, beside another city with a district and a commune."""

    country: Unit
    other_city: Unit
    foreign_district: Unit
    foreigner: Unit
    country_clerk: User
    other_city_clerk: User
    foreign_officer: User


def make_nation() -> Nation:
    country = make_unit("VN", level="country", name="Việt Nam")
    cast = make_cast(above=country)
    other_city = make_unit("92", parent=country, level="city", name="Cần Thơ", kind="thành phố")
    district = make_unit("916", parent=other_city, level="district", name="Ninh Kiều", kind="quận")
    commune = make_unit("31117", parent=district, name="Cái Khế", kind="phường", population=9000)
    return Nation(
        **vars(cast),
        country=country,
        other_city=other_city,
        foreign_district=district,
        foreigner=commune,
        country_clerk=make_user("VN", country),
        other_city_clerk=make_user("92", other_city),
        foreign_officer=make_user("31117", commune),
    )


def make_token(unit, by, *, name="Kho dữ liệu", at=RECORDED_AT, expires_at=None):
    """The secret of a token that is valid until the end of the year."""
    ends = expires_at or datetime(2020, 12, 31, tzinfo=deadline.ZONE)
    return tokens.create_token(unit=unit, name=name, expires_at=ends, by=by, at=at).secret


def make_message(person, **fields):
    """A waiting message that the records do not agree."""
    values = {"key": f"differs:{DAY}:{person.pk}", "unit": person.unit, "day": DAY, "written_at": RECORDED_AT, **fields}
    moments = {"next_try_at": RECORDED_AT, "useful_until": RECORDED_AT + timedelta(days=1)}
    return Message.objects.create(kind=Message.Kind.DIFFERS, person=person, **moments | values)


def shown_request(unit, day=DAY):
    """The waiting request's key, which the page posts to withdraw it."""
    return LateRequest.objects.waiting().filter(unit=unit, day=day).values_list("pk", flat=True).first()


def shown_sign_off(unit, day=DAY):
    """The key of the confirmation in force, which the page posts to withdraw it."""
    return SignOff.objects.in_force().filter(unit=unit, day=day).values_list("pk", flat=True).first()
