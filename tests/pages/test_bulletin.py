"""The bulletin's words: the exact lines of the message, and what is cut to fit."""

from datetime import date

import pytest

from reporting.figures import ranking
from reporting.models import Seal
from reporting.pages import bulletin

from ..factories import DAY, at, make_day_rollup, make_exempt_day, make_figure, make_passed_up, make_report, make_unit

UNTIL = at("2020-08-21 17:00")
SEALED_AT = at("2020-08-21 17:40")
CITY = make_figure("31/", name="Thành phố Hải Phòng")


def make_commune(path, *, reported=True, **fields):
    """A commune of 10.000 people; 10 of its installs were reported on the day, or it has no report."""
    return make_figure(path, **{"population": 10_000, "installs": 10 if reported else None, **fields})


def make_city(*, is_all=True, of_agency=5, **fields):
    """Districts A (30,00%) and B (20,00%) with two communes and one, and an agency."""
    return make_day_rollup(
        CITY,
        make_figure("31/A/", name="Quận A"),
        make_commune("31/A/1/", name="Phường Cát Bi", cumulative=4000, **fields),
        make_commune("31/A/2/", name="Phường Đằng Hải", cumulative=2000, reported=is_all),
        make_figure("31/B/", name="Huyện B"),
        make_commune("31/B/3/", name="Xã An Sơn", cumulative=2000),
        make_figure("31/SYT/", name="Sở Y tế", level="agency", population=100, installs=of_agency),
    )


def message(figures, **fields):
    return bulletin.message(figures, **{"name": "toàn thành phố", "until": UNTIL, **fields})


def test_message_of_a_city_that_has_reported_whole():
    assert message(make_city()) == (
        "Đến 17h00 ngày 21/08/2020 toàn thành phố có 8.000 máy cài, đạt 26,66% dân số (chỉ tiêu 60%);"
        " trong ngày cài mới 30 máy; 3/3 đơn vị đã báo cáo.\n"
        "Dẫn đầu: Quận A 30,00%; thấp nhất: Huyện B 20,00%.\n"
        "Tất cả các đơn vị đã báo cáo."
    )


def test_message_does_not_say_that_all_have_reported_while_an_agency_is_silent():
    assert message(make_city(of_agency=None)).splitlines()[1:] == ["Dẫn đầu: Quận A 30,00%; thấp nhất: Huyện B 20,00%."]


def test_message_with_one_unit_missing_names_it_and_its_superior():
    assert message(make_city(is_all=False)).splitlines() == [
        "Đến 17h00 ngày 21/08/2020 toàn thành phố có 8.000 máy cài, đạt 26,66% (tạm tính, 2/3) dân số (chỉ tiêu 60%);"
        " trong ngày cài mới 20 máy; 2/3 đơn vị đã báo cáo.",
        "Dẫn đầu: Quận A 30,00%; thấp nhất: Huyện B 20,00% (tạm tính).",
        "Chưa báo cáo: Phường Đằng Hải (Quận A).",
    ]


def test_message_of_another_moment_names_it_and_no_seal():
    last = message(make_city(), as_of=at("2020-08-21 17:20"), seal=Seal(at=SEALED_AT)).splitlines()[-1]
    assert last == "Tất cả các đơn vị đã báo cáo. Số liệu tại thời điểm 17h20 ngày 21/08/2020, không phải số hiện tại."


def test_message_of_a_district_names_first_and_last_communes_and_five_missing_ones():
    communes = [
        make_commune(f"306/{number}/", name=f"Phường {number}", cumulative=1000 * number, reported=number > 7)
        for number in range(1, 9)
    ]
    figures = make_day_rollup(make_figure("306/", name="Quận Hải An"), *communes)
    assert message(figures, name="quận Hải An") == (
        "Đến 17h00 ngày 21/08/2020 quận Hải An có 36.000 máy cài, đạt 45,00% (tạm tính, 1/8) dân số (chỉ tiêu 60%);"
        " trong ngày cài mới 10 máy; 1/8 đơn vị đã báo cáo.\n"
        "Dẫn đầu: Phường 8 80,00%, Phường 7 70,00%, Phường 6 60,00%;"
        " thấp nhất: Phường 3 30,00%, Phường 2 20,00%, Phường 1 10,00% (tạm tính).\n"
        "Chưa báo cáo: Phường 1, Phường 2, Phường 3, Phường 4, Phường 5 và 2 đơn vị khác."
    )


