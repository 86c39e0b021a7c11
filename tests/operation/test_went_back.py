"""After going back to an earlier moment: who must send again is listed, and their own pages say so."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse

from reporting.figures import ledger
from reporting.models import Reopening, Report

from ..factories import DAY, at, make_report
from ..views.visits import frozen, send, send_again, signed_in, words_of

BACK, LATER = "2020-08-21 17:40", "2020-08-21 17:45"


def went_back(*arguments):
    out = io.StringIO()
    with frozen(BACK):
        call_command("went_back", *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def before(cast, tmp_path):
    """The ledger of the database before it went back: then it had a second report of one unit, the first of another."""
    make_report(cast.commune, installs=30, opening=500)
    make_report(cast.stranger, installs=5)
    with transaction.atomic():
        make_report(cast.commune, installs=70)
        make_report(cast.neighbour, installs=9)
        ledger.write(tmp_path / "ledger", at(BACK))
        transaction.set_rollback(True)
    return tmp_path / "ledger"


def test_who_must_send_again_is_listed_and_may_after_the_hour(before, cast):
    listed = went_back(before)
    assert [line.split(" | ")[0] for line in listed[:-1]] == ["11407", "11416"]
    assert "Phường Đằng Hải" in listed[1]
    assert not Reopening.objects.exists()  # only a list

    went_back(before, "--by", cast.city_clerk.username)
    assert {one.unit.code for one in Reopening.objects.in_force(at(LATER))} == {"11407", "11416"}
    with frozen(LATER):
        page = signed_in(cast.officer).get(reverse("reporting:unit", args=["11416"]))
        assert "0225 000 0031" in words_of(page)
        assert "trở về thời điểm trước" in words_of(page)
        board = signed_in(cast.city_clerk).get(reverse("reporting:unit", args=["306"]))
    assert "Đằng Hải" in words_of(board)
    assert send(cast.officer, cast.commune, LATER, opening="", installs="70", base_version="1").status_code == 302
    assert Report.objects.get(unit=cast.commune, day=DAY).installs == 70
    assert {one.unit.code for one in Reopening.objects.in_force(at("2020-08-21 17:46"))} == {"11407"}


def test_row_that_has_the_key_of_a_lost_one_does_not_hide_it(before, cast):
    make_report(cast.stranger, installs=6)
    assert [line.split(" | ")[0] for line in went_back(before)[:-1]] == ["11407", "11416"]


def test_page_that_saw_a_lost_report_says_so_and_replaces(before, cast):
    page = send(cast.officer, cast.commune, opening="", installs="71", base_version="2")
    assert page.status_code == 409
    assert "trở về thời điểm trước" in words_of(page)
    assert "người khác" not in words_of(page)
    assert send_again(cast.officer, cast.commune, page).status_code == 302
    assert Report.objects.get(unit=cast.commune, day=DAY).installs == 71


def test_unknown_clerk_or_file_changes_nothing(before, tmp_path):
    (tmp_path / "cut").write_bytes(before.read_bytes()[:-9])
    for arguments in ([before, "--by", "nobody"], [tmp_path / "cut"], [tmp_path / "none"]):
        with pytest.raises(CommandError):
            went_back(*arguments)
    assert not Reopening.objects.exists()
