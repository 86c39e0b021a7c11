"""Whatever is done to the records past the product is named: by `verify` alone, or by the ledger of the day before.

The table is docs/tampering.md. Each line of it is played here on one small city, with the triggers lifted, and undone.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F

from reporting import acts, triggers
from reporting.figures import sealed_table, verification
from reporting.figures.verification import ledger
from reporting.models import (
    AccessRecord,
    BaseFigure,
    Cover,
    DaySum,
    Directive,
    Downtime,
    ExemptDay,
    ExplanationRequest,
    Extension,
    OfficialFigure,
    Reorganisation,
    Report,
    Revision,
    Seal,
    SignOff,
    Unit,
    UnitHour,
    UnitName,
    Withdrawal,
)
from tests.prepared import prepared, undone

from .. import factories as f

TABLE = Path(__file__).parents[2] / "docs" / "tampering.md"
SEALED, DAY = f.DAY - timedelta(days=1), f.DAY  # the first is confirmed and sealed, the second is not yet
FREE = f.DAY - timedelta(days=4)  # nobody reported
NAMES = [*verification.CHECKS, "ledger"]
TAMPERINGS = {}


def tampering(words, *, on=None, lifts=True):
    """A way of changing the records past the product, as docs/tampering.md calls it; `on` one database alone."""

    def register(play):
        TAMPERINGS[words] = (lifted(play) if lifts else play, on)
        return play

    return register


def lifted(play):
    """The triggers are away while it is done, and back when somebody looks."""

    def played(kept):
        triggers.remove()
        play(kept)
        triggers.install()

    return played


@prepared
def kept(cast):
    """Something in every table: a day that is sealed, one that is not, and all that is recorded beside reports."""
    for day, hour in ((SEALED, "2020-08-20"), (DAY, "2020-08-21")):
        f.make_report(cast.commune, day, installs=30, opening=500, by=cast.officer, note="Mạng yếu")
        f.make_report(cast.neighbour, day, installs=7, opening=100, households_visited=4)
        versions = acts.versions_below(cast.district, day)
        signed = _stamp(cast.district_clerk, f"{hour} 17:20")
        acts.sign_off(unit=cast.district, day=day, versions=versions, **signed)
    f.make_report(cast.agency, installs=9, opening=5000)
    acts.seal(unit=cast.city, day=SEALED, **_stamp(cast.city_clerk, "2020-08-21 07:00"))
    corrected = _stamp(cast.district_clerk, "2020-08-21 18:00")
    acts.enter(unit=cast.neighbour, day=DAY, installs=8, reason="Đếm lại", base_version=1, **corrected)
    f.make_extension(cast.other_district)
    f.make_exempt_day(cast.stranger, DAY)
    f.make_downtime(starts_at=f.at("2020-08-22 09:00"), ends_at=f.at("2020-08-22 10:00"))
    f.make_directive(f.DAY + timedelta(days=9), number="2/CV")
    f.make_unit_hour(cast.other_district, "16:00", f.DAY + timedelta(days=1))
    f.withdraw(f.make_reorganisation(), f.at("2020-08-21 20:00"), by=cast.city_clerk)
    f.make_official(cast.district, 600)
    asked = f.make_explanation_request(cast.district, cast.city_clerk)
    answered = {"answer": "Đếm theo hộ", "answered_at": f.at("2020-08-21 19:00"), "answered_by": cast.district_clerk}
    ExplanationRequest.objects.filter(pk=asked.pk).update(**answered)
    f.make_office(cast.city)
    f.make_emblem(cast.city)
    f.make_access_record(cast.officer)
    cover = f.make_cover(cast.neighbour, cast.officer, cast.district_clerk)
    Cover.objects.filter(pk=cover.pk).update(ended_at=f.at("2020-08-21 18:00"), ended_by=cast.district_clerk)
    return cast


@pytest.fixture
def old(kept):
    """The ledger of the next morning, as its file says it."""
    return ledger.read("".join(ledger.lines(ledger.taken(f.at("2020-08-22 08:00")))))


def _stamp(by, moment):
    return {"by": by, "at": f.at(moment), "now": lambda: f.at(moment)}


def named_by(old, *, but=()):
    """The checks that find something, and the ledger if it does."""
    checks = {name: check for name, (_title, check) in verification.CHECKS.items() if name not in but}
    found = {name for name, check in checks.items() if list(check(lambda done, total: None))}
    return [name for name in NAMES if name in found or (name == "ledger" and list(ledger.against(old)))]


def written():
    """What the table says: who names it, by what is done."""
    rows = re.findall(r"^\| \d+ \| (.+?) \| (.+?) \|$", TABLE.read_text(encoding="utf-8"), re.M)
    return {words: [] if names == "–" else names.split(", ") for words, names in rows}


def test_there_is_something_in_every_table_that_is_only_added_to(kept):
    models = [apps.get_model("reporting", name) for name in triggers.APPEND_ONLY]
    assert [model.__name__ for model in models if not model.objects.exists()] == []


def test_nothing_is_named_where_nothing_was_done(old):
    assert named_by(old) == []


@pytest.mark.matrix  # dear
def test_every_tampering_is_named_by_whom_the_table_says(kept, old, subtests):
    said = written()
    assert list(said) == list(TAMPERINGS)
    for words, (play, on) in TAMPERINGS.items():
        if on in (None, connection.vendor):
            with subtests.test(words), undone():
                play(kept)
                # The guards are as dear as all the rest together, and see nothing of a figure: only where they speak.
                names = named_by(old, but=[] if "guards" in said[words] else ["guards"])
                assert names, words
                assert names == said[words]


# Reports, which are what their revisions say.


def report_of(unit, day=DAY):
    return Report.objects.filter(unit=unit, day=day)


def steps_of(unit, day=DAY):
    return Revision.objects.filter(report__unit=unit, report__day=day)


@tampering("The installs of a report are changed")
def _(kept):
    report_of(kept.commune).update(installs=31)


@tampering("The households of a report are changed")
def _(kept):
    report_of(kept.neighbour).update(households_visited=5)


@tampering("The difficulties of a report are changed")
def _(kept):
    report_of(kept.commune).update(note="Không có")


@tampering("A report is made late")
def _(kept):
    report_of(kept.commune).update(is_late=True)


@tampering("The arrival of a report is moved within its day")
def _(kept):
    report_of(kept.commune).update(received_at=f.at("2020-08-21 09:00"))


@tampering("The cumulative of an old day is changed")
def _(kept):
    report_of(kept.commune, SEALED).update(cumulative=531)


@tampering("The cumulative of the newest day is changed")
def _(kept):
    report_of(kept.commune).update(cumulative=561)


@tampering("The version of a report is raised")
def _(kept):
    report_of(kept.commune).update(version=2)


@tampering("A report is moved to a day that nobody reported")
def _(kept):
    report_of(kept.agency).update(day=FREE)


@tampering("A report is moved to the day after")
def _(kept):
    report_of(kept.agency).update(day=DAY + timedelta(days=1))


@tampering("A report is given to another unit")
def _(kept):
    report_of(kept.agency).update(unit=kept.stranger)


@tampering("A report of a day that is not sealed is deleted with its history")
def _(kept):
    steps_of(kept.commune).delete()
    report_of(kept.commune).delete()


@tampering("A report is deleted, its history left")
def _(kept):
    report_of(kept.agency)._raw_delete("default")


@tampering("A report is put in without a history")
def _(kept):
    Report.objects.create(unit=kept.stranger, day=DAY, installs=5, cumulative=5, received_at=f.at("2020-08-21 10:00"))


@tampering("A report is put in with a history, dated back, on a day that is not sealed")
def _(kept):
    f.make_report(kept.stranger, DAY, installs=5, opening=50)


@tampering("A day is counted twice: by its report and by a later one that covers it")
def _(kept):
    report_of(kept.commune).update(covers_from=SEALED)
    steps_of(kept.commune).update(covers_from=SEALED)


# Revisions, which are only added to.


def recount(unit, day, installs):
    """Another figure, in all copies of it."""
    change = installs - report_of(unit, day).get().installs
    steps_of(unit, day).update(installs=installs, delta=F("delta") + change)
    report_of(unit, day).update(installs=installs)
    Report.objects.filter(unit=unit, day__gte=day).update(cumulative=F("cumulative") + change)


@tampering("A figure of a sealed day is changed in all its copies")
def _(kept):
    recount(kept.commune, SEALED, 31)


@tampering("A figure of a day that is neither sealed nor confirmed is changed in all its copies")
def _(kept):
    recount(kept.agency, DAY, 10)


@tampering("The difficulties are changed in the report and in its history")
def _(kept):
    report_of(kept.commune).update(note="")
    steps_of(kept.commune).update(note="")


@tampering("The reason of a correction is changed")
def _(kept):
    steps_of(kept.neighbour).filter(number=2).update(reason="Khác")


@tampering("Another name is put below a revision")
def _(kept):
    steps_of(kept.commune).update(by_name="Người khác")


@tampering("Another account is put below a revision")
def _(kept):
    steps_of(kept.commune).update(by=kept.neighbour_officer)


@tampering("The arrival is moved within the day, in the report and in its history")
def _(kept):
    report_of(kept.commune).update(received_at=f.at("2020-08-21 09:00"))
    steps_of(kept.commune).update(received_at=f.at("2020-08-21 09:00"))


@tampering("A late report is made one in time, in the report and in its history")
def _(kept):
    report_of(kept.commune).update(is_late=True)
    steps_of(kept.commune).update(is_late=True)


@tampering("A revision is made to count from earlier the same day")
def _(kept):
    steps_of(kept.neighbour).filter(number=2).update(
        counted_at=f.at("2020-08-21 17:59"), received_at=f.at("2020-08-21 17:59")
    )


@tampering("A revision is made to count from before it arrived")
def _(kept):
    steps_of(kept.agency).update(counted_at=f.at("2020-08-21 09:00"))


@tampering("A revision is made to count from before the one that it follows")
def _(kept):
    steps_of(kept.neighbour).filter(number=2).update(
        counted_at=f.at("2020-08-21 09:00"), received_at=f.at("2020-08-21 08:00")
    )


@tampering("A revision of a sealed day is made to count from after the seal")
def _(kept):
    steps_of(kept.commune, SEALED).update(counted_at=f.at("2020-08-21 08:00"))


@tampering("The first revision of two is deleted")
def _(kept):
    steps_of(kept.neighbour).filter(number=1).delete()


@tampering("The last revision is deleted and the report put back to the one before")
def _(kept):
    steps_of(kept.neighbour).filter(number=2).delete()
    report_of(kept.neighbour).update(installs=7, cumulative=F("cumulative") - 1, version=1)


@tampering("A revision is put in, dated back, and the report moved to it")
def _(kept):
    first = steps_of(kept.agency).get()
    first.pk, first.number, first.installs, first.delta, first.kind = None, 2, 10, 1, "correction"
    first.save()
    report_of(kept.agency).update(installs=10, cumulative=F("cumulative") + 1, version=2)


@tampering("The change that a revision says is not that of its figures")
def _(kept):
    steps_of(kept.agency).update(delta=10)


@tampering("A revision of a daily report is called one of an opening report")
def _(kept):
    steps_of(kept.agency).update(kind="opening")


@tampering("A revision of an opening report is called an own one")
def _(kept):
    Revision.objects.filter(report__kind="opening", report__unit=kept.agency).update(kind="own")


@tampering("A revision with figures is called a void")
def _(kept):
    steps_of(kept.neighbour).filter(number=2).update(kind="void")


@tampering("A revision that changes the installs is called an adjustment")
def _(kept):
    steps_of(kept.neighbour).filter(number=2).update(kind="adjustment")


@tampering("A correction makes a report late that was in time")
def _(kept):
    steps_of(kept.neighbour).filter(number=2).update(is_late=True)
    report_of(kept.neighbour).update(is_late=True)


# Confirmations and seals.


def forged(text):
    """The table with another figure, and the digest that fits it."""
    changed = text.replace(" 30 ", " 31 ")
    assert changed != text
    return {"table": changed, "digest": sealed_table.digest(changed)}


def standing():
    return SignOff.objects.filter(day=SEALED)


def withdrawn():
    return SignOff.objects.filter(day=DAY)


@tampering("The sum of a confirmation is changed")
def _(kept):
    standing().update(cumulative=1)


@tampering("A confirmation in time is marked as late")
def _(kept):
    standing().update(is_after_deadline=True)


@tampering("The table of a confirmation is changed")
def _(kept):
    standing().update(table=forged(standing().get().table)["table"])


@tampering("The table of a confirmation is changed with its digest")
def _(kept):
    standing().update(**forged(standing().get().table))


@tampering("A confirmation is deleted")
def _(kept):
    standing().delete()


@tampering("A confirmation is moved within its day")
def _(kept):
    standing().update(at=f.at("2020-08-20 17:10"))


@tampering("A confirmation is moved to after its hour")
def _(kept):
    standing().update(at=f.at("2020-08-20 17:45"))


@tampering("A confirmation that was withdrawn is made to stand")
def _(kept):
    withdrawn().update(withdrawn_at=None, withdrawn_by=None, withdrawal_reason="")


@tampering("The reason of a withdrawal is changed")
def _(kept):
    withdrawn().update(withdrawal_reason="Khác")


@tampering("A confirmation is withdrawn, dated back")
def _(kept):
    at = f.at("2020-08-20 18:00")
    standing().update(withdrawn_at=at, withdrawn_by=kept.district_clerk, withdrawal_reason="Nhầm")


@tampering("A confirmation is put in, dated back")
def _(kept):
    versions = acts.versions_below(kept.district, DAY)
    acts.sign_off(unit=kept.district, day=DAY, versions=versions, **_stamp(kept.district_clerk, "2020-08-21 18:10"))


@tampering("A seal is deleted")
def _(kept):
    Seal.objects.all().delete()


@tampering("The digest of a seal is changed")
def _(kept):
    Seal.objects.update(digest="0" * 64)


@tampering("The table of a seal is changed with its digest")
def _(kept):
    Seal.objects.update(**forged(Seal.objects.get().table))


@tampering("A seal is moved within its day")
def _(kept):
    Seal.objects.update(at=f.at("2020-08-21 06:00"))


@tampering("A seal is said to be somebody else's")
def _(kept):
    Seal.objects.update(by=None)


@tampering("A seal is put in, dated back")
def _(kept):
    acts.seal(unit=kept.city, day=DAY, **_stamp(kept.city_clerk, "2020-08-21 20:00"))


# What the city sets up.


@tampering("An exempt day is deleted")
def _(kept):
    ExemptDay.objects.all().delete()


@tampering("An exempt day is moved to another day")
def _(kept):
    ExemptDay.objects.update(day=FREE)


@tampering("An exempt day is put in, dated back")
def _(kept):
    f.make_exempt_day(kept.agency, DAY)


@tampering("An extension is deleted")
def _(kept):
    Extension.objects.all().delete()


@tampering("The hour of an extension is moved within its day")
def _(kept):
    Extension.objects.update(until=f.at("2020-08-21 20:00"))


@tampering("A downtime is deleted")
def _(kept):
    Downtime.objects.all().delete()


@tampering("The target of an order is changed")
def _(kept):
    Directive.objects.filter(number="2/CV").update(target_share="0.5")


@tampering("The hour of an order is changed")
def _(kept):
    Directive.objects.filter(number="2/CV").update(report_deadline="16:30")


@tampering("An order is withdrawn, dated back")
def _(kept):
    f.withdraw(Directive.objects.get(number="2/CV"), f.at("2020-08-21 12:00"))


@tampering("The withdrawal of a reorganisation is deleted")
def _(kept):
    Withdrawal.objects.all().delete()


@tampering("A withdrawal is moved within its day")
def _(kept):
    Withdrawal.objects.update(recorded_at=f.at("2020-08-21 21:00"))


@tampering("The hour of a unit is changed")
def _(kept):
    UnitHour.objects.update(report_deadline="16:30")


@tampering("A population is changed")
def _(kept):
    BaseFigure.objects.filter(unit=kept.commune).update(population=9999)


@tampering("A population is put in, dated back")
def _(kept):
    f.make_base(kept.agency, population=70, effective_on=DAY + timedelta(days=1))


@tampering("A unit's name is changed")
def _(kept):
    UnitName.objects.filter(unit=kept.commune).update(name="Đằng Lâm")


@tampering("A unit's path is changed")
def _(kept):
    Unit.objects.filter(pk=kept.stranger.pk).update(path="31/306/11470/")


@tampering("A unit is put below another superior")
def _(kept):
    Unit.objects.filter(pk=kept.stranger.pk).update(parent=kept.district)


@tampering("A unit is found by another name than its own")
def _(kept):
    Unit.objects.filter(pk=kept.commune.pk).update(name_folded="cat bi")


@tampering("A unit that is there is made to be closed on a sealed day")
def _(kept):
    Unit.objects.filter(pk=kept.stranger.pk).update(closed_on=SEALED, successor=kept.commune)


@tampering("The text of a reorganisation is changed")
def _(kept):
    Reorganisation.objects.update(table="11416")


@tampering("A figure of the ministry is changed")
def _(kept):
    OfficialFigure.objects.update(value=700)


@tampering("A figure of the ministry is deleted")
def _(kept):
    OfficialFigure.objects.all().delete()


@tampering("An explanation that was given is changed")
def _(kept):
    ExplanationRequest.objects.update(answer="Khác")


@tampering("A line of the access record is deleted")
def _(kept):
    AccessRecord.objects.all().delete()


@tampering("A cover that has ended is made to go on")
def _(kept):
    Cover.objects.update(ended_at=None, ended_by=None)


# The guards themselves.


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def guard(words, *, on=None):
    return tampering(words, on=on, lifts=False)


def replaced(event, rest):
    """The trigger of seals, under its name, with another text."""
    table = " ON reporting_seal" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER append_only_reporting_seal_{event}{table}")
    execute(f"CREATE TRIGGER append_only_reporting_seal_{event} {rest}")


@guard("A trigger is dropped")
def _(kept):
    execute(f"DROP TRIGGER append_only_reporting_seal_delete{' ON reporting_seal' * (connection.vendor != 'sqlite')}")


@guard("A trigger is switched off (PostgreSQL)", on="postgresql")
def _(kept):
    execute("ALTER TABLE reporting_seal DISABLE TRIGGER append_only_reporting_seal_delete")


@guard("A trigger is left to replicas alone (PostgreSQL)", on="postgresql")
def _(kept):
    execute("ALTER TABLE reporting_seal ENABLE REPLICA TRIGGER append_only_reporting_seal_delete")


@guard("A trigger is replaced by one of its name that does nothing")
def _(kept):
    nothing = "BEGIN SELECT 1; END" if connection.vendor == "sqlite" else NEVER
    replaced("delete", f"BEFORE DELETE ON reporting_seal {nothing}")


@guard("A trigger is replaced by one of its name that lets one column through")
def _(kept):
    only_day = 'OLD."day" IS NOT NEW."day"'
    if connection.vendor == "sqlite":
        rest = f"WHEN {only_day} BEGIN SELECT RAISE(ABORT, 'append-only: reporting_seal'); END"
    else:
        rest = "FOR EACH ROW WHEN (OLD.day IS DISTINCT FROM NEW.day) EXECUTE FUNCTION reporting_append_only()"
    replaced("update", f"BEFORE UPDATE ON reporting_seal {rest}")


NEVER = "FOR EACH ROW WHEN (false) EXECUTE FUNCTION reporting_append_only()"
SILENT = "FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$"


@guard("The function of the triggers is replaced by one that does nothing (PostgreSQL)", on="postgresql")
def _(kept):
    execute(f"CREATE OR REPLACE {SILENT.format('reporting_append_only')}")


@guard("A trigger of somebody else's changes what is put in")
def _(kept):
    if connection.vendor == "sqlite":
        execute(
            "CREATE TRIGGER other AFTER INSERT ON reporting_report BEGIN UPDATE reporting_report SET note = ''; END"
        )
    else:
        execute(f"CREATE {SILENT.format('other')}")
        execute("CREATE TRIGGER other BEFORE INSERT ON reporting_report FOR EACH ROW EXECUTE FUNCTION other()")


@guard("An index that keeps rows from standing twice is dropped")
def _(kept):
    execute("DROP INDEX sign_off_one_standing_for_a_unit_and_day")


@guard("A key is made to point nowhere")
def _(kept):
    report_of(kept.agency).update(unit=987654)


# The sums that are kept.


@tampering("A sum that is kept of a superior's day is changed")
def _(kept):
    DaySum.objects.filter(superior=kept.district, day=DAY).update(cumulative=F("cumulative") + 1)


@tampering("A sum that is kept of a superior's day is deleted")
def _(kept):
    DaySum.objects.filter(superior=kept.district, day=DAY).delete()


@guard("A trigger that keeps the sums is dropped")
def _(kept):
    execute(f"DROP TRIGGER day_sums_reporting_report_insert{' ON reporting_report' * (connection.vendor != 'sqlite')}")


@guard("A function that keeps the sums is replaced by one that does nothing (PostgreSQL)", on="postgresql")
def _(kept):
    execute(f"CREATE OR REPLACE {SILENT.format('reporting_day_sums')}")
