"""How a password is tried, and whose session it is: one of a person who has left is ended for good."""

from functools import partial
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from .. import gate
from ..models import User
from . import wrong_passwords

# In SQL, for every request asks: as queries in the query they took as long to put together as all the rest of it.
IS_ABOVE = "EXISTS (SELECT 1 FROM reporting_unit below WHERE below.parent_id = reporting_user.unit_id)"
HAS_COVERS = (
    "EXISTS (SELECT 1 FROM reporting_cover given WHERE given.person_id = reporting_user.id AND given.ended_at IS NULL)"
)


def _whether(sql: str) -> RawSQL:
    return RawSQL(sql, (), output_field=BooleanField())  # noqa: S611  # nosec B611


class OfficeBackend(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Whoever has this name and password. Raises `gate.Busy` and `wrong_passwords.TooSoon`."""
        attempt = partial(super().authenticate, request, username=username, password=password, **kwargs)
        if request is None:
            return attempt()
        with gate.turn(gate.HASH):
            return wrong_passwords.counted_try(request, username or "", attempt)

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, also one who has left: his session hash is empty, and Django ends the session."""
        found = {"is_above": _whether(IS_ABOVE), "has_covers": _whether(HAS_COVERS)}  # filled in for the class's own
        people = User.objects.select_related("unit__parent").annotate(**found)
        return people.filter(pk=user_id).first()  # every page asks for all of it
