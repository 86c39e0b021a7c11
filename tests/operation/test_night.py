"""The nightly `verify` compares with the last ledger and reports differences until they are cleared up."""

import io
import json
import lzma

import pytest
from django.core.management import CommandError, call_command

from reporting import triggers
from reporting.models import BaseFigure

from ..factories import make_report


@pytest.fixture
def night(settings, tmp_path, cast):
    settings.STATE_FOLDER = tmp_path
    make_report(cast.commune, installs=30, opening=500)
    return tmp_path


def verify(*arguments):
    try:
        call_command("verify", *arguments, stdout=io.StringIO())
    except SystemExit as end:
        return end.code
    return 0


def is_well(night):
    return json.loads((night / "verify.json").read_text())["is_well"]


def ledger_text(night):
    return lzma.decompress((night / "ledger").read_bytes()).decode()


@pytest.mark.matrix
def test_night_proves_against_the_ledger_of_the_night_before(night):
    assert (verify("--nightly"), is_well(night)) == (0, True)  # the first night has none
    first = ledger_text(night)
    assert verify("--nightly") == 0
    second = ledger_text(night)
    assert second.splitlines()[1] > first.splitlines()[1]  # the line `at`
    triggers.remove()
    BaseFigure.objects.order_by("pk").last().delete()
    triggers.install()
    for _night in range(2):
        assert (verify("--nightly"), is_well(night)) == (1, False)
        assert ledger_text(night) == second


def test_night_that_breaks_off_is_not_taken_for_one_that_ended(night):
    (night / "ledger").write_text("no ledger")
    with pytest.raises(CommandError):
        verify("--nightly")
    assert json.loads((night / "verify.json").read_text())["detail"] == "it did not end"


def test_night_without_a_folder_is_refused(db, settings):
    settings.STATE_FOLDER = None
    with pytest.raises(CommandError, match="STATE_DIRECTORY"):
        verify("--nightly")
