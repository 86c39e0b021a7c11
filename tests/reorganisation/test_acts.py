"""Mergers, splits and renames: what they do, every error in a file, and what happens afterwards."""

from datetime import timedelta

import pytest
from django.utils import translation

from reporting.acts.unit_register import BadFile
from reporting.figures import rollup, standings
from reporting.models import BaseFigure, Report, Unit, UnitName
from reporting.pages import inbox
from reporting.reorganisation import pages as words_of
from reporting.reorganisation.draft import Draft
from reporting.reorganisation.forms import read_changes
from tests.prepared import prepared

from .. import factories as f
from ..acts.test_unit_register import IS_NO_CODE

CHANGE = f.DAY + timedelta(days=1)  # 22/08/2020
AFTER = CHANGE + timedelta(days=1)
MOMENT = f.at("2020-08-21 18:30")
SOURCE = "Nghị quyết 872/NQ-UBTVQH14"
HEAD = "action,code,into,name,kind,level,parent_code,population,smartphone_users,households,phone"


def text(*lines, head=HEAD):
    return "\n".join([head, *lines])


def reorganise(*lines, on=CHANGE, moment=MOMENT, **options):
    return f.reorganise(text(*lines), effective_on=on, source=SOURCE, at=moment, **options)


def draft(*lines, on=CHANGE, head=HEAD):
    return Draft(f.changes_of(text(*lines, head=head)), on, by=None, today=f.DAY)


def sentences(made):
    """What the preview shows."""
    return [words_of.sentence(line, made) for line in made.lines]


def refusal(*lines, on=CHANGE):
    with translation.override("en"):
        changes, errors = read_changes(text(*lines))
        return BadFile(errors or Draft(changes, on, by=None, today=f.DAY).errors).errors


def stored():
    """Everything that a reorganisation may write."""
    return [list(model.objects.order_by("pk").values()) for model in (Unit, UnitName, BaseFigure, Report)]


def bases(code):
    """Day, population, smartphone users, households and source of all the unit's figures."""
    columns = ("effective_on", "population", "smartphone_users", "households", "source")
    return list(BaseFigure.objects.filter(unit__code=code).values_list(*columns))


def cumulatives(cast, day):
    return {code: row.cumulative for code, row in rollup.rows(cast.city, day).by_code.items()}


@prepared
def second(cast):
    """Adds a commune to the other district, so that its first one can be merged elsewhere."""
    return f.make_unit("11473", parent=cast.other_district, name="An Lư", kind="xã", population=9000)


# What is recorded.


def test_merger_closes_the_unit_and_adds_up_the_populations(cast):
    kept = reorganise("merge,11407,11416", by=cast.city_clerk)
    closed = Unit.objects.get(code="11407")
    assert (closed.closed_on, closed.successor) == (CHANGE, cast.commune)
    assert bases("11416") == [
        (f.LONG_AGO, 19748, None, None, "census-2019"),
        (CHANGE, 34098, None, None, SOURCE),
    ]
    assert bases("11407") == [(f.LONG_AGO, 14350, None, None, "census-2019")]
    assert (kept.effective_on, kept.source, kept.table, kept.recorded_at, kept.by) == (
        CHANGE,
        SOURCE,
        "action,code,into\nmerge,11407,11416",  # the columns that are filled
        MOMENT,
        cast.city_clerk,
    )


def test_merger_adds_up_smartphone_users_and_households_only_when_all_parts_have_them(cast):
    for unit in (cast.commune, cast.neighbour):
        f.make_base(unit, population=100, smartphone_users=60, effective_on=f.FIRST_DAY)
    f.make_base(cast.commune, population=101, smartphone_users=61, households=30, effective_on=f.DAY)
    reorganise("merge,11407,11416")
    assert bases("11416")[-1] == (CHANGE, 201, 121, None, SOURCE)


def test_chain_in_one_file_ends_at_the_last_with_the_sum_of_all(cast, second):
    reorganise("merge,11407,11416", "merge,11470,11407")
    assert [Unit.objects.get(code=code).successor.code for code in ("11407", "11470")] == ["11416", "11407"]
    assert bases("11416")[1:] == [(CHANGE, 19748 + 14350 + 5000, None, None, SOURCE)]
    assert len(bases("11407")) == 1


