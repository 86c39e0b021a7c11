"""How many random examples are played: a part in every run, all in `make test-all`, more on request."""

import os

import pytest
from hypothesis import HealthCheck, settings

AT_ONCE = 12  # of long plays, one in so many
asked = os.environ.get("HISTORIES")  # "whole", or a number


def histories(whole: int) -> int:
    """How many examples of a test that plays `whole` long ones."""
    if asked is None:
        return max(whole // AT_ONCE, 2)
    return whole if asked == "whole" else int(asked)


def played(whole: int, **more):
    """The settings of such a test (always the same examples), and its mark."""
    # Slow by nature. All examples share what is prepared for the test, and leave nothing behind.
    always = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}

    def decorate(test):
        return pytest.mark.played(settings(max_examples=histories(whole), **always, **more)(test))

    return decorate
