"""A person takes a number of files away within ten minutes and no more: making one is dear, and shared by all."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from functools import wraps

from django.conf import settings
from django.shortcuts import render

from ..models import AccessRecord, User

WINDOW = timedelta(minutes=10)


def limited_downloads(view):
    """Answers 429 before the file is made, once the person has had as many as DOWNLOADS_PER_10_MINUTES (0: no limit).

    The access record counts, as all processes share it. What several threads make at this very moment is not in it
    yet: as many more may slip through as there are threads.
    """

    @wraps(view)
    def counting(request, *args, **kwargs):
        again_at = next_download_at(request.user, at=request.arrived_at)
        if again_at is None:
            return view(request, *args, **kwargs)
        context = {"limit": settings.DOWNLOADS_PER_10_MINUTES, "again_at": again_at}
        response = render(request, "reporting/too_many_downloads.html", context, status=429)
        response["Retry-After"] = math.ceil((again_at - request.arrived_at).total_seconds())
        return response

    counting.is_limited_download = True
    return counting


def next_download_at(user: User, *, at: datetime) -> datetime | None:
    """When the person may take the next file; None is now."""
    limit = settings.DOWNLOADS_PER_10_MINUTES
    if not limit:
        return None
    taken = AccessRecord.objects.filter(by=user, kind=AccessRecord.Kind.DOWNLOADED, at__gt=at - WINDOW)
    oldest_that_counts = taken.order_by("-at").values_list("at", flat=True)[limit - 1 : limit].first()
    return oldest_that_counts + WINDOW if oldest_that_counts else None
