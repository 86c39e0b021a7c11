"""What a parameter may look like: one writing for a day and for a number, as the document says them.

Left to itself pydantic takes a number of seconds for a day, and 1_000 for a number.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

DAY, WHOLE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"[0-9]{1,19}")


def _as_a_day(value):
    if isinstance(value, str) and not DAY.fullmatch(value):
        raise PydanticCustomError("date_shape", "not a day")
    return value


def _as_a_number(value):
    if isinstance(value, str) and not WHOLE.fullmatch(value):
        raise PydanticCustomError("int_shape", "not a whole number")
    return value


Day = Annotated[date, BeforeValidator(_as_a_day)]
Whole = Annotated[int, BeforeValidator(_as_a_number)]
