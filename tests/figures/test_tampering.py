"""Tampering with the database is detected by `verify` alone, or by the ledger of the day before.

Each line of docs/tampering.md is played on a small city with the triggers dropped, and rolled back.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import F

from reporting import acts, triggers
from reporting.figures import ledger, sealed_table, verification
from reporting.models import (
    AccessRecord,
    BaseFigure,
    Cover,
    Directive,
    Downtime,
    ExemptDay,
    Extension,
    LateRequest,
    OfficialFigure,
    PassedUp,
    Reminder,
    Reopening,
    Reorganisation,
    Report,
    Revision,
    Seal,
    SignOff,
    Token,
    Unit,
    UnitHour,
    UnitName,
    User,
)
from tests.prepared import prepared, undone

from .. import factories as f

TABLE = Path(__file__).parents[2] / "docs" / "tampering.md"
SEALED, DAY = f.DAY - timedelta(days=1), f.DAY  # the first is confirmed and sealed, the second is not yet
FREE = f.DAY - timedelta(days=4)  # nobody reported
NAMES = [*verification.CHECKS, "ledger", "night", "paper"]
MORNING = f.at("2020-08-22 08:00")


@prepared
def full_city(cast):
    """A row in every table: a sealed day, an open one, and one of every other record."""
    for day, hour in ((SEALED, "2020-08-20"), (DAY, "2020-08-21")):
        f.make_report(cast.commune, day, installs=30, opening=500, by=cast.officer, note="Mạng yếu")
        f.make_report(cast.neighbour, day, installs=7, opening=100, households_visited=4)
        versions = acts.versions_below(cast.district, day)
        signed = f.stamp(cast.district_clerk, f.at(f"{hour} 17:20"))
        acts.sign_off(unit=cast.district, day=day, versions=versions, **signed)
    f.make_report(cast.agency, installs=9, opening=5000)
    f.make_unit(
        "11417", parent=cast.district, opened_on=DAY + timedelta(days=1), split_from=cast.commune, handed_over=5
    )
    acts.seal(unit=cast.city, day=SEALED, reason="Sớm", **f.stamp(cast.city_clerk, f.at("2020-08-21 07:00")))
    corrected = f.stamp(cast.district_clerk, f.at("2020-08-21 18:00"))
    acts.enter(unit=cast.neighbour, day=DAY, installs=8, reason="Đếm lại", base_version=1, **corrected)
    f.make_extension(cast.other_district)
    f.make_exempt_day(cast.stranger, DAY)
    f.make_downtime(starts_at=f.at("2020-08-22 09:00"), ends_at=f.at("2020-08-22 10:00"))
    f.make_directive(f.DAY + timedelta(days=9), number="2/CV")
    f.make_unit_hour(cast.other_district, "16:00", f.DAY + timedelta(days=1))
    f.withdraw(f.make_reorganisation(), f.at("2020-08-21 20:00"), by=cast.city_clerk)
    f.make_official(cast.district, 600)
    f.make_office(cast.city)
    f.make_import(cast.city, cast.city_clerk)
    f.make_access_record(cast.officer)
    cover = f.make_cover(cast.neighbour, cast.officer, cast.district_clerk)
    Cover.objects.filter(pk=cover.pk).update(ended_at=f.at("2020-08-21 18:00"), ended_by=cast.district_clerk)
    decided = {"decided_at": f.at("2020-08-21 18:00"), "decided_by": cast.district_clerk, "decision": "accepted"}
    f.make_late_request(cast.neighbour, cast.neighbour_officer, FREE, **decided)
    f.make_late_request(cast.commune, cast.officer, FREE)
    f.make_reopening(cast.neighbour, cast.district_clerk, FREE)
    f.make_reminder(cast.neighbour, cast.district_clerk)
    f.make_passed_up(report_of(cast.commune, SEALED).get(), cast.district_clerk)
    given = {"given_at": f.at("2020-08-20 08:00"), "expires_at": f.at("2021-08-20 08:00"), "by": cast.city_clerk}
    Token.objects.create(unit=cast.city, name="Kho", begins_with="abc", digest="0" * 64, **given)
    for code in ("11475", "11476"):
        f.make_unit(code, parent=cast.other_district, population=900, opened_on=DAY + timedelta(days=1))
    merged = {"effective_on": DAY + timedelta(days=3), "by": cast.city_clerk, "at": f.at("2020-08-21 20:00")}
    f.reorganise("action,code,into\nmerge,11475,11476", **merged)
    return cast


def report_of(unit, day=DAY):
    return Report.objects.filter(unit=unit, day=day)


def revisions_of(unit, day=DAY):
    return Revision.objects.filter(report__unit=unit, report__day=day)


def recount(unit, day, installs):
    """Change a figure in all its copies."""
    change = installs - report_of(unit, day).get().installs
    revisions_of(unit, day).update(installs=installs, delta=F("delta") + change)
    report_of(unit, day).update(installs=installs)
    Report.objects.filter(unit=unit, day__gte=day).update(cumulative=F("cumulative") + change)


def put_in_a_revision(full_city):
    first = revisions_of(full_city.agency).get()
    first.pk, first.number, first.installs, first.delta, first.kind = None, 2, 10, 1, "correction"
    first.save()
    report_of(full_city.agency).update(installs=10, cumulative=F("cumulative") + 1, version=2)


def forged(text):
    """The table with another figure, and the matching digest."""
    changed = text.replace(" 30 ", " 31 ")
    assert changed != text
    return {"table": changed, "digest": sealed_table.digest(changed)}


def confirmation_in_force():
    return SignOff.objects.filter(day=SEALED)


def withdrawn_confirmation():
    return SignOff.objects.filter(day=DAY)


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def replace_trigger(event, rest):
    """Replace the trigger of seals by one with the same name and another text."""
    table = " ON reporting_seal" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER append_only_reporting_seal_{event}{table}")
    execute(f"CREATE TRIGGER append_only_reporting_seal_{event} {rest}")


NEVER = "FOR EACH ROW WHEN (false) EXECUTE FUNCTION reporting_append_only()"
SILENT = "FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$"


def replace_by_nothing(full_city):
    nothing = "BEGIN SELECT 1; END" if connection.vendor == "sqlite" else NEVER
    replace_trigger("delete", f"BEFORE DELETE ON reporting_seal {nothing}")


def replace_by_one_column(full_city):
    only_day = 'OLD."day" IS NOT NEW."day"'
    if connection.vendor == "sqlite":
        rest = f"WHEN {only_day} BEGIN SELECT RAISE(ABORT, 'append-only: reporting_seal'); END"
    else:
        rest = "FOR EACH ROW WHEN (OLD.day IS DISTINCT FROM NEW.day) EXECUTE FUNCTION reporting_append_only()"
    replace_trigger("update", f"BEFORE UPDATE ON reporting_seal {rest}")


def add_another(full_city):
    if connection.vendor == "sqlite":
        does = "AFTER INSERT ON reporting_report BEGIN UPDATE reporting_report SET note = ''; END"
        execute(f"CREATE TRIGGER other {does}")
    else:
        execute(f"CREATE {SILENT.format('other')}")
        execute("CREATE TRIGGER other BEFORE INSERT ON reporting_report FOR EACH ROW EXECUTE FUNCTION other()")


# The names are those of docs/tampering.md. The triggers are removed while the database is changed.
TAMPERINGS = {
    # Reports, which must equal their revisions.
    "The installs of a report are changed": lambda k: report_of(k.commune).update(installs=31),
    "The running sum of a report's households is changed": lambda k: report_of(k.neighbour).update(households_so_far=9),
    "The difficulties of a report are changed": lambda k: report_of(k.commune).update(note="Không có"),
    "The arrival of a report is moved to after the deadline": lambda k: report_of(k.commune).update(
        received_at=f.at("2020-08-21 17:10")
    ),
    "The cumulative of an old day is changed": lambda k: report_of(k.commune, SEALED).update(cumulative=531),
    "The cumulative of the newest day is changed": lambda k: report_of(k.commune).update(cumulative=561),
    "The version of a report is raised": lambda k: report_of(k.commune).update(version=2),
    "A report is moved to a day that nobody reported": lambda k: report_of(k.agency).update(day=FREE),
    "A report is given to another unit": lambda k: report_of(k.agency).update(unit=k.stranger),
    "A report of a day that is not sealed is deleted with its history": lambda k: (
        revisions_of(k.commune).delete(),
        report_of(k.commune).delete(),
    ),
    "A report is deleted, but not its history": lambda k: report_of(k.agency)._raw_delete("default"),
    "A report is inserted without a history": lambda k: Report.objects.create(
        unit=k.stranger, day=DAY, installs=5, cumulative=5, received_at=f.at("2020-08-21 10:00")
    ),
    "A report is inserted with an earlier date and a history, on a day that is not sealed": lambda k: f.make_report(
        k.stranger, DAY, installs=5, opening=50
    ),
    "A day is counted twice: by its report and by a later one that covers it": lambda k: (
        report_of(k.commune).update(covers_from=SEALED),
        revisions_of(k.commune).update(covers_from=SEALED),
    ),
    # Revisions, which are only added to.
    "A figure of a sealed day is changed in all its copies": lambda k: recount(k.commune, SEALED, 31),
    "A figure of a day that is neither sealed nor confirmed is changed in all its copies": lambda k: recount(
        k.agency, DAY, 10
    ),
    "The person's name in a revision is changed": lambda k: revisions_of(k.commune).update(by_name="Người khác"),
    "A report is made late in all its copies": lambda k: (
        report_of(k.commune).update(received_at=f.at("2020-08-21 17:10")),
        revisions_of(k.commune).update(received_at=f.at("2020-08-21 17:10"), counted_at=f.at("2020-08-21 17:10")),
    ),
    "A revision is made to count from before it arrived": lambda k: revisions_of(k.agency).update(
        counted_at=f.at("2020-08-21 09:00")
    ),
    "A revision of a sealed day is made to count from after the seal": lambda k: revisions_of(k.commune, SEALED).update(
        counted_at=f.at("2020-08-21 08:00")
    ),
    "The first revision of two is deleted": lambda k: revisions_of(k.neighbour).filter(number=1).delete(),
    "The last revision is deleted and the report reset to the one before": lambda k: (
        revisions_of(k.neighbour).filter(number=2).delete(),
        report_of(k.neighbour).update(installs=7, cumulative=F("cumulative") - 1, version=1),
    ),
    "A revision is inserted with an earlier date, and the report changed to match": put_in_a_revision,
    "The change recorded in a revision differs from that of its figures": lambda k: revisions_of(k.agency).update(
        delta=10
    ),
    "A revision with figures is marked as a void": lambda k: (
        revisions_of(k.neighbour).filter(number=2).update(kind="void")
    ),
    # Confirmations and seals.
    "The sum of a confirmation is changed": lambda k: confirmation_in_force().update(cumulative=1),
    "The table of a confirmation is changed with its digest": lambda k: confirmation_in_force().update(
        **forged(confirmation_in_force().get().table)
    ),
    "A confirmation is deleted": lambda k: confirmation_in_force().delete(),
    "A confirmation is moved to after the deadline": lambda k: confirmation_in_force().update(
        at=f.at("2020-08-20 17:45")
    ),
    "A withdrawn confirmation is put in force again": lambda k: withdrawn_confirmation().update(
        withdrawn_at=None, withdrawn_by=None, withdrawal_reason=""
    ),
    "A confirmation is withdrawn with an earlier date": lambda k: confirmation_in_force().update(
        withdrawn_at=f.at("2020-08-20 18:00"), withdrawn_by=k.district_clerk, withdrawal_reason="Nhầm"
    ),
    "A confirmation is inserted with an earlier date": lambda k: acts.sign_off(
        unit=k.district,
        day=DAY,
        versions=acts.versions_below(k.district, DAY),
        **f.stamp(k.district_clerk, f.at("2020-08-21 18:10")),
    ),
    "A seal is deleted": lambda k: Seal.objects.all().delete(),
    "The digest of a seal is changed": lambda k: Seal.objects.update(digest="0" * 64),
    "The table of a seal is changed with its digest": lambda k: Seal.objects.update(**forged(Seal.objects.get().table)),
    "A seal is moved within its day, past a report that counted": lambda k: Seal.objects.update(
        at=f.at("2020-08-21 06:00")
    ),
    "A seal is inserted with an earlier date": lambda k: acts.seal(
        unit=k.city, day=DAY, reason="Bổ sung", **f.stamp(k.city_clerk, f.at("2020-08-21 20:00"))
    ),
    # Requests, reopenings, reminders.
    "A waiting request is deleted": lambda k: LateRequest.objects.filter(decision="").delete(),
    "An accepted request is marked as declined": lambda k: LateRequest.objects.filter(decision="accepted").update(
        decision="declined"
    ),
    "A request is withdrawn with an earlier date": lambda k: LateRequest.objects.filter(decision="").update(
        withdrawn_at=f.at("2020-08-21 18:00")
    ),
    "A reopening is deleted": lambda k: Reopening.objects.all().delete(),
    "A reminder is deleted": lambda k: Reminder.objects.all().delete(),
    "A difficulty that was sent up is deleted": lambda k: PassedUp.objects.all().delete(),
    # Accounts and tokens.
    "A viewer is made a clerk": lambda k: User.objects.filter(pk=k.leader.pk).update(is_viewer=False),
    "An officer is made an administrator": lambda k: User.objects.filter(pk=k.officer.pk).update(is_superuser=True),
    "An account is closed": lambda k: User.objects.filter(pk=k.stranger_officer.pk).update(is_active=False),
    "A password is replaced": lambda k: User.objects.filter(pk=k.officer.pk).update(password=k.leader.password + "x"),
    "An account is inserted": lambda k: f.make_user("stranger2", k.city),
    "The end of a token is postponed": lambda k: Token.objects.update(expires_at=f.at("2031-08-20 08:00")),
    # What the city sets up.
    "An exempt day is deleted": lambda k: ExemptDay.objects.all().delete(),
    "An exempt day is inserted with an earlier date": lambda k: f.make_exempt_day(k.agency, DAY),
    "An extension is deleted": lambda k: Extension.objects.all().delete(),
    "A downtime is deleted": lambda k: Downtime.objects.all().delete(),
    "The target of an order is changed": lambda k: Directive.objects.filter(number="2/CV").update(target_share="0.5"),
    "An order is withdrawn with an earlier date": lambda k: f.withdraw(
        Directive.objects.get(number="2/CV"), f.at("2020-08-21 12:00")
    ),
    "The withdrawal of a reorganisation is deleted": lambda k: Reorganisation.objects.update(
        withdrawn_at=None, withdrawal_reason=""
    ),
    "The deadline of a unit is changed": lambda k: UnitHour.objects.update(report_deadline="16:30"),
    "A population is changed": lambda k: BaseFigure.objects.filter(unit=k.commune).update(population=9999),
    "A population is inserted with an earlier date": lambda k: f.make_base(
        k.agency, population=70, effective_on=DAY + timedelta(days=1)
    ),
    "A unit's name is changed": lambda k: UnitName.objects.filter(unit=k.commune).update(name="Đằng Lâm"),
    "A unit's path is changed": lambda k: Unit.objects.filter(pk=k.stranger.pk).update(path="31/306/11470/"),
    "A unit is put below another superior": lambda k: Unit.objects.filter(pk=k.stranger.pk).update(parent=k.district),
    "The name by which a unit is found is changed": lambda k: Unit.objects.filter(pk=k.commune.pk).update(
        name_folded="cat bi"
    ),
    "An open unit is closed on a sealed day": lambda k: Unit.objects.filter(pk=k.stranger.pk).update(
        closed_on=SEALED, successor=k.commune
    ),
    "The successor of a merged unit is changed": lambda k: Unit.objects.filter(code="11475").update(
        successor=k.commune
    ),
    "The installs that a unit got in a split are changed": lambda k: Unit.objects.filter(handed_over=5).update(
        handed_over=6
    ),
    "The text of a reorganisation is changed": lambda k: Reorganisation.objects.update(table="11416"),
    "A figure of the ministry is changed": lambda k: OfficialFigure.objects.update(value=700),
    "An entry of the access record is deleted": lambda k: AccessRecord.objects.all().delete(),
    "An ended cover is put in force again": lambda k: Cover.objects.update(ended_at=None, ended_by=None),
}
# Changes of the guards, with the triggers in place.
GUARDS = {
    "A trigger is dropped": lambda k: execute(
        f"DROP TRIGGER append_only_reporting_seal_delete{' ON reporting_seal' * (connection.vendor != 'sqlite')}"
    ),
    "A trigger is switched off (PostgreSQL)": lambda k: execute(
        "ALTER TABLE reporting_seal DISABLE TRIGGER append_only_reporting_seal_delete"
    ),
    "A trigger is limited to replicas (PostgreSQL)": lambda k: execute(
        "ALTER TABLE reporting_seal ENABLE REPLICA TRIGGER append_only_reporting_seal_delete"
    ),
    "A trigger is replaced by one with its name that does nothing": replace_by_nothing,
    "A trigger is replaced by one with its name that protects only one column": replace_by_one_column,
    "The function of the triggers is replaced by one that does nothing (PostgreSQL)": lambda k: execute(
        f"CREATE OR REPLACE {SILENT.format('reporting_append_only')}"
    ),
    "A foreign trigger changes inserted rows": add_another,
    "A rule turns changes into nothing (PostgreSQL)": lambda k: execute(
        "CREATE RULE quiet AS ON UPDATE TO reporting_report WHERE OLD.installs = -1 DO INSTEAD NOTHING"
    ),
    "Row security hides rows (PostgreSQL)": lambda k: execute("ALTER TABLE reporting_seal ENABLE ROW LEVEL SECURITY"),
    "A role writes as a replica, without triggers (PostgreSQL)": lambda k: execute(
        "ALTER ROLE CURRENT_USER SET session_replication_role = replica"
    ),
    "A unique index is dropped": lambda k: execute("DROP INDEX sign_off_one_standing_for_a_unit_and_day"),
    "A foreign key is changed to a row that does not exist": lambda k: report_of(k.agency).update(unit=987654),
}


@pytest.fixture
def yesterday(full_city, tmp_path):
    """The ledger of the next morning, and the codes of the night and of the newest seal's paper."""
    path = tmp_path / "ledger"
    _tables, days = ledger.write(path, MORNING)
    return path, days[DAY], list(sealed_table.seal_chain(full_city.city.pk).values())[-1]


