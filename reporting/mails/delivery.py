"""Sending: one message after the other, each on its own; a server that is away stops the round, not the product."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import salted_hmac

from .. import site
from ..hours import deadline
from ..models import Message
from ..outbox import messages
from ..outbox.messages import End
from .letters import Letter, letter

log = logging.getLogger("reporting.outbox")


def deliver(*, now: Callable[[], datetime], most: int) -> tuple[int, int]:
    """Send what waits, `most` at a time; how many went out, and how many were given up."""
    sent = given_up = 0
    connection = get_connection()
    try:
        for _number in range(most):
            message = messages.take(now())
            if message is None:
                break
            try:
                sent += _deliver(message, connection, now())
            except Exception as error:  # whatever it is, the others go out
                log.warning("message %s: %s", message.key, error)
                given_up += messages.failed(message, error, at=now())
                connection = _anew(connection)
    finally:
        connection.close()
    return sent, given_up


def _anew(connection):
    """Another connection: one that has failed may be in the middle of a conversation."""
    try:
        connection.close()
    except OSError:
        log.info("the connection was broken already")
    return get_connection()


def _deliver(message: Message, connection, at: datetime) -> bool:
    """Whether it went out; what has become needless ends without a word."""
    choice = getattr(message.person, "mail_choice", None)
    is_allowed = choice is not None and (choice.confirmed_at or message.kind == Message.Kind.CODE)
    is_useful = is_allowed and message.person.is_active and at < message.useful_until
    found = mail(message, choice.address, at=at) if is_useful else None
    if found is None:
        messages.end(message, End.NEEDLESS, at=at)
        return False
    connection.send_messages([found])
    messages.end(message, End.SENT, at=at)
    return True


def mail(message: Message, address: str, *, at: datetime) -> EmailMultiAlternatives | None:
    """What the message says at the moment; None if it is needless.

    Its Message-ID follows from cause and receiver: one sent twice is one to a mail server.
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
    """The letter as text, for who reads mails without pictures and tables."""
    parts = ["\n".join(written.lines)]
    if written.rows:
        parts.append("\n".join(" · ".join(row) for row in [written.heads, *written.rows]))
    if written.way and settings.SITE_ADDRESS:
        parts.append(f"{written.way_words}: {settings.SITE_ADDRESS}{written.way}")
    return "\n\n".join(parts) + "\n"
