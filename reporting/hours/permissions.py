"""Who may do what when: one table of role, act and situation, from which pages, acts, tests and docs are made."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is to a unit; his own unit decides, and a country above the city changes nothing."""

    OFFICER = "officer"  # of the unit itself
    SUPERIOR = "superior"  # of the unit right above it
    CITY = "city"  # of the unit that seals: the city, or what stands at the top without one
    VIEWER = "viewer"  # reads only; a country's people are it to all below, its cities' seals included


class Act(StrEnum):
    SUBMIT = "submit"
    REQUEST = "request"  # late report, or a correction asked for
    WITHDRAW_REQUEST = "withdraw_request"
    DECIDE = "decide"
    ENTER = "enter"  # on behalf of the unit; also to correct
    REOPEN = "reopen"  # also to return
    VOID = "void"
    REMIND = "remind"
    SIGN = "sign"  # the district for its own day
    WITHDRAW_SIGN = "withdraw_sign"
    PASS_UP = "pass_up"  # noqa: S105 - the difficulties of the units below, sent to the city
    TAKE_UP = "take_up"  # of the difficulties that no district has sent on, those that the city reports
    EXTEND = "extend"
    SEAL = "seal"  # the whole city's day; again with a reason


class Situation(StrEnum):
    """Where a day stands for one unit; the first that applies, in this order."""

    NOT_DUE = "not_due"  # no such day for the unit: before or after the campaign, in the future, closed
    REOPENED = "reopened"
    OPEN = "open"
    EXEMPT = "exempt"  # nothing is due and the hour has passed: a report is welcome, and a superior may act on it
    BEYOND = "beyond"  # more than correction_days back
    SEALED = "sealed"
    SIGNED = "signed"
    AFTER_HOUR = "after_hour"


_AFTER = frozenset({Situation.AFTER_HOUR, Situation.SIGNED, Situation.SEALED})
_ANY = _AFTER | {Situation.OPEN, Situation.EXEMPT, Situation.REOPENED}
_ALWAYS = _ANY | {Situation.BEYOND}

ALLOWED: dict[tuple[Role, Act], frozenset[Situation]] = {
    (Role.OFFICER, Act.SUBMIT): frozenset({Situation.OPEN, Situation.EXEMPT, Situation.REOPENED}),
    (Role.OFFICER, Act.REQUEST): _AFTER,
    (Role.OFFICER, Act.WITHDRAW_REQUEST): _ALWAYS,
    (Role.OFFICER, Act.VOID): frozenset({Situation.OPEN}),
    (Role.SUPERIOR, Act.DECIDE): _ANY,
    (Role.SUPERIOR, Act.ENTER): _ANY,
    (Role.SUPERIOR, Act.REOPEN): _ANY - {Situation.REOPENED},
    (Role.SUPERIOR, Act.VOID): _ANY,
    (Role.SUPERIOR, Act.REMIND): _ANY,
    (Role.SUPERIOR, Act.SIGN): frozenset({Situation.OPEN, Situation.AFTER_HOUR}),
    (Role.SUPERIOR, Act.WITHDRAW_SIGN): frozenset({Situation.SIGNED}),
    (Role.SUPERIOR, Act.PASS_UP): frozenset({Situation.OPEN}) | _AFTER,
    (Role.CITY, Act.DECIDE): _ALWAYS,
    (Role.CITY, Act.ENTER): _ALWAYS,
    (Role.CITY, Act.REOPEN): _ALWAYS - {Situation.REOPENED},
    (Role.CITY, Act.VOID): _ALWAYS,
    (Role.CITY, Act.REMIND): _ANY,
    (Role.CITY, Act.TAKE_UP): _ALWAYS,
    (Role.CITY, Act.EXTEND): frozenset(Situation),  # a power cut of tomorrow is known today
    (Role.CITY, Act.SEAL): _ALWAYS - {Situation.OPEN},  # it waits for nobody
}

OF_THE_SUPERIORS_DAY = frozenset({Act.SIGN, Act.WITHDRAW_SIGN, Act.PASS_UP})  # a day that is never reopened
NOT_OF_A_SUPERIORS_DAY = frozenset({Situation.REOPENED, Situation.EXEMPT})


