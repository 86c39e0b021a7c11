"""How a password is tried, and whose session it is: one of a person who has left is ended for good."""

from django.contrib.auth.backends import ModelBackend
from django.db import connection
from django.db.models import Exists, OuterRef

from .. import clock, fingerprint
from ..days import turns
from ..models import Cover, Unit, User
from . import hashing


class OfficeBackend(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs) -> User | None:
        """Whoever has this name and password. Raises `hashing.Busy`."""
        user = getattr(request, "user", None)
        with hashing.turn(is_stranger=user is not None and not user.is_authenticated):
            return super().authenticate(request, username=username, password=password, **kwargs)

    def get_user(self, user_id) -> User | None:
        """The person of a session, also one who has left: his session hash is empty, and Django ends the session."""
        is_above = Exists(Unit.objects.filter(parent=OuterRef("unit")))
        has_covers = Exists(Cover.objects.filter(person=OuterRef("pk"), ended_at=None))
        people = User.objects.select_related("unit__parent").annotate(
            is_above=is_above,
            has_covers=has_covers,
            marks=fingerprint.marks(connection.vendor),
            hours_recorded=turns.recorded(connection.vendor, clock.now()),
        )
        return people.filter(pk=user_id).first()  # every page asks for all of it
