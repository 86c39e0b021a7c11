"""What the database refuses, and the properties of a row."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import PROTECT, UniqueConstraint

from reporting.days import hours_in_force
from reporting.models import (
    BaseFigure,
    Directive,
    ImportFile,
    KnownLayouts,
    MailChoice,
    Press,
    Report,
    Revision,
    Token,
    TokenUse,
    UnconfirmedReport,
    Unit,
    UnitName,
    User,
)
from reporting.models.levels import Level
from reporting.text.names import sort_key

from .. import factories as f

BEFORE, AFTER = f.DAY - timedelta(days=1), f.DAY + timedelta(days=1)
NOON, AFTER_ASKING = f.at("2020-08-21 12:00"), f.at("2020-08-21 18:10")


def unit(code="99", **fields):
    return Unit.objects.create(**{"code": code, "level": "commune", "path": f"{code}/", **fields})


def report(cast, **fields):
    values = {"unit": cast.commune, "day": f.DAY, "installs": 1, "cumulative": 1, "received_at": NOON, **fields}
    return Report.objects.create(**values)


def revision(cast, **fields):
    values = {
        "number": 1,
        "delta": 0,
        "kind": "own",
        "received_at": NOON,
        "counted_at": NOON,
        "by_name": "Hà",
        **fields,
    }
    return Revision.objects.create(**{"report": fields.get("report") or report(cast), **values})


def late_request(cast, **fields):
    return f.make_late_request(cast.commune, cast.officer, **fields)


def reopening(cast, **fields):
    return f.make_reopening(cast.commune, cast.district_clerk, **fields)


def sign_off(cast, **fields):
    return f.make_sign_off(cast.district, cast.district_clerk, **fields)


def cover(cast, **fields):
    return f.make_cover(cast.neighbour, cast.officer, cast.district_clerk, **fields)


def token(cast):
    f.make_token(cast.city, cast.city_clerk)
    return Token.objects.get()


def once_more(act):
    act()
    act()


def without_reason(record):
    f.withdraw(record, NOON, reason="")


VIOLATIONS = {
    "unit_code_holds_no_separator_or_wildcard": [
        lambda cast: unit(""),
        lambda cast: unit("9/9"),
        lambda cast: unit("9%"),
        lambda cast: unit("9_9"),
    ],
    "unit_code_begins_with_no_sign": [lambda cast: unit(".."), lambda cast: unit("-1")],
    "unit_path_ends_with_a_slash": [lambda cast: unit(path="31/99")],
    "unit_closes_after_it_opens": [
        lambda cast: unit(opened_on=f.DAY, closed_on=BEFORE),
    ],
    "cover_ends_after_it_begins": [lambda cast: cover(cast, last_day=BEFORE)],
    "cover_is_ended_by_somebody": [lambda cast: cover(cast, ended_at=f.at("2020-08-21 08:00"))],
    "unit_with_a_successor_is_closed": [lambda cast: unit(successor=cast.commune)],
    "unit_is_not_its_own_successor": [
        lambda cast: Unit.objects.filter(pk=cast.commune.pk).update(closed_on=f.DAY, successor=cast.commune)
    ],
    "unit_is_handed_installs_by_the_one_it_is_split_from": [
        lambda cast: unit(handed_over=5, opened_on=f.DAY),
        lambda cast: unit(handed_over=5, split_from=cast.commune),
    ],
    "unit_name_is_not_empty": [lambda cast: cast.commune.rename(name="", kind="xã", effective_on=f.DAY, at=NOON)],
    "base_figure_population_is_positive": [lambda cast: f.make_base(cast.commune, population=0)],
    "unconfirmed_report_once_for_a_unit_and_day": [
        lambda cast: [
            UnconfirmedReport.objects.create(unit=cast.commune, day=f.DAY, by=by, sent_at=NOON, figures={})
            for by in (cast.officer, cast.district_clerk)
        ]
    ],
    "press_led_to_a_report_or_a_request": [
        lambda cast: Press.objects.create(id=uuid4(), unit=cast.commune, day=f.DAY, by=cast.officer)
    ],
    "import_has_a_source": [lambda cast: f.make_import(cast.city, cast.city_clerk, source="")],
    "import_is_withdrawn_with_a_reason": [
        lambda cast: f.make_import(cast.city, cast.city_clerk, withdrawn_at=f.RECORDED_AT)
    ],
    "layouts_once_for_a_kind": [
        lambda cast: [KnownLayouts.objects.create(unit=cast.city, kind="units") for _twice in range(2)]
    ],
    "import_file_has_a_source": [
        lambda cast: ImportFile.objects.create(
            kind="units", source="", table={}, options={}, sent_at=NOON, by=cast.city_clerk
        )
    ],
    "reorganisation_has_a_source": [lambda cast: f.make_reorganisation(source="")],
    "user_name_is_nobody_elses": [lambda cast: f.make_user("LanhDao", cast.city)],
    "user_belongs_to_a_unit_or_is_superuser": [lambda cast: User.objects.create(username="nobody")],
    "directive_signs_off_after_reports_are_due": [
        lambda cast: f.make_directive(report_deadline="17:31", signoff_deadline="17:30")
    ],
    "directive_target_is_a_share": [
        lambda cast: f.make_directive(target_share=Decimal(0)),
        lambda cast: f.make_directive(target_share=Decimal("1.0001")),
    ],
    "directive_official_threshold_is_a_share": [
        lambda cast: f.make_directive(official_threshold=Decimal("-0.0001")),
        lambda cast: f.make_directive(official_threshold=Decimal("1.0001")),
    ],
    "official_figure_has_a_source": [lambda cast: f.make_official(cast.district, 1, source="")],
    "official_figure_says_what_is_counted": [lambda cast: f.make_official(cast.district, 1, metric="installs")],
    "official_figure_is_counted_before_it_is_recorded": [
        lambda cast: f.make_official(cast.district, 1, counted_at=NOON, recorded_at=NOON - timedelta(microseconds=1))
    ],
    "directive_ends_after_it_begins": [lambda cast: f.make_directive(f.DAY, effective_until=BEFORE)],
    "unit_hour_has_a_reason": [lambda cast: f.make_unit_hour(cast.city, "16:00", reason="")],
    "unit_hour_ends_after_it_begins": [lambda cast: f.make_unit_hour(cast.city, "16:00", effective_until=BEFORE)],
    "downtime_is_withdrawn_with_a_reason": [lambda cast: without_reason(f.make_downtime())],
    "extension_is_withdrawn_with_a_reason": [lambda cast: without_reason(f.make_extension(cast.city))],
    "exemptday_is_withdrawn_with_a_reason": [lambda cast: without_reason(f.make_exempt_day(cast.city, f.DAY))],
    "directive_is_withdrawn_with_a_reason": [lambda cast: without_reason(Directive.objects.get())],
    "unithour_is_withdrawn_with_a_reason": [lambda cast: without_reason(f.make_unit_hour(cast.city, "16:00"))],
    "reorganisation_is_withdrawn_with_a_reason": [lambda cast: without_reason(f.make_reorganisation())],
    "basefigure_is_withdrawn_with_a_reason": [
        lambda cast: without_reason(BaseFigure.objects.filter(unit=cast.commune).get())
    ],
    "unitname_is_withdrawn_with_a_reason": [
        lambda cast: without_reason(UnitName.objects.filter(unit=cast.commune).get())
    ],
    "extension_has_a_reason": [lambda cast: f.make_extension(cast.commune, reason="")],
    "downtime_ends_after_it_begins": [
        lambda cast: f.make_downtime(starts_at=NOON, ends_at=NOON),
        lambda cast: f.make_downtime(starts_at=NOON, ends_at=NOON - timedelta(minutes=1)),
    ],
    "seal_is_withdrawn_with_a_reason": [lambda cast: without_reason(f.make_seal(cast.city, None))],
    "signoff_is_withdrawn_with_a_reason": [lambda cast: sign_off(cast, withdrawn_at=NOON)],
    "report_once_for_a_unit_and_day": [lambda cast: once_more(lambda: report(cast))],
    "report_one_opening_for_a_unit": [
        lambda cast: [report(cast, kind="opening", day=day) for day in (f.FIRST_DAY, f.LONG_AGO)]
    ],
    "report_installs_not_negative": [lambda cast: report(cast, installs=-1)],
    "report_households_not_negative": [lambda cast: report(cast, households_visited=-1)],
    "report_version_starts_at_one": [lambda cast: report(cast, version=0)],
    "report_covers_earlier_days": [
        lambda cast: report(cast, covers_from=f.DAY),
        lambda cast: report(cast, covers_from=AFTER),
    ],
    "report_holds_earlier_days": [lambda cast: report(cast, holds_from=f.DAY)],
    "report_opening_is_cumulative_only": [
        lambda cast: report(cast, kind="opening", covers_from=BEFORE),
        lambda cast: report(cast, kind="opening", households_visited=0),
    ],
    "revision_number_once_for_a_report": [
        lambda cast: [revision(cast, report=shared) for shared in [report(cast)] * 2]
    ],
    "revision_number_starts_at_one": [lambda cast: revision(cast, number=0)],
    "revision_installs_not_negative": [lambda cast: revision(cast, installs=-1)],
    "revision_confirmed_after_it_was_received": [lambda cast: revision(cast, confirmed_at=NOON)],
    "late_request_one_waiting_for_a_unit_and_day": [lambda cast: once_more(lambda: late_request(cast))],
    "late_request_ends_in_one_way": [
        lambda cast: late_request(cast, withdrawn_at=NOON, decided_at=NOON, decision="accepted")
    ],
    "late_request_decided_says_how": [
        lambda cast: late_request(cast, decided_at=NOON),
        lambda cast: late_request(cast, decision="declined"),
    ],
    "late_request_has_a_reason": [lambda cast: late_request(cast, reason="")],
    "reopening_ends_after_it_begins": [
        lambda cast: reopening(cast, opened_at=NOON, until=NOON),
        lambda cast: reopening(cast, opened_at=NOON, until=NOON - timedelta(minutes=1)),
    ],
    "reopening_has_a_reason": [lambda cast: reopening(cast, reason="")],
    "reopening_one_standing_for_a_unit_and_day": [lambda cast: once_more(lambda: reopening(cast))],
    "office_has_its_names": [
        lambda cast: f.make_office(cast.city, name=""),
        lambda cast: f.make_office(cast.city, short_name=""),
        lambda cast: f.make_office(cast.city, symbol=""),
    ],
    "token_has_a_name": [lambda cast: f.make_token(cast.city, cast.city_clerk, name="")],
    "token_ends_after_it_is_given": [
        lambda cast: f.make_token(cast.city, cast.city_clerk, at=f.RECORDED_AT, expires_at=f.RECORDED_AT)
    ],
    "token_is_revoked_by_somebody": [
        lambda cast: Token.objects.filter(pk=token(cast).pk).update(revoked_at=NOON),
        lambda cast: Token.objects.filter(pk=token(cast).pk).update(revoked_by=cast.city_clerk),
    ],
    "token_use_once_for_a_day": [
        lambda cast: [TokenUse.objects.create(token=shared, day=f.DAY) for shared in [token(cast)] * 2]
    ],
    "mail_choice_minutes_are_offered": [
        lambda cast: MailChoice.objects.create(
            person=cast.officer, address="a@example.vn", asked_at=NOON, minutes_before=20
        )
    ],
    "message_ends_whole": [
        lambda cast: f.make_message(cast.city_clerk, ended_at=NOON),
        lambda cast: f.make_message(cast.city_clerk, end="sent"),
    ],
    "sign_off_one_standing_for_a_unit_and_day": [lambda cast: once_more(lambda: sign_off(cast))],
}
NOT_NEGATIVE = {
    "report_installs_not_negative": "installs",
    "report_households_not_negative": "households_visited",
    "revision_installs_not_negative": "installs",
}
CONSTRAINTS = {
    constraint.name: (model, constraint)
    for model in apps.get_app_config("reporting").get_models()
    for constraint in model._meta.constraints
}


def test_every_constraint_has_its_violation():
    assert sorted(VIOLATIONS) == sorted(CONSTRAINTS)


@pytest.mark.parametrize(("name", "violate"), [(name, act) for name, acts in VIOLATIONS.items() for act in acts])
def test_constraint_refuses_what_it_names(name, violate, cast):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        violate(cast)
    assert violated(refusal.value) in known_as(name)


def violated(error):
    """The constraint that the database names as violated."""
    if connection.vendor == "postgresql":
        return error.__cause__.diag.constraint_name
    return str(error).partition(" constraint failed: ")[2]


def known_as(name):
    """A constraint's name; if SQLite names only the columns, those; and a field's own check of a column >= 0."""
    model, constraint = CONSTRAINTS[name]
    table = model._meta.db_table
    if isinstance(constraint, UniqueConstraint) and constraint.expressions:
        return [name if connection.vendor == "postgresql" else f"index '{name}'"]
    if isinstance(constraint, UniqueConstraint):
        columns = [model._meta.get_field(field).column for field in constraint.fields]
        return [name if connection.vendor == "postgresql" else ", ".join(f"{table}.{column}" for column in columns)]
    if name not in NOT_NEGATIVE:
        return [name]
    column = NOT_NEGATIVE[name]
    return [name, f"{table}_{column}_check" if connection.vendor == "postgresql" else column]


def test_search_keeps_the_newest_name_when_an_older_one_is_added(cast):
    cast.commune.rename(name="Đông Hải", kind="phường", effective_on=AFTER, at=NOON)
    cast.commune.rename(name="An Hải", kind="xã", effective_on=BEFORE, at=NOON)
    cast.commune.refresh_from_db()
    assert (cast.commune.sort_key, cast.commune.name_folded) == (sort_key("Đông Hải"), "dong hai")


def test_named_reads_the_name_in_force_on_the_day(cast):
    cast.commune.rename(name="Đông Hải", kind="phường", effective_on=f.DAY, at=NOON)
    cast.commune.rename(name="Đông Hải 1", kind="phường", effective_on=f.DAY, at=NOON)  # the later record of one day
    days = (f.LONG_AGO - timedelta(days=1), f.LONG_AGO, BEFORE, f.DAY, AFTER)
    named = [Unit.objects.named(day).get(code="11416") for day in days]
    assert [(unit.name, unit.kind) for unit in named] == [
        (None, None),
        ("Đằng Hải", "phường"),
        ("Đằng Hải", "phường"),
        ("Đông Hải 1", "phường"),
        ("Đông Hải 1", "phường"),
    ]
    assert [unit.full_name for unit in named[:2]] == ["11416", "Phường Đằng Hải"]
    assert [str(unit) for unit in (named[1], cast.commune)] == ["Phường Đằng Hải (11416)", "11416"]


def sealing(units):
    """The codes of the units that seal, and of those below a unit that seals."""
    return {unit.code for unit in units if unit.is_sealing}, {unit.code for unit in units if unit.is_under_seal}


def test_cities_seal_below_a_country(db):
    f.make_nation()
    seals, under = sealing(Unit.objects.all())
    assert seals == {unit.code for unit in Unit.objects.sealing()} == {"31", "92"}
    assert under == set(Unit.objects.values_list("code", flat=True)) - {"31", "92", "VN"}
    assert [unit.code for unit in Unit.objects.tops()] == ["VN"]


@pytest.mark.parametrize("level", [Level.CITY, Level.DISTRICT, Level.COMMUNE])
def test_top_seals_where_no_country_stands_above(level, db):
    top = f.make_unit("31", level=level)
    below = f.make_unit("306", parent=top)
    assert sealing([top, below]) == ({"31"}, {"306"})
    assert list(Unit.objects.sealing()) == list(Unit.objects.tops()) == [top]


def test_units_of_the_residents_and_those_that_others_lie_below(cast):
    assert {unit.code for unit in Unit.objects.exclude(pk__in=Unit.objects.residents())} == {"SYT"}
    assert {unit.code for unit in Unit.objects.superior_levels()} == {"31", "306", "311", "318"}


def test_below_is_the_unit_and_what_lies_under_it(cast):
    f.make_unit("31A", level="city", name="Hải Phòng khác")
    assert [unit.code for unit in Unit.objects.below(cast.district)] == ["11407", "11416", "306"]
    assert [unit.code for unit in Unit.objects.below(cast.commune)] == ["11416"]
    assert Unit.objects.below(cast.city).count() == 8


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "is_open"),
    [
        (None, None, True),
        (f.DAY, None, True),
        (AFTER, None, False),
        (None, f.DAY, False),
        (None, AFTER, True),
        (f.DAY, AFTER, True),
    ],
)
def test_open_on_is_from_the_first_day_to_the_day_before_closing(opened_on, closed_on, is_open, db):
    made = f.make_unit("31", opened_on=opened_on, closed_on=closed_on)
    assert made.is_open_on(f.DAY) is is_open
    assert Unit.objects.open_on(f.DAY).exists() is is_open


def test_base_figure_in_force_is_the_newest_of_the_day(cast):
    f.make_base(cast.commune, population=20000, effective_on=f.DAY)
    f.make_base(cast.commune, population=20001, effective_on=f.DAY)  # supersedes the one of the same day
    f.make_base(cast.commune, population=19999, effective_on=BEFORE)
    days = (f.LONG_AGO - timedelta(days=1), f.LONG_AGO, BEFORE, f.DAY, AFTER)
    in_force = [BaseFigure.objects.in_force(cast.commune, day) for day in days]
    assert [base and base.population for base in in_force] == [None, 19748, 19999, 20001, 20001]


def test_campaign_starts_with_the_first_directive_that_stands(db):
    assert hours_in_force.campaign_start() is None
    f.make_directive(f.FIRST_DAY - timedelta(days=9), withdrawn_at=NOON)
    f.make_directive(f.DAY)
    f.make_directive(f.FIRST_DAY)
    assert hours_in_force.campaign_start() == f.FIRST_DAY


def test_deleting_a_unit_or_person_deletes_no_record():
    keys = {
        f"{model.__name__}.{field.name}": field.remote_field.on_delete
        for model in apps.get_app_config("reporting").get_models()
        for field in model._meta.concrete_fields
        if field.is_relation
    }
    # Computed again, sent, not yet accepted, asked again, or ended.
    lost = {
        "ImportFile.by",
        "KnownLayouts.unit",
        "MailChoice.person",
        "Message.person",
        "Message.unit",
        "Session.person",
    }
    assert {name for name, on_delete in keys.items() if on_delete is not PROTECT} <= lost
