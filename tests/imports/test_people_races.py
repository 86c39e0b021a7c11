"""Two send the same people at the same moment, or one adds by hand whom another imports: each account is made once."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.contrib.auth.hashers import check_password

from reporting import imports
from reporting.imports.kinds import people as kind_of_people
from reporting.models import AccessRecord
from reporting.people import accounts

from .. import factories as f
from ..threads import HANGS, IN_VAIN, at_once, kinds, meet
from .test_people import applied, planned, slips_of

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [["11416", "", f"Lê Văn {n}", f"091234567{n}"] for n in range(3)]


def test_of_two_who_import_the_same_file_at_once_one_does(cast, monkeypatch):
    shown = planned(cast.city_clerk, *ROWS).digest
    meet(monkeypatch, after=[(accounts, "hashes")], patience=HANGS)
    answers = at_once(*[lambda: applied(cast.city_clerk, *ROWS, shown=shown)] * 2)
    assert sorted(kinds(answers)) == ["Changed", "Plan"]
    [done] = [answer for answer in answers if isinstance(answer, imports.Plan)]
    for slip in slips_of(done, cast.city_clerk):
        assert check_password(slip.password, slip.person.password)
    assert (len(done.made), AccessRecord.objects.filter(kind="person_added").count()) == (3, 3)


def test_who_adds_the_same_person_by_hand_in_the_middle_waits_and_is_refused(cast, monkeypatch):
    looked, standing = [], kind_of_people._standing

    with ThreadPoolExecutor(1) as colleague:

        def interrupted(usernames):
            found = standing(usernames)
            looked.append(found)
            if len(looked) == 2:  # inside the lock: the first time was the check
                looked.append(colleague.submit(at_once, lambda: f.make_user("0912345671", cast.commune)))
                wait([looked[-1]], timeout=IN_VAIN)
            return found

        monkeypatch.setattr(kind_of_people, "_standing", interrupted)
        done = applied(cast.city_clerk, *ROWS)
        assert kinds(looked[2].result()) == ["IntegrityError"]
    assert done.made == ["0912345670", "0912345671", "0912345672"]
