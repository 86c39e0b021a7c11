"""Malicious stored text is plain text in every file: no formula, no control character, no name of a sheet."""

import csv as csv_module
import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from openpyxl import load_workbook

from reporting import imports
from reporting.models import UnitName
from tests import factories as f
from tests.payloads import BEFORE, LINK, PAYLOADS, fill, text_of
from tests.sheets import csv, workbook
from tests.views.visits import frozen

NIGHT = "2020-08-21 18:30"
STORED = {name: payload for name, payload in PAYLOADS.items() if name not in ("NUL", "10,000 characters")}
DIRTY = "=1+1\x01\x07\x0b\x1f\ufffe\u202e"  # what a cell cannot hold, written past all forms
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
SPOILING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\u202e]")  # what no file may hold, however it was stored
PLAIN_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*%?")
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def files(cast):
    """Every file that the product gives: who downloads it, and its address."""
    for code in ("31", "306", "11416", "SYT"):
        yield "city_clerk", f"/units/{code}/workbook/{BEFORE}.xlsx"
        yield "city_clerk", f"/units/{code}/workbook/{BEFORE}/{f.DAY}.csv"
    for code in ("31", "306"):
        yield "city_clerk", f"/units/{code}/workbook/{BEFORE}.xlsx?as_of={BEFORE}T18:00"
        yield "city_clerk", f"/units/{code}/workbook/{f.DAY}.xlsx"
        yield "city_clerk", f"/units/{code}/workbook/{BEFORE}/{f.DAY}.xlsx"
        yield "city_clerk", f"/units/{code}/paper/{BEFORE}.docx"
    for kind in imports.KINDS.values():
        yield "city_clerk", f"/imports/{kind.name}/template.xlsx"
    yield "district_clerk", "/imports/reports/template.xlsx"


def contents_by_address(cast):
    """All files, by address."""
    found, clients = {}, {"city_clerk": Client(), "district_clerk": Client()}
    with frozen(NIGHT):
        for person, client in clients.items():
            client.force_login(getattr(cast, person))
        for person, path in files(cast):
            page = clients[person].get(path)
            assert page.status_code == 200, path
            found[path] = b"".join(page)
    return found


def cells(content):
    book = load_workbook(io.BytesIO(content))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def lines(content):
    """The lines of the office's CSV, which begins with a byte order mark, or of a CSV for programs."""
    delimiter = ";" if content.startswith(b"\xef\xbb\xbf") else ","
    return list(csv_module.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def of_kind(found, *kinds):
    return {path: content for path, content in found.items() if path.partition("?")[0].endswith(kinds)}


def judge_workbook(path, content):
    for cell in cells(content):
        assert cell.data_type != "f", (path, cell.coordinate, cell.value)
        if isinstance(cell.value, str):
            assert not SPOILING.search(cell.value), (path, cell.coordinate)
        assert cell.hyperlink is None, (path, cell.coordinate)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert [name for name in parts.namelist() if re.search("external|vba|connections|query", name, re.I)] == []
        for name in parts.namelist():
            if name.endswith(".xml"):
                ElementTree.fromstring(parts.read(name))
            if "externalLink" in name or name.endswith(".rels"):
                assert b'TargetMode="External"' not in parts.read(name), (path, name)


def judge_csv(path, content):
    for line in lines(content):
        for cell in line:
            is_safe = not cell.startswith(STARTS) or PLAIN_NUMBER.fullmatch(cell)
            assert is_safe, (path, cell)
            assert not SPOILING.search(cell.replace("\n", "")), (path, cell)


def judge_paper(path, content):
    text = "\n".join(node.text or "" for node in Document(io.BytesIO(content)).element.iter() if node.text)
    assert not SPOILING.search(text), path
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        body = parts.read("word/document.xml")
        assert not re.search(rb"<w:(fldSimple|hyperlink|altChunk|object)", body), path
        fields = re.findall(rb"<w:instrText[^>]*>([^<]*)<", body)
        assert {field.strip() for field in fields} <= {b"PAGE", b"NUMPAGES"}, path
    return text


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(payload, id=name, marks=() if name == "formula" else pytest.mark.matrix)
        for name, payload in {**STORED, "dirty": DIRTY}.items()
    ],
)
def test_payload_is_text_in_every_file(payload, cast):
    fill(cast, payload)
    found = contents_by_address(cast)
    for path, content in of_kind(found, ".xlsx").items():
        judge_workbook(path, content)
    for path, content in of_kind(found, ".csv").items():
        judge_csv(path, content)
    for path, content in of_kind(found, ".docx").items():
        judge_paper(path, content)


