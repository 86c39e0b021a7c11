"""How long what is played at random is played: a part of it at once, the whole in `make test-all`, more by hand."""

import os

import pytest
from hypothesis import HealthCheck, settings

AT_ONCE = 6  # of what is played at length, one in so many
asked = os.environ.get("HISTORIES")  # "whole", or a number


def histories(whole: int) -> int:
    """How many examples of a test that plays `whole` of them at length."""
    if asked is None:
        return max(whole // AT_ONCE, 2)
    return whole if asked == "whole" else int(asked)


def played(whole: int, **more):
    """The settings of such a test, always the same examples, and its mark."""
    # Slow by nature; and what is made for it is there for all of its examples, which leave nothing behind.
    always = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}

    def decorate(test):
        return pytest.mark.played(settings(max_examples=histories(whole), **always, **more)(test))

    return decorate
