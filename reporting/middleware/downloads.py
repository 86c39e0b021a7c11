"""Whoever takes a file away is noted."""

from django.utils.http import parse_header_parameters

from ..models import AccessRecord, Unit


def downloads(get_response):
    """Whoever takes a file away is noted, whichever view has made it."""

    def middleware(request):
        response = get_response(request)
        disposition, options = parse_header_parameters(response.get("Content-Disposition", ""))
        if disposition == "attachment" and request.user.is_authenticated:  # a HEAD takes nothing, but as much work
            code = request.resolver_match.kwargs.get("code")
            AccessRecord.objects.note(
                AccessRecord.Kind.DOWNLOADED,
                request=request,
                unit=Unit.objects.filter(code=code).first() if code else None,
                detail=f"{'HEAD ' if request.method == 'HEAD' else ''}{options.get('filename', '')}",
            )
        return response

    return middleware
