"""What each page, file and answer says about one day of a unit, in one form, so that tests can compare it with the
rows.

Each is read as people and programs read it: pages by their markup, files cell by cell. The result is a dictionary by
unit code (`agencies` for their sum) and name of the figure. A status is recognised by the words of `MARKED`, which
replace those of `text.status_marks`; a page with words of its own has no status here.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from functools import cached_property

import lxml.html
from django.test import Client
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from reporting import mails
from reporting.api import ROOT
from reporting.days.status import DayStatus
from reporting.figures import rollup
from reporting.figures.rollup import DayRollup, Row
from reporting.models import Message, Seal, Unit, User
from reporting.pages import trends
from reporting.text import formatting, status_marks
from reporting.text.status_marks import StatusStyle

from . import factories as f
from .views.visits import frozen

AGENCIES = "agencies"  # their sum, at the unit that they report to
SAID = re.compile("‹([a-z_]+)›")
FIGURES = ("installs", "cumulative", "share")
COUNTS = ("reported", "expected")
Answers = dict[tuple[str, str], object]


def marked(patch) -> dict[str, str]:
    """Replace each status by its name in angle brackets; returns the usual words."""
    words = {status: str(style.words) for status, style in status_marks.STATUSES.items()}
    for status, style in list(status_marks.STATUSES.items()):
        patch.setitem(status_marks.STATUSES, status, StatusStyle(f"‹{status}›", style.shape, style.colour))
    return words


FILES = {"bulletin", "paper", "workbook", "workbook_range", "csv_range"}


@dataclass(frozen=True)
class Visit:
    """A unit's day as people see it at a moment, now or as it was sealed; and its rows."""

    unit: Unit
    person: User
    token: str
    moment: str
    as_of: str = ""
    day = f.DAY

    @cached_property
    def at(self):
        return f.at(self.moment)

    @cached_property
    def seal(self):
        return Seal.objects.filter(day=self.day).order_by("-at").first() if self.as_of else None

    @cached_property
    def figures(self) -> DayRollup:
        return rollup.rows(self.unit, self.day, self.seal and self.seal.at, at=self.at)

    @cached_property
    def before(self) -> DayRollup:
        return rollup.earlier(self.unit, self.figures, [self.day - timedelta(days=1)])[0]

    @cached_property
    def trend(self):
        return trends.trend(self.unit, self.figures, at=self.at)

    @property
    def pace(self):
        return self.trend.pace

    @cached_property
    def client(self) -> Client:
        client = Client()
        with frozen(self.moment):
            client.force_login(self.person)
        return client

    @property
    def look(self) -> dict[str, str]:
        return {"as_of": self.as_of} if self.as_of else {}

    @property
    def moment_of_a_file(self) -> dict[str, str]:
        """Of a sealed day a file has the seal, unless the figures of now are asked for."""
        return self.look or {"as_of": "now"}

    def ask(self, name, *args, **query):
        """The response of a page or a file."""
        with frozen(self.moment):
            look = self.moment_of_a_file if name in FILES else self.look
            answer = self.client.get(reverse(f"reporting:{name}", args=[self.unit.code, *args]), look | query)
            assert answer.status_code == 200, (name, self.unit.code, answer.status_code)
            return b"".join(answer.streaming_content) if answer.streaming else answer.content

    def page(self, name, *args, **query):
        return lxml.html.fromstring(self.ask(name, *args, **query).decode())

    def book(self, *args):
        return load_workbook(io.BytesIO(self.ask(*args)), data_only=True)

    def answer(self, address, **query):
        """The API's answer."""
        with frozen(self.moment):
            headers = {"Authorization": f"Bearer {self.token}"}
            return Client().get(f"{ROOT}units/{self.unit.code}/{address}", self.look | query, headers=headers)

    @cached_property
    def codes(self) -> dict[str, str]:
        """The codes by name with kind."""
        return {row.name: row.code for row in self.figures.by_code.values()}

    @cached_property
    def truth(self) -> Answers:
        """Everything that the rows say."""
        found = {}
        rows = [(code, row, self.before.by_code.get(code)) for code, row in self.figures.by_code.items()]
        if self.figures.agency_total:
            rows.append((AGENCIES, self.figures.agency_total, self.before.agency_total))
        for code, row, before in rows:
            found |= {(code, name): value for name, value in of_row(row, before).items()}
            below = [one for one in self.figures.by_code.values() if one.is_reporting and one.path.startswith(row.path)]
            counted = Counter(one.status for one in below if one.is_agency == (row.is_agency or code == AGENCIES))
            found |= {(code, f"n {status}"): counted[status] for status in DayStatus}
            due = ("on_time", "late", "waiting", "missing")
            found[code, "days due"] = sum(counted[status] for status in due)
            found[code, "not counted"] = counted["excused"] + counted["exempt"]
        found |= {(self.unit.code, "pace"): self.pace and self.pace.kind}
        rates = {"needed": self.pace and self.pace.needed_per_day}
        rates["mean"] = self.pace and self.pace.mean is not None and formatting.per_day(self.pace.mean)
        found |= named(self.unit.code, rates)
        found |= {(self.unit.code, "is reminded"): self.figures.own.status is DayStatus.NOT_DUE_YET}
        found |= named("right below", _summed(row for row in self.right_below if row.is_reporting))
        own = {name: getattr(self.figures.own, name) for name in ("share", "installs", "not_reported")}
        silent = [row for row in self.figures.not_reported if row.code != self.unit.code]
        return found | named("chart", own) | named("tab", {"not_reported": len(silent)}) | self._asked()

    @property
    def right_below(self) -> list[Row]:
        return [*self.figures.children, *self.figures.agencies]

    def _asked(self) -> Answers:
        """Whether a report is still asked for: not sent, not waiting, not excused."""
        below = [row for row in self.figures.reporting if row.code != self.unit.code]
        asked = {
            row.code for row in below if row.not_reported and row.status not in (DayStatus.WAITING, DayStatus.EXCUSED)
        }
        counts = {"missing": len(asked), "expected": sum(row.expected for row in below)}
        return named("reminder", counts) | {(row.code, "is asked"): row.code in asked for row in below}


