from django.shortcuts import render

from ..forms.look_back import LookBackForm
from ..models import Unit
from ..people import access


def look_back(request, unit, day):
    """How the page sees its day, and what it answers if the moment asked for cannot be had: one of the two is None.

    The unit is named as it was then.
    """
    form = LookBackForm(request.GET, unit=unit, day=day, at=request.arrived_at)
    if form.is_valid():
        look = form.look
        if look.as_of:
            then = Unit.objects.named(day, look.as_of).get(pk=unit.pk)
            unit.name, unit.kind = then.name or unit.name, then.kind or unit.kind
        return look, None
    context = {"unit": unit, "day": day, "errors": form.errors["as_of"], "trail": access.trail(request.user, unit, day)}
    return None, render(request, "reporting/look_back_refused.html", context, status=422)
