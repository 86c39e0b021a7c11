"""Asks for the password again before an act that reaches far, so that a screen left alone is no danger.

The question takes the place of the page or the act and then goes on with it; the form keeps what was typed. Wrong
passwords count as at the sign-in page.
"""

from collections.abc import Callable
from functools import wraps

from django.http import QueryDict
from django.shortcuts import redirect, render

from ..forms.account import ConfirmForm
from ..people import provider, sessions

WAITS = "act_that_waits"  # session key, while the person is at the provider
PASSWORD, FOR_A_PAGE = "password_again", "for_a_page"
NOT_CARRIED = ("csrfmiddlewaretoken", PASSWORD, FOR_A_PAGE)


def recently_confirmed(act, *, when: Callable[..., bool] = lambda **kwargs: True, posts_only: bool = False):
    """The view requires a password that was given recently; otherwise it is asked for again.

    `act` names the act. `when` takes the arguments of the address and says whether the password is required at all;
    with `posts_only` it is not for a GET. The decorator stands below the guard.
    """

    def decorator(view):
        @wraps(view)
        def confirmed(request, *args, **kwargs):
            if not when(**kwargs) or (posts_only and request.method != "POST"):
                return view(request, *args, **kwargs)
            answer = _taken_out(request)
            if not sessions.is_password_recent(request):
                if provider.SESSION in request.session:
                    return _page(request, act, ConfirmForm(request=request), status=403)
                form = ConfirmForm(answer, request=request)
                if not form.is_valid():
                    status = 403 if answer is None else 429 if form.has_error(PASSWORD, "too_soon") else 422
                    return _page(request, act, form, status=status)
                request.session.cycle_key()
                sessions.password_given(request, request.arrived_at)
            if answer is not None and FOR_A_PAGE in answer:
                return redirect(request.get_full_path())
            request.session.pop(WAITS, None)
            return view(request, *args, **kwargs)

        return confirmed

    return decorator


def _taken_out(request) -> QueryDict | None:
    """The fields of the question, removed from `request.POST`; None if this is no answer."""
    if PASSWORD not in request.POST:
        return None
    answer, request.POST = request.POST, request.POST.copy()
    for name in (PASSWORD, FOR_A_PAGE):
        request.POST.pop(name, None)
    return answer


def _page(request, act, form, *, status):
    is_page = request.method != "POST" or FOR_A_PAGE in form.data
    carried = [] if is_page else [(name, value) for name, values in request.POST.lists() for value in values]
    waits = {
        "act": str(act),
        "path": request.get_full_path(),
        "for_a_page": is_page,
        "carried": [(name, value) for name, value in carried if name not in NOT_CARRIED and "password" not in name],
        "has_files": bool(request.FILES),
    }
    if provider.SESSION in request.session:
        request.session[WAITS] = waits
        return at_office(request, status=status)
    return render(request, "reporting/confirm.html", waits | {"form": form}, status=status)


def at_office(request, *, status=200):
    """The question that the provider answers; afterwards this page sends what was typed."""
    waits, is_given = request.session.get(WAITS), sessions.is_password_recent(request)
    if waits is None or (is_given and waits["for_a_page"]):
        return redirect(waits["path"] if waits else "reporting:home")
    context = {"is_at_office": True, "is_given": is_given}
    return render(request, "reporting/confirm.html", waits | context, status=status)