def of_row(row: Row, before: Row | None) -> dict[str, object]:
    names = ("installs", "adjustment", "cumulative", "share", "population", "target", "missing_to_target")
    counts = (
        "expected",
        "reported",
        "on_time",
        "late",
        "reported_excused",
        "waiting",
        "excused",
        "not_reported",
        "carried_forward",
    )
    growth = None if row.cumulative is None or before is None else row.cumulative - (before.cumulative or 0)
    return {
        **{name: getattr(row, name) for name in (*names, *counts)},
        "status": row.status,
        "before": before and before.cumulative,
        "growth": growth,
        "points": None if None in (before, row.share) or before.share is None else row.share - before.share,
        "not reported words": status_marks.not_reported_words(row),
    }


def _summed(rows) -> dict[str, int]:
    rows = list(rows)
    return {name: sum(getattr(row, name) for row in rows) for name in (*COUNTS, "late", "not_reported")}


# Reading figures.


def words(node) -> str:
    return " ".join(node.text_content().split())


def number(text: str) -> int | None:
    """1.234 is 1234, a dash is None."""
    text = text.strip()
    return None if text == formatting.NOT_KNOWN else int(text.replace(".", ""))


def share(text: str) -> Decimal | None:
    """28,99% is 0.2899."""
    text = text.strip()
    return None if text in (formatting.NOT_KNOWN, "") else Decimal(text.rstrip("%").replace(",", ".")) / 100


def points(text: str) -> Decimal:
    return Decimal(text.replace(",", ".")) / 100


def ratio(value) -> Decimal | None:
    """The share in a cell or in JSON, rounded to four places."""
    return None if value is None else round(Decimal(str(value)), 4).quantize(Decimal("0.0001"), ROUND_DOWN)


def state(text: str) -> dict[str, object]:
    """A line's words about its unit's day: a status, or how many of how many have reported."""
    if found := SAID.search(text):
        return {"status": found[1]}
    found = re.search(r"(\d+)/(\d+)", text)
    return {"reported": int(found[1]), "expected": int(found[2])} if found else {"status": None}


