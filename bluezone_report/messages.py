"""Stores Django's messages in a cookie named __Host-messages, for https."""

from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    cookie_name = "__Host-messages"


class HostStorage(FallbackStorage):
    storage_classes = (HostCookieStorage, SessionStorage)
