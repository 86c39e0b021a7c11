"""The language of the page: Vietnamese until the person chooses English."""

from django.conf import settings
from django.utils import translation


class LanguageMiddleware:
    """Vietnamese, unless the person chose otherwise: what the browser prefers says nothing about an office."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
