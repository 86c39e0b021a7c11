"""The sentences of the paper. All figures come from the rows; an unknown figure is called unknown or is a dash."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ...acts import Confirmations, Difficulty
from ...days.status import DayStatus
from ...figures import fields
from ...figures.hours_in_words import hours_words
from ...figures.pace import PastDay
from ...figures.rollup import DayRollup, Row
from ...models import Directive, Seal
from ...text import formatting, unit_kinds
from ...text.status_marks import not_reported_words, status_words
from ..offices import IssuingOffice

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


def opening(office: IssuingOffice, directive: Directive | None, until: datetime) -> str:
    """The first sentence: the grounds of the report and the moment of its figures."""
    about = {"office": office.name, "area": office.area, "moment": formatting.official_moment(until)}
    words = _("%(office)s reports the results of installing the Bluezone application in %(area)s (as of %(moment)s):")
    if directive is None:
        return words % about
    grounds = _("Carrying out %(kind)s No. %(number)s of %(day)s of %(issuer)s %(title)s") % {
        "kind": capfirst(directive.get_kind_display()),
        "number": directive.number,
        "day": formatting.official_day(directive.issued_on),
        "issuer": directive.issuer,
        "title": directive.title[:1].lower() + directive.title[1:],
    }
    if directive.grounds:
        grounds += " " + _("(grounds: %(grounds)s)") % {"grounds": directive.grounds}
    return f"{grounds}, {words % about}"


def result_paragraphs(figures: DayRollup, office: IssuingOffice, trend: Any, until: datetime) -> list[str]:
    """Paragraphs on cumulative, share and target; new installs and growth since the day before; pace; agencies.

    `trend` is the `Trend` of the unit's page.
    """
    own, yesterday = figures.own, trend.yesterday
    paragraphs = [
        f"{_cumulative(own, office, until)} {_target(own)}".strip(),
        f"{_new(own, figures.day, yesterday, trend.several_words)} {_growth(own, yesterday, figures.day)}".strip(),
        trend.verdict.whole(formatting.official_day) if trend.verdict else "",
    ]
    if figures.agency_total:
        paragraphs.append(_agencies(figures))
    return [words for words in paragraphs if words]


def _cumulative(own: Row, office: IssuingOffice, until: datetime) -> str:
    if own.cumulative is None:
        words = _("As of %(moment)s, no unit of %(whole)s has reported the number of installed phones.")
    elif own.share is None:
        words = _(
            "As of %(moment)s, %(whole)s has %(cumulative)s phones with Bluezone (cumulative); the population of some "
            "units is unknown, so no share can be given."
        )
    else:
        words = _(
            "As of %(moment)s, %(whole)s has %(cumulative)s phones with Bluezone (cumulative), %(share)s of the "
            "population (%(population)s)."
        )
    return words % {
        "moment": formatting.official_moment(until),
        "whole": office.whole,
        "cumulative": formatting.number(own.cumulative),
        "share": formatting.percent(own.share),
        "population": _population(own),
    }


def _population(own: Row) -> str:
    """The population, with its day and source if all parts have the same."""
    words = _("%(population)s people") % {"population": formatting.number(own.population)}
    if own.population_on:
        words += _(", figure of %(day)s") % {"day": formatting.official_day(own.population_on)}
    if own.population_source:
        words += _(", source: %(source)s") % {"source": formatting.source_words(own.population_source)}
    return words


def _target(own: Row) -> str:
    if own.target is None:
        return ""
    words = _("The target is %(share)s of the population (%(target)s phones); %(missing)s are still missing.")
    if own.is_target_reached:
        words = _("The target of %(share)s of the population (%(target)s phones) is reached.")
    return words % {
        "share": formatting.whole_percent(own.target_share),
        "target": formatting.number(own.target),
        "missing": formatting.number(own.missing_to_target),
    }


def _new(own: Row, day: date, before: PastDay | None, several: str) -> str:
    words = _("New installs of the day: %(installs)s.")
    if own.installs is None:
        words = _("No unit has reported new installs of the day.")
    elif before and before.installs is not None:
        words = _("New installs of the day: %(installs)s (on %(day)s: %(before)s).")
    about = {
        "installs": formatting.number(own.installs),
        "before": formatting.number(before.installs if before else None),
        "day": formatting.official_day(day - timedelta(days=1)),
    }
    sentences = [words % about]
    if several:
        sentences.append(f"{capfirst(several)}.")
    if own.adjustment:
        words = _("Adjustments of the cumulative on the day: %(adjustment)s.")
        sentences.append(words % {"adjustment": formatting.signed(own.adjustment)})
    for count in fields.EXTRAS:
        if (number := count.value(own)) is not None:
            sentences.append(count.sentence % {count.name: formatting.number(number)})
    return " ".join(sentences)


def _growth(own: Row, before: PastDay | None, day: date) -> str:
    if before is None or before.cumulative is None or own.cumulative is None:
        return ""
    phones = own.cumulative - before.cumulative
    number = _("%(count)s phones") % {"count": formatting.number(abs(phones))}
    about = {"day": formatting.official_day(day - timedelta(days=1)), "cumulative": _change(phones, number)}
    if own.share is None or before.share is None:
        return _("Compared with %(day)s, the cumulative %(cumulative)s.") % about
    points = own.share - before.share
    number = _("%(points)s percentage points") % {"points": formatting.points(abs(points)).lstrip("+")}
    about["share"] = _change(points, number)
    return _("Compared with %(day)s, the cumulative %(cumulative)s, the share %(share)s.") % about


def _change(difference: int | Decimal, number: str) -> str:
    if not difference:
        return _("has not changed")
    words = _("rose by %(number)s") if difference > 0 else _("fell by %(number)s")
    return words % {"number": number}


def _agencies(figures: DayRollup) -> str:
    """The sentence on agencies. They are never added to the residents, because staff also live in a commune."""
    total = figures.agency_total
    if total.cumulative is None:
        words = _("Departments, agencies and mass organisations (separate): none of %(count)s has reported yet.")
        return words % {"count": len(figures.agencies)}
    about = {
        "cumulative": formatting.number(total.cumulative),
        "staff": formatting.number(total.population),
        "share": formatting.percent(total.share),
        "installs": formatting.number(total.installs),
        "reported": total.reported,
        "expected": total.expected,
    }
    words = _(
        "Departments, agencies and mass organisations (separate, not in the figures above): %(cumulative)s "
        "phones of %(staff)s staff, %(share)s; new on the day: %(installs)s; %(reported)s/%(expected)s have reported."
    )
    return " ".join([words % about, *_not_on_time(figures.agencies, lambda rows: ", ".join(row.name for row in rows))])


def _not_on_time(rows: Iterable[Row], names: Callable[[list[Row]], str]) -> list[str]:
    """A sentence for each status, with the names of the units that were late or have not reported."""
    named, sentences = [row for row in rows if row.not_reported or row.status is DayStatus.LATE], []
    for status in DayStatus:
        if of_status := [row for row in named if row.status is status]:
            about = {"status": status_words(status), "names": names(of_status)}
            sentences.append(_("%(status)s: %(names)s.") % about)
    return sentences


def reporting_sentences(figures: DayRollup, confirmed: Confirmations) -> list[str]:
    """How many units have reported, which were late or are missing, how many districts have confirmed."""
    own = figures.own
    reporting = [row for row in figures.reporting if not row.is_agency]
    if not own.expected:
        return [_("No report was due on this day.")]
    about = {
        "reported": own.reported,
        "expected": own.expected,
        "who": kinds_of(row for row in reporting if row.expected),
        "on_time": own.on_time,
        "late": own.late,
        "missing": not_reported_words(own),
    }
    words = _("%(reported)s/%(expected)s units have reported (%(who)s): on time %(on_time)s, late %(late)s;")
    due = hours_words(figures) and _("Reports of the day were due %(hours)s.") % {"hours": hours_words(figures)}
    paragraphs = [f"{words % about} {_('not reported: %(missing)s.') % about} {due}".strip()]
    paragraphs += _not_on_time(reporting, lambda rows: _names_by_superior(figures, rows, reporting))
    if own.carried_forward:
        words = _("Provisional: %(count)s units without a report are counted with their last cumulative.")
        paragraphs.append(words % {"count": own.carried_forward})
    if confirmed.expected:
        words = _("%(signed)s/%(expected)s %(districts)s that have communes have confirmed the figures of the day.")
        about = {"signed": len(confirmed.sign_offs), "expected": confirmed.expected}
        paragraphs.append(words % {**about, "districts": unit_kinds.confirming_level(figures)})
    return paragraphs


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


def difficulty_sentences(difficulties: Iterable[Difficulty]) -> tuple[list[str], list[str]]:
    """Two lists of sentences, difficulties and proposals. Each text comes once, with all units that wrote it."""
    senders_of: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
    for difficulty in difficulties:
        for line in difficulty.note.splitlines():
            text = BULLET.sub("", line).strip()
            if text:
                lines = senders_of[text.lower().startswith(PROPOSALS)]
                lines.setdefault(text.rstrip(".; "), []).append(_sender(difficulty))
    difficult, proposed = ([f"{text} ({', '.join(names)})." for text, names in lines.items()] for lines in senders_of)
    return difficult, proposed


def missing_difficulties(difficulties: Sequence[Difficulty], not_sent_up: int) -> list[str]:
    """A sentence if there are no difficulties, or if some were not sent up."""
    if not_sent_up and not difficulties:
        words = _("%(count)s units named difficulties in their reports of the day; none was sent up.")
    elif not_sent_up:
        words = _("%(count)s other units named difficulties in their reports of the day that were not sent up.")
    else:
        return [] if difficulties else [_("No difficulties were reported on this day.")]
    return [words % {"count": formatting.number(not_sent_up)}]


def _sender(difficulty: Difficulty) -> str:
    name = in_a_sentence(difficulty.row.name)
    return f"{name} – {in_a_sentence(difficulty.superior.name)}" if difficulty.superior else name


def closing(office: IssuingOffice, day: date) -> str:
    words = _(
        "The above are the results of installing the Bluezone application in %(area)s on %(day)s, which %(office)s "
        "respectfully reports./."
    )
    return words % {"area": office.area, "day": formatting.official_day(day), "office": office.name}
