"""The nightly check names every direct change of the database, and nothing else."""

import hashlib
import io
import lzma
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from reporting import acts, clock, triggers
from reporting.figures import ledger, sealed_table, verification
from reporting.models import Message, Report, Revision, Seal, SignOff, Unit, User
from reporting.text import formatting
from tests.prepared import prepared

from .. import factories as f

BEFORE = f.DAY - timedelta(days=1)
SIGNED, SEALED, NEXT = (f.at(f"2020-08-21 {hour}") for hour in ("17:20", "17:40", "18:00"))


@prepared
def two_days(cast):
    """Two days of Hải An, the second confirmed and sealed; then a correction, which is allowed."""
    f.make_report(cast.commune, BEFORE, installs=20, opening=500)
    f.make_report(cast.commune, installs=30)
    f.make_report(cast.neighbour, installs=7, opening=100)
    f.make_report(cast.agency, installs=9, opening=5000)
    versions = acts.versions_below(cast.district, f.DAY)
    acts.sign_off(
        unit=cast.district, day=f.DAY, versions=versions, by=cast.district_clerk, at=SIGNED, now=lambda: SIGNED
    )
    acts.seal(unit=cast.city, day=f.DAY, reason="Sớm", by=cast.city_clerk, at=SEALED, now=lambda: SEALED)
    stamp = {"by": cast.district_clerk, "at": NEXT, "now": lambda: NEXT}
    acts.enter(unit=cast.neighbour, day=f.DAY, installs=8, reason="Đếm lại", base_version=1, **stamp)
    return cast


def problems():
    """The findings by check; checks without findings are left out."""
    found = {name: list(check()) for name, (_title, check) in verification.CHECKS.items()}
    return {name: words for name, words in found.items() if words}


def today_of(unit):
    return Report.objects.filter(unit=unit, day=f.DAY)


# Reports and their revisions.


def steps_of(unit):
    return Revision.objects.filter(report__in=today_of(unit))


SYT, OF_11407 = "SYT 21/08/2020: ", "11407 21/08/2020: "


@pytest.mark.parametrize(
    ("done", "said", "also"),
    [
        (
            lambda two_days: today_of(two_days.agency).update(installs=90, note="Khác", received_at=SIGNED),
            [
                SYT + "nhận lúc 17:20:00 21/08/2020, các lần gửi cho thấy 10:00:00 21/08/2020",
                SYT + "số máy cài mới là 90, lần gửi cuối ghi 9",
                SYT + "khó khăn, vướng mắc là Khác, lần gửi cuối ghi ",
            ],
            {"cumulatives", "now_and_then"},
        ),
        (
            lambda two_days: today_of(two_days.agency).update(covers_from=BEFORE, holds_from=BEFORE),
            [SYT + f"{words} ngày là 2020-08-20, lần gửi cuối ghi None" for words in ("gộp từ", "lũy kế gộp từ")],
            set(),
        ),
        (
            lambda two_days: steps_of(two_days.agency).delete(),
            [SYT + "không có lần gửi nào"],
            {"now_and_then", "seals"},
        ),
        (
            lambda two_days: steps_of(two_days.neighbour).filter(number=1).delete(),
            [
                OF_11407 + "các lần gửi không phải từ 1 đến 2",
                OF_11407 + "lần gửi 2 ghi thay đổi 1, tính theo số liệu là 8",
                OF_11407 + "nhận lúc 10:00:00 21/08/2020, các lần gửi cho thấy 18:00:00 21/08/2020",
            ],
            {"now_and_then", "sign_offs", "seals"},
        ),
        (
            lambda two_days: steps_of(two_days.agency).update(delta=10),
            [SYT + "lần gửi 1 ghi thay đổi 10, tính theo số liệu là 9"],
            {"now_and_then", "seals"},  # figures as of an instant are sums of changes
        ),
    ],
    ids=["figures", "days", "no revision", "a revision less", "change"],
)
def test_report_that_is_not_what_its_revisions_say(done, said, also, two_days):
    with f.without_triggers():
        done(two_days)
    found = problems()
    assert (found["histories"], set(found)) == (said, {"histories"} | also)


# Cumulative figures.