def named(code: str, said: dict[str, object]) -> Answers:
    return {(code, name): value for name, value in said.items()}


def labelled(line) -> dict[str, str]:
    """The cells of a table line by their labels."""
    return {cell.get("data-label"): words(cell) for cell in line.xpath("td[@data-label]")}


def one(found: list):
    assert len(found) == 1, found
    return found[0]


def pace_of(visit: Visit, text: str) -> dict[str, object]:
    """What a text says about the target: the verdict's title, with days as pages or as papers write them."""
    verdict, pace = visit.trend.verdict, visit.pace
    if pace is None:
        return {"pace": None}
    titles = [verdict.title.words(written) for written in (formatting.short_day, formatting.official_day)]
    said = {"pace": pace.kind if any(title.lower() in text.lower() for title in titles) else None}
    rates = re.search(r"mỗi ngày cần ([\d.]+) máy, hiện ([\d.]+(?:,\d)?)", text, re.IGNORECASE)
    return said | ({"needed": number(rates[1]), "mean": rates[2].rstrip(".")} if rates else {})


# The pages.


def of_units(table, total: str) -> Answers:
    """A table of units below one; the pinned row is their total."""
    said = {}
    for line in table.xpath(".//tbody/tr"):
        cells, code = labelled(line), line.get("data-code") or total
        found = {
            "installs": number(cells["Mới"]),
            "share": share(cells.get("Tỷ lệ") or cells["Tỷ lệ trên số CBCCVC, NLĐ"]),
        }
        said |= named(code, found | state(cells["Đã báo cáo"]))
    return said


def missing_of(text: str) -> dict[str, int]:
    """The numbers in a strip: "chưa báo cáo: 3, trong đó 1 chờ tiếp nhận"."""
    patterns = {
        "not_reported": r"chưa báo cáo: (\d+)",
        "waiting": r"trong đó.* (\d+) chờ tiếp nhận",
        "excused": r"trong đó.* (\d+) không tính",
    }
    found = {name: re.search(pattern, text) for name, pattern in patterns.items()}
    return {name: int(count[1]) if count else 0 for name, count in found.items()}


def unit_page(visit: Visit) -> Answers:
    page, code = visit.page("unit", day=visit.day.isoformat(), state="result"), visit.unit.code
    said = of_units(one(page.xpath("//*[@id='table']")), code)
    for table in page.xpath("//*[@id='agencies-table']"):
        said |= of_units(table, AGENCIES)
    day = day_line(visit, page)
    expected = day["expected"]
    told = words(one(page.xpath("//*[@id='day-reports']")))
    assert ("đã đủ báo cáo" in told) == (not day["not_reported"] and expected > 0)
    verdict = one(page.xpath("//section[@class='verdict']"))
    pace = one(page.xpath("//div[@class='pace']"))
    counted = words(one(pace.xpath("details[@class='counted']")))
    installed, people = re.search(r"đã cài ([\d.–]+) (?:trên ([\d.]+) dân|chưa có số dân)", counted).groups("–")
    lacking = re.search(r"còn thiếu ([\d.]+) máy", words(one(verdict.xpath("p[@class='verdict-share']"))))
    own = {
        **day,
        "share": share(words(one(verdict.xpath("p[@class='verdict-share']/strong")))),
        "cumulative": number(installed),
        "installs": number(re.search(r"mới trong ngày: ([\d.–]+)", counted)[1]),
        "target": number(re.search(r"chỉ tiêu ([\d.–]+) máy", counted)[1]),
        "population": number(people),
        **({"missing_to_target": number(lacking[1])} if lacking else {}),
    }
    own |= pace_of(visit, f"{words(verdict)} {words(pace)}")
    assert (said[code, "reported"], said[code, "expected"]) == (own["reported"], own["expected"])
    return said | named(code, own) | chart_of_days(visit, page)


PHONES = re.compile(r"([\d.–]+)(?: máy)? (?:trên ([\d.]+) dân(?: · (\S+))?|chưa có số dân)")


