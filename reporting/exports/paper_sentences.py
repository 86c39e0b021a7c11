"""The sentences of the paper. All figures come from the rows; an unknown figure is called unknown or is a dash."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ..acts import Difficulty
from ..days.status import DayStatus
from ..figures import fields, statements
from ..figures.hours_in_words import hours_words
from ..figures.rollup import DayRollup, Row
from ..figures.statements import Statement, Subject
from ..models import Directive, Seal
from ..text import formatting, unit_kinds
from ..text.status_marks import silent_words, status_words
from .offices import IssuingOffice

Paragraph = Sequence[Statement | str | None] | str

Section = tuple[str, Sequence[Paragraph]]

PROPOSALS = ("đề nghị", "kiến nghị", "đề xuất")  # how a line with a proposal begins
BULLET = re.compile(r"^\s*[-+•]\s+")
MOST_NAMES = 3  # if more than these are all units of a superior, the paper says “all” instead of their names


def chain_code_words(seal: Seal, code: str) -> str:
    """The chain code, which proves this seal and all seals before it."""
    about = {"moment": formatting.official_moment(seal.at), "code": formatting.in_fours(code)}
    return _("Chain code of the seals up to %(moment)s: %(code)s") % about


def subject(office: IssuingOffice, day: date) -> tuple[str, str]:
    """The subject, on two lines."""
    where = _("in %(area)s on %(day)s") % {"area": office.area, "day": formatting.official_day(day)}
    return _("Results of installing the Bluezone application"), where


def opening(office: IssuingOffice, directive: Directive | None) -> str:
    """The first sentence: the grounds of the report."""
    if directive is None:
        return _("%(office)s reports:") % {"office": office.name}
    about = {"order": order_words(directive), "office": office.name}
    return _("Carrying out %(order)s, %(office)s reports:") % about


def order_words(directive: Directive) -> str:
    """The order, as a paper cites it."""
    words = _("%(kind)s No. %(number)s of %(day)s of %(issuer)s %(title)s") % {
        "kind": capfirst(directive.get_kind_display()),
        "number": directive.number,
        "day": formatting.official_day(directive.issued_on),
        "issuer": directive.issuer,
        "title": directive.title[:1].lower() + directive.title[1:],
    }
    return f"{words} {_('(grounds: %(grounds)s)') % {'grounds': directive.grounds}}" if directive.grounds else words


def sections(
    figures: DayRollup,
    office: IssuingOffice,
    *,
    trend: Any,
    earlier_seal: Sequence[Statement],
    later: Sequence[Statement] = (),
    slowest: Sequence[Subject],
    difficulties: Iterable[Difficulty],
    until: datetime,
) -> list[Section]:
    """The title and the paragraphs of each section that has any.

    `trend` is the `Trend` of the unit's page, `slowest` are the units farthest behind the pace they need.
    """
    difficult, proposed = _difficulties(difficulties)
    found = [
        (_("Results"), _results(figures, office, trend, earlier_seal, later, until)),
        (_("Reporting by the units"), _reporting(figures, trend.subject)),
        (_("Difficulties"), difficult),
        (_("Proposals"), [*_asked(figures, office, slowest), *proposed]),
    ]
    return [(title, paragraphs) for title, paragraphs in found if paragraphs]


def _results(
    figures: DayRollup,
    office: IssuingOffice,
    trend: Any,
    earlier_seal: Sequence[Statement],
    later: Sequence[Statement],
    until: datetime,
) -> list[Paragraph]:
    """Share and target; whether it will be reached; new installs and growth since the days before; agencies."""
    own, about, verdict = figures.own, trend.subject, trend.verdict
    texts = {"moment": formatting.official_moment(until), "whole": office.whole, "people": population_words(own)}
    outlook = [verdict.title, *verdict.outlook] if verdict else []
    if verdict and verdict.title.name == "reached":
        outlook.remove(verdict.title)  # the target has just been said to be reached
    new, *adjusted = statements.new_installs(about)
    paragraphs: list[Paragraph] = [
        [statements.result(about, **texts), *later, statements.target(about)],
        [*outlook, verdict.rates, *verdict.advice] if verdict else [],
        [new, trend.recent.several_words(), *adjusted, *_extras(own), statements.growth(about), *earlier_seal],
    ]
    if figures.agency_total:
        late = _not_on_time(figures.agencies, lambda rows: ", ".join(row.name for row in rows))
        is_any = figures.agency_total.cumulative is not None
        paragraphs.append([statements.agencies(about), *(late if is_any else [])])
    return [paragraph for paragraph in paragraphs if paragraph]


def statements_of(found: Iterable[Section]) -> list[Statement]:
    return [one for _title, paragraphs in found for words in paragraphs for one in words if isinstance(one, Statement)]


def written(paragraph: Paragraph) -> str:
    """The paragraph with official days and a full stop behind each statement."""
    if isinstance(paragraph, str):
        return paragraph
    texts = [one if isinstance(one, str) else one.words(formatting.official_day) for one in paragraph if one]
    return statements.sentences(*(text.removesuffix(".") for text in texts))


def population_words(own: Row) -> str:
    """The population, with its day and source if all parts have the same."""
    words = _("%(population)s people") % {"population": formatting.number(own.population)}
    if own.population_on:
        words += _(", figure of %(day)s") % {"day": formatting.official_day(own.population_on)}
    if own.population_source:
        words += _(", source: %(source)s") % {"source": formatting.source_words(own.population_source)}
    return words


def _extras(own: Row) -> list[str]:
    numbers = [(count, count.value(own)) for count in fields.EXTRAS]
    return [count.sentence % {count.name: formatting.number(number)} for count, number in numbers if number is not None]


def _not_on_time(rows: Iterable[Row], names: Callable[[list[Row]], str]) -> list[str]:
    """A sentence for each status, with the names of the units that were late or have not reported."""
    named, sentences = [row for row in rows if row.not_reported or row.status is DayStatus.LATE], []
    for status in DayStatus:
        if of_status := [row for row in named if row.status is status]:
            words = status_words if status is DayStatus.LATE else silent_words
            about = {"status": words(status), "names": names(of_status)}
            sentences.append(_("%(status)s: %(names)s.") % about)
    return sentences


def _reporting(figures: DayRollup, about: Subject) -> list[Paragraph]:
    """How many units have reported, and which were late or are missing."""
    reporting = [row for row in figures.reporting if not row.is_agency]
    if not figures.own.expected:  # the agencies have a paragraph of their own
        return [] if figures.agency_total and figures.agency_total.expected else [[_("No report was due on this day.")]]
    due = hours_words(figures) and _("Reports of the day were due %(hours)s.") % {"hours": hours_words(figures)}
    said = statements.reports(about, who=kinds_of(row for row in reporting if row.expected))
    named = _not_on_time(reporting, lambda rows: _names_by_superior(figures, rows, reporting))
    return [[said, due], *([one] for one in named)]


def _asked(figures: DayRollup, office: IssuingOffice, slowest: Sequence[Subject]) -> list[Paragraph]:
    """What is asked of the slowest units; the office above directs them if the issuing one is a department."""
    if not slowest:
        return []
    words = _("%(office)s directs the %(kinds)s %(slow)s to install more each day:")
    if office.managing:
        words = _("%(recipient)s is asked to direct the %(kinds)s %(slow)s to install more each day:")
    recipient, *_others = office.recipients.splitlines()
    slow = _("with the slowest pace") if statements.rates(slowest[0]) else _("with the lowest share")
    kinds = kinds_of(about.row for about in slowest)
    asked = words % {"office": office.name, "recipient": recipient, "kinds": kinds, "slow": slow}
    return [asked, *([statements.lagging(one), statements.rates(one), statements.factor(one)] for one in slowest)]


def kinds_of(rows: Iterable[Row]) -> str:
    """The units' kinds: "phường", "xã, thị trấn", "quận, huyện"."""
    return unit_kinds.joined_kinds(unit_kinds.kind_of(row.name) for row in rows) or _("units")