def test_cumulatives_that_are_not_the_sums(two_days):
    """On an old day, on the newest (also compared with the history), and in a unit's first report."""
    for unit, day, field, wrong in (
        (two_days.commune, BEFORE, "cumulative", 521),
        (two_days.commune, f.DAY, "cumulative", 552),
        (two_days.commune, f.DAY, "households_so_far", 3),
        (two_days.neighbour, f.FIRST_DAY - timedelta(days=1), "cumulative", 101),
    ):
        Report.objects.filter(unit=unit, day=day).update(**{field: wrong})
    assert problems() == {
        "cumulatives": [
            "11416 20/08/2020: lũy kế là 521, cộng các báo cáo là 520",
            "11416 21/08/2020: lũy kế là 552, cộng các báo cáo là 550",
            "11416 21/08/2020: số hộ đã đến vận động (lũy kế) là 3, cộng các báo cáo là 0",
            "11407 05/08/2020: lũy kế là 101, cộng các báo cáo là 100",
        ],
        "now_and_then": [
            "31 ngày 21/08/2020: Lũy kế hiện tại là 660, theo lịch sử là 658",
            "306 ngày 21/08/2020: Lũy kế hiện tại là 660, theo lịch sử là 658",
            "11416 ngày 21/08/2020: Lũy kế hiện tại là 552, theo lịch sử là 550",
        ],
    }


# Confirmations and seals.


def test_figure_changed_in_history_is_named_by_the_confirmation_and_the_seal(two_days):
    with f.without_triggers():
        Revision.objects.filter(report__in=today_of(two_days.commune)).update(installs=31, delta=31)
    today_of(two_days.commune).update(installs=31, cumulative=551)  # and made to look right
    sign_off = "xác nhận số liệu ngày của 306 ngày 21/08/2020, lúc 17:20:00 21/08/2020"
    seal = "bản chốt của 31 ngày 21/08/2020, lúc 17:40:00 21/08/2020"
    of_units = {"31": (37, 657), "306": (37, 657), "11416": (30, 550)}

    def said(fixed, codes):
        return [
            f"{fixed}: {code}, {name} đã ghi {figure}, tính lại là {figure + 1}"
            for code in codes
            for name, figure in zip(("Số máy cài mới", "Lũy kế"), of_units[code], strict=True)
        ]

    assert problems() == {"sign_offs": said(sign_off, ["306", "11416"]), "seals": said(seal, of_units)}


# The guards.


def rule(model, name):
    return next(rule for rule in [*model._meta.constraints, *model._meta.indexes] if rule.name == name)


def others(model, gone):
    rules = model._meta.indexes if gone in model._meta.indexes else model._meta.constraints
    return [rule for rule in rules if rule is not gone]


@contextmanager
def editing_tables():
    """SQLite remakes the table without triggers, as `migrate` does."""
    with connection.schema_editor() as editor:
        yield editor
    triggers.install()


@contextmanager
def without(model, name):
    """The database without one of the model's rules; SQLite remakes the table for it."""
    gone = rule(model, name)
    kind = "index" if gone in model._meta.indexes else "constraint"
    with pytest.MonkeyPatch.context() as patch, editing_tables() as editor:
        patch.setattr(model._meta, "indexes" if kind == "index" else "constraints", others(model, gone))
        getattr(editor, f"remove_{kind}")(model, gone)
    yield
    with editing_tables() as editor:
        getattr(editor, f"add_{kind}")(model, gone)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Report, "report_installs_not_negative"),
        pytest.param(Report, "report_day_unit", marks=pytest.mark.matrix),
        pytest.param(Unit, "unit_code_holds_no_separator_or_wildcard", marks=pytest.mark.matrix),
    ],
)
def test_constraint_that_is_missing(model, name):
    with without(model, name):
        assert problems() == {"guards": [f"thiếu ràng buộc {name}"]}
    assert problems() == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("model", "name", "changed", "words"),
    [
        pytest.param(Unit, "code", {"unique": False}, "reporting_unit.code UNIQUE", marks=pytest.mark.matrix),
        (Report, "unit", {"db_constraint": False}, "reporting_report.unit_id REFERENCES reporting_unit"),
    ],
)
def test_rule_of_a_field_that_is_missing(model, name, changed, words):
    field = model._meta.get_field(name)
    _name, _path, arguments, options = field.deconstruct()
    other = type(field)(*arguments, **{**options, **changed})
    other.set_attributes_from_name(name)
    other.model = model
    if field.is_relation:
        other.remote_field.model = field.related_model
    with editing_tables() as editor:
        editor.alter_field(model, field, other)
    found = problems()
    with editing_tables() as editor:
        editor.alter_field(model, other, field)
    assert (found, problems()) == ({"guards": [f"thiếu ràng buộc {words}"]}, {})


# The command.


