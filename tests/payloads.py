"""Malicious texts, and every field of the product that can hold one.

`TYPED` and `NOT_TYPED` name all text that is stored. A model with a new text field needs a line here, and a record with
it in `fill`; otherwise the tests fail. Each field's text ends with its own mark, so that it can be found again.
"""

from datetime import timedelta

from django.apps import apps
from django.db import models

from reporting import acts, imports
from reporting.files.spreadsheets import CONTROLS
from reporting.models import AccessRecord, BaseFigure, Import, ImportFile, Seal, Unit, UnitName, User

from . import clerk, factories as f
from .sheets import csv

BEFORE = f.DAY - timedelta(days=1)
SCRIPT, IMAGE, LINK = "<script>hit()</script>", '"><img src=x onerror=hit()>', '=HYPERLINK("http://x","y")'
ATTRIBUTE, OVERRIDE, MANY = "' onfocus=hit() autofocus x='", "\u202etlahb\u202c", "W" * 10_000
PAYLOADS = {
    "script": SCRIPT,
    "image": IMAGE,
    "attribute": ATTRIBUTE,
    "formula": LINK,
    "plus": "+1",
    "minus": "-1",
    "at": "@SUM(1)",
    "tab": "\t=1+1",
    "NUL": "a\x00=1",
    "right to left": OVERRIDE,
    "10,000 characters": MANY,
}
MARK = 3  # characters

# Every text that is stored, and what it is; the words after a dash say why nobody types it.
TYPED = [
    *("UnitName.name", "UnitName.kind", "Unit.phone", "Reorganisation.source"),
    *("BaseFigure.source", "BaseFigure.explanation"),
    *("User.first_name", "User.last_name", "User.phone", "AccessRecord.by_name", "AccessRecord.detail"),
    *("Directive.number", "Directive.issuer", "Directive.title", "Directive.grounds"),
    *("ExemptDay.reason", "Extension.reason", "Downtime.reason", "Cover.reason", "ImportFile.source"),
    *("Import.source", "Import.withdrawal_reason"),
    *("UnitHour.reason", "Downtime.withdrawal_reason", "BaseFigure.withdrawal_reason", "Directive.withdrawal_reason"),
    *("ExemptDay.withdrawal_reason", "Extension.withdrawal_reason", "Reorganisation.withdrawal_reason"),
    *("UnitHour.withdrawal_reason", "UnitName.withdrawal_reason"),
    *("OfficialFigure.source", "OfficialFigure.explanation"),
    *("Report.note", "Revision.note", "Revision.reason", "Revision.paper_ref", "Revision.source"),
    *("LateRequest.note", "LateRequest.reason", "LateRequest.by_name", "LateRequest.decision_note"),
    *("Office.name", "Office.short_name", "Office.managing", "Office.phone", "Token.name"),
    *("Office.signature", "Office.signer", "Office.recipients"),
    *("Reopening.reason", "SignOff.reason", "SignOff.withdrawal_reason", "Seal.reason"),
]
NOT_TYPED = {
    "Seal.withdrawal_reason": "the product's own words: undone within ten minutes",
    "Unit.code": "capital letters, digits, point and hyphen only: CODE_PATTERN",
    "Unit.path": "made of codes",
    "Unit.sort_key": "made of the name, never shown",
    "Unit.name_folded": "made of the name, never shown",
    "User.username": "letters, digits and @.+-_ only: Django's validator",
    "User.password": "a hash",
    "User.email": "a mail address: Django's validator",
    "Revision.by_name": "the person's name, as User has it",
    "Passkey.key_id": "bytes, written by the server",
    "Passkey.device": "a name that the product gives a browser",
    "UnconfirmedReport.figures": "figures and difficulties as they were typed; never shown",
    "Office.symbol": "letters, digits, &, point and hyphen only: the form's pattern",
    "Session.session_key": "drawn by chance, with the person's number",
    "Session.session_data": "signed by the server",
    "Session.device": "a name that the product gives a browser",
    "Token.begins_with": "the beginning of a secret that was drawn",
    "Token.digest": "a hash",
    "MailChoice.address": "a mail address: Django's validator",
    "Message.key": "made of causes and numbers",
    "Message.error": "what a mail server answered; shown on no page",
    "ImportFile.kind": "one of the kinds",
    "KnownLayouts.kind": "one of the kinds",
    "KnownLayouts.layouts": "texts of a file to compare with those of another: shown on no page",
    "Import.kind": "one of the kinds",
    "Import.rows": "codes, days and versions: shown on no page",
    "Import.left": "worked out of the records when it is undone",
    "ImportFile.table": "the cells of a file: `fill` sends one that holds them",
    "ImportFile.plan": "worked out of the cells",
    "ImportFile.result": "worked out of the cells",
    "WrongPasswords.key": "hashed",
    "ImportFile.options": "what was typed beside the file: `fill` sends it",
    "Reorganisation.table": "lines of codes and names that have been planned; never shown",
    "SignOff.table": "canonical: codes and figures",
    "SignOff.digest": "hexadecimal",
    "Seal.table": "canonical: codes and figures",
    "Seal.digest": "hexadecimal",
}
OF_TEXT = (models.CharField, models.TextField, models.JSONField)


