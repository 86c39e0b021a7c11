"""A city may have communes right below it beside its districts: every page and file of it is as of any other tree."""

import pytest
from django.test import Client

from reporting import acts
from tests import factories as f
from tests.prepared import prepared

from . import routes
from .visits import frozen

EVENING = "2020-08-21 18:00"
OF_MANY_DAYS = {"reporting:discipline", "reporting:report_list"}  # no one seal is theirs, and they say so


@prepared
def reported(cast):
    cast.island_commune = f.make_unit("11900", parent=cast.city, name="Đảo", kind="xã", population=900)
    for unit in (cast.commune, cast.island, cast.island_commune, cast.agency):
        f.make_report(unit, opening=20)
    at = f.at("2020-08-21 17:40")
    acts.seal(unit=cast.city, day=f.DAY, reason="Sớm", by=cast.city_clerk, at=at, now=lambda: at)
    return cast


@pytest.mark.matrix  # on a tree of three levels in every run
def test_every_address_of_a_unit_answers(reported, subtests):
    client = Client()
    with frozen(EVENING):
        client.force_login(reported.city_clerk)
        for name, held in routes.names().items():
            for code in ("31", "11900") if "code" in held else ():
                with subtests.test(name, code=code):
                    found = [client.get(routes.address(name, code=code), query) for query in ({}, {"as_of": "seal"})]
                    known = {200, 403, 404, 405} | ({422} if name in OF_MANY_DAYS else set())
                    assert {answer.status_code for answer in found} <= known
