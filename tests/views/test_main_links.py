"""Every page of a unit stands under one of the main links at the top, which is marked."""

import re

import pytest

from tests.factories import DAY, make_report, make_seal
from tests.some import some

from . import routes
from .visits import frozen, signed_in

OWN = {"officer": "commune", "district_clerk": "district", "city_clerk": "city", "leader": "city"}


@pytest.mark.parametrize("person", some(OWN, ["city_clerk"]))
def test_every_page_of_a_unit_marks_one_main_link(person, cast):
    for unit in (cast.commune, cast.neighbour, cast.island):
        make_report(unit)
    make_seal(cast.city, cast.city_clerk)
    client, marked = signed_in(getattr(cast, person)), {}
    for name in routes.of_a_unit():
        with frozen("2020-08-21 18:00"):
            page = client.get(routes.address(f"reporting:{name}", code=getattr(cast, OWN[person]).code, day=DAY))
        if page.status_code == 200 and b"main-ways" in page.content:
            links = re.search(r'<nav class="main-ways.*?</nav>', page.text, re.DOTALL)[0]
            marked[name] = links.count('aria-current="true"')
    assert set(marked.values()) == {1}, marked