def findings(yesterday, *, but=()):
    """The checks that find something, the ledger if it does, and the chain codes that no longer match."""
    path, night, paper = yesterday
    checks = {name: check for name, (_title, check) in verification.CHECKS.items() if name not in but}
    found = {name for name, check in checks.items() if list(check())}
    _tables, days = ledger.write(None, MORNING)
    papers = [code for top in Unit.objects.tops() for code in sealed_table.seal_chain(top.pk).values()]
    outside = {
        "ledger": list(ledger.compare_ledger(path)),
        "night": night not in days.values(),
        "paper": paper not in papers,
    }
    return [name for name in NAMES if name in found or outside.get(name)]


def documented():
    """The documented table: what detects each kind of tampering."""
    rows = re.findall(r"^\| \d+ \| (.+?) \| (.+?) \|$", TABLE.read_text(encoding="utf-8"), re.M)
    return {words: [] if names == "–" else names.split(", ") for words, names in rows}


def test_there_is_something_in_every_table_of_the_ledger(full_city):
    assert [name for name, model in ledger.models_by_table().items() if not model.objects.exists()] == []


def test_unchanged_database_has_no_findings(yesterday):
    assert findings(yesterday) == []


@pytest.mark.matrix  # slow
def test_every_tampering_is_found_as_the_table_says(full_city, yesterday, subtests):
    expected = documented()
    assert list(expected) == [*TAMPERINGS, *GUARDS]
    for words, play in (TAMPERINGS | GUARDS).items():
        if "(PostgreSQL)" in words and connection.vendor != "postgresql":
            continue
        with subtests.test(words), undone():
            if words in TAMPERINGS:
                triggers.remove()
            play(full_city)
            if words in TAMPERINGS:
                triggers.install()
            # The check of the guards takes half of the time and reads no figure, so it runs only where the table names
            # it.
            names = findings(yesterday, but=[] if "guards" in expected[words] else ["guards"])
            assert names, words
            assert names == expected[words]
