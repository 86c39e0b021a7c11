"""People from a file: what each row will do, all of it or nothing, and that no password is kept anywhere."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.utils import translation
from openpyxl import load_workbook

from reporting import imports
from reporting.acts import locking
from reporting.exports.slips import handover
from reporting.imports import Changed, NothingToDo, Sent
from reporting.imports.kinds import people
from reporting.imports.template import template
from reporting.models import AccessRecord, User
from reporting.people import accounts

from .. import clerk, factories as f, sheets
from .test_imports import ERROR, LEFT_OUT, NEW, errors, overtaking

NOON = f.at("2020-08-21 12:00")
PEOPLE = imports.KINDS["people"]
HEAD = ["Mã đơn vị", "Đơn vị", "Họ và tên", "Điện thoại", "Thư điện tử", "Chỉ xem", "Tên đăng nhập"]
HOA = ["11416", "Đằng Hải", "Phạm Thị Hoà", "0912 345 678", "hoa@haiphong.gov.vn", "", ""]
LE_NAM, PHONE = ["11416", "", "Lê Nam"], "0912345678"


def sent(by, **options):
    beside = {"seed": "x", **options}
    return Sent(by=by, at=NOON, source="cán bộ.xlsx sha256:0", options=beside, address="203.0.113.7")


def table_of(*rows, name="a.xlsx"):
    """Of lines below the usual head, or of the bytes of a file."""
    data = rows[0] if isinstance(rows[0], bytes) else sheets.workbook(HEAD, *rows)
    return clerk.read_table(PEOPLE, data, name)[0]


def planned(by, *rows, **options):
    with translation.override("vi"):
        return imports.preview(PEOPLE, table_of(*rows), sent(by, **options))


def applied(by, *rows, shown=None, name="a.xlsx", **options):
    return imports.apply(PEOPLE, table_of(*rows, name=name), sent(by, **options), shown=shown, now=lambda: NOON)


def slips_of(done, by):
    return people.slips(done.made.slips, sent(by), NOON)


def stored():
    return list(User.objects.order_by("pk").values()), AccessRecord.objects.count()


# What is planned and written.


def test_new_account_is_told_recorded_and_made_with_a_one_time_password(cast):
    plan = planned(cast.city_clerk, HOA)
    [row] = plan.rows
    assert (row.address, row.outcome, row.what, row.after) == ("C2", NEW, PHONE, "Phạm Thị Hoà")
    assert row.words == "tài khoản mới; 0912 345 678; hoa@haiphong.gov.vn"
    [slip] = slips_of(applied(cast.city_clerk, HOA, shown=plan.digest), cast.city_clerk)
    person = User.objects.get(username=PHONE)
    assert (person.unit, person.last_name, person.first_name) == (cast.commune, "Phạm Thị", "Hoà")
    assert (person.phone, person.email, person.is_viewer) == ("0912 345 678", "hoa@haiphong.gov.vn", False)
    expires_at = NOON + timedelta(days=7)
    assert (person.is_active, person.must_change_password, person.password_expires_at) == (True, True, expires_at)
    assert (slip.person, slip.unit_name, slip.expires_at) == (person, "Phường Đằng Hải", expires_at)
    assert re.fullmatch(r"(?:[a-km-np-z2-9]{4}-){2}[a-km-np-z2-9]{4}", slip.password)
    assert check_password(slip.password, person.password)
    record = AccessRecord.objects.get()
    assert (record.kind, record.about, record.detail) == ("person_added", person, "theo tệp cán bộ.xlsx")
    by = (record.unit, record.by, record.by_name, record.address, record.at)
    assert by == (cast.commune, cast.city_clerk, "31", "203.0.113.7", NOON)
    assert slip.password not in str([stored(), vars(record)])


def test_known_account_is_left_as_it_is(cast):
    f.make_user("0987654321", cast.neighbour, last_name="Lê", first_name="Nam", phone="0987 654 321")
    line, before = ["11416", "", "Lê Văn Nam", "0987654321", "nam@x.vn", "có", ""], stored()
    [row] = planned(cast.city_clerk, line).rows
    words = "Tên đăng nhập này đã có tài khoản, không sửa bằng tệp: sửa ở trang “Tài khoản”."
    assert (row.outcome, row.after, row.words) == (LEFT_OUT, "Lê Nam", words)
    with pytest.raises(NothingToDo):
        applied(cast.city_clerk, line)
    applied(cast.city_clerk, line, HOA)
    assert [one for one in stored()[0] if one["username"] == "0987654321"] == before[0][-1:]


@pytest.mark.parametrize("is_unused", [True, False])
def test_closed_account_that_nobody_ever_used_is_made_anew(is_unused, cast):
    """After a file was undone, the right one may follow."""
    about = {"last_name": "Lê", "first_name": "Nam", "phone": "1", "is_active": False}
    f.make_user(PHONE, cast.neighbour, **about, first_signed_in_at=None if is_unused else NOON)
    assert [row.outcome for row in planned(cast.city_clerk, HOA).rows] == [NEW if is_unused else LEFT_OUT]
    if is_unused:
        [slip] = slips_of(applied(cast.city_clerk, HOA), cast.city_clerk)
        person = User.objects.get(username=PHONE)
        assert (person.get_full_name(), person.unit, person.phone) == ("Phạm Thị Hoà", cast.commune, "0912 345 678")
        assert (person.is_active, check_password(slip.password, person.password)) == (True, True)


def test_several_people_of_one_unit_and_of_a_merged_cell_are_taken(cast):
    data = sheets.workbook(HEAD, [*LE_NAM, "0911111111"], ["", "", "Lê Tư", "0911111112"], merged=["A2:A3"])
    slips = slips_of(applied(cast.city_clerk, data), cast.city_clerk)
    assert [(slip.person.username, slip.person.unit) for slip in slips] == [
        ("0911111111", cast.commune),
        ("0911111112", cast.commune),
    ]


# A group's line names nobody; a name may stand in two columns.
NAMES = ["TT", "Họ đệm", "Tên", "Đơn vị", "SỐ ĐTDĐ"]
HOAS = [["I", "Quận Hải An"], [1, "Phạm Thị", "Hoà", "P. Đằng Hải", PHONE]]
SPLIT = {"sheets": {"Số liệu": {"2": "family", "3": "person", "4": "name"}}}  # what the clerk says
READ = {  # the sheet, its merged cells, and what is said of its lines: the outcome, and the name or the words
    "name in two columns": ([NAMES, *HOAS], "", ["left_out", "new Phạm Thị Hoà"], SPLIT),
    "name merged over people": (
        *([HEAD, [*LE_NAM, "0911111111"], ["11416", "", None, "0911111112"]], "C2:C3"),
        ["error Các ô gộp C2:C3 ghi một nội dung cho nhiều dòng."] * 2,
    ),
    "person who is called like a sum, and sums": (
        [HEAD, ["11416", "", "Tống Toàn", PHONE], ["", "Tổng cộng"], ["", "", "Tổng cộng"]],
        *("", ["new Tống Toàn", "left_out", "left_out"]),
    ),
}


@pytest.mark.parametrize("name", READ)
def test_people_are_read_as_offices_list_them(name, cast):
    rows, merged, outcomes, *said = READ[name]
    data = sheets.workbook(*rows, merged=merged.split())
    with translation.override("vi"):
        table, _source = clerk.read_table(PEOPLE, data, "a.xlsx", **(said[0] if said else {}))
        plan = imports.preview(PEOPLE, table, sent(cast.city_clerk))
    told = [(row.outcome, row.words if row.outcome is ERROR else row.after) for row in plan.rows]
    assert [" ".join(filter(None, one)) for one in told] == outcomes


# What is wrong with a row. Cells of a line, then the cell that is spoken of, and the words.

TAKEN = "Tên đăng nhập này đã có người dùng."
WRONG = {
    "user name twice": ([*LE_NAM, "0911 111 111"], "D3", "Tên đăng nhập 0911111111 đã có ở dòng 2."),
    "taken elsewhere": ([*LE_NAM, "", "", "", "11470"], "G3", TAKEN),
    "bad telephone": (
        *([*LE_NAM, "O912 345 678", "", "", "nam"], "D3"),
        "“O912 345 678” không phải số điện thoại dạng 0912 345 678.",
    ),
    "bad mail": ([*LE_NAM, PHONE, "nam@x"], "E3", "Nhập địa chỉ email."),
    "foreign unit": (["11470", "", "Lê Nam", PHONE], "A3", "Không có đơn vị nào mang mã “11470”."),
    "no unit": (["", "", "Lê Nam", PHONE], "B3", "Dòng này không ghi đơn vị nào."),
    "no name": (["11416", "", "", PHONE], "C3", "Thiếu họ tên."),
    "nothing to sign in by": (LE_NAM, "G3", "Nhập tên đăng nhập hoặc số di động."),
    "neither yes nor no": (
        *([*LE_NAM, PHONE, "", "lãnh đạo"], "F3"),
        "“lãnh đạo” không phải “có” (hoặc x), cũng không phải “không”.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_row_that_is_wrong_says_where_and_why_and_nothing_is_written(name, cast):
    cells, where, words = WRONG[name]
    rows = [["11416", "", "Lê Một", "0911111111"], cells]
    assert errors(planned(cast.district_clerk, *rows)) == [(where, words)]
    before = stored()
    with pytest.raises(NothingToDo):
        applied(cast.district_clerk, *rows)
    assert stored() == before


# Cells as Excel leaves them.


@pytest.mark.parametrize(
    ("typed", "username"),
    [
        (912345678, PHONE),
        (84912345678, PHONE),
        (2253842658, "02253842658"),
        ("+84 912 345 678", PHONE),
    ],
)
def test_telephone_that_lost_its_zero_gets_it_back(typed, username, cast):
    [row] = planned(cast.city_clerk, [*LE_NAM, typed]).rows
    assert (row.what, row.outcome) == (username, NEW)
    applied(cast.city_clerk, [*LE_NAM, typed])
    assert accounts.usual_username(User.objects.get(username=username).phone) == username


def test_file_of_more_people_than_an_office_has_is_refused(cast, monkeypatch):
    monkeypatch.setattr(people, "MOST_PEOPLE", 2)
    lines = [["11416", "", "Lê Nam", f"091111111{n}"] for n in range(3)]
    words = "Mỗi tệp có nhiều nhất 2 người: tệp này có 3 người. Hãy chia thành nhiều tệp."
    assert errors(planned(cast.city_clerk, *lines)) == [("C4", words)]
    assert errors(planned(cast.city_clerk, *lines[:2])) == []


def test_template_has_the_units_and_what_is_left_empty_is_left_out(cast):
    with translation.override("vi"):
        data = template(PEOPLE, Sent(by=cast.district_clerk, at=NOON, source=""))
    sheet = load_workbook(io.BytesIO(data)).active
    assert [cell.value for cell in sheet[4]] == [HEAD[0], HEAD[1], "Đơn vị cấp trên", *HEAD[2:]]
    assert [[cell.value for cell in row[:3]] for row in sheet.iter_rows(min_row=5)] == [
        ["11407", "Phường Cát Bi", "Quận Hải An"],
        ["11416", "Phường Đằng Hải", "Quận Hải An"],
    ]
    assert [sheet["E5"].number_format, sheet["H6"].number_format] == ["@", "@"]
    data = sheets.filled(data, {"D6": "Lê Nam", "E6": PHONE, "G6": "x"})
    plan = planned(cast.district_clerk, data)
    assert [(row.address, row.outcome, row.after, row.words) for row in plan.rows] == [
        ("B5", LEFT_OUT, "", "Dòng này không ghi người nào: bỏ qua."),
        ("D6", NEW, "Lê Nam", "tài khoản mới; 0912345678; chỉ xem"),
    ]


# What happens meanwhile.


def test_user_name_that_is_taken_meanwhile_is_not_written_over(cast, monkeypatch):
    shown = planned(cast.city_clerk, HOA).digest
    overtaking(monkeypatch, lambda: f.make_user(PHONE, cast.stranger, phone="1"))
    with pytest.raises(Changed):
        applied(cast.city_clerk, HOA, shown=shown)
    assert User.objects.get(username=PHONE).phone == "1"


def test_hashes_are_made_before_the_lock_is_taken(cast, monkeypatch):
    steps, hashes, lock_all = [], accounts.one_time_hash, locking.lock_all
    monkeypatch.setattr(accounts, "one_time_hash", lambda password: steps.append("hash") or hashes(password))
    monkeypatch.setattr(locking, "lock_all", lambda top: steps.append("lock") or lock_all(top))
    applied(cast.city_clerk, HOA)
    assert steps == ["hash", "lock"]


def test_more_people_take_no_more_queries(cast, django_assert_max_num_queries):
    table = table_of(*(["11416", "", f"Lê Văn {n}", f"09111111{n:02}"] for n in range(40)))
    with django_assert_max_num_queries(30):
        imports.apply(PEOPLE, table, sent(cast.city_clerk), now=lambda: NOON)


# The papers.


def test_papers_are_grouped_by_district_eight_to_a_sheet(cast):
    rows = [["11416", "", f"Lê {n:02}", f"09111111{n:02}"] for n in range(9)]
    units = ["SYT", "318", "311", "31"]  # a city keeps the accounts of all its units
    rows += [[code, "", "Lê Nam", f"092222222{n}"] for n, code in enumerate(units)]
    done = applied(cast.city_clerk, *rows)
    with translation.override("vi"):
        paper = handover(slips_of(done, cast.city_clerk), issuer=cast.city, address="https://x.vn/", at=NOON)
    assert [(group["title"], list(map(len, group["sheets"]))) for group in paper["groups"]] == [
        ("Thành phố Hải Phòng", [1]),
        ("Quận Hải An", [8, 1]),
        ("Huyện Thuỷ Nguyên", [1]),
        ("Huyện Bạch Long Vĩ", [1]),
        ("Sở, ban, ngành, đoàn thể", [1]),
    ]
    assert (paper["head"].managing, paper["head"].issuing, paper["place_and_day"]) == (
        *("UBND THÀNH PHỐ HẢI PHÒNG", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG", "Hải Phòng, ngày 21 tháng 8 năm 2020"),
    )
    assert paper["code"].startswith("data:image/svg+xml")