def day_line(visit: Visit, page) -> dict[str, object]:
    """The line of figures above each state of a superior's day."""
    reports = words(one(page.xpath("//*[@id='day-reports']")))
    phones = words(one(page.xpath("//*[@id='day-phones']")))
    installed, people, of_all = PHONES.search(phones).groups("–")
    own, late = visit.figures.own, re.search(r"(\d+) trễ", reports)
    assert (number(installed), number(people)) == (own.cumulative, own.population)
    assert share(of_all) == (own.share and ratio(own.share)), phones
    reported, expected = re.match(r"(\d+)/(\d+)", reports).groups()
    counts = {"reported": int(reported), "expected": int(expected), "late": int(late[1]) if late else 0}
    return counts | missing_of(reports)


def days_of_chart(page) -> dict[str, list[str]]:
    """The last days in the chart: by day the share, the new installs, and remarks."""
    lines = page.xpath("//figure[figcaption='Tiến độ so với chỉ tiêu']//tbody/tr")
    return {words(line.find("th")): [words(cell) for cell in line.xpath("td")] for line in lines}


def chart_of_days(visit: Visit, page) -> Answers:
    of_all, new, remarks = days_of_chart(page)[f"{visit.day:%d/%m/%Y}"]
    silent = re.search(r"(\d+) đơn vị chưa báo cáo", remarks)
    found = {"share": share(of_all), "installs": number(new), "not_reported": int(silent[1]) if silent else 0}
    return named("chart", found)


def own_page(visit: Visit) -> Answers:
    """The page of a unit that reports for itself."""
    page, code = visit.page("unit", day=visit.day.isoformat()), visit.unit.code
    bar = words(one(page.xpath("//*[starts-with(@class, 'state-bar')]")))
    own = words(one(page.xpath("//p[@class='own-line']")))
    days = {words(line.find("th")): line for line in page.xpath("//table[@class='days']/tbody/tr")}
    cells = [words(cell) for cell in days[f"{visit.day:%d/%m/%Y}"].xpath("td")]
    assert state(bar) == state(cells[2]), (bar, cells)
    found = {
        "installs": number(cells[0].split(" (")[0].removeprefix("+")),
        "cumulative": number(cells[1]),
        "share": share(own.split()[0]),
        "population": number((re.search(r"trên ([\d.]+)", own) or "––")[1]),
        **state(bar),
    }
    assert number(re.search(r"đã cài ([\d.–]+) (?:trên|chưa có)", own)[1]) == found["cumulative"]
    return named(code, found)


def board(visit: Visit) -> Answers:
    page = visit.page("board", visit.day)
    said = named(visit.unit.code, day_line(visit, page))
    for line in page.xpath("//*[@id='board-rows']/tr"):
        kept = one(line.xpath("td[@class='figure wide muted']"))
        said |= named(line.get("data-code"), {"cumulative": number(words(kept))})
    for line in page.xpath("//*[@id='board-groups']/tbody/tr"):
        silent, sent = [words(cell) for cell in line.xpath("td[starts-with(@class, 'figure')]")]
        reported, expected = sent.split("/")
        counts = {"not_reported": int(silent), "reported": int(reported), "expected": int(expected)}
        said |= named(line.get("data-code"), counts)
    return said


def review(visit: Visit) -> Answers:
    """The review of the units right below that report for themselves."""
    page, code = visit.page("review", visit.day), visit.unit.code
    said = {}
    for table in page.xpath("//table[contains(@class, 'review-table')]"):
        is_agencies = any(visit.figures.by_code[of].is_agency for of in table.xpath("tbody/tr/@data-code"))
        for line in table.xpath("tbody/tr"):
            cells, own = labelled(line), line.get("data-code")
            found = {
                "installs": number(cells["Mới"].split(" (")[0]),
                "cumulative": number(cells["Lũy kế"]),
                "share": share(cells["Tỷ lệ"]),
            }
            of = own or (AGENCIES if is_agencies else code)
            said |= named(of, found | state(cells["Tình trạng"] if own else cells["Đã báo cáo"]))
    for line in page.xpath("//*[@id='gaps']//tr"):
        kept = one(line.xpath("td[@class='figure wide muted']"))
        said |= named(line.get("data-code"), {"cumulative": number(words(kept))})
    return said | named(code, day_line(visit, page))


