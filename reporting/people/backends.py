"""Whose session it is: one of a person who has left is ended, so that it does not come to life again with him."""

from django.contrib.auth.backends import ModelBackend

from ..models import User


class OfficeBackend(ModelBackend):
    def get_user(self, user_id) -> User | None:
        """The person of a session, also one who has left: his session hash is empty, and Django ends the session."""
        return User.objects.select_related("unit__parent").filter(pk=user_id).first()  # every page asks for both
