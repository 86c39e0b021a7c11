"""Files made to harm, by kind: each comes from reading our reader and the libraries that it uses.

A new limit needs a new kind here; docs/hostile-files.md measures them.
"""

import re

from reporting.files.cells import LONGEST_TEXT

from .. import sheets

PLAIN = sheets.workbook(["Đơn vị", 1])
MB = 1024 * 1024
PARTS = {
    "sheet": "xl/worksheets/sheet1.xml",
    "book": "xl/workbook.xml",
    "styles": "xl/styles.xml",
    "relations": "xl/_rels/workbook.xml.rels",
    "types": "[Content_Types].xml",
}


def changed(**parts) -> bytes:
    """The plain workbook, its parts changed by functions of their text, or replaced by other texts."""
    changes = {name: (lambda _text, xml=part: xml) if isinstance(part, str) else part for name, part in parts.items()}
    return sheets.repacked(PLAIN, changed={PARTS[name]: change for name, change in changes.items()})


def into(mark: str, xml: str):
    """Put the XML before the mark."""
    return lambda text: text.replace(mark, f"{xml}{mark}", 1)


def with_formats(*codes: str) -> bytes:
    formats = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(codes))

    def these_alone(text: str) -> str:
        without = re.sub(r"<numFmts.*?</numFmts>|<numFmts[^>]*/>", "", text)
        return into("<fonts", f"<numFmts>{formats}</numFmts>")(without)

    return changed(styles=these_alone)


def with_columns(columns: str) -> bytes:
    return changed(sheet=into("<sheetData", f"<cols>{columns}</cols>"))


def with_cells(xml: str) -> bytes:
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return changed(sheet=f"{head}{xml}</sheetData></worksheet>")


def with_texts(xml: str) -> bytes:
    """Add shared strings, which openpyxl does not write here."""
    part = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{xml}</sst>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    known = into("</Relationships>", f'<Relationship Id="t1" Type="{kind}" Target="sharedStrings.xml"/>')
    content = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    named = into("</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{content}"/>')
    changes = {PARTS["relations"]: known, PARTS["types"]: named}
    return sheets.repacked(PLAIN, changed=changes, added={"xl/sharedStrings.xml": part})


def merged(area: str, times: int) -> str:
    return "<mergeCells>" + f'<mergeCell ref="{area}"/>' * times + "</mergeCells>"


def with_many_sheets_of_one_part() -> bytes:
    space = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'

    def in_the_book(text):
        key = re.search(r'r?:?id="(rId\d+)"', text)[1]
        more = "".join(f'<sheet name="{n}" sheetId="{n + 2}" r:id="{key}"/>' for n in range(49))
        return into("</sheets>", more)(text).replace("<workbook", f"<workbook {space}", 1)

    return changed(book=in_the_book, sheet=into("<sheetData", " " * (50 * MB)))


def with_relation(about: str) -> bytes:
    return changed(relations=into("</Relationships>", f'<Relationship Type="a/sharedStrings" {about}/>'))


REFUSED = {
    "one long text": lambda: with_cells(f'<row r="1"><c r="A1" t="str"><v>{"1" * (LONGEST_TEXT + 1)}</v></c></row>'),
    "a million nested elements": lambda: with_texts("<si>" * 1_000_001),
    "a million sheets": lambda: changed(book=into("</sheets>", '<sheet name="a" sheetId="2"/>' * 999_000)),
    "fifty sheets of one part": with_many_sheets_of_one_part,
    "an element of a million and a half attributes": lambda: changed(
        sheet=into("<sheetData", "<x " + " ".join(f'a{n}=""' for n in range(1_500_000)) + "/>")
    ),
    "merged areas one over the other": lambda: with_cells(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="20000"><c r="OJ20000"><v>1</v></c></row></sheetData>'
        f"{merged('A1:OJ20000', 100)}<sheetData>"
    ),
    "numbers of many digits": lambda: with_cells(f'<row r="{"9" * 4000}"><c><v>{"9" * 30_000}</v></c></row>'),
    "encoding that nobody writes": lambda: changed(sheet=lambda text: f'<?xml version="1.0" encoding="zip"?>{text}'),
    "marks in CSV": lambda: ("mã,a\n" + "a" + "\u0301\u0327" * 40_000).encode(),
    "five million columns of CSV": lambda: b"," * (5 * MB - 10) + b"a",
    "one quote in CSV": lambda: b'a,b\n"' + b"x" * (4 * MB),
    "half a million formats": lambda: with_formats(*["0.0"] * 500_000),
    "a million empty cells": lambda: with_cells(f'<row r="1">{"<c/>" * 1_000_001}</row>'),
    "span of columns from far below zero": lambda: with_columns('<col min="-999999999" max="400" hidden="1"/>' * 9),
    "a value of 60 MB": lambda: changed(sheet=into("<sheetData", f'<x a="{"y" * (60 * MB)}"/>')),
    "a comment of 60 MB": lambda: changed(sheet=into("<sheetData", f"<!--{'<' * (60 * MB)}-->")),
}
HARMLESS = {
    "shared text of 60 million line feeds": lambda: with_texts(f"<si><t>{chr(10) * (60 * MB)}</t></si>"),
    "10 million entities in one text": lambda: with_texts(f"<si><t>{'&lt;' * (10 * MB)}</t></si>"),
    "format of a million brackets": lambda: with_formats("[" * 1_500_000),
    "format of a million quotes": lambda: with_formats("&quot;[" * 1_000_000),
    "100,000 spans of columns": lambda: with_columns('<col min="1" max="400" hidden="1"/>' * 100_000),
    "60 million line feeds between the rows": lambda: with_cells("\n" * (60 * MB)),
    "dimension of the whole sheet": lambda: changed(
        sheet=lambda text: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', text)
    ),
    "link to another workbook": lambda: with_relation('Id="e1" TargetMode="External" Target="file:///etc/passwd"'),
    "part outside the archive": lambda: with_relation('Id="e2" Target="../../../etc/passwd"'),
    "formulas that ask for the network": lambda: changed(
        sheet=into("</sheetData>", '<row r="9"><c r="A9"><f>WEBSERVICE("http://x")</f><v>1</v></c></row>')
    ),
    "DOCTYPE without entities": lambda: changed(sheet=into("<worksheet", '<!DOCTYPE w SYSTEM "file:///etc/passwd">')),
    "archive in a workbook": lambda: sheets.repacked(PLAIN, added={"xl/embeddings/a.zip": PLAIN}),
    "five million line feeds of CSV": lambda: b"a\n" + b"\n" * (5 * MB - 10),
}
