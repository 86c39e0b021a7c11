"""Odd numbers, user names and telephones: form, grid and file make the same of each."""

from pathlib import Path

import pytest

from reporting import imports
from reporting.days import state
from reporting.figures import standings
from reporting.forms.figures import EntryRow, GridLine
from reporting.forms.people import NewPersonForm
from reporting.forms.report import ReportForm
from reporting.imports import KINDS, Sent
from reporting.imports.plan import BadCell, figure
from reporting.models import Unit, User

from .. import factories as f, odd_input, sheets
from ..clerk import read_table
from ..prepared import undone
from ..some import some

NOON = f.at("2020-08-21 12:00")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "odd-input.md"


def _read(form, name):
    """The field's value; None if it is no number. The limits of a unit are tested elsewhere."""
    form.full_clean()
    if {error.code for error in form.errors.as_data().get(name, [])} & {"not_a_number", "too_large"}:
        return None
    return form.fields[name].clean(form.data[form.add_prefix(name)])


def by_the_form(cast):
    def read(typed):
        form = ReportForm({"installs": typed, "opening": "0"}, unit=cast.commune, day=f.DAY, at=NOON, user=cast.officer)
        return _read(form, "installs")

    return read


def by_the_grid(cast):
    unit = Unit.objects.named(f.DAY).get(pk=cast.commune.pk)
    known = {
        "state": state.day_state(cast.commune, f.DAY, at=NOON),
        "standing": standings.standing_of(cast.commune, f.DAY),
        "revisions": {},
        "yesterday": None,
        "waiting": None,
        "is_allowed": True,
    }
    line = GridLine(unit=unit, day=f.DAY, **known)

    def read(typed):
        row = EntryRow({"11416-installs": typed, "11416-opening": "0"}, line=line, user=cast.district_clerk, at=NOON)
        return _read(row, "installs")

    return read


def by_a_file(cast):
    typed = list(odd_input.NUMBERS)
    rows = [["11416", f.DAY, number] for number in typed]
    book = sheets.workbook(["Mã đơn vị", "Ngày", "Mới"], *rows)
    table, _source = read_table(KINDS["reports"], book, "a.xlsx")
    cells = dict(zip(typed, (line.cells.get("daily") for line in table.lines), strict=True))

    def read(number):
        try:
            return figure(cells[number])
        except BadCell:
            return None

    return read


@pytest.mark.parametrize("way", [by_the_form, by_the_grid, by_a_file])
def test_number_is_the_same_through_every_way_in(way, cast, subtests):
    read = way(cast)
    for typed, becomes in odd_input.NUMBERS.items():
        with subtests.test(typed=typed):
            assert read(typed) == becomes


def name_by_the_page(cast, **typed):
    typed = {"new_username" if name == "username" else name: value for name, value in typed.items()}
    fields = {"unit": cast.commune.pk, "last_name": "Lê", "first_name": "An", "phone": "", **typed}
    form = NewPersonForm(fields, by=cast.district_clerk, at=NOON)
    return form.cleaned_data.get("phone" if "phone" in typed else "new_username") if form.is_valid() else None


def name_by_a_file(cast, **typed):
    keys = {"username": "Tên đăng nhập", "phone": "Điện thoại"}
    head = ["Mã đơn vị", "Họ và tên", *(keys[key] for key in typed)]
    people = KINDS["people"]
    table, _source = read_table(people, sheets.workbook(head, ["11416", "Lê An", *typed.values()]), "a.xlsx")
    sent = Sent(by=cast.district_clerk, at=NOON, source="x", options={"seed": "x"}, address=None)
    if imports.preview(people, table, sent).errors:
        return None
    with undone():
        known = set(User.objects.values_list("pk", flat=True))
        imports.apply(people, table, sent, now=lambda: NOON)
        person = User.objects.exclude(pk__in=known).get()
    return person.phone if "phone" in typed else person.username


@pytest.mark.parametrize("way", some([name_by_the_page, name_by_a_file], [name_by_the_page]))
def test_user_name_is_the_same_through_every_way_in(way, cast, subtests):
    for typed, becomes in odd_input.NAMES.items():
        with subtests.test(typed=typed):
            assert way(cast, username=typed) == becomes


@pytest.mark.parametrize("way", some([name_by_the_page, name_by_a_file], [name_by_the_page]))
def test_telephone_is_the_same_through_every_way_in(way, cast, subtests):
    for typed, is_one in odd_input.PHONES.items():
        with subtests.test(typed=typed):
            assert way(cast, username="canbo.x", phone=typed) == (typed if is_one else None)


def test_tables_are_long_enough_and_printed():
    assert min(len(odd_input.NUMBERS), len(odd_input.NAMES)) >= 40
    assert PAGE.read_text() == odd_input.as_markdown() + "\n"