def in_a_sentence(name: str) -> str:
    """ "phường Cát Bi": a unit's kind is a common noun; a name without a kind stays as it is."""
    return name[:1].lower() + name[1:] if unit_kinds.kind_of(name) else name


def _names_by_superior(figures: DayRollup, rows: Iterable[Row], reporting: Iterable[Row]) -> str:
    """The names of `rows`, which are sorted like `reporting`, grouped by superior."""

    def superior(row: Row) -> str:
        return getattr(figures.parent_of(row), "code", figures.unit_code)

    count_of, texts = Counter(map(superior, reporting)), []
    for code, group in groupby(rows, key=superior):
        below = list(group)
        names = ", ".join(in_a_sentence(row.name) for row in below)
        if len(below) == count_of[code] > MOST_NAMES:
            names = _("all %(count)s %(kinds)s") % {"count": len(below), "kinds": kinds_of(below)}
        is_own = code == figures.unit_code
        texts.append(names if is_own else f"{in_a_sentence(figures.by_code[code].name)} ({names})")
    return "; ".join(texts)


def _difficulties(difficulties: Iterable[Difficulty]) -> tuple[Sequence[Paragraph], Sequence[Paragraph]]:
    """Difficulties and proposals. Each text comes once, with all units that wrote it."""
    senders_of: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
    for difficulty in difficulties:
        for line in difficulty.note.splitlines():
            text = BULLET.sub("", line).strip()
            if text:
                lines = senders_of[text.lower().startswith(PROPOSALS)]
                lines.setdefault(text.rstrip(".; "), []).append(_sender(difficulty))
    difficult, proposed = ([f"- {text} ({', '.join(names)})." for text, names in lines.items()] for lines in senders_of)
    return difficult, proposed


def _sender(difficulty: Difficulty) -> str:
    name = in_a_sentence(difficulty.row.name)
    return f"{name} – {in_a_sentence(difficulty.superior.name)}" if difficulty.superior else name


def closing(office: IssuingOffice) -> str:
    return _("%(office)s respectfully reports./.") % {"office": office.name}