def stored_texts() -> set[str]:
    """The text fields of all models, except those chosen from a list."""
    return {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("reporting").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, OF_TEXT) and not field.choices
    }


def text_of(name: str, payload: str) -> str:
    """The payload as the field stores it: as much as fits, and its mark."""
    model, _dot, field = name.partition(".")
    longest = apps.get_model("reporting", model)._meta.get_field(field).max_length or 4000
    longest = 90 if name in ("User.first_name", "User.last_name") else longest  # histories keep 200 for both
    return f"{payload[: longest - MARK]}{TYPED.index(name):0{MARK}}"


def held(name: str) -> list[str]:
    """What the field holds now, in all its records."""
    model, _dot, field = name.partition(".")
    return list(apps.get_model("reporting", model)._base_manager.values_list(field, flat=True))


def fill(cast, payload: str) -> None:
    """Store the payload in every field that takes text, past all forms: it must be harmless however it was stored."""

    def text(name):
        return text_of(name, payload)

    evening, night = f.at("2020-08-20 17:40"), f.at("2020-08-20 19:00")
    texts = ("number", "issuer", "title", "grounds")
    f.make_directive(f.FIRST_DAY + timedelta(days=1), **{name: text(f"Directive.{name}") for name in texts})
    for unit in Unit.objects.all():
        name, kind = text("UnitName.name"), text("UnitName.kind")
        unit.rename(name=name, kind=kind, effective_on=f.FIRST_DAY, at=f.RECORDED_AT)
    Unit.objects.update(phone=text("Unit.phone"))
    for unit in (cast.commune, cast.neighbour, cast.island):
        BaseFigure.objects.create(
            unit=unit,
            population=20_000,
            effective_on=f.FIRST_DAY,
            source=text("BaseFigure.source"),
            explanation=text("BaseFigure.explanation"),
            recorded_at=f.RECORDED_AT,
            by=cast.city_clerk,
        )
    people = {name: text(f"User.{name}") for name in ("first_name", "last_name", "phone")}
    User.objects.update(**people)
    for user in (cast.officer, cast.district_clerk, cast.city_clerk, cast.stranger_officer):
        user.refresh_from_db()
    f.make_extension(cast.island, BEFORE, until=f.at("2020-08-20 17:30"), reason=text("Extension.reason"))
    f.make_exempt_day(cast.agency, f.FIRST_DAY, reason=text("ExemptDay.reason"))
    f.make_unit_hour(cast.agency, "16:30", BEFORE, reason=text("UnitHour.reason"))
    taken_back(cast, text)
    history = {name: text(f"Revision.{name}") for name in ("reason", "source")}
    for unit in (cast.commune, cast.neighbour, cast.stranger, cast.island, cast.agency):
        f.make_report(unit, BEFORE, 120, opening=500, by=cast.officer, note=text("Report.note"), **history)
    f.make_report(cast.commune, note=text("Revision.note"), by=cast.officer, **history)
    papers = {"paper_ref": text("Revision.paper_ref"), "reason": text("Revision.reason"), "now": lambda: evening}
    papers["note"] = text("Report.note")
    for unit in (cast.island, cast.agency):
        acts.enter(unit=unit, day=BEFORE, by=cast.city_clerk, at=evening, base_version=1, installs=121, **papers)
    acts.seal(unit=cast.city, day=BEFORE, reason="Sớm", by=cast.city_clerk, at=evening, now=lambda: evening)
    sealed = Seal.objects.get()
    same = {"table": sealed.table, "digest": sealed.digest}
    f.make_seal(cast.city, cast.city_clerk, BEFORE, at=night, reason=text("Seal.reason"), **same)
    stamp = {"by": cast.district_clerk, "at": night, "now": lambda: night}
    acts.adjust(unit=cast.neighbour, day=BEFORE, adjustment=-3, reason=text("Revision.reason"), base_version=1, **stamp)
    waiting = {"received_at": night, "note": text("LateRequest.note"), "reason": text("LateRequest.reason")}
    for unit, by in ((cast.commune, cast.officer), (cast.stranger, cast.stranger_officer)):
        request = f.make_late_request(unit, by, BEFORE, base_version=1, **waiting)
        with f.without_triggers():
            type(request).objects.filter(pk=request.pk).update(by_name=text("LateRequest.by_name"))
    decided = {"decided_at": night, "decided_by": cast.district_clerk, "decision": "declined"}
    f.make_late_request(
        cast.neighbour, cast.officer, BEFORE, decision_note=text("LateRequest.decision_note"), **decided, **waiting
    )
    opened = {"opened_at": f.at("2020-08-21 09:00"), "until": f.at("2020-08-22 19:00"), "is_return": True}
    f.make_reopening(cast.commune, cast.district_clerk, reason=text("Reopening.reason"), **opened)
    f.make_sign_off(cast.district, cast.district_clerk, BEFORE, at=night, reason=text("SignOff.reason"))
    withdrawn = {"withdrawn_at": night, "withdrawn_by": cast.other_clerk}
    f.make_sign_off(
        cast.other_district,
        cast.other_clerk,
        BEFORE,
        at=evening,
        withdrawal_reason=text("SignOff.withdrawal_reason"),
        **withdrawn,
    )
    of_file = {"kind": "reports", "source": text("Import.source"), "count": 1, "recorded_at": evening}
    of_file |= {"withdrawal_reason": text("Import.withdrawal_reason"), **withdrawn}
    Import.objects.create(unit=cast.district, by=cast.district_clerk, **of_file)
    for unit, value in ((cast.city, 900), (cast.district, 700), (cast.commune, 300), (cast.neighbour, 200)):
        f.make_official(
            unit, value, BEFORE, source=text("OfficialFigure.source"), explanation=text("OfficialFigure.explanation")
        )
    f.make_reorganisation(source=text("Reorganisation.source"), by=cast.city_clerk)
    f.make_cover(
        cast.neighbour, cast.officer, cast.district_clerk, f.DAY, f.DAY + timedelta(days=9), reason=text("Cover.reason")
    )
    AccessRecord.objects.create(
        at=f.at("2020-08-21 09:00"),
        kind="refused",
        by_name=text("AccessRecord.by_name"),
        detail=text("AccessRecord.detail"),
    )
    names = ("name", "short_name", "managing", "phone", "signature", "signer", "recipients")
    f.make_office(cast.city, **{name: text(f"Office.{name}") for name in names})
    f.make_token(cast.city, cast.city_clerk, name=text("Token.name"))
    f.make_message(cast.city_clerk, tries=1)
    keep_file(cast, payload)


