"""Kinds of import and their columns. A column accepts many heads; accents, case and punctuation do not matter."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from ..text import names

DAILY, CUMULATIVE, OPENING = "daily", "cumulative", "opening"
LONGEST_TITLE = 200  # characters; the rest of a head is ignored
# A date after the name, such as "2019", "năm 2019" or "đến 17h ngày 20/8/2020".; not "Năm 2019" alone
AT_ITS_END = re.compile(r" (?:(?:tinh )?(?:den|tu) )?(?:\d+h\d* )?(?:ngay|nam|thang)(?: \d+)+$|(?<!^nam) 20\d\d$")


# The heads that offices write, by the key of the column, or by kind and key if a kind of import knows other heads.
LINES_OF_HEADS = (Path(__file__).parent.parent / "data" / "import-heads.txt").read_text("utf-8").splitlines()
HEADS = dict(line.split(": ") for line in LINES_OF_HEADS if not line.startswith("#"))


def key_of(text: str) -> str:
    """The head without accents, case, punctuation and text in brackets, but with "%": "Dân số (người)" is "dan so"."""
    folded = re.sub(r"\([^()%]*(%?)[^()]*\)", r" \1 ", names.fold(text[:LONGEST_TITLE]))
    return AT_ITS_END.sub("", " ".join(re.sub(r"[^a-z0-9_% ]", " ", folded).split()))


def names_of(heads: str) -> frozenset[str]:
    return frozenset(map(str.strip, heads.split(";")))


@dataclass(frozen=True)
class Column:
    key: str
    title: str | Promise
    heads: str = ""  # folded, separated by semicolons; by default those of its key in `HEADS`
    is_number: bool = False
    note: str | Promise = ""
    in_template: bool = True

    @cached_property
    def names(self) -> frozenset[str]:
        return names_of(f"{self.key};{self.heads or HEADS.get(self.key, '')}")


Number = partial(Column, is_number=True)


@dataclass(frozen=True)
class Kind:
    """What is special to one kind of import; reading, preview and applying are common to all."""

    name: str
    title: str | Promise
    about: str | Promise
    columns: Sequence[Column]
    plan: Callable  # takes a table and the `Sent` options, returns a `Plan`
    write: Callable  # writes what was planned, in the lock
    scope: Callable | None = None  # the units that a template is filled for
    make_ready: Callable | None = None  # prepares the writes outside the lock
    known: Callable | None = None  # returns the lines of a template that would change nothing
    options: tuple[str, ...] = ()  # form fields sent with the file
    needs: tuple[tuple[str, ...], ...] = (("code", "name"),)  # a sheet needs at least one column of each group
    has_days: bool = False
    is_for_districts: bool = False
    hands_out: bool = False  # whether new people get printed slips


CODE = Column("code", gettext_lazy("Unit code"))
NAME = Column("name", gettext_lazy("Unit"))
DISTRICT = Column("district", gettext_lazy("Superior unit"))
UNIT = (CODE, NAME, DISTRICT)
# Heads that name kinds of units, such as "Xã, thị trấn" or "Tên quận/huyện".
OF_KINDS = {
    NAME.key: re.compile(r"(?:(?:ten|cac) )*(?:(?:xa|phuong|thi tran|dac khu)(?: |$))+"),
    DISTRICT.key: re.compile(r"(?:(?:ten|cac|thuoc) )*(?:(?:quan|huyen|thi xa|thanh pho)(?: |$))+"),
}
PROVINCES = re.compile(r"(?:ten )?tinh(?: thanh(?: pho)?| tp)?")
# Words before what is counted: "Tổng số hộ", "Số người sử dụng điện thoại thông minh".
COUNTING = re.compile(r"^(?:(?:tong|so|luong|nguoi|su dung|dung|co) )+")
# In the product's own days.csv, which is made for programs, the column `unit` has the code.
OF_DAYS_CSV = {"unit": CODE.key, "unit_name": NAME.key}
DAY = Column("day", gettext_lazy("Day"))
INSTALLS = Number(DAILY, gettext_lazy("New installs"))
CUMULATIVES = Number(CUMULATIVE, gettext_lazy("Cumulative"))
MODES = dict.fromkeys(INSTALLS.names, DAILY) | dict.fromkeys(CUMULATIVES.names, CUMULATIVE)
# Words of a head that do not tell its mode. Without them "Số lượt cài đặt mới" is "mới".
BESIDE_MODE = re.compile(
    r"\b(?:so|sl|luong|luot|may|nguoi|thue bao|thiet bi|ung dung|bluezone|cai|dat|da|duoc|ket qua)\b"
)


def mode_of(text: str) -> str:
    """Whether a head or line says new installs or cumulative figures; empty if neither."""
    key = key_of(text)
    bare = " ".join(BESIDE_MODE.sub(" ", key).split())
    if bare in ("tong", "tong den nay") and "cai" in key.split():
        bare = "tong cai"
    return MODES.get(key) or MODES.get(bare, "")


STATUS = Column(
    "status",
    gettext_lazy("State"),
    note=gettext_lazy("A line that says “not reported” is not a report."),
    in_template=False,
)
AS_OF = Column("as_of", gettext_lazy("Figures as of"), in_template=False)
POPULATION = Number("population", gettext_lazy("Population"))
SMARTPHONES = Number("smartphone_users", gettext_lazy("Smartphone users"))
HOUSEHOLDS = Number("households", gettext_lazy("Households"))
PHONE = Column("phone", gettext_lazy("Telephone"))
SOURCE = Column("source", gettext_lazy("Source"))

# Columns that imports skip: line numbers, and what the product computes and prints in its own files. A kind of import
# that records such a column lists it among its own columns.
BASES = POPULATION.names | SMARTPHONES.names | HOUSEHOLDS.names
PASSED_OVER = PHONE.names | names_of(HEADS["-"])
SHARE_OR_EARLIER = re.compile(r"t[iy] le\b.*|.*%.*|.*\b(?:luy ke|da cai)\b.* (?:hom|ngay|ky) truoc")


def is_passed_over(head: str) -> bool:
    """Whether the column is skipped without a word, because no import needs it or it has no head."""
    key = key_of(head)
    is_base = bool({key, COUNTING.sub("", key)} & BASES)
    return not key or key in PASSED_OVER or is_base or bool(SHARE_OR_EARLIER.fullmatch(key))


def columns_by_head(kind: Kind) -> dict[str, Column]:
    """The columns by their heads and by their titles in the language of the page."""
    titles = {key_of(str(column.title)): column for column in reversed(kind.columns)}
    return titles | {name: column for column in kind.columns for name in column.names}


def column_headed(key: str, by_head: Mapping[str, Column]) -> str:
    """The key of the column that a head names, empty if it names none. “Tổng số hộ” names the column “Hộ”."""
    for place, heads in OF_KINDS.items():
        if DISTRICT.key in by_head and heads.fullmatch(key):  # not in an import without a column of superiors
            return place
    if column := by_head.get(key) or by_head.get(key.removeprefix("ten ")):
        return column.key
    counted = by_head.get(COUNTING.sub("", key))
    is_count = counted and counted.is_number and counted.key not in (DAILY, CUMULATIVE)  # for these see `mode_of`
    return counted.key if is_count else ""