def test_two_units_can_go_into_a_new_one(cast, second):
    reorganise("new,11999,,Hải Đằng,phường,,306,,,,0225 9", "merge,11407,11999", "merge,11416,11999")
    made = Unit.objects.named(CHANGE).get(code="11999")
    assert (made.full_name, made.path, made.level) == ("Phường Hải Đằng", "31/306/11999/", "commune")
    assert (made.opened_on, made.phone) == (CHANGE, "0225 9")
    assert bases("11999") == [(CHANGE, 34098, None, None, SOURCE)]


def test_rename_is_dated_and_keeps_the_kind_that_is_not_given(cast):
    reorganise("rename,11416,,Hải Sơn,", "rename,11470,,Núi Đèo,phường")
    names = [
        [unit.full_name for unit in Unit.objects.filter(code__in=["11416", "11470"]).named(day).order_by("code")]
        for day in (f.DAY, CHANGE)
    ]
    assert names == [["Phường Đằng Hải", "Thị trấn Núi Đèo"], ["Phường Hải Sơn", "Phường Núi Đèo"]]


def test_district_whose_communes_all_go_elsewhere_goes_with_them(cast):
    reorganise("merge,11470,11416", "merge,311,306")
    rows = rollup.rows(cast.city, CHANGE).by_code
    assert sorted(rows) == ["11407", "11416", "306", "31", "318", "SYT"]
    assert (rows["306"].population, rows["31"].population) == (39098, 39722)
    assert bases("306") == []


def test_split_leaves_the_past_with_one_successor_and_the_new_unit_starts_at_zero(cast):
    f.make_report(cast.commune, installs=88, opening=3412)
    lines = "base,11416,,,,,,12000", "new,11417,,Đằng Hải 2,phường,,306,7748"
    reorganise(*lines, by=cast.city_clerk)
    made = Unit.objects.get(code="11417")
    opening = Report.objects.get(unit=made)
    assert (opening.kind, opening.day, opening.installs, opening.cumulative) == ("opening", f.DAY, 0, 0)
    revision = opening.revisions.get()
    assert (revision.kind, revision.source) == ("import", SOURCE)
    assert (revision.by, revision.counted_at) == (cast.city_clerk, MOMENT)
    before, after = cumulatives(cast, f.DAY), cumulatives(cast, CHANGE)
    assert (before["11416"], after["11416"], after["11417"], after["306"]) == (3500, 3500, 0, 3500)
    assert "11417" not in before
    assert standings.standing_of(made, CHANGE).opening == opening.installs


def test_unit_opened_before_the_campaign_is_asked_like_every_other(db):
    city = f.make_unit("31", level="city")
    f.make_unit("306", parent=f.make_unit("3", parent=city, level="district"), population=10)
    reorganise("new,307,,Mới,phường,,3,20")
    f.make_directive(CHANGE)
    assert Report.objects.count() == 0
    assert standings.standing_of(Unit.objects.get(code="307"), CHANGE).opening is None


# What is said before.


def test_plan_says_for_every_line_what_will_happen(cast):
    with translation.override("en"):
        planned = draft(
            "merge,11407,11416",
            "rename,11416,,Hải Sơn,",
            "base,318,,,,,,700,,200",
            "new,11417,,Đằng Hải 2,phường,,306,7748",
            "new,SKH,,Sở Mới,,agency,31,80,75",
        )
        said, outlook = sentences(planned), words_of.outlook(planned)
    nothing = "It takes over no installs: earlier installs stay with the old unit."
    assert [line.line for line in planned.lines] == [2, 3, 4, 5, 6]
    assert said == [
        "Phường Cát Bi (11407) is closed and merged into Phường Đằng Hải (11416)."
        " Phường Đằng Hải (11416): population 34,098 (19,748 + 14,350).",
        "Phường Đằng Hải (11416) is named Phường Hải Sơn.",
        "Huyện Bạch Long Vĩ (318): population 700, 200 households.",
        f"Phường Đằng Hải 2 (11417) is opened below Quận Hải An (306): population 7,748. {nothing}",
        f"Sở Mới (SKH) is opened below Thành phố Hải Phòng (31): 80 staff, 75 smartphone users. {nothing}",
    ]
    assert outlook == [
        "Units of the population that report: 4 → 4.",
        "Population: 39,722 → 47,546.",
        "The population changes. Check the figures of the units that are split.",
    ]


