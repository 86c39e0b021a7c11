"""A difficulty that a district sends up stands in the city's paper in the words that were sent."""

import io

from docx import Document

from reporting import acts
from reporting.figures import rollup
from reporting.models import PassedUp

from .. import factories as f
from ..prepared import prepared
from .visits import look, markup

EVENING = "2020-08-21 18:00"
NOTES = {"commune": "Mạng yếu", "neighbour": "Nhiều hộ đi vắng", "stranger": "Máy đời cũ"}


@prepared
def said(cast):
    """Three communes of two districts name a difficulty each; no district sends any up."""
    for name, note in NOTES.items():
        f.make_report(getattr(cast, name), installs=3, note=note)
    return cast


def paper(user, query=""):
    response = look(user, "paper", "31", f.DAY, moment=EVENING, query=query)
    return [paragraph.text for paragraph in Document(io.BytesIO(response.content)).paragraphs]


def test_paper_does_not_say_that_there_is_no_difficulty(said):
    assert not [line for line in paper(said.city_clerk) if "khó khăn" in line.lower()]


def rewrite(cast, note, hour="18:30"):
    at = f.at(f"2020-08-21 {hour}")
    stamp = {"by": cast.district_clerk, "at": at, "now": lambda: at, "reason": "gọi lại"}
    version = cast.commune.reports.get(day=f.DAY).version
    acts.enter(unit=cast.commune, day=f.DAY, installs=3, note=note, base_version=version, **stamp)


def said_in_the_city(cast, as_of=None):
    found = acts.day_difficulties(rollup.rows(cast.city, f.DAY, as_of))
    return [(one.note, one.passed_up_at, one.is_rewritten) for one in found]


def test_sent_up_difficulty_keeps_its_words_until_new_ones_are_sent(said):
    at, sent = f.at(EVENING), said.commune.reports.get(day=f.DAY)
    acts.pass_up(unit=said.district, day=f.DAY, reports=[sent], by=said.district_clerk, at=at)
    assert said_in_the_city(said) == [("Mạng yếu", at, False)]
    rewrite(said, "Cả phường mất sóng")
    assert said_in_the_city(said) == [("Mạng yếu", at, True)]
    text = paper(said.city_clerk)
    assert "- Mạng yếu (phường Đằng Hải – quận Hải An)." in text
    page = markup(look(said.leader, "unit", "31", moment="2020-08-21 18:40", query="?state=result"))
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
