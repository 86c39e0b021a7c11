"""The authentication backend: checks passwords, and loads the person of a session."""

from functools import partial
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from .. import gate
from ..models import User
from . import wrong_passwords

# Raw SQL, because every request runs it: ORM subqueries took as long to build as the rest of the query.
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
        """The person with this name and password, or None. Raises `gate.Busy` and `wrong_passwords.TooSoon`."""
        check = partial(super().authenticate, request, username=username, password=password, **kwargs)
        if request is None:
            return check()

        def attempt() -> User | None:
            with gate.turn(gate.HASH):
                return check()

        return wrong_passwords.counted_try(request, username or "", attempt)

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, even if he has left: his session hash is empty, so Django ends the session."""
        flags = {"is_above": _whether(IS_ABOVE), "has_covers": _whether(HAS_COVERS)}  # replace the class's defaults
        people = User.objects.select_related("unit__parent").annotate(**flags)
        return people.filter(pk=user_id).first()  # every page needs all of it
