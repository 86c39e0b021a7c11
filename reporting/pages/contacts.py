"""Whom to ring of the units that a board shows: their duty telephones and their people."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..hours import deadline
from ..models import Unit, User
from .follow_up import BoardRow


@dataclass(frozen=True, slots=True)
class Contact:
    """A number to ring: the unit's duty telephone, or the person's whose name stands with it."""

    phone: str
    name: str = ""

    @property
    def dial(self) -> str:
        """For a `tel:` link: digits and a leading plus."""
        return "".join(c for c in self.phone if c.isdecimal() or c == "+")


def of(rows: Collection[BoardRow], at: datetime) -> dict[str, tuple[Contact, ...]]:
    """By code whom to ring, seen at `at`: people as they are now, those of a closed unit with who has taken it over."""
    heirs = Unit.objects.heirs(deadline.reporting_day(at))
    asked = {heirs.get(row.unit_id, row.unit_id) for row in rows}
    people = defaultdict(list)
    of_the_units = [*asked, *(closed for closed, heir in heirs.items() if heir in asked)]
    for person in User.objects.filter(unit__in=of_the_units, is_active=True).order_by("username"):
        people[heirs.get(person.unit_id, person.unit_id)].append(person)
    return {row.code: _contacts(row.phone, people[heirs.get(row.unit_id, row.unit_id)]) for row in rows}


def _contacts(duty_phone: str, people: Sequence[User]) -> tuple[Contact, ...]:
    """The duty telephone and those of the people; one number stands once, with its person's name."""
    by_number = {}
    for contact in [Contact(duty_phone), *(Contact(person.phone, person.display_name) for person in people)]:
        if contact.dial and (contact.dial not in by_number or not by_number[contact.dial].name):
            by_number[contact.dial] = contact
    return tuple(by_number.values())
