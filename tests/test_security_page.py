"""docs/security.md: its figures equal those of the code, and every test and section that it names exists."""

import re

from django.conf import global_settings
from django.contrib.auth.password_validation import CommonPasswordValidator

import bluezone_report.settings as product
from reporting import gate, outbox
from reporting.figures import discipline
from reporting.files import cells, separate_process, spreadsheets, xlsx
from reporting.forms import imports, people
from reporting.imports.kinds import people as people_file
from reporting.models.imports import LIFE
from reporting.people import accounts, wrong_passwords
from reporting.text import parsing

PAGE = (product.BASE_DIR / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_file_and_section_that_is_named_is_there():
    files = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE)) | {
        f"docs/{name}" for name in re.findall(r"\]\(([\w-]+\.md)\)", PAGE)
    }
    assert len(files) > 50
    assert [name for name in files if not (product.BASE_DIR / name).exists()] == []
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.*)$", PAGE, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) - headings == set()


def test_page_prints_the_lanes():
    lanes = [line for line in PAGE.splitlines() if line.count("|") == 6 and line.removeprefix("| ")[0].islower()]
    printed = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lanes]
    table = [(one.name, one.threads, one.near_the_hour, one.each, one.waiting) for one in gate.LANES]
    assert [row for row in printed if row[1].isdecimal()] == [tuple(map(str, row)) for row in table]
    assert f"Of one unit and day, {gate.UNIT_AND_DAY} requests of the first lane" in PAGE


def megabytes(size):
    return f"{size / 1024**2:g} MB"


def test_page_tells_the_figures_of_the_settings():
    said = [
        f"wrong passwords in a browser | {wrong_passwords.FREE} of a name, {wrong_passwords.FREE_OF_A_BROWSER} of any, "
        f"then each further try waits twice as long, {wrong_passwords.LONGEST_WAIT.seconds} seconds at most; "
        f"forgotten after {wrong_passwords.FORGOTTEN.seconds // 60} minutes |",
        "wrong passwords from an address, in any browsers | {} of a name, {} of any, ".format(
            *wrong_passwords.FREE_AT_AN_ADDRESS
        )
        + f"then one try in {wrong_passwords.PACE.seconds} seconds |",
        f"from a wider network | {wrong_passwords.WIDER} times as many in a /24, of IPv6 in a /56; "
        f"{wrong_passwords.WIDER**2} times in a /48 |",
        f"has signed in before | {wrong_passwords.FREE_ON_A_DEVICE}, then as on any other device |",
        f"codes by mail to one person | {outbox.MOST_CODES} in an hour |",
        f"people that a file names | {people_file.MOST_PEOPLE} |",
        f"one-time password | {accounts.SERVES.days} days |",
        f"session | {product.SESSION_LASTS.seconds // 3600} hours; of the city and administrators "
        f"{product.IDLE_LASTS.seconds // 60} minutes without use |",
        f"| {megabytes(product.DATA_UPLOAD_MAX_MEMORY_SIZE)}, "
        f"{global_settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields |",
        f"body of a request with a file | {megabytes(product.BODY_LONGEST)}, more is not read",
        f"| {imports.MOST_KEPT}, for {LIFE.seconds // 3600} hour |",
        f"days of a workbook or a record of lateness | {discipline.LONGEST} |",
        f"days of a cover | {people.LONGEST_COVER} |",
        f"At most {megabytes(spreadsheets.MAX_BYTES)} as sent; a workbook at most {xlsx.MAX_MEMBERS} "
        f"parts, {megabytes(xlsx.MAX_UNZIPPED)} unpacked, {xlsx.MAX_SHEETS} sheets, "
        f"{cells.MAX_ROWS:,} rows and {cells.MAX_COLUMNS} columns, {cells.MAX_CELLS:,} filled",
        f"with {separate_process.SECONDS} seconds of CPU and {megabytes(separate_process.MEMORY)}",
        f"10 characters at least and {people.LONGEST_PASSWORD} at most",
        f"one of Django's {len(CommonPasswordValidator().passwords):,} breached passwords",
        f"more than {product.PASSWORD_SERVES.seconds // 60} minutes ago",
        f"at most {parsing.MAX_DIGITS} digits",
    ]
    assert [words for words in said if words not in PAGE] == []
