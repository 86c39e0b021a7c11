"""A mark that every write of what pages show changes: as long as it stands, so does a page (see `fingerprint`)."""

from django.db import models


class Fingerprint(models.Model):
    """One row for each writer of a moment, so that none waits for another; triggers write it, and nothing else."""

    slot = models.PositiveSmallIntegerField(primary_key=True)
    mark = models.UUIDField()  # drawn anew with each write

    def __str__(self) -> str:
        return f"{self.slot}: {self.mark}"
