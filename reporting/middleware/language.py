"""The language of the page: Vietnamese until the person chooses English."""

from django.conf import settings
from django.utils import translation


def language(get_response):
    """Vietnamese, unless the person chose otherwise: what the browser prefers says nothing about an office."""

    def middleware(request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware
