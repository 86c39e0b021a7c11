"""Difficulties that no district has sent up: the city's papers count them, and the city chooses from the list."""

import io

from django.urls import reverse
from docx import Document

from reporting import acts
from reporting.figures import rollup
from reporting.models import PassedUp

from .. import factories as f
from ..prepared import prepared
from .visits import frozen, look, markup

EVENING = "2020-08-21 18:00"
NOTES = {"commune": "Mạng yếu", "neighbour": "Nhiều hộ đi vắng", "stranger": "Máy đời cũ"}
COUNTED = "3 đơn vị nêu khó khăn, vướng mắc nhưng chưa được chuyển lên."


@prepared
def said(cast):
    """Three communes of two districts name a difficulty each; no district sends any up."""
    for name, note in NOTES.items():
        f.make_report(getattr(cast, name), installs=3, note=note)
    return cast


def choose(client, user, reports, code="31"):
    client.force_login(user)
    with frozen(EVENING):
        return client.post(reverse("reporting:take_up", args=[code, f.DAY]), {"reports": reports})


def paper(user, query=""):
    response = look(user, "paper", "31", f.DAY, moment=EVENING, query=query)
    return [paragraph.text for paragraph in Document(io.BytesIO(response.content)).paragraphs]


def listed(cast, as_of=None):
    return [
        (one.superior.code, one.note) for one in acts.day_difficulties(rollup.rows(cast.city, f.DAY, as_of)).not_sent_up
    ]


def test_paper_bulletin_and_page_say_how_many_and_lead_to_the_list(said):
    text = "Trong ngày có 3 đơn vị nêu khó khăn, vướng mắc trong báo cáo; chưa nội dung nào được chuyển lên."
    assert text in paper(said.city_clerk)
    assert COUNTED in markup(look(said.city_clerk, "bulletin", "31", f.DAY, moment=EVENING))
    address = f"{reverse('reporting:review', args=['31', f.DAY])}#not-sent-up"
    for person, is_led in (("city_clerk", True), ("leader", False)):
        page = markup(look(getattr(said, person), "unit", "31", moment=EVENING))
        assert (COUNTED in page, address in page) == (True, is_led)
    assert listed(said) == [("306", "Nhiều hộ đi vắng"), ("306", "Mạng yếu"), ("311", "Máy đời cũ")]
    page = look(said.city_clerk, "review", "31", f.DAY, moment=EVENING).text
    assert [note in page for note in NOTES.values()] == [True] * 3
    assert COUNTED not in markup(look(said.district_clerk, "unit", "306", moment=EVENING))


def test_what_the_city_chooses_stands_in_its_paper(said, client):
    chosen = said.stranger.reports.get(day=f.DAY)
    for _twice in range(2):
        done = choose(client, said.city_clerk, [chosen.pk])
        assert (done.status_code, done.url) == (302, reverse("reporting:review", args=["31", f.DAY]))
    passed = PassedUp.objects.get()
    assert (passed.report, passed.by, passed.at) == (chosen, said.city_clerk, f.at(EVENING))
    text = paper(said.city_clerk)
    assert "- Máy đời cũ (thị trấn Núi Đèo – huyện Thuỷ Nguyên)." in text
    assert "Ngoài ra, 2 đơn vị nêu khó khăn, vướng mắc trong báo cáo nhưng chưa được chuyển lên." in text
    assert [code for code, _note in listed(said)] == ["306", "306"]
    assert [code for code, _note in listed(said, f.at("2020-08-21 17:30"))] == ["306", "306", "311"]


def test_nothing_else_is_chosen(said, client):
    report = said.commune.reports.get(day=f.DAY)
    assert choose(client, said.city_clerk, [report.pk], "306").status_code == 422  # only on its own page
    for wrong in ([], ["x"], [0]):
        assert choose(client, said.city_clerk, wrong).status_code == 422
    assert not PassedUp.objects.exists()


def rewrite(cast, note, hour="18:30"):
    at = f.at(f"2020-08-21 {hour}")
    stamp = {"by": cast.district_clerk, "at": at, "now": lambda: at, "reason": "gọi lại"}
    version = cast.commune.reports.get(day=f.DAY).version
    acts.enter(unit=cast.commune, day=f.DAY, installs=3, note=note, base_version=version, **stamp)


def said_in_the_city(cast, as_of=None):
    found = acts.day_difficulties(rollup.rows(cast.city, f.DAY, as_of)).listed
    return [(one.note, one.passed_up_at, one.is_rewritten) for one in found]


def test_sent_up_difficulty_keeps_its_words_until_new_ones_are_sent(said, client):
    at, sent = f.at(EVENING), said.commune.reports.get(day=f.DAY)
    acts.pass_up(unit=said.district, day=f.DAY, reports=[sent], by=said.district_clerk, at=at)
    assert said_in_the_city(said) == [("Mạng yếu", at, False)]
    rewrite(said, "Cả phường mất sóng")
    assert said_in_the_city(said) == [("Mạng yếu", at, True)]
    assert [
        (one.note, one.is_rewritten) for one in acts.day_difficulties(rollup.rows(said.city, f.DAY)).not_sent_up
    ] == [
        ("Nhiều hộ đi vắng", False),
        ("Cả phường mất sóng", True),
        ("Máy đời cũ", False),
    ]
    text = paper(said.city_clerk)
    assert "- Mạng yếu (phường Đằng Hải – quận Hải An)." in text
    assert "Ngoài ra, 2 đơn vị nêu khó khăn, vướng mắc trong báo cáo nhưng chưa được chuyển lên." in text
    page = markup(look(said.leader, "unit", "31", moment="2020-08-21 18:40"))
    assert "(đã chuyển lên lúc 18h00; sau đó đơn vị đã viết lại)" in page
    page = markup(look(said.district_clerk, "review", "306", f.DAY, moment="2020-08-21 18:40"))
    assert "đã viết lại sau khi chuyển lên cấp trên lúc 18h00: văn bản vẫn ghi “Mạng yếu”" in page
    assert f'value="{sent.pk}" id="tick-11416"' in page
    later = f.at("2020-08-21 18:50")
    for _twice in range(2):
        acts.pass_up(unit=said.district, day=f.DAY, reports=[sent], by=said.district_clerk, at=later)
    assert said_in_the_city(said) == [("Cả phường mất sóng", later, False)]
    assert said_in_the_city(said, f.at("2020-08-21 18:45")) == [("Mạng yếu", at, True)]
    assert PassedUp.objects.count() == 2


def test_what_was_sent_up_of_a_report_taken_back_is_said_no_longer(said):
    sent = said.commune.reports.get(day=f.DAY)
    acts.pass_up(unit=said.district, day=f.DAY, reports=[sent], by=said.district_clerk, at=f.at(EVENING))
    rewrite(said, "")  # now without words: the page still shows what was sent
    assert said_in_the_city(said) == [("Mạng yếu", f.at(EVENING), True)]
    at = f.at("2020-08-21 18:50")
    stamp = {"by": said.district_clerk, "at": at, "now": lambda: at}
    acts.void(unit=said.commune, day=f.DAY, reason="nhầm", base_version=2, **stamp)
    assert said_in_the_city(said) == []