def taken_back(cast, text) -> None:
    """One record of each kind that the city can withdraw."""
    moments = {"starts_at": f.at("2020-08-20 10:00"), "ends_at": f.at("2020-08-20 10:05")}
    named = {"name": "Sở khác", "effective_on": f.DAY + timedelta(days=9), "recorded_at": f.RECORDED_AT}
    for record in (
        f.make_downtime(**moments, reason=text("Downtime.reason")),
        f.make_directive(f.FIRST_DAY + timedelta(days=2), number="9/CV"),
        f.make_exempt_day(cast.agency, BEFORE),
        f.make_extension(cast.agency, BEFORE, until=f.at("2020-08-20 17:30")),
        f.make_unit_hour(cast.agency, "16:00", BEFORE),
        f.make_base(cast.agency, population=7_000, effective_on=BEFORE),
        f.make_reorganisation(by=cast.city_clerk),
        UnitName.objects.create(unit=cast.agency, **named),
    ):
        words = text(f"{type(record).__name__}.withdrawal_reason")
        f.withdraw(record, f.at("2020-08-20 10:30"), by=cast.city_clerk, reason=words)


def keep_file(cast, payload: str) -> ImportFile:
    """A file of reports between preview and act, with the payload in its name and cells."""
    kind = imports.KINDS["reports"]
    shown = CONTROLS.sub("", payload)[:400]  # a CSV file with one is refused
    cell = '"' + shown.replace('"', '""') + '"'  # as Excel writes a cell with quotes or line feeds
    rows = [(cell, cell, "20/08/2020", "5", cell), ("11416", "", cell, cell, "")]
    book = imports.open_book(csv(("Mã đơn vị", "Đơn vị", "Ngày", "Số mới cài", "Ghi chú"), *rows), "a.csv")
    table, at, options = clerk.table_of(kind, book), f.at("2020-08-21 15:30"), {"reason": shown}
    source = text_of("ImportFile.source", payload)
    plan = imports.preview(kind, table, imports.Sent(by=cast.city_clerk, at=at, source=source, options=options))
    return ImportFile.objects.create(
        kind=kind.name,
        source=source,
        table=book.packed(),
        options=options,
        plan=plan.packed(),
        sent_at=at,
        by=cast.city_clerk,
    )