def ranking(visit: Visit) -> Answers:
    page, said = visit.page("ranking", day=visit.day.isoformat()), {}
    for line in page.xpath("//table[@class='ranking']/tbody/tr"):
        cells, row = labelled(line), visit.figures.by_code[line.get("data-code")]
        grown = cells["Tăng 1 ngày (điểm %)"]
        if row.installs is None:
            grown = grown.replace("–", "0")  # nothing has come: the page does not say that it is zero
        found = {"cumulative": number(cells["Lũy kế"]), "share": share(cells["Tỷ lệ"]), "points": points(grown)}
        said |= named(line.get("data-code"), found)
    head = words(one(page.xpath("//p[@class='day-line']")))
    if counted := re.search(r"(\d+)/(\d+) đơn vị đã báo cáo", head):
        late = re.search(r"\(trễ hạn (\d+)\)", head)
        counts = {"reported": int(counted[1]), "expected": int(counted[2]), "late": int(late[1]) if late else 0}
        said |= named(visit.unit.code, counts)
    return said


def discipline(visit: Visit) -> Answers:
    """The lateness record of the day alone, for all units below."""
    day = visit.day.isoformat()
    page, code = visit.page("discipline", **{"from": day, "to": day}), visit.unit.code
    heads = {"Đúng hạn": "n on_time", "Trễ hạn": "n late", "Chưa báo cáo": "n missing"}
    heads |= {"Số ngày phải báo cáo": "days due", "Không tính trễ": "not counted"}
    said = {}
    for id_, total in (("table", code), ("agencies-table", AGENCIES)):
        for line in page.xpath(f"//*[@id='{id_}']//tbody/tr"):
            cells = labelled(line)
            found = {name: number(cells[head]) for head, name in heads.items()}
            found["n waiting"] = number(cells.get("Chờ tiếp nhận", "0"))  # without the column if nobody waits
            said |= named(line.get("data-code") or total, found)
    return said


def own_discipline(visit: Visit) -> Answers:
    day = visit.day.isoformat()
    page = visit.page("discipline", **{"from": day, "to": day})
    cells = page.xpath("//table[@class='days']/tbody/tr/td")
    return named(visit.unit.code, state(words(one(cells)))) if cells else {}


def who(visit: Visit, text: str, *, of_residents: bool = False) -> dict[str, re.Match]:
    """The reporting units named in a text, with the kind as in a sentence; Đằng Hải is not Đằng Hải 2."""
    rows = [row for row in visit.figures.reporting if not (of_residents and row.is_agency)]
    after = r"(?! \d)(?: \((‹[a-z_]+›)\))?"
    found = {row.code: re.search(re.escape(row.name) + after, text, re.IGNORECASE) for row in rows}
    return {code: match for code, match in found.items() if match}


def by_status(visit: Visit, text: str) -> Answers:
    """ "‹missing›: A (B), C. ‹late›: D." """
    parts = re.split("‹([a-z_]+)›: ", text)
    return {
        (code, "status"): status
        for status, names in zip(parts[1::2], parts[2::2], strict=True)
        for code in who(visit, names.split(".")[0])
    }


def not_reported(visit: Visit, text: str, **options) -> Answers:
    """After the words "not reported": "A, B (‹waiting›)"; a unit without brackets has simply not reported."""
    found = who(visit, text, **options)
    return {(code, "status"): state(match[1] or "‹missing›")["status"] for code, match in found.items()}


