"""visit.py SITE FOLDER: writes every kind of page of a demonstration as four roles and nobody see it, in two languages.

Also the OpenAPI document and, as `session`, cookies of the city's clerk.
"""

import re
import sys
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

PASSWORD = "bluezone-demo"
KINDS = {"text/html": "html", "application/json": "json"}
FIRST = ["/", "/api/v1/openapi.json"]


def signed_in(site, role, language):
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    browser.addheaders = [("Accept-Language", language)]
    page = browser.open(f"{site}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    fields = urlencode({"csrfmiddlewaretoken": token, "username": role, "password": PASSWORD}).encode()
    browser.open(Request(f"{site}/accounts/login/", fields, {"Referer": site}))  # nobody's password is wrong
    return browser, "; ".join(f"{one.name}={one.value}" for one in cookies)


def kind_of(path):
    """Pages that differ only in a unit, day or number are one kind."""
    address, _, query = path.partition("?")
    return re.sub(r"/(\d[\d.:T-]*|[A-Z]{2,})(?=[/.])", "/*", address), *sorted(re.findall(r"(?:^|&)(\w+)=", query))


def visit(browser, site, folder):
    seen, waiting = set(), list(FIRST)
    while waiting:
        path = waiting.pop(0)
        if kind_of(path) in seen:
            continue
        seen.add(kind_of(path))
        try:
            answer = browser.open(site + path, timeout=60)
        except HTTPError as error:
            if error.code >= 500:
                raise
            answer = error
        ending = KINDS.get(answer.headers.get_content_type())
        if ending:
            text = answer.read().decode()
            (folder / f"{re.sub(r'[^a-z0-9.-]+', '_', path)[:90]}.{ending}").write_text(text)
            links = [urljoin(path, unescape(one)) for one in re.findall(r'<a[^>]*\shref="([^"#]+)', text)]
            waiting += [link for link in links if link.startswith("/")]  # neither mail nor telephone


site, pages = sys.argv[1], Path(sys.argv[2])
for language in ("vi", "en"):
    for role in ("nobody", "11416", "306", "admin", "31"):
        browser, cookies = signed_in(site, role, language)
        assert ("sessionid" in cookies) == (role != "nobody"), f"{role} is not signed in"
        folder = pages / f"{role}-{language}"
        folder.mkdir(parents=True)
        visit(browser, site, folder)
(pages / "session").write_text(cookies)
