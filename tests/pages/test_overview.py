from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from reporting.figures import rollup
from reporting.figures.pace import RecentDays
from reporting.figures.rates import Rate, Rates
from reporting.pages import overview, trends

from .. import factories as f


def test_slowest_has_the_smallest_part_of_the_pace_it_needs_and_is_behind_the_whole(cast):
    f.make_directive(f.FIRST_DAY, number="2/CV", target_date=f.DAY + timedelta(days=20))
    f.make_report(cast.commune, installs=10, opening=5000)
    f.make_report(cast.island, installs=1, opening=10)
    shown = trends.trend(cast.city, rollup.rows(cast.city, f.DAY), at=f.at("2020-08-21 18:00"))

    def slowest(**per_day):
        rates = {code[3:]: Rate(per_day=Fraction(n), reports=7, of_reports=7, known=1) for code, n in per_day.items()}
        whole = Rate(per_day=Fraction(sum(per_day.values())), reports=14, of_reports=14, units=2, known=2)
        recent = RecentDays(days=(), rates=Rates(by_code={**rates, "31": whole}))
        pace = trends.pace_of(shown.figures.own, shown.figures, recent, at=f.at("2020-08-21 18:00"))
        found = replace(shown, recent=recent, pace=pace)
        return [about.row.code for about in overview.slowest(found, at=f.at("2020-08-21 18:00"))]

    districts = [row for row in shown.figures.children if row.share is not None]
    assert [row.code for row in sorted(districts, key=lambda row: row.share)] == ["318", "306"]
    assert slowest(of_306=10, of_318=10) == ["306"]  # the island is faster than the city
    assert slowest(of_306=700, of_318=1) == ["318"]
    assert slowest() == ["318"]  # no pace is known: it has a lower share than the city