# What is refused.


CAT_BI, DANG_HAI, HAI_AN = "Phường Cát Bi (11407)", "Phường Đằng Hải (11416)", "Quận Hải An (306)"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["join,11407,11416"], "“join” is not an action: merge, rename, base, new."),
        (["merge,,11416"], "code is empty."),
        (["merge,11407"], "into is empty."),
        (["rename,11407"], "name is empty."),
        (["base,11407"], "population is empty."),
        (["base,11407,,,,,,0"], "the population is 0."),
        (["base,11407,,,,,,9000,9001"], "smartphone_users is more than the population."),
        (["new,11417,,Mới,phường,,306,,,0"], "population is empty."),  # a figure that would be dropped
        (["new,11417,,Mới,phường"], "parent_code is empty."),
        (["new,11417,,,phường,,306,100"], "name is empty."),
        (["new,11417,,Mới,phường,,306"], "population is empty."),
        (["merge,11407,11416,Cát Bi"], "a line “merge” cannot have name."),
        (["merge,11407,11416,,,,,34000"], "a line “merge” cannot have population."),
        (["rename,11407,,Cát Bi Mới,,,306"], "a line “rename” cannot have parent_code."),
        ([f"rename,11407,,{'x' * 151}"], "the text in name is too long."),
        ([f"new,11417,,Mới,{'x' * 31},,306,100"], "the text in kind is too long."),
        (["merge,11000,11416"], "there is no unit 11000."),
        (["merge,11407,11000"], "there is no unit 11000."),
        (["merge,11407,11407"], f"{CAT_BI} cannot be merged into itself."),
        (["merge,11407,SYT"], f"{CAT_BI} and Sở Y tế (SYT) are not on the same level."),
        (["merge,11407,306"], f"{CAT_BI} and {HAI_AN} are not on the same level."),
        (["merge,318,306"], f"Huyện Bạch Long Vĩ (318) reports for itself, {HAI_AN} has units below it."),
        (["merge,306,311"], f"{HAI_AN} still has units below it."),
        (["merge,11470,11407"], "Huyện Thuỷ Nguyên (311) would be left without any unit below it."),
        (["base,306,,,,,,34000"], f"{HAI_AN} has units below it: its population is the sum of theirs."),
        (["new,11407,,Mới,phường,,306,100"], "code 11407 is or was another unit's: codes are never used again."),
        (["new,1_1,,Mới,phường,,306,100"], f"“1_1” {IS_NO_CODE}"),
        (["new,11417,,Mới,phường,,999,100"], "there is no unit 999."),
        (["new,11417,,Mới,phường,,11407,100"], f"{CAT_BI} reports for itself: no unit can be put below it."),
        (["new,11417,,Mới,phường,district,306,100"], f"“district” is not a level below {HAI_AN}."),
    ],
)
def test_wrong_line_is_refused(lines, problem, cast):
    assert refusal(*lines) == [f"Line 2: {problem}"]


