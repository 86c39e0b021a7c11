"""Malicious addresses and searches: whatever they contain, no page fails, leaks or redirects elsewhere.

The parameters of a page are found by watching what it reads, so that a new one is tested too.
"""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict
from django.test import Client

from reporting import acts
from tests import factories as f
from tests.prepared import prepared, undone
from tests.some import some

from . import routes
from .test_signing_in import NEW
from .visits import frozen, written

EVENING = "2020-08-21 17:30"
BEFORE = f.DAY - timedelta(days=1)
LONG = "9" * 5000
ODD = [
    *("\x00", LONG, "9999-12-31T23:59", "<script>alert(1)</script>"),
    *("", "-1", "0", "1e9", "9" * 30, "٣", "１", "\ud800", "\u202e", "../../etc/passwd", "%"),
    *("2020-02-30", "0001-01-01", "9999-12-31", "01/01/0001", "２０２０-０８-２１"),
    *("0001-01-01T00:00", "2020-08-21T17:00+25:00", "2020-W34-5T17:00"),
    *("' OR 1=1 --", "unit__users__password", "-password"),
]
SHAPES = ["{0}=1&{0}=-1", "{0}", "{0}[]=1", "{0}[0]=1", "{0}%00=1", "{0}=%ff%fe", "{0}=%", "%F0={0}"]
ELSEWHERE = [
    *("//evil.example/", "https://evil.example/", "http:evil.example", "javascript:alert(1)", "///evil.example"),
    *("\\\\evil.example/", "/\\evil.example/", "/\t/evil.example", "\t//evil.example", " //evil.example"),
    *("//a@evil.example", "https://testserver@evil.example/", "https://testserver.evil.example/", "//testserver:80@a"),
]
# The query parameters that each route reads, as the city's clerk; a new one fails the test until it is listed.
SORTED = ["agencies-sort", "sort"]
READ = {
    "reporting:unit_search": ["q"],
    "reporting:offline": ["language"],
    "reporting:unit": ["as_of", "day", "state"],  # its table is read by the test of sort columns
    "reporting:bulletin": ["as_of"],
    "reporting:ranking": ["as_of", "day", "q"]
    + [f"{level}-{what}" for level in ("agency", "commune", "district") for what in ("page", "sort")],
    "reporting:report_detail": ["as_of"],
    "reporting:report_list": ["as_of", "day", "format", "from", "page", "to"],
    "reporting:board": ["as_of"],
    "reporting:review": ["as_of", "unit"],
    "reporting:seal": ["as_of"],
    "reporting:changes": ["as_of"],
    "reporting:discipline": [*SORTED, "as_of", "from", "to"],
    "reporting:official": ["as_of", "show"],
    "reporting:workbook": ["as_of"],
    "reporting:paper": ["as_of"],
    "reporting:workbook_range": ["as_of"],
    "reporting:csv_range": ["as_of"],
    "reporting:import_list": ["page"],
    "reporting:people": ["page", "q", "state"],
    "reporting:access_records": ["from", "kind", "page", "to", "who"],
    "reporting:second_factor_set_up": ["next"],
    "reporting:second_factor_verify": ["next"],
    "login": ["next"],
    "password_change": ["next"],
    "set_language": ["next"],
}
ANSWERS = {200, 302, 400, 403, 404, 405, 422}
# Values in place of a code, a day, a kind or a number in an address.
ODD_CODES = [
    *("31%2F306", "%ff", "9" * 2000, "0", "31%20", "%2e%2e", "nope", "sYt", "%EF%BC%93%EF%BC%91", "31%27--"),
    *("%3Cb%3E", "%E2%80%AE31"),
]
ODD_DAYS = [
    *("2020-02-30", "9999-12-31", "%EF%BC%92020-08-21", "2020-8-1", "0001-01-01", "1999-12-31", "2020-13-01"),
    *("today", "2020-08-21T00"),
]
ODD_NUMBERS = ["0", "9" * 30, "-1", "1e9", "%D9%A3", "1.0", "0x1"]
AT_ONCE = [f"reporting:{name}" for name in ("unit", "report", "workbook_range", "person", "import_upload")]
FEW = slice(2)
OTHERS = slice(2, None)
# On a separate page, or to the phone.
SAY_WHY_NOT = {"reporting:report", "reporting:report_state", "reporting:late_request", "reporting:report_detail"}
DAYS_OF_NO_CAMPAIGN = ["2000-01-01", "2020-08-05", "2020-08-22", "2999-12-31"]


@prepared
def eventful(cast):
    """A seal, a report before it and a later one, so that every page has content."""
    for unit in (cast.commune, cast.stranger, cast.agency):
        f.make_report(unit, BEFORE, opening=500)
        f.make_report(unit)
    moment = f.at("2020-08-20 17:40")
    acts.seal(unit=cast.city, day=BEFORE, **f.stamp(None, moment))
    return cast


@pytest.fixture
def read_parameters(monkeypatch):
    """The parameters that were read since the set was last emptied."""
    seen = set()

    class Watched(QueryDict):
        def __getitem__(self, key):
            seen.add(key)
            return super().__getitem__(key)

        def __contains__(self, key):
            seen.add(key)
            return super().__contains__(key)

        def getlist(self, key, default=None):
            seen.add(key)
            return super().getlist(key, default)

    monkeypatch.setattr(WSGIRequest, "GET", property(lambda request: Watched(request.META.get("QUERY_STRING", ""))))
    return seen


@pytest.fixture
def clerk(eventful):
    client = Client()
    with frozen(EVENING):
        client.force_login(eventful.city_clerk)
        yield client


def encoded(name, text):
    return urlencode({name: text}, errors="surrogatepass")


