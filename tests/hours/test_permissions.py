"""One table of role, act and situation: everything that it does not name is refused and writes nothing."""

import pytest

from reporting.hours import permissions
from reporting.hours.permissions import Act, Role, Situation


def test_viewer_may_nothing():
    assert not any(permissions.may(Role.VIEWER, act, situation) for act in Act for situation in Situation)


def test_stranger_may_nothing():
    assert not any(permissions.may(None, act, situation) for act in Act for situation in Situation)


@pytest.mark.parametrize("act", [Act.DECIDE, Act.ENTER, Act.VOID, Act.REOPEN])
def test_only_the_city_acts_beyond_the_correction_days(act):
    roles = {role for role in Role if permissions.may(role, act, Situation.BEYOND)}
    assert roles == {Role.CITY}
