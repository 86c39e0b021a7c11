"""What a unit is told of those above it: their shares and its own place, and nothing else."""

from dataclasses import asdict
from decimal import Decimal

from reporting.figures import above
from reporting.figures.above import ShareAbove
from reporting.figures.ranking import Place
from tests.prepared import prepared

from .. import factories as f


@prepared
def reported(cast):
    f.make_report(cast.commune, installs=88, opening=1000)
    f.make_report(cast.neighbour, installs=40, opening=3000)
    return cast


def told(unit):
    return above.with_rows(unit, f.DAY, at=f.at("2020-08-21 18:00"))[1]


def test_name_and_share_of_each_are_told_from_the_nearest_up(reported):
    shares = told(reported.commune).shares
    assert shares == [
        ShareAbove("Quận Hải An", Decimal("0.1210")),
        ShareAbove("Thành phố Hải Phòng", Decimal("0.1039")),
    ]
    assert [list(asdict(unit)) for unit in shares] == [["name", "share"]] * 2
    assert told(reported.city) is None


def test_place_says_the_rank_and_how_many_and_agencies_have_none(reported):
    def place(unit):
        return told(unit).place

    assert place(reported.neighbour) == Place(1, 2)
    assert place(reported.commune) == Place(2, 2)
    assert place(reported.district) == Place(1, 1)  # the others have no share yet
    assert place(reported.stranger) is None
    assert place(reported.agency) is None
