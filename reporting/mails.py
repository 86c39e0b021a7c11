"""Writes mails from the same rows as the pages, at the moment they are sent, and sends them.

`people.access` finds the unit at that moment, so nobody gets a figure that they may not see.
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

from . import deadline, outbox, papers, site
from .days.look_back import newest_seal
from .days.status import DayStatus
from .figures import rollup, statements
from .figures.hours_in_words import before_words
from .models import Message, Unit
from .pages import bulletin as bulletins, checking, inbox
from .people import access
from .text import formatting
from .text.status_marks import silent_words

MOST_UNITS = 60  # without a report, in a mail
Kind = Message.Kind

log = logging.getLogger("reporting.outbox")


@dataclass(frozen=True, kw_only=True)
class Letter:
    subject: str
    lines: Sequence[str]
    heads: Sequence[str] = ()  # of the table, if there is one
    rows: Sequence[Sequence[str]] = ()
    link: str = ""  # path of the page to open
    link_words: str = ""
    files: Sequence[tuple[str, bytes, str]] = ()  # name, content, media type


def letter(message: Message, *, at: datetime, built: dict[tuple, Letter | None] | None = None) -> Letter | None:
    """What the message says; None if there is nothing to say, or the person may not see the unit any more.

    `built` keeps the letters as of an instant: they are the same for all who get them.
    """
    if message.kind == Kind.CODE:
        return _code(message)
    units = access.visible_units(message.person).named(message.day, message.as_of)
    unit = units.filter(pk=message.unit_id).first()
    built, key = {} if built is None else built, (message.kind, message.unit_id, message.day, message.as_of)
    if unit and (message.as_of is None or key not in built):
        built[key] = LETTERS[message.kind](message, unit, at)
    return built[key] if unit else None


def _code(message: Message) -> Letter | None:
    choice = message.person.mail_choice
    if choice.confirmed_at:
        return None
    code = outbox.address_code(choice)
    return Letter(
        subject=_("Code for your mail address: %(code)s") % {"code": code},
        lines=[
            _("Type this code on the page “Mails”: %(code)s") % {"code": code},
            _("It is valid for one hour. If you did not ask for it, do nothing: you will get no emails."),
        ],
        link=reverse("reporting:mail"),
        link_words=_("To the page “Mails”"),
    )


def _reminder(message: Message, unit: Unit, at: datetime) -> Letter | None:
    figures = rollup.rows(unit, message.day, at=at)
    if unit.code not in figures.by_code or figures.own.status is not DayStatus.NOT_DUE_YET:
        return None  # reported meanwhile, or no longer due
    values = {
        "unit": unit.full_name,
        "day": formatting.day(message.day),
        "before": before_words(formatting.hour(figures.hours.closes_at(unit.path))),
    }
    return Letter(
        subject=_("%(unit)s has not reported %(day)s, due %(before)s") % values,
        lines=[_("%(unit)s has not reported the installs of %(day)s.") % values],
        link=reverse("reporting:report", args=[unit.code, message.day]),
        link_words=_("Enter the figures"),
    )


def _silent(message: Message, unit: Unit, at: datetime) -> Letter | None:
    """Who had not reported at the deadline, whenever the mail is sent, and how many still have not."""
    figures = rollup.rows(unit, message.day, at=at)
    missing, waiting = figures.not_reported, inbox.mail_sentences(message.kind, unit, at=at)
    if not missing and not waiting:
        return None
    closed_at = figures.hours.last_closes_at(unit.path)
    then = rollup.rows(unit, message.day, closed_at) if closed_at and closed_at < at else figures
    if unit.code not in then.by_code:
        then = figures
    name = f"{unit.kind} {unit.name}".strip()
    said = statements.silent(statements.subject(then), statements.subject(figures), unit=name)
    lines = [*([statements.sentences(said.words(formatting.day))] if missing else []), *waiting]
    if len(missing) > MOST_UNITS:
        lines.append(_("The first %(n)s are named here.") % {"n": formatting.number(MOST_UNITS)})
    values = {"day": formatting.day(message.day), "n": said.facts["silent_then"].printed(formatting.day)}
    return Letter(
        subject=_("%(day)s: %(n)s units had not reported at the deadline") % values if missing else lines[0],
        lines=lines,
        heads=[_("Unit"), _("Superior"), _("State"), _("Telephone")] if missing else [],
        rows=[
            [row.name, getattr(figures.parent_of(row), "name", ""), silent_words(row.status), row.phone or "–"]
            for row in missing[:MOST_UNITS]
        ],
        link=reverse("reporting:board", args=[unit.code, message.day]),
        link_words=_("To the board"),
    )


def _bulletin(message: Message, unit: Unit, at: datetime) -> Letter | None:
    figures = rollup.rows(unit, message.day, message.as_of, at=at)
    seal = newest_seal(unit, message.day) if message.as_of else None
    is_replaced = message.as_of is not None and (seal is None or seal.at != message.as_of)
    if is_replaced or unit.code not in figures.by_code or figures.own.is_reporting:
        return None
    bulletin = bulletins.bulletin_of(unit, figures, until=figures.until(at), at=at, as_of=message.as_of)
    checking.checked(bulletin.statements)
    paper = papers.day_paper(unit, message.day, message.as_of, at=at)
    values = {
        "unit": unit.full_name,
        "day": formatting.day(message.day),
        "share": bulletin.history.subject.fact("row.share").printed(formatting.day),
    }
    return Letter(
        subject=_("Bluezone %(day)s: %(unit)s %(share)s") % values,
        lines=bulletin.message.splitlines(),
        link=reverse("reporting:bulletin", args=[unit.code, message.day]) + "?as_of=seal",
        link_words=_("To the bulletin"),
        files=[(f"bao-cao-{unit.code}-{message.day.isoformat()}.docx", paper, papers.DOCX)] if paper else [],
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
    Kind.DIFFERS: _differs,
}


def deliver(*, now: Callable[[], datetime], most: int) -> tuple[int, int]:
    """Send at most `most` waiting messages; returns how many were sent and how many were given up."""
    sent, given_up, built = 0, 0, {}
    for _number in range(most):
        message = outbox.reserve_next(now())
        if message is None:
            break
        try:
            sent += _deliver(message, now(), built)
        except Exception as error:  # the others are still sent
            log.warning("message %s: %s", message.key, error)
            given_up += outbox.retry_later(message, error, at=now())
    return sent, given_up


def _deliver(message: Message, at: datetime, built: dict) -> bool:
    """Send the message, or end it unsent if nobody needs it now; returns whether it was sent."""
    choice = getattr(message.person, "mail_choice", None)
    is_allowed = choice is not None and (choice.confirmed_at or message.kind == Kind.CODE)
    is_useful = is_allowed and message.person.is_active and at < message.useful_until
    written = mail(message, choice.address, at=at, built=built) if is_useful else None
    if written is not None:
        get_connection().send_messages([written])
    outbox.end_message(message, Message.End.SENT if written else Message.End.NEEDLESS, at=at)
    return written is not None


def mail(message: Message, address: str, *, at: datetime, built: dict | None = None) -> EmailMultiAlternatives | None:
    """The mail of a message, as of now; None if nobody needs it any more.

    Its Message-ID depends on cause and receiver only, so a mail server can recognise a repeat.
    """
    message.person.acts_on = deadline.reporting_day(at)
    with translation.override(settings.LANGUAGE_CODE), site.use_site(lambda: site.site_of(message.unit, message.day)):
        written = letter(message, at=at, built=built)
        if written is None:
            return None
        context = {"letter": written, "root": settings.SITE_ADDRESS, "the_site": site.current()}
        page = render_to_string("mail/letter.html", context)
    name = salted_hmac("reporting.mails", message.key, algorithm="sha256").hexdigest()[:32]
    return EmailMultiAlternatives(
        subject=" ".join(written.subject.split()),
        body=_plain(written),
        to=[address],
        attachments=written.files,
        alternatives=[(page, "text/html")],
        headers={"Message-ID": f"<{name}@{settings.MAIL_DOMAIN}>", "Auto-Submitted": "auto-generated"},
    )


def _plain(written: Letter) -> str:
    """The letter as text, for mail programs without tables."""
    parts = ["\n".join(written.lines)]
    if written.rows:
        parts.append("\n".join(" · ".join(row) for row in [written.heads, *written.rows]))
    if written.link and settings.SITE_ADDRESS:
        parts.append(f"{written.link_words}: {settings.SITE_ADDRESS}{written.link}")
    return "\n\n".join(parts) + "\n"
