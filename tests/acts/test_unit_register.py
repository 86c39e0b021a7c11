"""Units from a file: the real one, and every error in a file."""

from collections import Counter
from datetime import date

import pytest
from django.utils import translation

from reporting import demo
from reporting.acts.new_units import CENSUS_DAY
from reporting.acts.unit_register import BadFile
from reporting.imports import RowOutcome
from reporting.imports.kinds.units import import_units
from reporting.models import BaseFigure, Unit, UnitName

from ..factories import RECORDED_AT

REAL = (demo.DATA / "haiphong-2020-units.csv").read_bytes()
HEAD = "code,name,kind,level,parent_code,population,population_source,smartphone_users,households,phone"
SMALL = [
    "31,Hải Phòng,thành phố,city,,34098,census-2019",
    "306,Hải An,quận,district,31,34098,census-2019",
    "11416,Đằng Hải,phường,commune,306,19748,census-2019,15000,5100,0225 000 1416",
    "11407,Cát Bi,phường,commune,306,14350,census-2019",
    "SYT,Sở Y tế,,agency,31,7420,số liệu minh họa,6890",
]
LATER = date(2020, 9, 1)
IS_NO_LEVEL = "is not a level: write “cấp tỉnh”, “cấp huyện”, “cấp xã” or “sở, ban, ngành”."
IS_NO_CODE = "is not a code: use digits, capital letters and, after the first, “-” and “.”."


def text(*lines, head=HEAD):
    return "\n".join([head, *lines]) + "\n"


def load(*lines, **options):
    return import_units(text(*lines).encode(), now=lambda: RECORDED_AT, **options)


def stored():
    """Everything the import may write."""
    return [list(model.objects.order_by("pk").values()) for model in (Unit, UnitName, BaseFigure)]


def refused(*lines):
    """The errors; checks that nothing is written."""
    before = stored()
    with translation.override("en"):
        with pytest.raises(BadFile) as refusal:
            load(*lines)
        assert stored() == before
        return refusal.value.errors


@pytest.fixture
def small(db):
    load(*SMALL)


def test_real_file_gives_the_units_of_haiphong_and_again_changes_nothing(db):
    import_units(REAL, now=lambda: RECORDED_AT)
    assert Counter(Unit.objects.values_list("level", flat=True)) == {"city": 1, "district": 15, "commune": 217}
    assert Counter(UnitName.objects.values_list("kind", flat=True)) == {
        "thành phố": 1,
        "quận": 7,
        "huyện": 8,
        "phường": 66,
        "xã": 141,
        "thị trấn": 10,
    }
    figures = BaseFigure.objects.all()
    assert sum(figure.population for figure in figures) == 2_028_514
    assert {figure.unit.level for figure in figures.exclude(unit__code="318")} == {"commune"}
    assert figures.get(unit__code="318").population == 624
    assert figures.count() == 218
    before = stored()
    assert import_units(REAL, now=lambda: RECORDED_AT).counts == {RowOutcome.UNCHANGED: 233}
    assert stored() == before


def test_line_becomes_a_unit_with_name_and_base_figure(small):
    unit = Unit.objects.named(CENSUS_DAY).get(code="11416")
    assert (unit.level, unit.parent.code, unit.path) == ("commune", "306", "31/306/11416/")
    assert unit.phone == "0225 000 1416"
    assert (unit.name, unit.kind, unit.names.get().recorded_at) == ("Đằng Hải", "phường", RECORDED_AT)
    figure = unit.base_figures.get()
    assert (figure.population, figure.smartphone_users, figure.households) == (19748, 15000, 5100)
    assert (figure.effective_on, figure.source, figure.recorded_at) == (CENSUS_DAY, "census-2019", RECORDED_AT)


@pytest.mark.parametrize(("written", "kept"), [("0225 1", "0225 1"), ("", "0225 000 1416")])
def test_known_unit_gets_the_telephone_of_the_file_unless_it_is_empty(written, kept, small):
    load(f"11416,Đằng Hải,phường,commune,306,,,,,{written}", effective_on=LATER)
    assert Unit.objects.get(code="11416").phone == kept


@pytest.mark.parametrize(
    "figures",
    ["20000,census-2019,15000,5100", "19748,sở,15000,5100", "19748,census-2019,,5100", "19748,census-2019,15000,"],
)
def test_new_figure_is_added_from_its_day(figures, small):
    load(f"11416,Đằng Hải,phường,commune,306,{figures}", effective_on=LATER)
    unit = Unit.objects.get(code="11416")
    older, newer = unit.base_figures.all()
    assert (older.population, older.effective_on) == (19748, CENSUS_DAY)
    newer_figures = (newer.population, newer.source, newer.smartphone_users or "", newer.households or "")
    assert (",".join(map(str, newer_figures)), newer.effective_on) == (figures, LATER)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a1,Tên,xã,commune,306,5,x", f"“a1” {IS_NO_CODE}"),
        ("9/9,Tên,xã,commune,306,5,x", f"“9/9” {IS_NO_CODE}"),
        (",Tên,xã,commune,306,5,x", f"“” {IS_NO_CODE}"),
        ("11407,Tên,xã,commune,306,5,x", "code 11407 is already on line 5."),
        ("99,,xã,commune,306,5,x", "the name is empty."),
        ("99,Tên,xã,ward,306,5,x", f"“ward” {IS_NO_LEVEL}"),
        ("99,Tên,xã,commune,307,5,x", "the superior 307 is neither in the file nor known."),
        ("99,Tên,xã,commune,306,0,x", "Population: The population cannot be 0."),
        ("99,Tên,xã,commune,306,5,", "Source of the population: The figure has no source."),
        ("99,Tên,xã,commune,306,1.23,x", "Population: “1.23” is not a whole number."),
        ("99,Tên,xã,commune,306,-5,x", "Population: “-5” is not a whole number."),
        ("99,Tên,xã,commune,306,5,x,mười", "Smartphone users: “mười” is not a whole number."),
        ("99,Tên,xã,commune,306,5,x,,1e3", "Households: “1e3” is not a whole number."),
        ("99,Tên,xã,commune,306,,,3", "Smartphone users: The population is missing."),
        ("99,Tên,xã,commune,306,5,x,3,6", "Households: More than the population."),
        ("00099,Tên,xã,commune,00099,5,x", "00099 is its own superior."),
        (f"99,{'Đ' * 151},xã,commune,306,5,x", "the text in name is too long."),
        (f"99,Tên,{'x' * 31},commune,306,5,x", "the text in kind is too long."),
        ("99,Tên,xã,commune,,5,x", "the superior is missing."),
    ],
)
def test_bad_row_names_its_line_and_nothing_is_written(line, words, db):
    assert [error for error in refused(*SMALL, line) if error.startswith("Line 7: ")] == [f"Line 7: {words}"]


def test_circle_of_superiors_is_refused(db):
    assert refused("001,A,huyện,district,002,,", "002,B,huyện,district,001,,") == ["Line 2: 001 is its own superior."]


@pytest.mark.parametrize("line", ["11416,Đằng Hải,phường,district,306,,", "11416,Đằng Hải,phường,commune,31,,"])
def test_known_unit_keeps_its_level_and_superior(line, small):
    assert refused(line) == ["Line 2: unit 11416 exists with another level or superior."]
