from datetime import timedelta
from fractions import Fraction

from reporting.figures import rollup
from reporting.figures.pace import pace_of
from reporting.figures.rates import Rate
from reporting.pages import overview

from .. import factories as f


def test_slowest_has_the_smallest_part_of_the_pace_it_needs_whatever_its_share(cast):
    f.make_directive(f.FIRST_DAY, number="2/CV", target_date=f.DAY + timedelta(days=20))
    f.make_report(cast.commune, installs=10, opening=5000)
    f.make_report(cast.island, installs=1, opening=10)
    figures = rollup.rows(cast.city, f.DAY)
    districts = [row for row in figures.children if row.share is not None]

    def slowest(**per_day):
        paces = {
            row.code: pace_of(
                cumulative=row.cumulative,
                target=row.target,
                target_date=figures.order.target_date,
                day=f.DAY,
                rate=Rate(per_day=Fraction(per_day[f"of_{row.code}"]), reports=7, of_reports=7, known=1),
                is_hour_over=True,
            )
            for row in districts
        }
        return [about.row.code for about in overview.slowest(figures, paces, seal=None)]

    assert [row.code for row in sorted(districts, key=lambda row: row.share)] == ["318", "306"]
    assert slowest(of_306=10, of_318=1) == ["306", "318"]
    assert slowest(of_306=700, of_318=1) == ["318", "306"]