@pytest.mark.matrix  # slow
def test_files_really_hold_the_payloads(cast):
    """So that the tests above check something: the unit's name is in every file, the difficulty in the workbook."""
    fill(cast, LINK)
    found = contents_by_address(cast)
    name, note = text_of("UnitName.name", LINK), text_of("Report.note", LINK)
    for path, content in of_kind(found, ".xlsx").items():
        texts = [str(cell.value) for cell in cells(content)]
        is_bare = "/imports/" in path and not path.startswith(("/imports/reports", "/imports/base", "/imports/acc"))
        assert any(name in text for text in texts) or is_bare, path
    for path in ("/units/31/workbook/2020-08-20.xlsx", "/units/306/workbook/2020-08-20.xlsx"):
        assert [cell.data_type for cell in cells(found[path]) if cell.value == note], path
        assert {cell.data_type for cell in cells(found[path]) if note in str(cell.value)} == {"s"}
    for path, content in of_kind(found, ".csv").items():
        assert any(name in cell for line in lines(content) for cell in line), path
    for path, content in of_kind(found, ".docx").items():
        assert name.casefold() in judge_paper(path, content).casefold(), path


@pytest.mark.matrix
def test_names_of_sheets_are_never_data(cast):
    """The names are the same, whatever the units are called."""

    def names():
        books = of_kind(contents_by_address(cast), ".xlsx")
        return {path: load_workbook(io.BytesIO(content)).sheetnames for path, content in books.items()}

    f.make_report(cast.commune, BEFORE, opening=5, note="Mạng yếu", by=cast.officer)
    fill_only_names(cast, "Đằng Hải")
    plain = names()
    fill_only_names(cast, "[=1+1]/\\?*:'")
    assert names() == plain
    assert {name for of_a_book in plain.values() for name in of_a_book} >= {"Ghi chú"}


def fill_only_names(cast, text):
    for unit in (cast.city, cast.district, cast.commune, cast.agency):
        unit.rename(name=text, kind="", effective_on=f.FIRST_DAY, at=f.RECORDED_AT)


# Files that come in.


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_imported_name_is_refused_or_exported_as_text(kind, payload, cast):
    head = ("Mã đơn vị", "Tên đơn vị", "Loại", "Cấp", "Mã đơn vị cấp trên", "Dân số", "Nguồn dân số")
    row = ("99999", payload.replace("\x00", ""), "phường", "cấp xã", "306", "900", payload.replace("\x00", "")[:300])
    content = csv(head, row) if kind == "csv" else workbook(head, row)
    client = Client()
    with frozen("2020-08-21 12:00"):
        client.force_login(cast.city_clerk)
        sent = {"file": SimpleUploadedFile(f"{payload[:40]}.{kind}", content), "effective_on": "01/04/2019"}
        page = client.post("/imports/units/", sent)
        if page.status_code == 422:
            assert page.context["form"].errors["file"]
            return
        shown = client.get(page.url)
        assert shown.status_code == 200
        assert "<script>" not in shown.text
        assert "<img" not in shown.text
        digest = re.search(r'name="shown" value="(\w+)"', shown.text)
        if digest:
            assert client.post(page.url, {"shown": digest[1]}).status_code == 302
    stored = UnitName.objects.filter(unit__code="99999").values_list("name", flat=True)
    assert not any(CONTROLS.search(name) or len(name) > 150 for name in stored)
    if stored:
        f.make_directive(f.FIRST_DAY)
        with frozen(NIGHT):
            client.force_login(cast.city_clerk)
            content = client.get(f"/units/306/workbook/{f.DAY}.xlsx").content
        judge_workbook("306", content)
        assert {cell.data_type for cell in cells(content) if stored[0] in str(cell.value)} == {"s"}
    else:
        assert digest is None  # nothing in it could be recorded
