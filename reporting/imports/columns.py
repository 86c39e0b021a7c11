"""Kinds of import and their columns. A column accepts many heads; accents, case and punctuation do not matter."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from ..text import names

DAILY, CUMULATIVE, OPENING = "daily", "cumulative", "opening"
LONGEST_TITLE = 200  # characters; the rest of a head is ignored
# A date after the name, such as "năm 2019" or "đến 17h ngày 20/8/2020"
AT_ITS_END = re.compile(r" (?:(?:tinh )?(?:den|tu) )?(?:\d+h\d* )?(?:ngay|nam|thang)(?: \d+)+$")


def key_of(text: str) -> str:
    """The head without accents, case, punctuation and text in brackets: "Dân số (người)" is "dan so"."""
    folded = re.sub(r"\([^()]*\)", " ", names.fold(text[:LONGEST_TITLE]))
    return AT_ITS_END.sub("", " ".join(re.sub(r"[^a-z0-9_ ]", " ", folded).split()))


def names_of(heads: str) -> frozenset[str]:
    return frozenset(map(str.strip, heads.split(";")))


@dataclass(frozen=True)
class Column:
    key: str
    title: str | Promise
    heads: str  # folded, separated by semicolons
    is_number: bool = False
    note: str | Promise = ""
    choices: tuple[str, ...] = ()
    in_template: bool = True

    @cached_property
    def names(self) -> frozenset[str]:
        return names_of(f"{self.key};{self.heads}")


Number = partial(Column, is_number=True)


@dataclass(frozen=True)
class Kind:
    """One kind of import.

    `plan` takes a table and the `Sent` options, and returns a `Plan`. `write` writes the planned rows in the lock.
    """

    name: str
    title: str | Promise
    about: str | Promise
    columns: Sequence[Column]
    plan: Callable
    write: Callable
    scope: Callable | None = None  # the units that a template is filled for
    make_ready: Callable | None = None  # prepares the writes outside the lock
    known: Callable | None = None  # returns the lines of a template that would change nothing
    options: tuple[str, ...] = ()  # form fields sent with the file
    needs: tuple[tuple[str, ...], ...] = (("code", "name"),)  # a sheet needs at least one column of each group
    has_days: bool = False
    is_for_districts: bool = False
    hands_out: bool = False  # whether new people get printed slips
    has_own_page: bool = False


CODE = Column(
    "code",
    gettext_lazy("Unit code"),
    "ma don vi; ma dv; ma; ma so; ma xa; ma phuong; ma xa phuong; ma px; ma dvhc; unit code; code",
)
NAME = Column(
    "name",
    gettext_lazy("Unit"),
    "don vi; don vi bao cao; don vi cong tac; don vi hanh chinh; ten; dvhc; xa phuong; xa phuong thi tran; phuong xa;"
    "phuong xa thi tran; xa; phuong; thi tran; dia phuong; so ban nganh; co quan; co quan don vi; tinh thanh pho; tinh;"
    "unit; unit name; name; agency",
)
DISTRICT = Column(
    "district",
    gettext_lazy("Superior unit"),
    "quan huyen; cap huyen; huyen; quan; huyen thi xa thanh pho; quan huyen thi xa; huyen quan; thuoc huyen;"
    "thuoc quan huyen; dia ban; don vi cap tren; district; superior unit; superior",
)
UNIT = (CODE, NAME, DISTRICT)
# In the product's own days.csv, which is made for programs, the column `unit` has the code.
OF_DAYS_CSV = {"unit": CODE.key, "unit_name": NAME.key}
DAY = Column("day", gettext_lazy("Day"), "ngay; ngay bao cao; ngay bc; ngay so lieu; day; date; reporting day")
INSTALLS = Number(
    DAILY,
    gettext_lazy("New installs"),
    "moi; so may; trong ngay; moi trong ngay; phat sinh; phat sinh trong ngay; new; new installs; installs",
)
CUMULATIVES = Number(
    CUMULATIVE,
    gettext_lazy("Cumulative"),
    "luy ke; lk; tong luy ke; luy ke den nay; cong don; tong cai; total; cumulative; cumulative installs",
)
MODES = dict.fromkeys(INSTALLS.names, DAILY) | dict.fromkeys(CUMULATIVES.names, CUMULATIVE)
# Words of a head that do not tell its mode. Without them "Số lượt cài đặt mới" is "mới".
BESIDE_MODE = re.compile(r"\b(?:so|sl|luong|luot|may|nguoi|thiet bi|ung dung|bluezone|cai|dat|da|duoc|ket qua)\b")


def mode_of(text: str) -> str:
    """Whether a head or line says new installs or cumulative figures; empty if neither."""
    key = key_of(text)
    bare = " ".join(BESIDE_MODE.sub(" ", key).split())
    bare = "tong cai" if bare == "tong" and "cai" in key.split() else bare
    return MODES.get(key) or MODES.get(bare, "")


STATUS = Column(
    "status",
    gettext_lazy("State"),
    "tinh trang; trang thai; tinh trang bao cao; status; state",
    note=gettext_lazy("A line that says “not reported” is not a report."),
    in_template=False,
)
POPULATION = Number(
    "population",
    gettext_lazy("Population"),
    "dan so; so dan; tong dan so; tong so dan; dan so trung binh; nhan khau; so nhan khau; so cbccvc nld; cbccvc nld;"
    "can bo cong chuc; so can bo cong chuc; staff; population",
)
SMARTPHONES = Number(
    "smartphone_users",
    gettext_lazy("Smartphone users"),
    "nguoi su dung dien thoai thong minh; so nguoi su dung dien thoai thong minh; dien thoai thong minh; smartphone;"
    "so dien thoai thong minh; nguoi dung smartphone; so nguoi dung smartphone; smartphone users",
)
HOUSEHOLDS = Number("households", gettext_lazy("Households"), "so ho; ho; so ho gia dinh; so ho dan; households")
SOURCE = Column("source", gettext_lazy("Source"), "nguon; nguon so lieu; can cu; van ban; source")

# Columns that imports skip: line numbers, and what the product computes and prints in its own files. A kind of import
# that records such a column lists it among its own columns.
PASSED_OVER = POPULATION.names | names_of(
    "stt; tt; so tt; so thu tu; no; nam sinh; chi tieu; chi tieu giao; con thieu; luy ke ky truoc; luy ke truoc;"
    "luy ke hom truoc; luy ke ngay truoc; sdt; dtdd; dt co quan; so dien thoai lien he;"
    "dieu chinh; xep thu; xep hang; hang; khoi; phai bao cao; da bao cao; dung luy ke truoc; chua den han;"
    "dung han; tre han; rank; target; cho tiep nhan; chua bao cao; khong tinh; khong yeu cau;"
    "dan so hoac cbccvc nld; population or staff; missing installs; adjustment; counted among;"
    "ma don vi cap tren; code of the superior; cap; dung luy ke den ngay; level; ty le; ty le dan so;"
    "ty le tren dan so; ty le cai dat; ty le dat; ti le; ti le tren dan so; ti le dat; ty le so voi dan so;"
    "ty le tren so cbccvc nld; share; share of population; share of staff"
)
