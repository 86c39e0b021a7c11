"""The outbox: a message is written once, sent by one process, retried after growing pauses, and given up with a log."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from reporting import acts, mails, outbox
from reporting.models import MailChoice, Message
from reporting.pages import inbox
from tests import factories as f
from tests.prepared import prepared
from tests.views.visits import frozen

Kind, End = Message.Kind, Message.End
HOUR = "2020-08-21 17:00"


def choose(person, **choices):
    """Give the person a confirmed address."""
    fields = {"address": f"{person.username}@example.vn", "asked_at": f.RECORDED_AT, "confirmed_at": f.RECORDED_AT}
    return MailChoice.objects.create(person=person, **fields, **choices)


@prepared
def told(cast):
    for person in (cast.officer, cast.neighbour_officer, cast.district_clerk, cast.city_clerk, cast.leader):
        choose(person)
    f.make_report(cast.neighbour, installs=7, opening=0)
    return cast


def kinds(**which):
    found = Message.objects.filter(**which).order_by("kind", "person__username")
    return [(message.kind, message.person.username) for message in found]


def write(choice, moment, kind=Kind.DIFFERS, **fields):
    """A message that waits from this moment."""
    outbox.write_messages(kind, [choice], cause="x", at=f.at(moment), day=f.DAY, **fields)


def run(moment):
    """Run what the timer runs at this moment."""
    with frozen(moment):
        call_command("deliver", verbosity=0)
    sent = sorted((message.to, message.subject) for message in mail.outbox)
    mail.outbox.clear()
    return sent


@pytest.fixture(autouse=True)
def _mails(settings):
    settings.MAILS, settings.SITE_ADDRESS = True, "https://bluezone.example.vn"


def test_silent_is_reminded_once_at_his_minutes_before_the_hour(told):
    MailChoice.objects.filter(person=told.neighbour_officer).update(minutes_before=120)
    assert run("2020-08-21 16:29:59") == []
    assert run("2020-08-21 16:30:00") == [
        ([f"{told.officer.username}@example.vn"], "Phường Đằng Hải chưa báo cáo ngày 21/08/2020, hạn trước 17h00")
    ]
    assert run("2020-08-21 16:31:00") == []
    assert kinds() == [("reminder", told.officer.username)]  # the neighbour has reported


def test_nothing_is_written_or_sent_without_a_mail_server(told, settings):
    settings.MAILS = False
    write(told.city_clerk.mail_choice, "2020-08-21 16:00")
    assert run("2020-08-21 16:30:00") == []
    assert kinds() == kinds(tries=0) == [("differs", "31")]


def test_who_has_reported_between_writing_and_sending_is_left_alone(told):
    outbox.write_due(f.at("2020-08-21 16:40"))
    f.make_report(told.commune, hour=f.at("2020-08-21 16:41").time())
    assert run("2020-08-21 16:42") == []
    assert Message.objects.get().end == End.NEEDLESS


def test_reminder_goes_by_the_units_own_hour(told):
    f.make_extension(told.commune)  # until 18h00
    assert run("2020-08-21 16:40") == []
    [(_to, subject)] = run("2020-08-21 17:30")
    assert subject == "Phường Đằng Hải chưa báo cáo ngày 21/08/2020, hạn trước 18h00"


def test_nobody_is_reminded_of_a_day_on_which_nothing_is_due(told):
    f.make_exempt_day(told.district, f.DAY)
    assert run("2020-08-21 16:40") == []


def test_mail_of_the_hour_counts_at_the_hour_whenever_it_is_sent(told):
    """Three had not reported at 17:00, agency and island among them; when the mail goes at 19:00 one of them has."""
    f.make_report(told.stranger, installs=5, opening=0)
    message = Message(kind=Kind.SILENT, person=told.city_clerk, unit=told.city, day=f.DAY, written_at=f.at(HOUR))
    message.person.acts_on = f.DAY
    accepted = f.make_late_request(told.commune, told.officer, opening=0, received_at=f.at("2020-08-21 17:30"))
    acts.decide(late_request=accepted, is_accepted=True, **f.stamp(told.district_clerk, f.at("2020-08-21 18:00")))
    found = mails.letter(message, at=f.at("2020-08-21 19:00"))
    assert found.lines[0] == (
        "Hết hạn báo cáo ngày 21/08/2020, 3 đơn vị thuộc thành phố Hải Phòng chưa báo cáo; nay còn 2."
    )
    assert found.subject == "21/08/2020: hết hạn còn 3 đơn vị chưa báo cáo"


def test_superiors_hear_at_the_hour_who_is_silent_and_what_waits(told):
    assert [to for to, _subject in run("2020-08-21 16:59:59")] == [["11416@example.vn"]]
    f.make_late_request(told.commune, told.officer, received_at=f.at("2020-08-21 17:00:00"))
    assert run("2020-08-21 17:00:00") == [
        (["306@example.vn"], "21/08/2020: hết hạn còn 1 đơn vị chưa báo cáo"),
        (["31@example.vn"], "21/08/2020: hết hạn còn 4 đơn vị chưa báo cáo"),
    ]
    assert run("2020-08-21 17:01:00") == []


def test_mail_at_the_hour_names_what_the_inbox_lists(told):
    """The inbox, its number in the head and the mail use the same list."""
    at = f.at("2020-08-21 17:00")
    f.make_late_request(told.commune, told.officer)
    listed = inbox.inbox(told.district_clerk, at=at)
    assert [len(getattr(listed, task.name)) for task in inbox.TASKS] == [1, 8, 0, 0, 0]
    assert listed.count == inbox.count(told.district_clerk, at=at) == 9
    with frozen("2020-08-21 17:00"):
        call_command("deliver", verbosity=0)
    [mailed] = [message for message in mail.outbox if message.to == ["306@example.vn"]]
    assert mailed.body.splitlines()[1] == "1 báo cáo trễ hạn đang chờ tiếp nhận."


def test_seal_writes_in_its_own_transaction_and_the_bulletin_has_its_paper(told):
    with pytest.raises(acts.Refusal):
        acts.seal(unit=told.city, day=f.DAY, by=None, at=f.at("2020-08-21 16:00"))
    assert kinds() == []
    acts.seal(unit=told.city, day=f.DAY, **f.stamp(None, f.at("2020-08-21 17:10")))
    assert kinds() == [("bulletin", "306"), ("bulletin", "31"), ("bulletin", told.leader.username)]
    with frozen("2020-08-21 17:11"):
        assert mails.deliver(now=lambda: f.at("2020-08-21 17:11"), most=1000) == (3, 0)
    by_kind = {message.to[0]: message for message in mail.outbox if "Bluezone" in message.subject}
    bulletin = by_kind[f"{told.leader.username}@example.vn"]
    [(name, content, media_type)] = bulletin.attachments
    assert (name, content[:2]) == ("bao-cao-31-2020-08-21.docx", b"PK")
    assert media_type.endswith("wordprocessingml.document")
    assert "toàn thành phố có 7 máy" in bulletin.body
    assert "https://bluezone.example.vn/units/31/bulletin/2020-08-21/?as_of=seal" in bulletin.body


def test_bulletin_of_a_seal_that_was_undone_or_replaced_is_not_sent(told):
    """It said "sealed at 17h10" of a day that was not sealed any more."""
    sealed = acts.seal(unit=told.city, day=f.DAY, reason="Sớm", **f.stamp(told.city_clerk, f.at("2020-08-21 17:10")))
    undone = f.stamp(told.city_clerk, f.at("2020-08-21 17:12"))
    acts.undo_seal(unit=told.city, day=f.DAY, shown=sealed.pk, **undone)
    run("2020-08-21 17:13")
    assert {message.end for message in Message.objects.filter(kind=Kind.BULLETIN)} == {End.NEEDLESS}


def test_bulletin_and_paper_of_a_unit_are_built_once_for_all_who_get_them(told, monkeypatch):
    acts.seal(unit=told.city, day=f.DAY, **f.stamp(None, f.at("2020-08-21 17:10")))
    built, build = [], mails.papers.day_paper
    monkeypatch.setattr(
        mails.papers, "day_paper", lambda unit, *all_, **by: built.append(unit.code) or build(unit, *all_, **by)
    )
    with frozen("2020-08-21 17:11"):
        call_command("deliver", verbosity=0)
    papers = {message.to[0]: message.attachments[0] for message in mail.outbox if message.attachments}
    assert sorted(built) == ["306", "31"]
    assert papers.pop("306@example.vn")[0] == "bao-cao-306-2020-08-21.docx"
    assert (len(papers), len(set(papers.values()))) == (2, 1)


def test_no_figure_goes_to_who_may_not_see_it_any_more(told):
    acts.seal(unit=told.city, day=f.DAY, **f.stamp(None, f.at("2020-08-21 17:10")))
    told.leader.unit = told.commune
    told.leader.save()
    told.district_clerk.is_active = False
    told.district_clerk.save()
    MailChoice.objects.filter(person=told.city_clerk).update(confirmed_at=None)
    assert run("2020-08-21 17:11") == []
    assert {message.end for message in Message.objects.all()} == {End.NEEDLESS}


class Away:
    """A mail server that does not answer."""

    def send_messages(self, found):
        raise smtplib.SMTPServerDisconnected("away")


def test_pauses_grow_until_the_message_is_useless_then_it_is_logged(told, monkeypatch, caplog):
    monkeypatch.setattr(mails, "get_connection", Away)
    write(told.city_clerk.mail_choice, "2020-08-21 17:00")
    at, pauses = f.at("2020-08-21 17:00"), []
    while (message := Message.objects.get()).ended_at is None:
        pauses.append((message.next_try_at - at).total_seconds() / 60)
        at = message.next_try_at
        sent, given_up = mails.deliver(now=lambda at=at: at, most=10)
        assert sent == 0
    assert pauses[:9] == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert (message.end, given_up, at < message.useful_until) == (End.GIVEN_UP, 1, True)
    assert "was given up" in caplog.text
    assert "SMTPServerDisconnected" in message.error


def test_command_ends_badly_when_something_was_given_up(told, monkeypatch):
    monkeypatch.setattr(mails, "get_connection", Away)
    write(told.city_clerk.mail_choice, "2020-08-21 17:00", useful_until=f.at("2020-08-21 17:02"))
    with frozen("2020-08-21 17:01:30"), pytest.raises(CommandError):
        call_command("deliver")


def test_reserved_message_is_not_sent_by_another_until_its_time_is_over(told):
    write(told.city_clerk.mail_choice, "2020-08-21 17:00")
    now = f.at("2020-08-21 17:00")
    assert outbox.reserve_next(now).tries == 1
    assert outbox.reserve_next(now + timedelta(minutes=4, seconds=59)) is None
    assert outbox.reserve_next(now + timedelta(minutes=5)).tries == 2


def test_address_is_confirmed_by_its_code_within_an_hour_and_five_tries(told):
    at = f.at("2020-08-21 08:00")
    choice = outbox.send_code(told.officer, "moi@example.vn", at=at)
    assert choice.confirmed_at is None
    [(to, subject)] = run("2020-08-21 08:01")
    assert (to, subject[-6:]) == (["moi@example.vn"], outbox.address_code(choice))
    wrong = "000000" if outbox.address_code(choice) != "000000" else "111111"
    assert [outbox.confirm_address(choice, wrong, at=at) for _ in range(4)] == [False] * 4
    assert outbox.confirm_address(choice, outbox.address_code(choice), at=at + timedelta(hours=1, seconds=1)) is False
    assert outbox.confirm_address(choice, outbox.address_code(choice), at=at + timedelta(hours=1)) is True
    assert MailChoice.objects.get(pk=choice.pk).confirmed_at is not None

    choice = outbox.send_code(told.officer, "khac@example.vn", at=at)
    assert [outbox.confirm_address(choice, wrong, at=at) for _ in range(5)] == [False] * 5
    assert outbox.confirm_address(choice, outbox.address_code(choice), at=at) is False
    later = outbox.send_code(told.officer, "khac@example.vn", at=f.at("2020-08-21 09:00"))
    assert outbox.address_code(later) != outbox.address_code(choice)
