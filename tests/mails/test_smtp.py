"""Mails over the wire: a real SMTP server on this machine accepts them, is away, or refuses one of them."""

from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler

from reporting import acts, mails
from reporting.models import Message
from tests import factories as f
from tests.outbox.test_outbox import choose
from tests.views.visits import frozen

NOW = "2020-08-21 17:11"


class Kept(Handler):
    """Keeps the mails that it receives; refuses one address."""

    def __init__(self):
        super().__init__()
        self.mails = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("306@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def prepare_message(self, session, envelope):
        return message_from_bytes(envelope.content, policy=policy.default)

    def handle_message(self, message):
        self.mails.append(message)


class OnAnyPort(Controller):
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]  # the port that the system has chosen
        super()._trigger_server()


@pytest.fixture
def server(settings):
    kept = Kept()
    controller = OnAnyPort(kept, hostname="127.0.0.1", port=0)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield kept
    controller.stop()


def waiting_mails(cast):
    for person in (cast.district_clerk, cast.city_clerk, cast.leader):
        choose(person)
    f.make_report(cast.neighbour, installs=7, opening=0)
    acts.seal(unit=cast.city, day=f.DAY, **f.stamp(None, f.at("2020-08-21 17:10")))


def deliver():
    with frozen(NOW):
        return mails.deliver(now=lambda: f.at(NOW), most=100)


def test_mails_arrive_whole_and_one_that_is_refused_waits(cast, server):
    waiting_mails(cast)
    assert deliver() == (2, 0)
    assert sorted(mail["To"] for mail in server.mails) == ["31@example.vn", "lanhdao@example.vn"]
    [bulletin] = [mail for mail in server.mails if mail["To"].startswith("lanhdao")]
    assert bulletin["Subject"].strip() == "Bluezone 21/08/2020: Thành phố Hải Phòng đạt 0,01%"
    assert bulletin["Auto-Submitted"] == "auto-generated"
    assert "toàn thành phố có 7 máy" in bulletin.get_body(["plain"]).get_content()
    page = bulletin.get_body(["html"]).get_content()
    assert "toàn thành phố có 7 máy" in page
    assert [part for part in ("<script", "http://", "<img") if part in page.replace("http://www.w3.org", "")] == []
    [paper] = bulletin.iter_attachments()
    assert paper.get_filename() == "bao-cao-31-2020-08-21.docx"
    [refused] = Message.objects.filter(ended_at=None)
    assert (refused.person, refused.tries) == (cast.district_clerk, 1)
    assert "550" in refused.error


def test_one_sent_twice_has_the_same_message_id(cast, server):
    """If the sender is killed after the server's answer, the receiver recognises the repeated mail."""
    waiting_mails(cast)
    deliver()
    first = {mail["To"]: mail["Message-ID"] for mail in server.mails}
    Message.objects.exclude(end="").update(end="", ended_at=None, next_try_at=f.at(NOW))
    deliver()
    assert {mail["To"]: mail["Message-ID"] for mail in server.mails[len(first) :]} == first
