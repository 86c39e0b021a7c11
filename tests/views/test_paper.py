"""The day's paper can be downloaded by those who see the unit, and has the figures of its page."""

import io
from datetime import timedelta

import pytest
from django.utils import translation
from docx import Document

from reporting import acts
from reporting.figures import sealed_table
from reporting.text import formatting
from tests.factories import DAY, at, make_report, stamp
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
        moment = formatting.official_moment(seal.at)
    said = f"(Chốt lúc {moment}, mã kiểm tra {seal.short_digest})"
    code = formatting.in_fours(sealed_table.seal_chain(reported.city.pk)[seal])
    proof = f"Mã chuỗi các bản chốt đến {moment}: {code}"
    for line in (said, proof):
        assert [line in [p.text for p in document.paragraphs] for document in (sealed, now)] == [True, False]
    assert f"(Số liệu hiện nay, không phải bản chốt lúc {moment})" in [p.text for p in now.paragraphs]
    assert code in look(reported.city_clerk, "seal", "31", BEFORE, moment=EVENING).text


@pytest.mark.parametrize("query", ["?as_of=seal", "?as_of=tomorrow", "?as_of=2999-01-01T00:00"])
def test_moment_that_cannot_be_had_is_refused_with_words(query, reported):
    page = look(reported.city_clerk, "paper", "31", DAY, moment=EVENING, query=query)
    assert (page.status_code, page.templates[0].name) == (422, "reporting/look_back_refused.html")


def test_page_of_a_unit_with_others_below_offers_its_paper(reported):
    city = markup(look(reported.leader, "unit", "31", moment=EVENING))
    assert city.count('href="/units/31/paper/2020-08-21.docx">Word</a>') == 1
    then = look(reported.city_clerk, "unit", "306", moment=EVENING, query="?as_of=2020-08-21T17:30").text
    assert then.count('href="/units/306/paper/2020-08-21.docx?as_of=2020-08-21T17%3A30">') == 1
    assert "/paper/" not in look(reported.officer, "unit", "11416", moment=EVENING).text
