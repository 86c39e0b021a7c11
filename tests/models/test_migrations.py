from contextlib import nullcontext
from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command


def test_no_migration_is_missing(db):
    output = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=output)
    assert output.getvalue() == "No changes detected\n"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a", "b", "B.x"], None),
        (["LanhDao", "a", "lanhdao", "A", "b"], "LanhDao, lanhdao; a, A. Nothing was changed."),
    ],
)
def test_user_names_that_differ_in_case_alone_are_named_before_anything_is_changed(names, said):
    migration = import_module("reporting.migrations.0017_user_names_without_accents")
    users = SimpleNamespace(order_by=lambda _by: SimpleNamespace(values_list=lambda *_names, **_flat: names))
    apps = SimpleNamespace(get_model=lambda *_names: SimpleNamespace(objects=users))
    with pytest.raises(ValueError, match=said) if said else nullcontext():
        migration.name_those_that_look_the_same(apps, None)
