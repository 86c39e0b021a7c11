"""Every address that answers a GET, visited in both languages, light and dark, on a phone and on a desktop."""

from datetime import timedelta

import pytest

from bluezone_report.urls import urlpatterns as site
from reporting import acts
from reporting.urls import urlpatterns

from ..factories import (
    DAY,
    at,
    make_downtime,
    make_late_request,
    make_official,
    make_report,
    stamp,
)
from .devices import SCREENS
from .inspection import check_accessibility, check_appearance
from .steps import give_session, with_history

BEFORE = DAY - timedelta(days=1)
SEALED_AT = at("2020-08-20 17:40")
AT_A_DESK = [("desk", "light"), ("desk", "dark")]
# Each is (which routes, which visits of each route): FIRST_VISITS has every third route, its first visit only.
ALL = (slice(None), slice(None))
FIRST_VISITS = [(slice(begin, None, 3), slice(1)) for begin in range(3)]
LATER_VISITS = (slice(None), slice(1, None))

# By route name: who visits it, and where. Routes that only accept a POST or give a file have no page.
PAGES = {
    "unit": [
        ("city_clerk", "/units/31/"),
        ("leader", f"/units/31/?day={BEFORE}"),
        ("city_clerk", f"/units/31/?day={BEFORE}&as_of=seal"),
        ("city_clerk", f"/units/31/?day={BEFORE}&as_of={BEFORE}T18:00"),
        ("city_clerk", "/units/31/?as_of=2999-01-01T00:00"),
        ("district_clerk", "/units/306/"),
        ("officer", "/units/11416/"),
        ("officer", f"/units/11416/?day={BEFORE}&as_of=seal"),
        ("focal_person", "/units/SYT/"),
    ],
    "report": [("officer", f"/units/11416/report/{DAY}/"), ("officer", f"/units/11416/report/{BEFORE}/")],
    "report_detail": [("officer", f"/units/11416/reports/{BEFORE}/")],
    "own_reports": [("officer", f"/reports/{DAY}/")],
    "report_list": [
        ("officer", "/units/11416/reports/"),
        ("district_clerk", "/units/306/reports/"),
        ("district_clerk", "/units/306/reports/?from=2020-08-20&to=2020-08-06&format=xlsx"),
    ],
    "workbook_range": [("city_clerk", "/units/31/workbook/2020-05-06/2020-08-21.xlsx")],
    "csv_range": [("city_clerk", f"/units/31/workbook/{DAY}/{BEFORE}.csv")],
    "late_request": [("officer", f"/units/11416/late/{BEFORE}/")],
    "board": [
        ("city_clerk", f"/units/31/board/{DAY}/"),
        ("district_clerk", f"/units/306/board/{BEFORE}/?as_of=seal"),
    ],
    "entry": [("district_clerk", f"/units/306/entry/{DAY}/")],
    "discipline": [("district_clerk", "/units/306/discipline/"), ("officer", "/units/11416/discipline/")],
    "ranking": [
        ("city_clerk", "/units/31/ranking/"),
        ("leader", f"/units/31/ranking/?day={BEFORE}&as_of=seal"),
        ("district_clerk", f"/units/306/ranking/?day={BEFORE}"),
        ("officer", "/units/11416/ranking/"),
    ],
    "bulletin": [
        ("city_clerk", f"/units/31/bulletin/{BEFORE}/?as_of=seal"),
        ("leader", f"/units/31/bulletin/{DAY}/"),
        ("district_clerk", f"/units/306/bulletin/{BEFORE}/"),
        ("island_officer", f"/units/318/bulletin/{DAY}/"),
    ],
    "review": [("district_clerk", f"/units/306/review/{BEFORE}/")],
    "seal": [("city_clerk", f"/units/31/seal/{BEFORE}/"), ("city_clerk", f"/units/31/seal/{DAY}/")],
    "changes": [("city_clerk", f"/units/31/changes/{BEFORE}/"), ("officer", f"/units/11416/changes/{BEFORE}/")],
    "official": [
        ("city_clerk", f"/units/31/official/{DAY}/"),
        ("city_clerk", f"/units/306/official/{BEFORE}/"),
        ("city_clerk", f"/units/31/official/{BEFORE}/?as_of=seal"),
        ("district_clerk", f"/units/306/official/{BEFORE}/"),
        ("officer", f"/units/11416/official/{BEFORE}/?show=devices"),
    ],
    "unit_search": [("city_clerk", "/units/?q=hai"), ("district_clerk", "/units/")],
    "inbox": [("district_clerk", "/inbox/"), ("officer", "/inbox/")],
    "campaign": [("city_clerk", "/campaign/")],
    "campaign_withdraw": [("city_clerk", "/campaign/downtime/{downtime}/withdraw/")],
    "reorganise": [("city_clerk", "/campaign/reorganise/")],
    "import_list": [("city_clerk", "/imports/"), ("district_clerk", "/imports/")],
    "import_upload": [
        ("city_clerk", "/imports/units/"),
        ("district_clerk", "/imports/reports/"),
        ("district_clerk", "/imports/people/"),
    ],
    "people": [("city_clerk", "/people/"), ("district_clerk", "/people/?state=never")],
    "covers": [("district_clerk", "/people/covers/")],
    "person_add": [("district_clerk", "/people/add/")],
    "person": [("city_clerk", "/people/{officer}/")],
    "second_factor": [("city_clerk", "/account/second-factor/"), ("officer", "/account/second-factor/")],
    "session_list": [("officer", "/account/sessions/")],
    "second_factor_set_up": [("city_clerk", "/account/second-factor/set-up/")],
    "tokens": [("city_clerk", "/people/tokens/")],
    "api_docs": [("officer", "/api/")],
    "mail": [("city_clerk", "/account/mail/"), ("officer", "/account/mail/")],
    "access_records": [("city_clerk", "/people/access/"), ("city_clerk", "/people/access/?kind=signed_in&who=31")],
    "password_change": [("officer", "/accounts/password_change/")],
    "password_change_done": [("officer", "/accounts/password_change/done/")],
    "login": [(None, "/accounts/login/")],
    "guide": [(None, "/guide/"), ("city_clerk", "/guide/"), ("officer", "/guide/")],
    "guide_of": [("leader", "/guide/leader/"), ("district_clerk", "/guide/district/")],
    "offline": [(None, "/offline/")],
}
WITHOUT_A_PAGE = {
    *("home", "healthz", "report_state", "worker", "icon", "manifest", "workbook", "paper"),
    *("logout", "set_language", "hints_close"),
    *("import_template", "import_preview", "import_undo"),  # a preview needs a file: test_imports.py visits it
    *("report_void", "late_withdraw", "remind", "campaign_add"),
    *("token_revoke", "mail_confirm", "mail_choose"),
    "official_record",
    *("person_reset", "person_leave", "cover_end", "second_factor_reset", "session_end"),
    # For people who owe a code or have a second factor: test_second_factor.py visits them.
    *("second_factor_verify", "second_factor_off"),
    *("passkey_sign_in", "passkey_add", "passkey_remove"),  # test_passkeys.py
    *("sign_off", "withdraw", "decide", "reopen", "void", "adjust", "pass_up", "seal_undo"),
}


