"""One truth: what a page shows, a workbook prints and the interface answers is the same, cell by cell."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from openpyxl import load_workbook

from reporting import acts
from reporting.figures import rollup
from tests import factories as f
from tests.figures.test_ranges import named, tell
from tests.prepared import prepared
from tests.views.visits import frozen

from .reading import asked, read

EVENING = "2020-08-21 18:00"
PRINTED = [("31", ""), ("31", "?as_of=seal"), ("306", ""), ("11416", ""), ("SYT", "")]
HEAD_ROWS, FIRST_LINE = (7, 8), 9
# A cell of the official workbook, and the same in an answer.
OF_RESIDENTS = {
    "Số máy cài mới": "installs",
    "Điều chỉnh": "adjustment",
    "Lũy kế": "cumulative",
    "Dân số": "population",
    "Tỷ lệ trên dân số": "share",
    "Chỉ tiêu": "target",
    "Còn thiếu": "missing_to_target",
    "Số hộ mới": "households",
}
OF_AGENCIES = {"CBCCVC, NLĐ": "population", "Tỷ lệ trên số CBCCVC, NLĐ": "share"}
OF_THE_PAGE = ["installs", "cumulative", "share", "population", "target", "missing_to_target", "households"]


@prepared
def told(cast):
    tell(cast)
    moment = f.at("2020-08-21 17:10")
    acts.seal(unit=cast.city, day=f.DAY, by=None, at=moment, now=lambda: moment)
    return cast


def token(cast):
    return f.make_token(cast.city, cast.city_clerk)


def sheets(client, code, query=""):
    """Of the tables of the day's workbook: the lines by the unit's name, each cell under its head."""
    book = load_workbook(
        io.BytesIO(client.get(f"/units/{code}/workbook/2020-08-21.xlsx{query}").content), data_only=True
    )
    for sheet in book.worksheets:
        cells = [[sheet.cell(row, column).value for row in HEAD_ROWS] for column in range(1, sheet.max_column + 1)]
        heads = [low or high for high, low in cells]
        if "Lũy kế" in heads and heads[1] in ("Đơn vị", "Cơ quan, đơn vị") and "Chỉ tiêu" in heads:
            yield (
                heads[1],
                [
                    dict(zip(heads, line, strict=True))
                    for line in sheet.iter_rows(min_row=FIRST_LINE, values_only=True)
                    if line[1] and "Lũy kế" in heads and line[heads.index("Lũy kế")] is not None
                ],
            )


@pytest.mark.matrix  # dear
def test_workbook_prints_what_the_interface_answers(told, subtests):
    secret, client = token(told), Client()
    with frozen(EVENING):
        client.force_login(told.city_clerk)
    for code, query in PRINTED:
        with subtests.test(code=code, query=query):
            answer = asked(secret, f"units/{code}/days/2020-08-21{query}", moment=EVENING)
            of_residents = [answer["own"], *answer["children"]]
            by_name = {row["name"]: row for row in [*of_residents, *answer["agencies"]]}
            compared = 0
            with frozen(EVENING):
                found = list(sheets(client, code, query))
            for head, lines in found:
                names = OF_RESIDENTS if head == "Đơn vị" else OF_RESIDENTS | OF_AGENCIES
                total = answer["own"] if head == "Đơn vị" or code == "SYT" else answer["agency_total"]
                for line in lines:
                    row = total if line[head] == "Tổng cộng" else by_name.get(line[head])
                    if row is None:
                        continue  # a commune in the city's table by commune, which no answer of the city's names
                    printed = {name: line[cell] for cell, name in names.items() if cell in line}
                    assert printed == {name: row[name] for name in printed}, line[head]
                    compared += len(printed)
            assert compared >= 7


def test_page_shows_what_the_interface_answers(told, subtests):
    secret, client = token(told), Client()
    for code in ("31", "306", "311"):
        with subtests.test(code=code), frozen(EVENING):
            client.force_login(told.city_clerk)
            page = client.get(f"/units/{code}/?day=2020-08-21")
            answer = asked(secret, f"units/{code}/days/2020-08-21", moment=EVENING)
            tables = [(page.context["table"], answer["children"], answer["own"])]
            if "agency_table" in page.context:
                tables.append((page.context["agency_table"], answer["agencies"], answer["agency_total"]))
            for table, rows, total in tables:
                by_code = {row["code"]: row for row in rows}
                *shown, pinned = [record.record for record in table.rows]
                assert sorted(row.code for row in shown) == sorted(by_code)
                for row in shown:
                    said = by_code[row.code]
                    assert {name: number(getattr(row, name)) for name in OF_THE_PAGE} == {
                        name: said[name] for name in OF_THE_PAGE
                    }
                assert {name: number(getattr(pinned, name)) for name in OF_THE_PAGE} == {
                    name: total[name] for name in OF_THE_PAGE
                }
            assert answer["not_reported"] == [row.code for row in page.context["figures"].not_reported]


def number(value):
    return float(value) if value is not None and not isinstance(value, int) else value


def test_days_are_those_of_the_rollup_whichever_way_they_are_read(told):
    secret = token(told)
    by_page, cursor = [], ""
    while cursor is not None:
        address = f"units/31/days?from=2020-08-06&to=2020-08-21&limit=5{cursor and '&cursor=' + cursor}"
        answer = asked(secret, address, moment=EVENING)
        by_page += answer["days"]
        cursor = answer["next"]
    assert [then["day"] for then in by_page] == [f"2020-08-{day:02}" for day in range(6, 22)]

    file = b"".join(read(secret, "units/31/days.csv?from=2020-08-06&to=2020-08-21", moment=EVENING).streaming_content)
    lines = [line | {"day": then["day"]} for then in by_page for line in then["lines"]]
    found = list(csv.DictReader(io.StringIO(file.decode())))
    assert {(line.pop("as_of"), line.pop("seal")) for line in found} == {("2020-08-21T18:00:00+07:00", "")}
    assert found == [{name: written(line[name]) for name in found[0]} for line in lines]

    city = named(told.city)
    for then in by_page:
        rows = rollup.rows(city, f.FIRST_DAY + timedelta(days=int(then["day"][-2:]) - 6))
        assert {line["unit"]: line["cumulative"] for line in then["lines"]} == {
            row.code: row.cumulative for row in rows.by_code.values() if row.is_reporting
        }
        assert (then["total"]["cumulative"], then["total"]["share"]) == (rows.own.cumulative, float(rows.own.share))


def written(value):
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
