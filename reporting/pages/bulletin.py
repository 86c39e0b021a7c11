"""The bulletin of a day: one sheet of paper, and a message of a few lines.

Both have limited room: long lists name the first units and count the rest.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from .. import acts, site
from ..days.look_back import newest_seal
from ..days.status import DayStatus
from ..figures import ranking, statements
from ..figures.hours_in_words import hours_words
from ..figures.ranking import RankedUnit
from ..figures.rollup import DayRollup, Row
from ..figures.statements import Statement, Verdict
from ..models import Seal, Unit
from ..text import formatting
from ..text.formatting import percent
from ..text.status_marks import STATUSES, silent_words, status_words
from . import trends

UNITS_AT_AN_END = 3  # units at each end of the ranking
COLUMN = 12  # most lines of a one-column table
MOST_LINES = 48  # of the table; a longer one is only in the ranking and the workbook
NAMED_ON_PAPER, NAMED_IN_MESSAGE = 7, 5  # of the units that have not reported
AGENCIES_NAMED = 4
MOST_DIFFICULTIES = 3  # on the sheet


@dataclass(frozen=True, slots=True)
class RankingEnds:
    """The first and the last of a ranking, each at most half of it; empty if all are equal."""

    best: Sequence[RankedUnit]
    last: Sequence[RankedUnit]


@dataclass(frozen=True, kw_only=True)
class Bulletin:
    """What stands on the sheet."""

    figures: DayRollup
    history: trends.Trend
    until: datetime
    ends: RankingEnds
    columns: list[Sequence[RankedUnit]]
    has_small: bool
    sign_words: str
    difficulties: Sequence[acts.Difficulty]
    more_difficulties: int
    not_reported: str
    not_reported_agencies: str
    place_and_day: str
    due_words: str
    seal_words: str
    message: str
    later: Sequence[Statement]  # what counted after the hour
    statements: Sequence[Statement]  # all that stand on it


def bulletin_of(
    unit: Unit, figures: DayRollup, *, until: datetime, at: datetime, as_of: datetime | None = None
) -> Bulletin:
    """The bulletin of a superior, for the day and the moment of `figures`; `as_of` is the moment that was asked for."""
    seal = newest_seal(unit, figures.day, figures.as_of)
    history = trends.trend(unit, figures, at=at, seal=seal)
    ranked, difficulties = ranking.ranked_units(figures), acts.day_difficulties(figures)
    table = columns(ranked)
    not_reported = not_reported_names(figures, NAMED_ON_PAPER)
    agencies = [with_status(row) for row in figures.not_reported if row.is_agency]
    name = site.site_of(unit, figures.day).whole if unit.is_sealing else f"{unit.kind} {unit.name}".strip()
    later = trends.after_hour(history, until, formatting.moment(until))
    return Bulletin(
        figures=figures,
        history=history,
        until=until,
        ends=ranking_ends(ranked),
        columns=table,
        has_small=any(line.is_small for lines in table for line in lines),
        sign_words=_sign_words({line.row.status for lines in table for line in lines if line.row.is_reporting}),
        difficulties=difficulties[:MOST_DIFFICULTIES],
        more_difficulties=max(len(difficulties) - MOST_DIFFICULTIES, 0),
        not_reported="; ".join(n if status is DayStatus.MISSING else labelled(status, n) for status, n in not_reported),
        not_reported_agencies=formatting.listed(agencies, AGENCIES_NAMED),
        place_and_day=formatting.place_and_day(unit.name, figures.day),
        due_words=hours_words(figures),
        seal_words=seal_words(as_of, seal),
        statements=[
            *(history.verdict.statements if history.verdict else ()),
            *message_statements(figures, name=name, until=until, seal=seal),
            *later,
        ],
        later=later,
        message=message(figures, name=name, until=until, verdict=history.verdict, seal=seal, later=later, as_of=as_of),
    )


def _sign_words(statuses: Collection[DayStatus]) -> str:
    """The legend of the table's signs: "✓ on time, – not reported." """
    signs = [STATUSES[status] for status in DayStatus if status in statuses]
    return f"{', '.join(f'{look.shape} {str(look.words).lower()}' for look in signs)}." if signs else ""


