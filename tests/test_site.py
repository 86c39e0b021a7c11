"""The site follows from the register: the sealing unit above the person, and the office that it has set."""

from datetime import timedelta

from django.test import Client

from reporting import site
from tests import factories as f
from tests.views.visits import frozen, look, markup

HEAD = '<span class="head-office">{}</span>'


def test_site_without_units_has_no_name(db):
    with frozen("2020-08-21 12:00"):
        assert (site.current().full_name, site.current().head) == ("", "")
        assert Client().get("/accounts/login/").status_code == 200


def test_head_names_what_stands_at_the_top(db):
    province = f.make_unit("02", level="city", name="Sơn Lâm", kind="tỉnh")
    clerk = f.make_user("02", province)
    with frozen("2020-08-21 12:00"):
        page = Client().get("/accounts/login/")
    assert HEAD.format("UBND TỈNH SƠN LÂM · SỞ TT&amp;TT") in markup(page)
    assert HEAD.format("UBND TỈNH SƠN LÂM · SỞ TT&amp;TT") in markup(look(clerk, "unit", "02"))
    f.make_office(province)
    assert HEAD.format("UBND TỈNH SƠN LÂM · SỞ KH&amp;CN") in markup(look(clerk, "unit", "02"))


def test_newest_office_holds_and_rings_the_unit_where_it_has_no_number(db):
    province = f.make_unit("02", level="city", name="Sơn Lâm", kind="tỉnh", phone="0219 000 0002")
    f.make_office(province)
    f.make_office(province, recorded_at=f.RECORDED_AT + timedelta(days=1), short_name="Sở KHCN")
    of_now = site.top_site(f.DAY)
    assert (of_now.office.short_name, of_now.office.phone) == ("Sở KHCN", "0219 000 0002")


def test_each_city_of_a_country_has_its_own_site(db):
    nation = f.make_nation()
    found = [site.site_of(unit, f.DAY) for unit in (nation.commune, nation.foreigner, nation.country)]
    assert [(one.in_a_sentence, one.top) for one in found] == [
        ("thành phố Hải Phòng", "thành phố"),
        ("thành phố Cần Thơ", "thành phố"),
        ("Việt Nam", "tỉnh, thành phố"),
    ]
    assert site.top_site(f.DAY).full_name == "Việt Nam"