@pytest.mark.parametrize(
    ("lines", "errors"),
    [
        (
            ["merge,11407,11416", "merge,11416,11407"],
            [
                f"Line 2: {CAT_BI} is merged into {DANG_HAI}, which leads back to itself.",
                f"Line 3: {DANG_HAI} is merged into {CAT_BI}, which leads back to itself.",
            ],
        ),
        (["merge,11407,11416", "merge,11407,11470"], ["Line 3: 11407 is already in line 2."]),
        (["merge,11407,11416", "rename,11407,,Mới"], ["Line 3: 11407 is already in line 2."]),
        (
            ["rename,11416,,Mới", "base,11416,,,,,,9", "rename,11416,,Khác"],
            ["Line 4: 11416 is already in line 2."],
        ),
        (["new,9,,Mới,phường,,306,9", "rename,9,,Khác"], ["Line 3: there is no unit 9."]),
        (["new,9,,Mới,phường,,306,9", "new,9,,Khác,phường,,306,9"], ["Line 3: 9 is already in line 2."]),
        (
            ["merge,11470,11407", "merge,311,306", "new,9,,Mới,xã,,311,9"],
            [
                "Line 3: Huyện Thuỷ Nguyên (311) still has units below it.",
                "Line 4: the superior Huyện Thuỷ Nguyên (311) is not open on the day.",
            ],
        ),
        (
            ["new,8,,Tám,quận,,9,1", "new,9,,Chín,quận,,8,1"],
            [
                "Line 2: the superior Quận Chín (9) is not open on the day.",
                "Line 3: the superior Quận Tám (8) is not open on the day.",
            ],
        ),
        (
            ["new,9,,Chín,quận,,31,5", "new,8,,Tám,phường,,9,5", "new,7,,Bảy,tổ,,8,5"],
            ["Line 4: no unit can be put below Phường Tám (8)."],
        ),
        (
            ["new,9,,Chín,quận,,31,5", "new,8,,Tám,phường,,9,5"],
            ["Line 2: Quận Chín (9) has units below it: its population is the sum of theirs."],
        ),
        (["merge,11407,11416,,,,,abc", "join,1"], ["Line 2: population: Enter a whole number, for example 1234."]),
        (["join,1", "merge,9,11416"], [
            "Line 2: “join” is not an action: merge, rename, base, new.",
            "Line 3: there is no unit 9.",
        ]),
    ],
)  # fmt: skip
def test_lines_that_do_not_go_together_are_refused(lines, errors, cast):
    assert refusal(*lines) == errors


def test_unit_that_is_closed_or_will_be_is_refused(cast):
    f.make_unit("11000", parent=cast.district, kind="phường", name="Cũ", closed_on=f.DAY)
    reorganise("merge,11407,11416", on=AFTER)
    assert refusal("merge,11407,11470", "merge,11470,11407", "rename,11000,,Mới", "new,9,,Mới,xã,,11000,9") == [
        "Line 2: Phường Cát Bi (11407) is closed, or will be, on 23 Aug 2020.",
        "Line 3: Phường Cát Bi (11407) is closed, or will be, on 23 Aug 2020.",
        "Line 4: Phường Cũ (11000) is closed, or will be, on 21 Aug 2020.",
        "Line 5: Phường Cũ (11000) is closed, or will be, on 21 Aug 2020.",
    ]


def test_unit_that_is_not_open_yet_is_refused(cast):
    reorganise("new,11417,,Mới,phường,,306,9", on=AFTER)
    assert refusal("merge,11407,11417") == ["Line 2: 11417 opens on 23 Aug 2020."]


def test_part_without_a_population_cannot_be_added_up(cast):
    f.make_unit("11000", parent=cast.district, kind="phường", name="Trống")
    words = "Phường Trống (11000) has no population to add up: give the figures of 11416 in a line “base”."
    assert refusal("merge,11000,11416") == [f"Line 2: {words}"]
    given = Draft(f.changes_of(text("merge,11000,11416", "base,11416,,,,,,20000")), CHANGE, by=None, today=f.DAY)
    assert given.counts["11416"].population == 20000


# What goes on afterwards.


@prepared
def merged(cast, second):
    """The neighbour and a commune of another district were merged into the commune; all had reports."""
    f.make_report(cast.commune, installs=88, opening=3412)
    f.make_report(cast.neighbour, installs=20, opening=1000)
    f.make_report(cast.stranger, installs=7, opening=200)
    reorganise("merge,11407,11416", "merge,11470,11416")
    for name in ("commune", "neighbour", "stranger"):
        setattr(cast, name, Unit.objects.get(pk=getattr(cast, name).pk))
    return cast


# Its people.


@pytest.mark.parametrize(("day", "codes"), [("2020-08-21", []), ("2020-08-22", ["11407", "11470"]),
                                            ("2020-08-28", ["11407", "11470"]), ("2020-08-29", [])])  # fmt: skip
def test_closed_units_are_named_while_their_days_may_be_corrected(day, codes, merged):
    notices = inbox.notices(merged.commune, at=f.at(f"{day} 09:00"))
    assert sorted(ended.code for ended in notices.ended) == codes