def bulletin(visit: Visit) -> Answers:
    page, code, own = visit.page("bulletin", visit.day), visit.unit.code, visit.figures.own
    said = {}
    for line in page.xpath("//*[contains(@class, 'sheet-tables')]//tbody/tr"):
        name = words(line.find("th")).rstrip("*")
        *_place, new, cumulative, of_all, sent = [words(cell) for cell in line.xpath("td[normalize-space()]")]
        found = {"installs": number(new), "cumulative": number(cumulative), "share": share(of_all)}
        said |= named(visit.codes.get(name, code), found | state(sent))
    figures = {words(fact.find("dt")): [words(dd) for dd in fact.xpath("dd")] for fact in page.xpath("//dl/div")}
    counted = figures["Đơn vị đã báo cáo"]
    found = state(counted[0]) | {
        "cumulative": number(figures["Lũy kế"][0]),
        "share": share(figures["Tỷ lệ trên dân số"][0]),
        "installs": number(figures["Số máy cài mới trong ngày"][0]),
    }
    if own.expected:
        late, silent = re.fullmatch(r"trễ hạn (\d+) · chưa báo cáo (.+)", counted[1]).groups()
        found |= {"late": int(late), "not reported words": silent}
    else:
        assert counted[1] == "Ngày này không đơn vị nào phải báo cáo.", counted
    found |= pace_of(visit, words(one(page.xpath("//p[@class='sheet-pace']"))))
    residents, *of_agencies = [words(part) for part in page.xpath("//*[@class='sheet-missing']/p")]
    alone = residents.split("‹")[0]  # units named before the first status have simply not reported
    said |= not_reported(visit, alone, of_residents=True) | by_status(visit, residents)
    for text_of_agencies in of_agencies:
        said |= not_reported(visit, text_of_agencies.partition("Chưa báo cáo:")[2])
    message = words(one(page.xpath("//textarea[@id='message']")))
    in_message = by_status(visit, message)
    assert in_message.items() <= said.items(), message
    assert {code for code, _name in in_message} == set(silent_residents(visit)), message
    if own.expected:
        assert f"{own.reported}/{own.expected} đơn vị đã báo cáo" in message
    return said | named(code, found)


def silent_residents(visit: Visit) -> list[str]:
    return [row.code for row in visit.figures.not_reported if not row.is_agency]


def reminder(visit: Visit) -> Answers:
    """The units without a report, a waiting request or an excuse."""
    page = visit.page("board", visit.day)
    text = "".join(words(node) for node in page.xpath("//textarea[@id='reminder-text']"))
    said = {}
    if text:
        found = re.search(r"còn (\d+)/(\d+)", text)
        said = named("reminder", {"missing": int(found[1]), "expected": int(found[2])})
    short = {row.short_name: row.code for row in visit.figures.reporting if row.code != visit.unit.code}
    return said | {(code, "is asked"): name in text.partition(". ")[0] for name, code in short.items()}


def seal_page(visit: Visit) -> Answers:
    """What the seal would fix; nothing after the seal."""
    section = one(visit.page("seal", visit.day).xpath("//section[@aria-labelledby='now-title']"))
    fixed = re.search(r"cố định ở ([\d.–]+) máy, ([\d,–]+)%?", words(section))
    return named(visit.unit.code, {"cumulative": number(fixed[1]), "share": share(fixed[2])} if fixed else {})


# The files.


