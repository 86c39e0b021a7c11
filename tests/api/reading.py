"""A system that reads the API with a token, at one moment."""

from django.test import Client

from tests.views.visits import NOON, frozen

API = "/api/v1/"


def get_answer(secret, address, *, moment=NOON, client=None, **headers):
    """The answer to a GET below `/api/v1/`."""
    headers = {**({"Authorization": f"Bearer {secret}"} if secret else {}), **headers}
    with frozen(moment):
        return (client or Client()).get(API + address, headers=headers)


def get_json(secret, address, **options):
    """The content of an answer 200."""
    answer = get_answer(secret, address, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()