def verify(*arguments):
    out, code = io.StringIO(), 0
    try:
        call_command("verify", *arguments, stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue().splitlines()


ALL_RIGHT = [
    "Trigger, ràng buộc, khóa ngoại: khớp",
    "Đơn vị và quan hệ trực thuộc: khớp",
    "Báo cáo và các lần gửi: khớp",
    "Lũy kế: khớp",
    "Mỗi ngày chỉ được tính một lần: khớp",
    "Hiện tại và theo thời điểm: khớp",
    "Các lần xác nhận: khớp",
    "Các bản chốt: khớp",
]


def pages():
    """What `verify` prints: each table's rows and digest in the ledger, and the newest chain codes."""
    tables, days = ledger.write(None, clock.now())
    [(_seal, code)] = sealed_table.seal_chain(Seal.objects.get().unit_id).items()
    return [
        "Sổ đối chiếu những gì quyết định số liệu, quyền hạn, văn bản:",
        *(f"  {table}: {count} dòng, {digest}" for table, count, digest in tables),
        f"Mã chuỗi toàn bộ dữ liệu ghi nhận đến hết ngày 21/08/2020: {days[f.DAY]}",
        f"31: Mã chuỗi các bản chốt đến 17:40:00 21/08/2020: {code}",
    ]


def test_command_says_of_every_check_that_it_agrees(two_days):
    assert verify() == (0, ALL_RIGHT + pages())
    assert len(pages()) == 3 + len(ledger.models_by_table())


def test_command_says_of_an_empty_database_that_nothing_was_proved(db):
    code, lines = verify()
    assert (code, lines[-1]) == (0, "Cơ sở dữ liệu chưa có số liệu: chưa kiểm chứng được gì.")


# The ledger.


@pytest.fixture
def morning():
    with time_machine.travel(f.at("2020-08-22 08:00"), tick=False) as clock:
        yield clock


def test_ledger_names_what_was_deleted_and_changed_since(two_days, morning, tmp_path):
    path = tmp_path / "ledger"
    assert verify("--ledger", path) == (0, [*ALL_RIGHT, *pages(), f"Đã ghi sổ đối chiếu: {path}"])
    written = path.read_bytes()
    assert verify("--only", "seals", "--against", path)[1] == [
        ALL_RIGHT[-1],
        *pages(),
        "So với sổ đối chiếu lúc 08:00:00 22/08/2020: khớp",
    ]
    seal = Seal.objects.get()
    with f.without_triggers():
        Seal.objects.all().delete()
        Revision.objects.filter(report__in=today_of(two_days.agency)).update(reason="Khác")
    code, lines = verify("--only", "guards", "--against", path, "--ledger", path)
    assert (code, lines[-4:]) == (
        1,
        [
            "So với sổ đối chiếu lúc 08:00:00 22/08/2020: 2 chỗ không khớp",
            *(line for line in lines if line.startswith("  reporting_revision ")),
            f"  reporting_seal {seal.pk} (31 21/08/2020): đã bị xóa",
            "Không ghi sổ mới: cần làm rõ những chỗ không khớp trước.",
        ],
    )
    assert lines[-3].endswith(" (SYT 21/08/2020 1 own): đã bị sửa")
    assert path.read_bytes() == written


def test_what_is_done_after_the_ledger_is_no_difference(two_days, morning, tmp_path):
    """New reports, a late withdrawal, a renamed unit: history goes on."""
    path = tmp_path / "ledger"
    verify("--only", "tree", "--ledger", path)
    morning.move_to(f.at("2020-08-22 10:00"))
    f.make_report(two_days.commune, f.DAY + timedelta(days=1), installs=4)
    two_days.commune.rename(name="Khác", kind="phường", effective_on=f.DAY, at=f.at("2020-08-22 10:00"))
    SignOff.objects.update(
        withdrawn_at=f.at("2020-08-22 10:00"), withdrawn_by=two_days.district_clerk, withdrawal_reason="Nhầm"
    )
    assert verify("--only", "tree", "--against", path, "--ledger", path)[0] == 0
    assert verify("--only", "tree", "--against", path)[0] == 0


def test_reorganisation_that_is_taken_back_and_set_anew_is_no_difference(two_days, morning, tmp_path):
    """A unit that was never open is created again with its code, elsewhere and from another day on."""
    path = tmp_path / "ledger"
    line = "action,code,name,kind,parent_code,population\nnew,11990,Mới,phường,{above},5000\n"
    set_up = {"effective_on": f.DAY + timedelta(days=9), "by": two_days.city_clerk}
    recorded = f.reorganise(line.format(above=306), at=f.at("2020-08-22 07:00"), **set_up)
    verify("--only", "tree", "--ledger", path)
    at = f.at("2020-08-22 10:00")
    morning.move_to(at)
    acts.withdraw_setting(record=recorded, reason="Nhầm", by=two_days.city_clerk, at=at, now=lambda: at)
    assert verify("--only", "tree", "--against", path, "--ledger", path)[0] == 0
    set_up["effective_on"] = f.DAY + timedelta(days=5)
    f.reorganise(line.format(above=two_days.stranger.parent.code), at=f.at("2020-08-22 11:00"), **set_up)
    assert verify("--only", "tree", "--against", path)[1][-1] == "So với sổ đối chiếu lúc 10:00:00 22/08/2020: khớp"


def text_of(path):
    return lzma.decompress(path.read_bytes()).decode()


def test_ledger_of_tables_or_columns_that_are_no_longer_there_says_so(two_days, morning, tmp_path):
    path = tmp_path / "ledger"
    verify("--only", "tree", "--ledger", path)
    body = text_of(path).replace(" day kind\n", " day kind shoe_size\n").partition("\nend ")[0] + "\n"
    path.write_bytes(lzma.compress(f"{body}end {hashlib.sha256(body.encode()).hexdigest()}\n".encode()))
    assert (
        verify("--only", "tree", "--against", path)[1][-1]
        == "  reporting_report không còn đủ các cột đã ghi trong sổ đối chiếu"
    )


def test_row_that_was_changed_until_its_digest_begins_alike_is_still_found_out(
    two_days, morning, monkeypatch, tmp_path
):
    monkeypatch.setattr(ledger, "LOCATES", 0)
    path = tmp_path / "ledger"
    verify("--only", "tree", "--ledger", path)
    with f.without_triggers():
        Revision.objects.filter(report__in=today_of(two_days.agency)).update(reason="Khác")
    assert verify("--only", "tree", "--against", path)[1][-1] == (
        "  reporting_revision: có dòng đã bị sửa, sổ đối chiếu không chỉ ra được dòng nào"
    )


def test_change_of_an_account_is_no_difference_where_a_record_says_who_made_it(two_days, morning, tmp_path):
    path = tmp_path / "ledger"
    verify("--only", "tree", "--ledger", path)
    morning.move_to(f.at("2020-08-22 10:00"))
    person = two_days.officer
    for name, value, kind in (("password", "x", "password_changed"), ("phone", "0900000000", "person_changed")):
        User.objects.filter(pk=person.pk).update(**{name: value})
        assert verify("--only", "tree", "--against", path)[0] == 1
        about = None if kind == "password_changed" else person
        f.make_access_record(person, kind, about=about, at=f.at("2020-08-22 10:00"))
        assert verify("--only", "tree", "--against", path)[0] == 0


@pytest.mark.parametrize("change", [("SYT", "SYX"), ("rows 1 ", "rows 2 "), ("bluezone", "redzone"), ("\nend ", "\n")])
def test_ledger_that_was_changed_itself_is_refused(change, two_days, morning, tmp_path):
    path = tmp_path / "ledger"
    verify("--only", "tree", "--ledger", path)
    text = text_of(path)
    assert change[0] in text
    for changed in (text.replace(*change).encode(), lzma.compress(text.encode())[:-9]):
        path.write_bytes(changed)
        with pytest.raises(CommandError, match="không phải là sổ đối chiếu, hoặc đã bị sửa"):
            verify("--against", path)


def test_ledger_that_cannot_be_read_or_written_says_so(two_days, tmp_path):
    for option in ("--against", "--ledger"):
        with pytest.raises(CommandError, match="nowhere"):
            verify("--only", "tree", option, tmp_path / "nowhere" / "ledger")


# The chains.


def test_code_proves_what_was_before_it_and_nothing_that_came_later(two_days, morning):
    night, paper = (line.rpartition(": ")[2] for line in pages()[-2:])
    codes = {night: "hết ngày 21/08/2020", formatting.in_fours(paper).upper(): "31: Mã chuỗi"}
    morning.move_to(f.at("2020-08-23 08:00"))
    f.make_report(two_days.commune, f.DAY + timedelta(days=1), installs=4)
    SignOff.objects.update(withdrawn_at=clock.now(), withdrawn_by=two_days.district_clerk, withdrawal_reason="Nhầm")
    for code, words in codes.items():
        ended, said = verify("--only", "tree", "--code", *code.split())
        assert (ended, words in said[-1], said[-1].endswith(": khớp")) == (0, True, True)
    with f.without_triggers():
        Revision.objects.filter(report__in=today_of(two_days.agency)).update(reason="Khác")
        Seal.objects.update(digest="0" * 64)
    for code in codes:
        ended, said = verify("--only", "tree", "--code", code)
        assert (ended, said[-2]) == (1, f"{''.join(code.split()).lower()}: 1 chỗ không khớp")
    assert not Message.objects.filter(kind=Message.Kind.DIFFERS).exists()