def papers_text(document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def paper(visit: Visit) -> Answers:
    document = Document(io.BytesIO(visit.ask("paper", visit.day)))
    text, code, own = papers_text(document), visit.unit.code, visit.figures.own
    said = {}
    heads, *rows = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    for row in rows:
        cells = dict(zip(heads, row, strict=True))  # a column without figures is left out
        found = {
            "installs": number(cells.get("Số máy cài mới", "–")),
            "adjustment": number(cells.get("Điều chỉnh", "0").removeprefix("+")),
            "cumulative": number(cells.get("Lũy kế", "–")),
            "population": number(cells["Dân số"]),
            "share": share(cells.get("Tỷ lệ", "–")),
            "missing_to_target": number(cells.get("Còn thiếu", "0")),
        }
        counted = re.fullmatch(r"(\d+)/(\d+)", cells.get("Đã báo cáo", "0/0"))
        counts = {"reported": int(counted[1]), "expected": int(counted[2])}
        said |= named(visit.codes.get(cells["Đơn vị"], code), found | counts)
    found = {}
    for paragraph in document.paragraphs:
        said |= by_status(visit, paragraph.text)
    if own.expected:
        counts = re.search(
            r"Đã báo cáo (\d+)/(\d+) đơn vị .*: đúng hạn (\d+), trễ hạn (\d+)(?:, không tính trễ (\d+))?; "
            r"chưa báo cáo (.+?)\. ",
            text,
        )
        names = ("reported", "expected", "on_time", "late", "reported_excused")
        found |= {name: int(count or 0) for name, count in zip(names, counts.groups(), strict=False)}
        found["not reported words"] = counts[6]
    else:
        assert "Trong ngày không đơn vị nào phải báo cáo." in text, text
    growth = re.search(r"So với ngày [\d/]+ \(.+?\), lũy kế (tăng|giảm|không thay đổi)(?: ([\d.]+) máy)?", text)
    sign = {"tăng": 1, "giảm": -1, "không thay đổi": 0}
    found["growth"] = sign[growth[1]] * number(growth[2] or "0") if growth else own.installs or 0  # said once
    moved = re.search(r"tỷ lệ (tăng|giảm|không thay đổi)(?: ([\d,]+) điểm)?", text)
    assert moved or own.installs is None, text  # not of a day without reports
    found["points"] = sign[moved[1]] * points(moved[2] or "0") if moved else 0
    return said | named(code, found | pace_of(visit, text))


HEAD_ROWS, FIRST_LINE = (7, 8), 9
CELLS = {
    "Phải báo cáo": "expected",
    "Đã báo cáo": "reported",
    "Trễ hạn": "late",
    "Dùng lũy kế trước": "carried_forward",
    "Lũy kế kỳ trước": "before",
    "Số máy cài mới": "installs",
    "Điều chỉnh": "adjustment",
    "Lũy kế": "cumulative",
    "Dân số": "population",
    "CBCCVC, NLĐ": "population",
    "Chỉ tiêu": "target",
    "Còn thiếu": "missing_to_target",
}
SHARES = ("Tỷ lệ trên dân số", "Tỷ lệ trên số CBCCVC, NLĐ")


def workbook(visit: Visit) -> Answers:
    """The tables, cell by cell."""
    book, said = visit.book("workbook", visit.day), {}
    for sheet in book.worksheets:
        cells = [[sheet.cell(row, column).value for row in HEAD_ROWS] for column in range(1, sheet.max_column + 1)]
        heads = [low or high for high, low in cells]
        if "Chỉ tiêu" in heads and "Lũy kế kỳ trước" in heads:
            said |= _table(visit, sheet, heads)
    return said


def _table(visit, sheet, heads) -> Answers:
    said, is_agencies = {}, "Cơ quan, đơn vị" in heads
    superior = visit.unit.code
    for values in sheet.iter_rows(min_row=FIRST_LINE, values_only=True):
        line = dict(zip(heads, values, strict=True))
        name = values[1]
        if line["Lũy kế kỳ trước"] is None and line["Dân số" if not is_agencies else "CBCCVC, NLĐ"] is None:
            superior = visit.codes.get(name, superior)  # the head of a group, or a line below the table
            continue
        if name == "Tổng cộng":
            code = AGENCIES if is_agencies and not visit.unit.is_agency else visit.unit.code
        else:
            code = superior if name == "Cộng" else visit.codes[name]
        found = {key: line[head] for head, key in CELLS.items() if head in line}
        found["share"] = ratio(next(line[head] for head in SHARES if head in line))
        found |= state(str(line["Tình trạng"])) if "Tình trạng" in line else {}
        agreeing = {key: value for (of, key), value in said.items() if of == code and key in found}
        assert agreeing.items() <= found.items(), (code, agreeing, found)  # a unit is on several sheets
        said |= named(code, found)
        if name == "Tổng cộng":
            break
    return said


RANGE = {"Số máy cài mới": "installs", "Điều chỉnh": "adjustment", "Lũy kế": "cumulative"}


def range_workbook(visit: Visit) -> Answers:
    """The lines of the sheet of data."""
    sheet = visit.book("workbook_range", visit.day - timedelta(days=1), visit.day)["Dữ liệu"]
    heads, *lines = sheet.iter_rows(values_only=True)
    said = {}
    for line in (dict(zip(heads, values, strict=True)) for values in lines):
        if line["Ngày"].date() == visit.day:
            found = {key: line[head] for head, key in RANGE.items()} | state(str(line["Tình trạng"]))
            found |= {"adjustment": found["adjustment"] or 0, "share": ratio(line["Tỷ lệ"])}
            said |= named(line["Mã đơn vị"], found)
    return said


def range_csv(visit: Visit) -> Answers:
    return of_csv(visit.ask("csv_range", visit.day, visit.day))


def of_csv(content: bytes) -> Answers:
    said = {}
    for line in csv.DictReader(io.StringIO(content.decode())):
        found = {key: int(line[key]) if line[key] else None for key in RANGE.values()}
        found |= {"adjustment": found["adjustment"] or 0, "share": ratio(line["share"] or None)}
        said |= named(line["unit"], found | {"status": line["status"] or None})
    return said


# The API.

OF_A_ROW = ("installs", "adjustment", "cumulative", "population", "target", "missing_to_target")
COUNTED = ("expected", "reported", "on_time", "late", "waiting", "excused", "not_reported", "carried_forward")


def api_day(visit: Visit) -> Answers:
    answer = visit.answer(f"days/{visit.day}").json()
    rows = {row["code"]: row for row in [answer["own"], *answer["children"], *answer["agencies"]]}
    if answer["agency_total"]:
        rows[AGENCIES] = answer["agency_total"]
    said = {}
    for code, row in rows.items():
        found = {name: row[name] for name in (*OF_A_ROW, *COUNTED)}
        said |= named(
            code, found | {"share": ratio(row["share"]), "status": row["status"] if row["is_reporting"] else None}
        )
    silent = {row.code for row in visit.figures.reporting if row.not_reported}
    assert set(answer["not_reported"]) == silent, answer["not_reported"]
    return said


def api_days(visit: Visit) -> Answers:
    [answer] = visit.answer("days", **{"from": visit.day, "to": visit.day}).json()["days"]
    said = {}
    for code, row in ((visit.unit.code, answer["total"]), (AGENCIES, answer["agency_total"])):
        if row:
            said |= named(code, {name: row[name] for name in FIGURES[:2]} | {"share": ratio(row["share"])})
    for line in answer["lines"]:
        found = {name: line[name] for name in ("installs", "cumulative", "population", "status")}
        found |= {"adjustment": line["adjustment"] or 0, "share": ratio(line["share"])}
        said |= named(line["unit"], found)
    return said


def api_csv(visit: Visit) -> Answers:
    answer = visit.answer("days.csv", **{"from": visit.day, "to": visit.day})
    return of_csv(b"".join(answer.streaming_content))


# The mails.


def letter(visit: Visit, kind: str, *, as_of=None):
    """The mail to the person at the moment; None if there is none."""
    message = Message(kind=kind, person=visit.person, unit=visit.unit, day=visit.day, as_of=as_of, written_at=visit.at)
    message.person.acts_on = visit.day
    with frozen(visit.moment):
        return mails.letter(message, at=visit.at)


def silent_letter(visit: Visit) -> Answers:
    """Who has not reported, with the status of each."""
    found = letter(visit, Message.Kind.SILENT)
    rows = found.rows if found else []
    return {(visit.codes[row[0]], "status"): SAID.search(" ".join(row))[1] for row in rows}


def bulletin_letter(visit: Visit) -> Answers:
    found = letter(visit, Message.Kind.BULLETIN, as_of=visit.figures.as_of)
    return by_status(visit, " ".join(found.lines)) | named(
        visit.unit.code, {"share": share(re.search(r"[\d,]+%|–$", found.subject.partition(" (")[0])[0])}
    )


def reminder_letter(visit: Visit) -> Answers:
    """The mail to the unit itself, before its deadline; only if a report is due."""
    return {(visit.unit.code, "is reminded"): letter(visit, Message.Kind.REMINDER) is not None}
