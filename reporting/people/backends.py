"""How a password is tried, and whose session it is: one of a person who has left is ended for good."""

from django.contrib.auth.backends import ModelBackend

from ..models import User
from . import hashing


class OfficeBackend(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs) -> User | None:
        """Whoever has this name and password. Raises `hashing.Busy`."""
        user = getattr(request, "user", None)
        with hashing.turn(is_stranger=user is not None and not user.is_authenticated):
            return super().authenticate(request, username=username, password=password, **kwargs)

    def get_user(self, user_id) -> User | None:
        """The person of a session, also one who has left: his session hash is empty, and Django ends the session."""
        return User.objects.select_related("unit__parent").filter(pk=user_id).first()  # every page asks for both