def test_day_on_which_nobody_owes_a_report_says_nothing_of_reports(cast):
    make_exempt_day(cast.city, DAY)
    make_report(cast.commune, installs=8, opening=100, day=date(2020, 8, 20))
    found = made(cast.district)
    assert found.message.splitlines()[0] == (
        "Đến 17h00 ngày 21/08/2020 quận Hải An có 108 máy cài, đạt 0,31% dân số (chỉ tiêu 60%)."
    )
    assert "báo cáo" not in found.message
    assert (found.figures.own.expected, found.not_reported) == (0, "")


@pytest.mark.parametrize(
    ("cumulatives", "best", "last"),
    [
        ([], [], []),
        ([5], [], []),
        ([5, 5, 5], [], []),
        ([9, 5], ["1"], ["2"]),
        ([9, 8, 7], ["1"], ["3"]),
        ([9, 8, 7, 6], ["1", "2"], ["3", "4"]),
        ([9, 5, 5, 5], ["1"], ["3", "4"]),
        ([9, 9, 9, 5], ["1", "2"], ["4"]),
        ([9, 8, 7, 6, 5, 4, 3], ["1", "2", "3"], ["5", "6", "7"]),
        ([9, 8, None, 7], ["1"], ["4"]),
        ([101, 8, 7, 6], ["2"], ["3", "4"]),  # more than all its people: a mistake leads nobody
    ],
)
def test_ends_name_nobody_twice_and_nobody_where_all_stand_alike(cumulatives, best, last):
    communes = [
        make_commune(f"306/{number}/", population=100, cumulative=cumulative)
        for number, cumulative in enumerate(cumulatives, start=1)
    ]
    found = bulletin.ranking_ends(ranking.ranked_units(make_day_rollup(make_figure("306/", population=1), *communes)))
    assert [[line.row.code for line in lines] for lines in (found.best, found.last)] == [best, last]


@pytest.mark.parametrize(
    ("count", "lengths"), [(0, []), (1, [1]), (12, [12]), (13, [7, 6]), (15, [8, 7]), (37, [19, 18])]
)
def test_long_table_stands_in_two_columns_with_the_total_at_the_end(count, lengths):
    lines = list(range(count))
    found = bulletin.columns(lines)
    assert [len(column) for column in found] == lengths
    assert [line for column in found for line in column] == lines


def test_too_long_table_is_left_to_ranking_and_workbook():
    assert bulletin.columns(list(range(bulletin.MOST_LINES + 1))) == []


def made(unit, *, moment="2020-08-21 17:00", as_of=None):
    named = type(unit).objects.named(DAY).get(pk=unit.pk)
    figures = bulletin.trends.rollup.rows(named, DAY, as_of)
    return bulletin.bulletin_of(named, figures, until=UNTIL, at=at(moment), as_of=as_of)


def test_table_goes_by_rank_those_without_one_last(cast):
    make_report(cast.neighbour, installs=10, opening=3000)
    make_report(cast.commune, installs=88, opening=1000)
    make_unit("11000", parent=cast.district, name="An Chưa", kind="phường", population=10)
    [lines] = made(cast.district).columns
    assert [(line.row.code, line.rank) for line in lines] == [("11407", 1), ("11416", 2), ("11000", None)]


def test_difficulties_are_those_that_the_districts_sent_up_cut_to_three(cast):
    kept = make_report(cast.neighbour, note="Mạng yếu")
    for unit, note in [(cast.commune, "Hộ đi vắng"), (cast.stranger, "Máy cũ"), (cast.island, "Sóng yếu")]:
        report = make_report(unit, note=note)
        if unit != cast.island:
            make_passed_up(report, cast.district_clerk)
    city = made(cast.city)
    assert [said.note for said in city.difficulties] == ["Sóng yếu", "Hộ đi vắng", "Máy cũ"]
    assert city.more_difficulties == 0
    make_passed_up(kept, cast.district_clerk)
    city = made(cast.city)
    assert (len(city.difficulties), city.more_difficulties) == (3, 1)
    assert [said.note for said in made(cast.district).difficulties] == ["Mạng yếu", "Hộ đi vắng"]