def may(role: Role | None, act: Act, situation: Situation) -> bool:
    """Whether the act is allowed; what the table does not name is not."""
    return role is not None and situation in ALLOWED.get((role, act), frozenset())


def has(role: Role | None, act: Act) -> bool:
    """Whether the act is the role's at all, be it not on every day."""
    return any(may(role, act, situation) for situation in Situation)


# The same table for people: docs/who-may-do-what.md.

WORDS: dict[StrEnum, str] = {
    Role.OFFICER: "cán bộ của đơn vị",
    Role.SUPERIOR: "đơn vị cấp trên",
    Role.CITY: "thành phố",
    Role.VIEWER: "lãnh đạo (chỉ xem)",
    Act.SUBMIT: "gửi, sửa báo cáo",
    Act.REQUEST: "gửi báo cáo trễ hạn, đề nghị điều chỉnh số liệu",
    Act.WITHDRAW_REQUEST: "rút báo cáo đang chờ tiếp nhận",
    Act.DECIDE: "tiếp nhận, không tiếp nhận",
    Act.ENTER: "nhập thay, sửa số liệu, điều chỉnh",
    Act.REOPEN: "mở lại, trả lại",
    Act.VOID: "hủy báo cáo nhập nhầm",
    Act.REMIND: "nhắc",
    Act.SIGN: "xác nhận số liệu ngày",
    Act.WITHDRAW_SIGN: "rút xác nhận",
    Act.PASS_UP: "chuyển khó khăn, vướng mắc lên thành phố",
    Act.TAKE_UP: "chọn khó khăn, vướng mắc mà cấp huyện chưa chuyển lên",
    Act.EXTEND: "gia hạn",
    Act.SEAL: "chốt số liệu ngày",
    Situation.NOT_DUE: "không có ngày này",
    Situation.REOPENED: "được mở lại",
    Situation.OPEN: "trước hạn",
    Situation.EXEMPT: "ngày không phải báo cáo, sau hạn",
    Situation.BEYOND: "quá số ngày được điều chỉnh",
    Situation.SEALED: "thành phố đã chốt",
    Situation.SIGNED: "cấp trên đã xác nhận",
    Situation.AFTER_HOUR: "sau hạn",
}
ORDER = (
    Situation.NOT_DUE,
    Situation.OPEN,
    Situation.EXEMPT,
    Situation.AFTER_HOUR,
    Situation.REOPENED,
    Situation.SIGNED,
    Situation.SEALED,
    Situation.BEYOND,
)
INTRODUCTION = """\
# Ai được làm gì, khi nào

Sinh ra từ bảng `ALLOWED` trong `reporting/hours/permissions.py`; không sửa tay. ✓: được; –: không được, không có gì
bị thay đổi; trống: không có trường hợp này. Cột là tình trạng của ngày báo cáo đối với đơn vị; với xác nhận, rút
xác nhận và chuyển khó khăn, vướng mắc là tình trạng của ngày đối với chính đơn vị cấp trên. Với sở, ban, ngành và huyện
Bạch Long Vĩ, thành phố là đơn vị cấp trên. Cấp trên của thành phố (cả nước) chỉ xem.
"""


def as_markdown() -> str:
    """The table in the office's words with the code's names beside them, one line for each role's act."""
    head = ["Ai", "Việc", *(_word(situation) for situation in ORDER)]
    lines = [head, ["---"] * 2 + [":-:"] * len(ORDER)]
    for role in Role:
        own = [act for act in Act if has(role, act)]
        for act in own:
            lines.append([_word(role), _word(act), *(_mark(role, act, situation) for situation in ORDER)])
        if not own:
            lines.append([_word(role), "không việc nào", *("–" for _situation in ORDER)])
    return INTRODUCTION + "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _word(name: StrEnum) -> str:
    return f"{WORDS[name]} (`{name}`)"


def _mark(role: Role, act: Act, situation: Situation) -> str:
    if act in OF_THE_SUPERIORS_DAY and situation in NOT_OF_A_SUPERIORS_DAY:
        return ""
    return "✓" if may(role, act, situation) else "–"
