"""A clerk who confirms what the step “Tệp này là gì” offers, and says what it asks."""

from dataclasses import asdict

from reporting import imports
from reporting.imports import layout, proposal
from reporting.imports.columns import columns_by_head
from reporting.imports.layout import SheetTable

from . import factories as f


def said(kind, book, *, near=f.DAY, sheets=None, **answers):
    """The layouts of a book. `sheets` has the columns of each sheet that is read, or None of one that is not."""
    if own := proposal.own_layouts(kind, book, near):
        return {name: {**one, "day": one["day"] or answers.get("day", "")} for name, one in own.items()}
    layouts = {}
    for name, offered in proposal.proposals(kind, book, near).items():
        sheet = next(one for one in book.sheets if one.name == name)
        given = (sheets or {}).get(name, {})
        offered.is_read = given is not None
        if "head" in answers:
            by_head = columns_by_head(kind)
            offered.columns = proposal.offered_columns(kind, sheet, answers["head"], by_head, near)
        offered.columns |= given or {}
        offered.opening = layout.WITH
        for field, value in answers.items():
            setattr(offered, field, value)
        table = SheetTable(sheet, offered, kind, near)
        if kind.is_of_reports and not offered.day and "day" not in answers:
            in_heads = [n for n, m in table.columns.items() if m in layout.OF_A_DAY and table.day_of_column(n)]
            days = [day for day, _words in proposal.offered_days(sheet, offered, book, near)]
            offered.day = layout.BY_HEADS if in_heads else days[0] if days else ""
        layouts[name] = offered
    whole = [name for name, one in layouts.items() if not lacks(kind, book, one, name, near)]
    for name, one in layouts.items():
        one.is_read = one.is_read and (name in whole or not whole or name in (sheets or {}))
    return {name: asdict(one) for name, one in layouts.items()}


def lacks(kind, book, offered, name, near):
    sheet = next(one for one in book.sheets if one.name == name)
    return [one for one in SheetTable(sheet, offered, kind, near).questions() if one.field == "columns"]


def table_of(kind, book, *, near=f.DAY, **answers):
    return imports.table_of(kind, book, said(kind, book, near=near, **answers), near=near)


def answers(page, **typed):
    """What the page of the step shows as chosen, and what is typed."""
    form = page.context["form"]
    shown = {field.html_name: field.value() for field in form if field.value() not in (None, "", False, [])}
    days = {
        name: next((value for value, _words in field.field.choices if value not in ("other", "lines")), "")
        for name, field in ((one["day"].html_name, one["day"]) for one in form.parts if "day" in one)
        if name not in shown
    }
    beside = {"opening": "with", "measure": 1}
    return {name: value for name, value in (beside | shown | days | typed).items() if value is not None}


def read_table(kind, data, name, **answers):
    """The table and source of a file, all of whose questions the clerk has answered."""
    book = imports.open_book(data, name)
    table = table_of(kind, book, **answers)
    assert table.questions == [], table.questions
    return table, imports.source_of(book)
