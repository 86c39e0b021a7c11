"""In words: before which hour the day of a board is due, and what goes to the silent, with the hour of each."""

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext as _

from ..days.status import DayStatus
from ..hours import deadline
from ..text import formatting, unit_kinds
from ..text.status_marks import status_words
from .follow_up import Board


def due_words(board: Board, *, at: datetime) -> str:
    """Before which hour the day is or was due; that none is; empty on a day that no order covers."""
    if board.closes_at is None:
        return ""
    if board.is_exempt:
        return _("no report is due on this day")
    is_open = deadline.is_in_time(at, closes_at=board.closes_at)
    words = _("due before %(hour)s") if is_open else _("was due before %(hour)s")
    words %= {"hour": formatting.hour(board.closes_at)}
    if board.closes_at == board.last_closes_at:
        return words
    return f"{words}; " + _("some units before %(hour)s") % {"hour": formatting.hour(board.last_closes_at)}


def reminder_words(board: Board, *, at: datetime) -> str:
    """A text to send to the silent, with the hour of each; empty when there are none but excused ones."""
    missing = [row for row in board.awaited if row.status is not DayStatus.EXCUSED]
    if not missing:
        return ""
    words = _("%(hour)s on %(day)s: %(missing)s of %(expected)s %(kinds)s have not reported Bluezone: %(names)s.") % {
        "hour": formatting.hour(at),
        "day": formatting.short_day(deadline.reporting_day(at)),
        "missing": len(missing),
        "expected": sum(row.expected for row in board.rows),  # agencies among them: it counts senders, not installs
        # "phường", "xã, thị trấn"; units where agencies or districts are among them
        "kinds": unit_kinds.together((row.kind for row in board.rows), among=unit_kinds.OF_COMMUNES) or _("units"),
        "names": _silent_names(board),
    }
    if board.day != deadline.reporting_day(at):
        words = f"{words} " + _("Reporting day %(day)s.") % {"day": formatting.short_day(board.day)}
    return " ".join([words, *_hours_of_the_silent(board, at)])


def _hours_of_the_silent(board: Board, at: datetime) -> list[str]:
    """Before which hour the silent have or had to report: that of most of them first, all others with names.

    Who is excused is named as that alone: it is missing to nobody.
    """
    by_hour, excused = defaultdict(list), []
    for row in board.awaited:
        if row.status is DayStatus.EXCUSED:
            excused.append(row.name)
        elif row.closes_at is not None:
            by_hour[row.closes_at].append(row.name)
    usual = max(sorted(by_hour), key=lambda hour: len(by_hour[hour]), default=None)
    sentences = []
    for closes_at in sorted(by_hour, key=lambda hour: (hour != usual, hour)):
        is_open, hour = deadline.is_in_time(at, closes_at=closes_at), formatting.hour_on(closes_at, board.day)
        if sentences:
            words = _("%(names)s: due before %(hour)s.") if is_open else _("%(names)s: it was due before %(hour)s.")
        else:
            words = _("Due before %(hour)s.") if is_open else _("It was due before %(hour)s.")
        sentences.append(words % {"names": ", ".join(by_hour[closes_at]), "hour": hour})
    if excused:
        sentences.append(f"{status_words(DayStatus.EXCUSED)}: {', '.join(excused)}.")
    return sentences


def _silent_names(board: Board) -> str:
    """The silent by name, without the excused: by superior if there are several, with the kind if kinds differ."""
    is_one_kind = len({row.kind for row in board.rows}) == 1
    lists = []
    for group in board.groups:
        silent = [row for row in group.rows if row.is_awaited and row.status is not DayStatus.EXCUSED]
        names = ", ".join(row.short_name if is_one_kind else row.name for row in silent)
        if names:
            lists.append(names if group.is_own else f"{group.name}: {names}")
    return "; ".join(lists)
