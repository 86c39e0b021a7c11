from django.shortcuts import render

from .. import tables
from ..figures import ranking as rankings, shares_above, statements
from ..pages import trends
from .guards import read_view
from .parameters import day_page, sort_and_page


@read_view
def ranking(request, code):
    """The ranking of the units below; a unit without units below it sees only its own place."""
    context = day_page(request, code)
    unit, look = context["unit"], context["look"]
    figures, seen_above = shares_above.with_rows(unit, look, at=request.arrived_at)
    if unit.code not in figures.by_code:
        return render(request, "reporting/unit_closed.html", context)
    context |= {
        "figures": figures,
        "remarks": trends.remarks(figures),
    }
    if seen_above:
        context |= {"above": seen_above.shares, "place": seen_above.place}
    if not figures.own.is_reporting:
        context |= _ranking_tables(request, context)
    return render(request, "reporting/ranking.html", context)


def _ranking_tables(request, context):
    unit, figures, day, look = (context[name] for name in ("unit", "figures", "day", "look"))
    yesterday, week_ago = trends.earlier_cumulatives(unit, figures)
    provisional = statements.subject(figures, seal=look.seal).provisional
    levels = rankings.by_level(figures, yesterday=yesterday, week_ago=week_ago)
    text = request.GET.get("q", "").strip()
    ranked = [tables.RankingTable(level.named(text)) for level in levels]
    return {
        "sought": text,
        "provisional": provisional,
        "kept": look.with_as_of(day=day.isoformat()),
        "tables": [sort_and_page(request, table, is_paged=True) for table in ranked],
        "is_first_day": yesterday is None,
    }
