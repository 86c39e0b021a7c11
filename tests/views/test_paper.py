"""The day's paper can be downloaded by those who see the unit, and has the figures of its page."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation
from docx import Document

from reporting import acts, mails
from reporting.figures import sealed_table, statements
from reporting.models import Message
from reporting.pages.checking import NotIssued
from reporting.text import formatting
from tests.factories import DAY, at, make_base, make_report, make_seal, stamp
from tests.prepared import prepared

from .visits import look, markup

BEFORE = DAY - timedelta(days=1)
EVENING = "2020-08-21 18:00"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@prepared
def reported(cast):
    """Two days; a difficulty that the district has sent up; on the second day a commune has not reported."""
    for unit in (cast.commune, cast.neighbour, cast.stranger, cast.agency):
        make_report(unit, BEFORE, installs=12, opening=500)
    said = make_report(cast.commune, installs=88, note="Mạng yếu", by=cast.officer)
    make_report(cast.agency, installs=3)
    acts.pass_up(unit=cast.district, day=DAY, reports=[said], by=cast.district_clerk, at=at("2020-08-21 17:10"))
    return cast


def opened(response):
    assert (response.status_code, response["Content-Type"]) == (200, DOCX)
    return Document(io.BytesIO(response.content))


def figures_of(document):
    return [[cell.text for cell in row.cells][3:] for row in document.tables[1].rows[1:]]


def test_paper_is_named_after_its_unit_day_and_look(reported):
    signed = stamp(reported.city_clerk, at("2020-08-20 17:40"))
    acts.seal(unit=reported.city, day=BEFORE, reason="Sớm", **signed)
    names = [
        look(reported.city_clerk, "paper", "306", BEFORE, moment=EVENING, query=query)["Content-Disposition"]
        for query in ("", "?as_of=seal", "?as_of=now", "?as_of=2020-08-20T17:20")
    ]
    assert names == [
        f'attachment; filename="bao-cao-306-2020-08-20{kind}.docx"'
        for kind in ("-chot", "-chot", "-hien-nay", "-luc-2020-08-20T1720")
    ]


def test_sealed_paper_keeps_the_figures_of_the_seal(reported):
    signed = stamp(reported.city_clerk, at("2020-08-20 17:40"))
    seal = acts.seal(unit=reported.city, day=BEFORE, reason="Sớm", **signed)
    before = figures_of(opened(look(reported.city_clerk, "paper", "31", BEFORE, moment=EVENING)))
    later = stamp(reported.district_clerk, at("2020-08-20 18:40"))
    acts.adjust(unit=reported.neighbour, day=BEFORE, adjustment=-3, reason="Trùng máy", base_version=1, **later)
    now, sealed = (
        opened(look(reported.city_clerk, "paper", "31", BEFORE, moment=EVENING, query=query))
        for query in ("?as_of=now", "")
    )
    assert figures_of(sealed) == before != figures_of(now)
    with translation.override("vi"):
        moment, short = formatting.official_moment(seal.at), formatting.moment(seal.at)
    said = f"(Chốt lúc {moment}, mã kiểm tra {seal.short_digest})"
    code = formatting.in_fours(sealed_table.seal_chain(reported.city.pk)[seal])
    proof = f"Mã chuỗi các bản chốt đến {moment}: {code}"
    for line in (said, proof):
        assert [line in [p.text for p in document.paragraphs] for document in (sealed, now)] == [True, False]
    bridge = f"Bản chốt {short}: 1.536 (3,86%). Hiện tại: 1.533, chênh -3: 1 điều chỉnh -3."
    assert [bridge in paragraph(one, "Tính đến 17h00") for one in (now, sealed)] == [True, False]
    assert f"(Số liệu hiện nay, không phải bản chốt lúc {moment})" in [p.text for p in now.paragraphs]
    assert code in look(reported.city_clerk, "seal", "31", BEFORE, moment=EVENING).text


def sealed_before(cast):
    acts.seal(unit=cast.city, day=BEFORE, reason="Sớm", **stamp(cast.city_clerk, at("2020-08-20 17:40")))


def paragraph(document, words):
    [found] = [one.text for one in document.paragraphs if words in one.text]
    return found


def test_paper_leads_from_what_was_sealed_to_a_new_population(reported):
    """As two papers in a row had it: 32.97%, then 30.66%, "up by 0.18 points"."""
    sealed_before(reported)
    make_base(reported.commune, population=30_000, effective_on=DAY)
    said = paragraph(opened(look(reported.city_clerk, "paper", "31", DAY, moment=EVENING)), "tính lại")
    assert said.endswith(
        "3,86% theo số liệu chốt ngày 20/8/2020; 3,07% tính lại theo đơn vị, dân số, báo cáo đến nay; "
        "nay 3,24% (tạm tính, 1/4)."
    )


def test_paper_says_by_how_much_a_sealed_day_has_moved(reported):
    sealed_before(reported)
    by = stamp(reported.district_clerk, at("2020-08-20 18:40"))
    acts.adjust(unit=reported.neighbour, day=BEFORE, adjustment=-3, reason="Trùng máy", base_version=1, **by)
    said = paragraph(opened(look(reported.city_clerk, "paper", "31", DAY, moment=EVENING)), "Số liệu chốt")
    assert said.endswith(
        "Số liệu chốt ngày 20/8/2020 là 1.536 máy; tính lại theo đơn vị, báo cáo đến nay là 1.533 máy."
    )


def test_paper_and_bulletin_say_what_counted_after_their_hour(reported):
    by = stamp(reported.district_clerk, at("2020-08-21 17:40"))
    acts.adjust(unit=reported.commune, day=DAY, adjustment=-3, reason="Trùng máy", base_version=1, **by)
    early, late = (
        [
            paragraph(opened(look(reported.city_clerk, "paper", "31", DAY, moment=moment)), "Tính đến 17h00"),
            look(reported.city_clerk, "bulletin", "31", DAY, moment=moment).context["bulletin"].message,
        ]
        for moment in ("2020-08-21 17:30", EVENING)
    )
    assert ["sau 17h00" in words for words in (*early, *late)] == [False, False, True, True]
    assert "Đã gồm số ghi nhận sau 17h00 ngày 21/8/2020: 1 điều chỉnh -3." in late[0]
    assert "đã gồm số ghi nhận sau 17h00 ngày 21/08/2020: 1 điều chỉnh -3." in late[1]


def false(name, monkeypatch):
    """The statement says one phone, whatever is recorded."""
    words = getattr(statements, name)

    def said(about, **texts):
        found = words(about, **texts)
        first = found[0] if isinstance(found, list) else found
        first = replace(first, facts=first.facts | {"cumulative": replace(first.facts["cumulative"], value=1)})
        return [first, *found[1:]] if isinstance(found, list) else first

    monkeypatch.setattr(statements, name, said)


@pytest.mark.parametrize(("name", "statement"), [("paper", "result"), ("bulletin", "message")])
def test_what_would_say_something_false_is_not_issued(name, statement, reported, monkeypatch, caplog):
    good = look(reported.city_clerk, name, "31", DAY, moment=EVENING)
    false(statement, monkeypatch)
    page = look(reported.city_clerk, name, "31", DAY, moment=EVENING)
    assert (good.status_code, page.status_code) == (200, 422)
    assert "Chưa phát hành" in page.text
    assert "có 1 máy" in page.text
    told = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert [words.partition("row.")[2] for words in told] == ["cumulative of 31 on 2020-08-21 is 1624, not 1"]


def test_mail_that_would_say_something_false_is_not_sent(reported, monkeypatch):
    seal = make_seal(reported.city, reported.city_clerk, DAY, at=at("2020-08-21 17:40"))
    message = Message(kind=Message.Kind.BULLETIN, unit=reported.city, day=DAY, as_of=seal.at, person=reported.leader)
    assert mails.letter(message, at=at("2020-08-21 18:00")).files
    false("message", monkeypatch)
    with pytest.raises(NotIssued):
        mails.letter(message, at=at("2020-08-21 18:00"))


def test_paper_and_bulletin_say_how_many_statements_were_checked(reported):
    page = look(reported.city_clerk, "bulletin", "31", DAY, moment=EVENING)
    assert f"✓ {len(page.context['bulletin'].statements)} câu đã kiểm tra" in page.text
    document = opened(look(reported.city_clerk, "paper", "31", DAY, moment=EVENING))
    assert document.core_properties.comments.endswith(" 8 câu đã kiểm tra")


@pytest.mark.parametrize("query", ["?as_of=seal", "?as_of=tomorrow", "?as_of=2999-01-01T00:00"])
def test_moment_that_cannot_be_had_is_refused_with_words(query, reported):
    page = look(reported.city_clerk, "paper", "31", DAY, moment=EVENING, query=query)
    assert (page.status_code, page.templates[0].name) == (422, "reporting/look_back_refused.html")


def test_page_of_a_unit_with_others_below_offers_its_paper(reported):
    city = markup(look(reported.leader, "unit", "31", moment=EVENING, query="?state=result"))
    assert city.count('href="/units/31/paper/2020-08-21.docx">Word</a>') == 1
    then = look(reported.city_clerk, "unit", "306", moment=EVENING, query="?as_of=2020-08-21T17:30").text
    assert then.count('href="/units/306/paper/2020-08-21.docx?as_of=2020-08-21T17%3A30">') == 1
    assert "/paper/" not in look(reported.officer, "unit", "11416", moment=EVENING).text