def answer(client, path, method="get"):
    """A page's answer; the client raises if it fails."""
    page = getattr(client, method)(path)
    assert page.status_code in ANSWERS, path
    if page.status_code == 302:
        assert is_of_this_host(page.url), path
    if page.get("Content-Type", "").startswith("text/html"):
        assert "<script>" not in page.text, path
    return page


def is_of_this_host(url):
    """As a browser reads it: a backslash is a slash, and white space before and inside is ignored."""
    address = re.sub(r"[\t\r\n]", "", url).strip().replace("\\", "/")
    return urlsplit(urljoin("http://testserver/accounts/", address)).netloc == "testserver"


def found_to_be_read(client, path, read_parameters):
    """The parameters of a page without values, and of the page with values for those: they may lead to more."""
    read_parameters.clear()
    answer(client, path)
    found = set(read_parameters)
    for value in ("", "2020-08-20", "x"):
        read_parameters.clear()
        # Some pages read nothing without a query, and others refuse unknown parameters.
        answer(client, f"{path}?{urlencode(dict.fromkeys(found or ['nothing'], value))}")
        found |= read_parameters
    return sorted(found - {"nothing"})


@pytest.mark.matrix  # slow: all pages with all texts
@pytest.mark.parametrize("name", routes.names())
def test_no_parameter_that_a_page_reads_makes_it_fail(name, clerk, eventful, read_parameters):
    path = routes.address(name, day=BEFORE)
    if name == "login":
        clerk.logout()
    parameters = found_to_be_read(clerk, path, read_parameters)
    assert parameters == sorted(READ.get(name, [])), f"READ lacks for {name}: {set(parameters) - {*READ.get(name, [])}}"
    for parameter in parameters:
        for text in ODD:
            answer(clerk, f"{path}?{encoded(parameter, text)}")
        for shape in SHAPES:
            answer(clerk, f"{path}?{shape.format(quote(parameter))}")


@pytest.mark.parametrize("name", some(["unit", "discipline", "ranking"], ["ranking"]))
def test_table_ignores_unknown_sort_columns(name, clerk, subtests):
    path = routes.address(f"reporting:{name}", day=BEFORE)
    field = "district-sort" if name == "ranking" else "sort"

    def order(text=None):
        page = clerk.get(f"{path}?state=result&{'' if text is None else encoded(field, text)}")
        found = page.context["tables" if name == "ranking" else "table"]
        return [[row.record for row in table.rows] for table in (found if isinstance(found, list) else [found])]

    plain = order()
    for text in ("password", "-unit__users__password", "../x", "pk", "", "name.row", "\x00"):
        with subtests.test(text=text):
            assert order(text) == plain
    assert order("name")[0] != order("-name")[0]  # so that it can differ


@pytest.mark.parametrize("to", ELSEWHERE)
def test_nothing_leads_to_another_host(to, eventful):
    signing_in = {"username": "11416", "password": f.PASSWORD, "next": to}
    new = {"old_password": f.PASSWORD, "new_password1": NEW, "new_password2": NEW, "next": to}
    client = Client()
    for path, fields in [
        (f"/accounts/login/?{encoded('next', to)}", signing_in),
        (f"/accounts/login/?{encoded('next', to)}", None),  # of a person who is signed in already
        (f"/language/?{encoded('next', to)}", {"language": "en", "next": to}),
        (f"/accounts/password_change/?{encoded('next', to)}", new),
        ("/accounts/logout/?" + encoded("next", to), {"next": to}),
    ]:
        page = client.get(path) if fields is None else client.post(path, fields)
        assert page.status_code == 302, path
        assert is_of_this_host(page.url), path
    page = client.get(f"/accounts/login/?{encoded('next', to)}")
    carried = re.findall(r'name="next" value="([^"]*)"', page.text)
    assert [address for address in carried if not is_of_this_host(unescape(address))] == []


def test_referrer_leads_to_no_other_host(eventful, clerk):
    page = clerk.post("/language/", {"language": "en"}, headers={"referer": "https://evil.example/"})
    assert page.url == "/"


@pytest.mark.parametrize("which", [FEW, pytest.param(OTHERS, marks=pytest.mark.matrix)], ids=["few", "all others"])
@pytest.mark.parametrize("name", some([name for name, held in routes.names().items() if held], AT_ONCE))
def test_address_that_nobody_means_is_no_page_and_no_failure(name, which, clerk):
    odd = {
        "code": ODD_CODES,
        "kind": ODD_CODES,
        "role": ODD_CODES,
        "day": ODD_DAYS,
        "first": ODD_DAYS,
        "last": ODD_DAYS,
        "pk": ODD_NUMBERS,
        "digest": ODD_CODES,
    }
    for held in routes.names()[name]:
        for text in odd[held][which]:
            for method in ("get", "head", "post"):
                page = answer(clerk, routes.raw(name, **{held: text}), method)
                assert page.status_code in (403, 404, 405), (held, text)


@pytest.mark.matrix  # slow
@pytest.mark.parametrize(
    "day", [*DAYS_OF_NO_CAMPAIGN[:1], *[pytest.param(day, marks=pytest.mark.matrix) for day in DAYS_OF_NO_CAMPAIGN[1:]]]
)
def test_day_outside_of_the_campaign_is_no_failure_and_writes_nothing(day, clerk, eventful, subtests):
    before = written()
    dated = {name: held for name, held in routes.names().items() if {"day", "first"} & set(held)}
    assert len(dated) > 20
    for name, held in dated.items():
        with subtests.test(name=name), undone():
            for code in ("31", "306", "11416"):
                for method in ("get", "post"):
                    path = routes.raw(name, **{key: day for key in held if key != "code"}, code=code)
                    page = answer(clerk, path, method)
                    assert page.status_code in (403, 404, 405, 422) or name in SAY_WHY_NOT, path
            assert written() == before
