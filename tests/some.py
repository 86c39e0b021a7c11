"""Which values of a parameter are tested in every run, and which only in `make test-all`."""

from collections.abc import Collection, Iterable

import pytest


def some(values: Iterable, first: Collection) -> list:
    """Values for `pytest.mark.parametrize`: those in `first` in every run, the others only in the matrix."""
    return [value if value in first else pytest.param(value, marks=pytest.mark.matrix) for value in values]
