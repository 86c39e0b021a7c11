"""Mails: what each kind of message says when it is sent, from the same rows as the pages, and how they are delivered.

Nobody is sent a figure that he may not see: `people.access` finds the unit at the moment of sending. Messages go one
by one; a mail server that is down delays them and nothing else.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import outbox, papers, site
from .days import look_back
from .days.status import DayStatus
from .figures import comparison, rollup
from .hours import deadline
from .models import Message, Unit
from .pages import bulletin as bulletins
from .pages import inbox
from .people import access
from .text import formatting
from .text.status_marks import status_words

NAMED = 60  # units without a report that a mail lists
Kind = Message.Kind

log = logging.getLogger("reporting.outbox")


@dataclass(frozen=True, kw_only=True)
class Letter:
    subject: str
    lines: Sequence[str]
    heads: Sequence[str] = ()  # of the table, where there is one
    rows: Sequence[Sequence[str]] = ()
    has_figures: bool = False  # in the table, beside the names
    way: str = ""  # the path of the page to open
    way_words: str = ""
    files: Sequence[tuple[str, bytes, str]] = ()  # name, content, media type


def letter(message: Message, *, at: datetime) -> Letter | None:
    """What the message says; None if there is nothing to say, or no longer to this person."""
    if message.kind == Kind.CODE:
        return _code(message)
    units = access.visible_units(message.person).named(message.day, message.as_of)
    unit = units.filter(pk=message.unit_id).first()
    return LETTERS[message.kind](message, unit, at) if unit else None


def _code(message: Message) -> Letter | None:
    choice = message.person.mail_choice
    if choice.confirmed_at:
        return None
    return Letter(
        subject=_("Code for your mail address: %(code)s") % {"code": outbox.code_of(choice)},
        lines=[
            _("Type this code on the page “Mails”: %(code)s") % {"code": outbox.code_of(choice)},
            _("It is valid for one hour. If you did not ask for it, do nothing: you will get no emails."),
        ],
        way=reverse("reporting:mail"),
        way_words=_("To the page “Mails”"),
    )


def _reminder(message: Message, unit: Unit, at: datetime) -> Letter | None:
    figures = rollup.rows(unit, message.day, at=at)
    if unit.code not in figures.by_code or figures.own.status is not DayStatus.NOT_DUE_YET:
        return None  # reported meanwhile, or no longer due
    closes_at = figures.hours.closes_at(unit.path)
    values = {
        "unit": unit.full_name,
        "day": formatting.day(message.day),
        "hour": formatting.hour(closes_at),
        "minutes": int((closes_at - at).total_seconds()) // 60,
    }
    return Letter(
        subject=_("%(unit)s has not reported %(day)s, due before %(hour)s") % values,
        lines=[
            _("%(unit)s has not reported the installs of %(day)s.") % values,
            ngettext(
                "The deadline is %(hour)s, in %(minutes)s minute.",
                "The deadline is %(hour)s, in %(minutes)s minutes.",
                values["minutes"],
            )
            % values,
        ],
        way=reverse("reporting:report", args=[unit.code, message.day]),
        way_words=_("Enter the figures"),
    )


def _silent(message: Message, unit: Unit, at: datetime) -> Letter | None:
    figures = rollup.rows(unit, message.day, at=at)
    silent, waiting = figures.not_reported, inbox.mail_sentences(message.kind, unit, at=at)
    if not silent and not waiting:
        return None
    values = {
        "day": formatting.day(message.day),
        "n": formatting.number(len(silent)),
        "unit": f"{unit.kind} {unit.name}".strip(),
    }
    lines = []
    if silent:
        words = ngettext(
            "At the hour of %(day)s %(n)s unit below %(unit)s has not reported.",
            "At the hour of %(day)s %(n)s units below %(unit)s have not reported.",
            len(silent),
        )
        lines.append(words % values)
    lines += waiting
    if len(silent) > NAMED:
        lines.append(_("The first %(n)s are named here.") % {"n": formatting.number(NAMED)})
    return Letter(
        subject=_("%(day)s: %(n)s units have not reported") % values if silent else lines[0],
        lines=lines,
        heads=[_("Unit"), _("Superior"), _("State"), _("Telephone")] if silent else [],
        rows=[
            [row.name, getattr(figures.parent_of(row), "name", ""), status_words(row.status), row.phone or "–"]
            for row in silent[:NAMED]
        ],
        way=reverse("reporting:board", args=[unit.code, message.day]),
        way_words=_("To the board"),
    )


def _bulletin(message: Message, unit: Unit, at: datetime) -> Letter | None:
    figures = rollup.rows(unit, message.day, message.as_of, at=at)
    if unit.code not in figures.by_code or figures.own.is_reporting:
        return None
    seal = look_back.newest_seal(unit, message.day)
    seal = seal if seal and seal.at == message.as_of else None
    found = bulletins.bulletin_of(unit, figures, until=figures.until(at), at=at, seal=seal)
    rows = [
        [
            row.name,
            f"{row.reported}/{row.expected}",
            *map(formatting.number, (row.installs, row.cumulative)),
            _share(row),
        ]
        for row in [*figures.children, figures.own]
    ]
    paper = papers.day_paper(unit, figures, seal=found.seal, at=at)
    values = {"unit": unit.full_name, "day": formatting.day(message.day), "share": _share(figures.own)}
    return Letter(
        subject=_("Bluezone %(day)s: %(unit)s %(share)s") % values,
        lines=found.message.splitlines(),
        heads=[_("Unit"), _("Reported"), _("New"), _("Cumulative"), _("Share")],
        rows=rows,
        has_figures=True,
        way=reverse("reporting:bulletin", args=[unit.code, message.day]) + "?as_of=seal",
        way_words=_("To the bulletin"),
        files=[(f"bao-cao-{unit.code}-{message.day.isoformat()}.docx", paper, papers.DOCX)] if paper else [],
    )


def _share(row: rollup.Row) -> str:
    return formatting.percent(row.share)


def _sealed(message: Message, unit: Unit, at: datetime) -> Letter | None:
    seal = look_back.newest_seal(unit, message.day)
    if seal is None:
        return None
    own = rollup.rows(unit, message.day, seal.at).own
    values = {
        "day": formatting.day(message.day),
        "moment": formatting.moment(seal.at),
        "digest": seal.short_digest,
        "reported": formatting.number(own.reported),
        "expected": formatting.number(own.expected),
        "cumulative": formatting.number(own.cumulative),
        "share": _share(own),
    }
    return Letter(
        subject=_("%(day)s is sealed") % values,
        lines=[
            _("The figures of %(day)s were sealed %(moment)s; check code %(digest)s.") % values,
            _("Reported %(reported)s/%(expected)s; cumulative %(cumulative)s, %(share)s of the population.") % values,
        ],
        way=reverse("reporting:seal", args=[unit.code, message.day]),
        way_words=_("To the seals of the day"),
    )


def _exceeds(message: Message, unit: Unit, at: datetime) -> Letter | None:
    figures = rollup.rows(unit, message.day, at=at)
    found = comparison.on_day(unit, message.day, figures=figures)
    marked = [line for line in found.lines if line.is_marked]
    if not marked:
        return None
    values = {"day": formatting.day(message.day), "n": formatting.number(len(marked))}
    words = ngettext(
        "%(n)s unit claims more than the ministry counts by more than the threshold, as of %(day)s.",
        "%(n)s units claim more than the ministry counts by more than the threshold, as of %(day)s.",
        len(marked),
    )
    return Letter(
        subject=_("%(day)s: claims above the ministry’s figures") % values,
        lines=[words % values],
        heads=[_("Unit"), _("Our figure"), _("The ministry’s figure"), _("Difference")],
        rows=[
            [
                line.name,
                *map(formatting.number, (line.claimed, line.official.value)),
                formatting.signed(line.difference),
            ]
            for line in marked
        ],
        has_figures=True,
        way=reverse("reporting:official", args=[unit.code, message.day]),
        way_words=_("To the comparison"),
    )


def _differs(message: Message, unit: Unit, at: datetime) -> Letter:
    return Letter(
        subject=_("The records do not agree"),
        lines=[
            _("The check of %(moment)s found records that do not agree.")
            % {"moment": formatting.moment(message.written_at)},
            _("The administrator can see details with “manage.py verify”. Do not correct any figure before that."),
        ],
    )


LETTERS: dict[str, Callable[[Message, Unit, datetime], Letter | None]] = {
    Kind.REMINDER: _reminder,
    Kind.SILENT: _silent,
    Kind.BULLETIN: _bulletin,
    Kind.SEALED: _sealed,
    Kind.EXCEEDS: _exceeds,
    Kind.DIFFERS: _differs,
}


def deliver(*, now: Callable[[], datetime], most: int) -> tuple[int, int]:
    """Send at most `most` waiting messages; gives how many were sent and how many were given up."""
    sent = given_up = 0
    connection = get_connection()
    try:
        for _number in range(most):
            message = outbox.take(now())
            if message is None:
                break
            try:
                sent += _deliver(message, connection, now())
            except Exception as error:  # whatever it is, the others are still sent
                log.warning("message %s: %s", message.key, error)
                given_up += outbox.failed(message, error, at=now())
                connection = _anew(connection)
    finally:
        connection.close()
    return sent, given_up


def _anew(connection):
    """A new connection, because one that has failed may be in the middle of a conversation."""
    try:
        connection.close()
    except OSError:
        log.info("the connection was broken already")
    return get_connection()


def _deliver(message: Message, connection, at: datetime) -> bool:
    """Whether it was sent; a message that nobody needs any more is ended without being sent."""
    choice = getattr(message.person, "mail_choice", None)
    is_allowed = choice is not None and (choice.confirmed_at or message.kind == Message.Kind.CODE)
    is_useful = is_allowed and message.person.is_active and at < message.useful_until
    found = mail(message, choice.address, at=at) if is_useful else None
    if found is None:
        outbox.end(message, Message.End.NEEDLESS, at=at)
        return False
    connection.send_messages([found])
    outbox.end(message, Message.End.SENT, at=at)
    return True


def mail(message: Message, address: str, *, at: datetime) -> EmailMultiAlternatives | None:
    """The mail of a message, as of now; None if nobody needs it any more.

    Its Message-ID is made of cause and receiver, so a mail server can tell that two are the same.
    """
    message.person.acts_on = deadline.reporting_day(at)
    with translation.override(settings.LANGUAGE_CODE), site.holding(lambda: site.over(message.unit, message.day)):
        written = letter(message, at=at)
        if written is None:
            return None
        context = {"letter": written, "root": settings.SITE_ADDRESS, "the_site": site.current()}
        page = render_to_string("mail/letter.html", context)
    name = salted_hmac("reporting.mails", message.key, algorithm="sha256").hexdigest()[:32]
    found = EmailMultiAlternatives(
        subject=" ".join(written.subject.split()),
        body=plain(written),
        to=[address],
        attachments=written.files,
        headers={"Message-ID": f"<{name}@{settings.MAIL_DOMAIN}>", "Auto-Submitted": "auto-generated"},
    )
    found.attach_alternative(page, "text/html")
    return found


def plain(written: Letter) -> str:
    """The letter as plain text, for mail programs that show no tables."""
    parts = ["\n".join(written.lines)]
    if written.rows:
        parts.append("\n".join(" · ".join(row) for row in [written.heads, *written.rows]))
    if written.way and settings.SITE_ADDRESS:
        parts.append(f"{written.way_words}: {settings.SITE_ADDRESS}{written.way}")
    return "\n\n".join(parts) + "\n"