def ranking_ends(lines: Sequence[RankedUnit]) -> RankingEnds:
    ranked = [line for line in lines if line.rank is not None]
    if len({line.rank for line in ranked}) < 2:
        return RankingEnds([], [])
    count = min(UNITS_AT_AN_END, len(ranked) // 2)
    best = [line for line in ranked[:count] if line.rank != ranked[-1].rank and line.share <= 1]
    return RankingEnds(best, [line for line in ranked[-count:] if line.rank != ranked[0].rank])


def columns(lines: Sequence[RankedUnit]) -> list[Sequence[RankedUnit]]:
    """The table in one column, or in two of about equal length; none if it is too long."""
    if len(lines) > MOST_LINES:
        return []
    if len(lines) <= COLUMN:
        return [lines] if lines else []
    middle = (len(lines) + 2) // 2
    return [lines[:middle], lines[middle:]]


def not_reported_names(figures: DayRollup, most: int) -> list[tuple[DayStatus, str]]:
    """The residents' units that have not reported, by status, missing first; at most `most` names each."""
    names: dict[DayStatus, list[str]] = {status: [] for status in (DayStatus.MISSING, *DayStatus)}
    for row in figures.not_reported:
        superior = figures.parent_of(row)
        if not row.is_agency:
            is_own = superior is None or superior.code == figures.unit_code
            names[row.status].append(row.name if is_own else f"{row.name} ({superior.name})")
    return [(status, formatting.listed(named, most)) for status, named in names.items() if named]


def labelled(status: DayStatus, names: str) -> str:
    return f"{silent_words(status)}: {names}"


def with_status(row: Row) -> str:
    """The name of a unit without a report; with its status unless it is missing."""
    return row.name if row.status is DayStatus.MISSING else f"{row.name} ({status_words(row.status)})"


def message_statements(figures: DayRollup, *, name: str, until: datetime, seal: Seal | None) -> list[Statement]:
    """Those of the first line."""
    return statements.message(statements.subject(figures, seal=seal), moment=formatting.moment(until), whole=name)


def message(
    figures: DayRollup,
    *,
    name: str,
    until: datetime,
    verdict: Verdict | None = None,
    seal: Seal | None = None,
    later: Sequence[Statement] = (),
    as_of: datetime | None = None,
) -> str:
    """The day in a few lines: the share and the forecast, who leads, who has not reported."""
    said = [*message_statements(figures, name=name, until=until, seal=seal), *later]
    lines = [
        statements.sentences("; ".join(one.words() for one in said)),
        verdict.sentence() if verdict and verdict.title.name not in ("unknown", "too_early") else "",
    ]
    provisional = statements.subject(figures, seal=seal).provisional
    lines.append(_ends_words(ranking_ends(ranking.ranked_units(figures)), is_provisional=provisional is not None))
    lines.append(" ".join(filter(None, [_not_reported_words(figures), seal_words(as_of, seal)])))
    return "\n".join(filter(None, lines))


def _ends_words(ends: RankingEnds, *, is_provisional: bool) -> str:
    words = []
    if ends.best:
        words.append(_("Leading: %(units)s") % {"units": _with_shares(ends.best)})
    if ends.last:
        words.append(_("lowest: %(units)s") % {"units": _with_shares(ends.last)})
    if words and is_provisional:
        words[-1] += f" ({_('provisional')})"
    return f"{'; '.join(words)}." if words else ""


def _with_shares(lines: Sequence[RankedUnit]) -> str:
    return ", ".join(f"{line.row.name} {percent(line.share)}" for line in lines)


def _not_reported_words(figures: DayRollup) -> str:
    lists = not_reported_names(figures, NAMED_IN_MESSAGE)
    if lists:
        return " ".join(f"{labelled(status, names)}." for status, names in lists)
    return _("All units have reported.") if figures.own.expected and not figures.not_reported else ""


def seal_words(as_of: datetime | None, seal: Seal | None) -> str:
    """A sentence: whether the figures are sealed, or as of when; else empty."""
    if as_of and not (seal and seal.at == as_of):
        moment = formatting.moment(as_of)
        return _("As known at %(moment)s, not the current figures") % {"moment": moment} + "."
    if seal is None:
        return ""
    words = (
        _("Figures sealed at %(moment)s.")
        if as_of
        else _("The day was sealed at %(moment)s; these are the current figures.")
    )
    return words % {"moment": formatting.moment(seal.at)}
