from django.shortcuts import render
from django.urls import reverse

from ..exports import slips as papers


def slips_page(request, slips, *, is_kept=False):
    """The passwords of many new accounts; with `is_kept` the page can be had again until it says that it is printed."""
    address = request.build_absolute_uri(reverse("reporting:home"))
    paper = papers.handover(slips, issuer=request.user.unit, address=address, at=request.arrived_at)
    return render(request, "reporting/slips.html", {"paper": paper, "is_kept": is_kept})
