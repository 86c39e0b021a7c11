import pytest
from reporting import rollup
from . import factories as f


def test_cast(cast):
    f.make_report(cast.commune, installs=5, opening=100)
    assert rollup.rows(cast.city, f.DAY).own.cumulative == 105


@pytest.mark.django_db(transaction=True)
def test_tx():
    f.make_cast()
