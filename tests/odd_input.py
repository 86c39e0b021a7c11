"""Odd numbers, user names and telephones, and what becomes of each; the tests try them on every way in.

`python -m tests.odd_input` prints docs/odd-input.md.
"""

import unicodedata

# A number as typed, and what is stored; None if it is refused.
NUMBERS = {
    "1234": 1234,
    "1.234": 1234,
    "1 234": 1234,
    "1\u00a0234": 1234,  # as Excel and web pages copy it
    "1\u202f234": 1234,
    " 12 ": 12,
    "007": 7,
    "0": 0,
    "１２": 12,  # a wide keyboard
    "１．２３４": 1234,
    "999.999.999": 999_999_999,
    "1.000.000.000": None,
    "1,5": None,
    "1,234": None,
    "1.5": None,
    "1.2345": None,
    "1234.567": None,
    "1.234 567": None,
    ".234": None,
    "1.234.": None,
    "1'234": None,
    "1e3": None,
    "0x10": None,
    "-3": None,
    "+3": None,
    "=1+1": None,
    "12%": None,
    "12 xã": None,
    "1\n234": None,
    "12\u200b": None,
    "²": None,
    "①": None,
    "Ⅻ": None,
    "₁₂": None,
    "𝟏𝟐": None,
    "١٢": None,
    "१२": None,
    "十二": None,
    "l2": None,
    "1O": None,
    "x": None,
    "–": None,
    "…": None,
    "#REF!": None,
}
# In a file these mean that there is no figure: the cell is left out; the preview names all but the dash.
MARKS = ("x", "–", "…")

# A user name as typed, while 306, 11416 and lanhdao have accounts, and the name that it becomes.
NAMES = {
    "canbo.x": "canbo.x",
    "CanBo.X": "CanBo.X",
    "canbo-x": "canbo-x",
    "canbo+x": "canbo+x",
    "canbo@haiphong.gov.vn": "canbo@haiphong.gov.vn",
    "0912345678": "0912345678",
    "+84912345678": "+84912345678",
    "７": "7",
    "ｃａｎｂｏ.y": "canbo.y",  # a wide keyboard
    "０９１２３４５６７９": "0912345679",
    "ﬁn.a": "fin.a",  # one letter that becomes two
    "ſs": "ss",
    "①": "1",
    "x²": "x2",
    "𝐜𝐚𝐧𝐛𝐨": "canbo",
    "306": None,
    "３０６": None,  # the district's own, in wide digits
    "③⓪⑥": None,
    "𝟹𝟶𝟼": None,
    "LanhDao": None,
    "ｌａｎｈｄａｏ": None,
    "lanhdao": None,
    "cánbộ": None,
    "càn": None,
    "đội": None,
    "саnbo": None,  # its first letter is Cyrillic
    "ΑΒ": None,
    "ıı": None,
    "用户": None,
    "٣٠٦": None,
    "can bo": None,
    "can\u200bbo": None,
    "can\u202ebo": None,
    "can\tbo": None,
    "can/bo": None,
    "can\\bo": None,
    "can'bo": None,
    "can;bo": None,
    "<b>": None,
    "📱": None,
}
PHONES = {
    **dict.fromkeys(
        [
            *("0912345678", "0912 345 678", "0912.345.678", "+84 912 345 678", "0225 3842 000", "(0225) 3.842.000"),
            *("024-38-220-000", "19001234", "1900 9095", "18001119"),
        ],
        True,
    ),
    **dict.fromkeys(
        [
            *("20200814", "10000000000000000", "0.5", "12", "113", "0012345678", "+1 202 555 0123", "091234567"),
            *("091234567890", "mobile", "0912 345 678 ext", "٠٩١٢٣٤٥٦٧٨", "²912345678", "14/08/2020", "1900"),
            *("０９１２３４５６７８", "-0912345678x", "O912345678"),
        ],
        False,
    ),
}


def as_markdown() -> str:
    numbers = [(_shown(typed), _outcome(typed, becomes)) for typed, becomes in NUMBERS.items()]
    names = [(_shown(typed), becomes or "refused") for typed, becomes in NAMES.items()]
    phones = [(_shown(typed), "kept as typed" if is_one else "refused") for typed, is_one in PHONES.items()]
    return "\n\n".join(
        [
            "# Odd input",
            "How the product reads numbers, user names and telephone numbers as people, keyboards and other programs "
            "write them. Forms, grid and files read them alike: "
            "`tests/forms/test_odd_input.py` checks this with the tables of `tests/odd_input.py`. "
            "Invisible characters are shown by their code.",
            "## Numbers",
            "In the officer's form, the superior's grid and cells of a file.",
            _table(("typed", "stored"), numbers),
            "In a workbook, a cell with true, false, a day, a fraction, an Excel error or a formula without a result "
            "is refused with its reason; a whole number is read as it is.",
            "## User names",
            "On the page for one person and in a file of people; 306 and lanhdao already have accounts. "
            " Wide and styled letters are folded first (NFKC). After that only ASCII letters, digits and "
            "@ . + - _ are allowed, and no name may exist twice in any case; the database enforces this.",
            _table(("typed", "the name"), names),
            "## Telephones",
            "On the page for one person and in a file of people.",
            _table(("typed", "what is kept"), phones),
        ]
    )


def _outcome(typed, becomes):
    if becomes is not None:
        return f"{becomes}"
    if typed in MARKS:
        return "refused; of a file left out" + ("" if typed == "–" else ", and named")
    return "refused"


def _shown(typed):
    """The text made visible: unusual spaces, marks without width and control characters by their code."""
    seen = "".join(
        character if character == " " or unicodedata.category(character)[0] not in "CZ" else f"[U+{ord(character):04X}]"
        for character in typed
    )
    return f"`{seen}`".replace("|", "\\|")


def _table(head, rows):
    return "\n".join([f"| {' | '.join(head)} |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)])


if __name__ == "__main__":
    print(as_markdown())
