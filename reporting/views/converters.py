"""Days in addresses: YYYY-MM-DD, and only days that exist, of years from 2000 on: a day's neighbours exist too."""

from datetime import date


class DayConverter:
    regex = r"2[0-9]{3}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()
