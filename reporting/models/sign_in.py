"""Wrong passwords of late."""

from django.db import models


class WrongPasswords(models.Model):
    """How many there were lately of one name at one address, of an address, or of a device."""

    key = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    next_at = models.DateTimeField()  # no other password is tried before

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