def names(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names(pattern.url_patterns) if pattern.app_name != "api" else ()
        elif pattern.name:
            yield pattern.name


def test_every_route_has_its_line_here():
    assert {*names(site), *names(urlpatterns)} == {*PAGES, *WITHOUT_A_PAGE}


@pytest.fixture
def eventful(cast):
    """Every page has something to show: a history, a seal and later changes, a waiting request."""
    with_history(cast)
    for unit in (cast.neighbour, cast.stranger, cast.agency):
        make_report(unit, BEFORE, installs=12, opening=500)
    acts.seal(unit=cast.city, day=BEFORE, reason="Sớm", **stamp(cast.city_clerk, SEALED_AT))
    later = SEALED_AT + timedelta(minutes=30)
    signed = stamp(cast.district_clerk, later)
    acts.adjust(unit=cast.neighbour, day=BEFORE, adjustment=-3, reason="Trùng máy", base_version=1, **signed)
    make_late_request(cast.stranger, cast.stranger_officer, BEFORE, received_at=later, base_version=1)
    make_official(cast.city, 4000, BEFORE)
    make_official(cast.district, 3000, BEFORE, source="Công văn 12")
    make_official(cast.commune, 3000, BEFORE)
    make_official(cast.neighbour, 400, BEFORE)
    cast.downtime = make_downtime()
    return cast


@pytest.mark.parametrize(
    ("language", "looks", "which"),
    [
        pytest.param("vi", [("phone", "light")], FIRST_VISITS[0], id="vi-phone-light-third"),
        pytest.param("vi", [("phone", "light")], FIRST_VISITS[1], id="vi-second-third", marks=pytest.mark.matrix),
        pytest.param("vi", [("phone", "light")], FIRST_VISITS[2], id="vi-last-third", marks=pytest.mark.matrix),
        pytest.param("vi", [("phone", "light")], LATER_VISITS, id="vi-phone-light-later", marks=pytest.mark.matrix),
        pytest.param("vi", [("phone", "dark"), *AT_A_DESK], ALL, id="vi-other-looks", marks=pytest.mark.matrix),
        pytest.param("en", [("phone", "light"), ("phone", "dark")], ALL, id="en-phone", marks=pytest.mark.matrix),
        pytest.param("en", AT_A_DESK, ALL, id="en-desk", marks=pytest.mark.matrix),
    ],
)
def test_every_page_fits_is_accessible_and_in_one_language(language, looks, which, eventful, open_browser, live_server):
    wanted = {}
    routes, some = which
    for visits in list(PAGES.values())[routes]:
        for person, path in visits[some]:
            wanted.setdefault(person, []).append(path)
    page = open_browser()
    page.emulate_media(reduced_motion="reduce")  # so that no button is checked in the middle of a colour change
    for person, paths in wanted.items():
        page.context.clear_cookies()
        if person:
            give_session(page, getattr(eventful, person))
        page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        for path in paths:
            page.goto(path.format(officer=eventful.officer.pk, downtime=eventful.downtime.pk))
            assert page.title().strip()
            assert "/login/" not in page.url or not person, path
            for screen, scheme in looks:
                page.set_viewport_size(SCREENS[screen])
                page.emulate_media(color_scheme=scheme)
                check_appearance(page, language=language)
                check_accessibility(page)
