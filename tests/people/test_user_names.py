"""The database keeps user names distinct; the forms are tested in tests/forms/test_odd_input.py."""

import pytest
from django.db import IntegrityError, transaction

from tests import factories as f

pytestmark = pytest.mark.sql


@pytest.mark.parametrize("name", ["LanhDao", "LANHDAO", "lanhdao"])
def test_database_takes_no_name_twice_whatever_its_case(name, cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.make_user(name, cast.city)
