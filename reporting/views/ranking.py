from django.shortcuts import render

from .. import tables
from ..figures import above
from ..figures import ranking as rankings
from ..pages import dashboard
from .asked import arranged, day_page
from .guards import read_view


@read_view
def ranking(request, code):
    """Who stands where below a unit; of a unit without others below it, its own place and nothing of the others."""
    context = day_page(request, code)
    unit, day, look = (context[name] for name in ("unit", "day", "look"))
    figures, seen_above = above.with_rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:
        return render(request, "reporting/unit_closed.html", context)
    context |= {
        "figures": figures,
        "until": figures.until(request.arrived_at),
        "remarks": dashboard.remarks(unit, figures),
    }
    if seen_above:
        context |= {"above": seen_above.shares, "place": seen_above.place}
    if not figures.own.is_reporting:
        context |= _tables(request, context)
    return render(request, "reporting/ranking.html", context)


def _tables(request, context):
    unit, figures, day, look = (context[name] for name in ("unit", "figures", "day", "look"))
    yesterday, week_ago = dashboard.compared(unit, figures)
    found = rankings.by_level(figures, yesterday=yesterday, week_ago=week_ago)
    asked = request.GET.get("q", "").strip()
    ranked = [tables.RankingTable(level.named(asked)) for level in found]
    return {
        "asked": asked,
        "kept": look.kept(day=day.isoformat()),
        "tables": [arranged(request, table, is_paged=True) for table in ranked],
        "is_first_day": yesterday is None,
    }
