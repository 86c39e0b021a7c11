from django.shortcuts import render
from django.urls import reverse

from ..exports import slips as papers


def slips_page(request, slips):
    """The one page that ever shows the passwords of many new accounts; nothing keeps it."""
    address = request.build_absolute_uri(reverse("reporting:home"))
    paper = papers.handover(slips, issuer=request.user.unit, address=address, at=request.arrived_at)
    return render(request, "reporting/slips.html", {"paper": paper})
