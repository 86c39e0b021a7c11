"""A place other than Hai Phong: a made-up province with huyện and a thị xã, without a quận and without a thành phố.

If a page, paper or file names a city, a quận or Hai Phong, that word was written for one place only.
"""

import io
import re
import zipfile
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.test import Client

from reporting import acts, imports
from reporting.pages.navigation import GUIDE_TITLES
from reporting.text import unit_kinds
from tests import factories as f
from tests.prepared import prepared
from tests.views import routes
from tests.views.visits import frozen

BEFORE = f.DAY - timedelta(days=1)
EVENING = "2020-08-21 17:20"
FOREIGN = {
    "vi": re.compile(r"hải phòng|hai ?phong|hải an|đằng hải|dang hai|thành phố|\bTP\b|quận", re.IGNORECASE),
    "en": re.compile(r"hải phòng|hai ?phong|đằng hải|dang hai|thành phố|quận|\bcity|\bcities", re.IGNORECASE),
}
# Words that are right in any place: the kinds that a file of units may name.
OF_ANY_PLACE = {"/imports/units/template.xlsx"}
PEOPLE = {  # who visits, and which units
    "clerk": ("02", "024", "026", "0241", "SYT"),
    "leader": ("02",),
    "district_clerk": ("024", "0241"),
    "officer": ("0241",),
    "lone_officer": ("026",),
    "focal_person": ("SYT",),
}
IN_EVERY_RUN = {"officer"}
KINDS = sorted(imports.KINDS)


def make_province():
    """A province played for two days: sealed yesterday; today late requests wait and a unit has not reported."""
    f.make_directive(issuer="UBND tỉnh Sơn Lâm")
    top = f.make_unit("02", level="city", name="Sơn Lâm", kind="tỉnh", phone="0219 000 0002")
    district = f.make_unit("024", parent=top, level="district", name="Bản Cao", kind="huyện", phone="0219 000 0024")
    town = f.make_unit("025", parent=top, level="district", name="Sông Trong", kind="thị xã")
    lone = f.make_unit("026", parent=top, level="district", name="Đảo Đá", kind="huyện", population=700)
    commune = f.make_unit("0241", parent=district, name="Suối Trong", kind="xã", population=5200)
    township = f.make_unit("0242", parent=district, name="Bản Cao", kind="thị trấn", population=3100)
    ward = f.make_unit("0251", parent=town, name="Trần Phú", kind="phường", population=8000)
    agency = f.make_unit("SYT", parent=top, level="agency", name="Sở Y tế", population=700, smartphone_users=650)
    return SimpleNamespace(
        top=top,
        district=district,
        town=town,
        lone=lone,
        commune=commune,
        township=township,
        ward=ward,
        agency=agency,
        clerk=f.make_user("02", top),
        district_clerk=f.make_user("024", district),
        town_clerk=f.make_user("025", town),
        officer=f.make_user("0241", commune),
        lone_officer=f.make_user("026", lone),
        focal_person=f.make_user("SYT", agency),
        leader=f.make_user("lanhdao", top, is_viewer=True),
    )


@prepared
def province():
    place = make_province()
    yesterday, today = BEFORE.isoformat(), f.DAY.isoformat()
    for unit in (place.commune, place.township, place.ward, place.lone, place.agency):
        f.make_report(unit, BEFORE, installs=40, opening=200, note="Mạng yếu")
    by, at = place.district_clerk, f.at(f"{yesterday} 17:20")
    versions = acts.versions_below(place.district, BEFORE)
    acts.sign_off(unit=place.district, day=BEFORE, versions=versions, **f.stamp(by, at))
    at = f.at(f"{yesterday} 17:40")
    acts.seal(unit=place.top, day=BEFORE, reason="Sớm", **f.stamp(place.clerk, at))
    f.make_report(place.township, installs=30, note="Máy cũ", by=None)
    f.make_late_request(place.commune, place.officer, received_at=f.at(f"{today} 17:05"))
    f.make_official(place.district, 300)
    f.make_extension(place.town, reason="Mưa bão", until=f.at(f"{today} 18:00"))
    f.make_exempt_day(place.agency, f.DAY + timedelta(days=1))
    f.make_unit_hour(place.lone, "18:00", f.DAY + timedelta(days=1))
    f.make_downtime()
    return place


def addresses(codes):
    """Every address with these units, sealed yesterday and today."""
    for name, held in routes.names().items():
        for code in codes if "code" in held else ("",):
            for day in (f.DAY, BEFORE) if "day" in held and code in ("02", "0241") else (f.DAY,):
                for kind in KINDS if "kind" in held and "pk" not in held else ("reports",):
                    values = {"code": code, "day": day, "first": BEFORE, "last": f.DAY, "kind": kind, "pk": 1}
                    yield routes.address(name, **values)


def words(response) -> str:
    """The readable text of a page or a file."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(content))
        return unescape(" ".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml")))
    return unescape(re.sub(r"<!--.*?-->", "", content.decode(), flags=re.DOTALL))


def foreign(client, address, language, **options):
    """Words of another place in an answer, each with some words around it."""
    client.cookies["language"] = client.cookies["django_language"] = language
    answer = client.get(address, **options)
    said = " ".join(words(answer).split()) + str(answer.headers)
    # A list, a level in a column of the statistics office's catalogue, and names in the code.
    for known in ("; ".join(unit_kinds.KINDS), "province or city", "/guide/city/", "guide-city"):
        said = said.replace(known, "")
    return [said[max(m.start() - 60, 0) : m.end() + 60] for m in FOREIGN[language].finditer(said)]


@pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.matrix)])
@pytest.mark.parametrize(
    "person", [p if p in IN_EVERY_RUN else pytest.param(p, marks=pytest.mark.matrix) for p in PEOPLE]
)
def test_no_page_or_file_of_a_province_names_another_place(province, person, language):
    client, found = Client(), {}
    guides = [routes.address("reporting:guide_of", role=role) for role in GUIDE_TITLES]
    with frozen(EVENING):
        client.force_login(getattr(province, person))
        for address in [*addresses(PEOPLE[person]), *guides]:
            if address not in OF_ANY_PLACE | {"/accounts/logout/"}:
                found[address] = foreign(client, address, language)
    assert {address: said for address, said in found.items() if said} == {}
    assert len(found) > 60


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_page_without_a_session_names_another_place(province, language, settings):
    client = Client()
    with frozen(EVENING):
        for address in ("/accounts/login/", "/units/x/"):
            assert foreign(client, address, language, follow=True) == []
