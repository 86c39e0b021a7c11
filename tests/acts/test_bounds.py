"""An act whose values do not fit a column or break a constraint is refused, and changes nothing."""

from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError

from reporting import acts
from reporting.acts import locking

from .. import factories as f

EVE = f.DAY - timedelta(days=1)
NOON = f.at("2020-08-21 12:00")


def by_city(cast, unit=None):
    return {"unit": unit or cast.commune, **f.stamp(cast.city_clerk, NOON), "reason": "trùng"}


@pytest.mark.sql
def test_units_of_unknown_population_never_outgrow_the_columns(cast):
    units = [f.make_unit(f"1199{number}", parent=cast.district) for number in range(3)]
    days = [f.DAY - timedelta(days=back) for back in range(3)]  # backwards: later sums move
    for unit in units:
        f.make_report(unit, installs=9_000_000)
        version = 1
        for day in days:
            with pytest.raises(acts.LimitExceeded):
                acts.adjust(**by_city(cast, unit), day=day, adjustment=999_999_999, base_version=version)
            version = 0
        with pytest.raises(acts.LimitExceeded):
            acts.enter(**by_city(cast, unit), day=EVE, installs=1_000_001)
        acts.enter(**by_city(cast, unit), day=EVE, installs=1_000_000)
    signing = {"day": f.DAY, **f.stamp(cast.district_clerk, NOON), "reason": "x"}
    f.make_report(cast.commune, installs=1)
    f.make_report(cast.neighbour, installs=1)
    versions = acts.versions_below(cast.district, f.DAY)
    signed = acts.sign_off(unit=cast.district, versions=versions, **signing)
    assert signed.cumulative == 30_000_002


@pytest.mark.parametrize("met", [IntegrityError, DataError, OverflowError])
def test_act_that_meets_a_constraint_is_refused_in_words(met, cast):
    with pytest.raises(acts.refusals.Impossible) as refusal, locking.locked(cast.commune):
        raise met
    assert "Chưa có gì bị thay đổi" in refusal.value.message
