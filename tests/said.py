"""All statements about a unit's day, as its faces print them."""

from reporting.days.look_back import newest_seal
from reporting.exports import offices, paper_sentences as sentences
from reporting.figures import rollup, since_seal, statements
from reporting.figures.statements import Statement
from reporting.models import Unit
from reporting.pages import bulletin, overview, trends


def statements_of(code, day, *, at, as_of=None) -> list[Statement]:
    """Those of page, bulletin, messages and paper; none if the unit was not there."""
    unit = Unit.objects.named(day, as_of).filter(code=code).first()
    figures = rollup.rows(unit, day, as_of, at=at) if unit else None
    if figures is None or code not in figures.by_code:
        return []
    seal = newest_seal(unit, day, as_of)
    trend = trends.trend(unit, figures, at=at, seal=seal)
    said = [*(trend.verdict.statements if trend.verdict else ()), *filter(None, [trend.subject.provisional])]
    if seal and not as_of and (then := since_seal.since_seal(figures, seal)):
        said += statements.since_seal(statements.subject(figures, seal=seal), then)
    if figures.own.is_reporting:
        return said
    until = figures.until(at)
    said += bulletin.bulletin_of(unit, figures, until=until, at=at).statements
    for one in overview.laggards(trend, at=at):
        said += one.said
    if offices.issues_papers(unit):
        superior = Unit.objects.named(day, as_of).filter(pk=unit.parent_id).first()
        about = {"trend": trend, "slowest": overview.slowest(trend, at=at), "difficulties": ()}
        about["earlier_seal"] = trends.earlier_seal(trend)
        about["later"] = trends.after_hour(trend, until, "")
        found = sentences.sections(figures, offices.issuing_office(unit, superior), until=until, **about)
        said += sentences.statements_of(found)
    return said
