"""The schemas of the answers. The OpenAPI document is made from them. Counts come from `figures.fields`.

Shares are ratios, cut (not rounded) as on pages. A missing value is null. Days and instants are ISO 8601.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, create_model

from ..days.status import DayStatus
from ..deadline import ZONE
from ..exports import tidy
from ..figures import fields
from ..models import Metric, Report, Revision
from ..models.levels import Level
from .problems import described

Instant = Annotated[
    datetime,
    PlainSerializer(lambda instant: instant.astimezone(ZONE).isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]

ALWAYS_THERE = ConfigDict(json_schema_serialization_defaults_required=True)  # fields with a default are required too


Cumulative = Annotated[int | None, BeforeValidator(lambda row: row and row.cumulative)]  # of a row, or None
Hour = Annotated[str, BeforeValidator(lambda hour: f"{hour:%H:%M}")]
Share = Annotated[float | None, described(_("a ratio, cut to four places: 0.2899 is 28,99 %"))]
Code = Annotated[str, described(_("the code of the unit; it never changes and is never given to another"))]

ReportKind, StepKind = Literal[*Report.Kind.values], Literal[*Revision.Kind.values]  # both enums are `Kind`


def counts(named: Iterable[fields.Field]) -> dict:
    """A field for each count: a whole number or null."""
    return {field.name: (int | None, described(field.label)) for field in named}


def columns(table: Iterable[tidy.Column]) -> dict:
    """A field for each column; null if its cell is empty."""
    kinds = {column: Instant if column.kind is datetime else column.kind for column in table}
    return {
        column.name: (kind if column.is_needed else kind | None, described(column.words))
        for column, kind in kinds.items()
    }


UnitOut = create_model("UnitOut", __base__=Schema, __doc__="A unit.", **columns(tidy.UNIT_COLUMNS))


class OfAUnit(Schema):
    day: date
    unit: Code


class UnitsOut(OfAUnit):
    units: list[UnitOut]


class RowBase(Schema):
    code: Code
    level: Level
    name: str
    is_reporting: bool = described(_("it has no open unit below it, and reports for itself"))
    status: DayStatus | None = described(_("of a unit that reports for itself"))
    received_at: Instant | None
    carries_opening: bool = described(_("no day reported: the cumulative is that of the opening report"))
    carried_from: date | None = described(_("not reported: the day whose cumulative is counted"))
    expected: int = described(_("units that owe a report"))
    reported: int
    on_time: int
    late: int
    waiting: int = described(_("of those not reported: their late report is still to be decided"))
    excused: int = described(_("of those not reported: they do not count as missing"))
    not_reported: int
    carried_forward: int
    share: Share
    smartphone_share: Share
    target_share: float
    target: int | None
    missing_to_target: int | None
    population_on: date | None
    population_source: str


RowOut = create_model("RowOut", __base__=RowBase, __doc__="A unit’s figures of a day.", **counts(fields.SUMMED))


class SealOut(Schema):
    at: Instant
    digest: str = described(_("SHA-256 of the day’s canonical table"))


class DayOut(OfAUnit):
    """The unit’s row, the rows right below it, the agencies, and the units without a report."""

    as_of: Instant = described(_("when the figures were known; by default the moment of the request"))
    seal: SealOut | None = described(_("the day’s newest seal"))
    closes_at: Instant | None = described(_("the last deadline of the unit and all below it; null: nothing is due"))
    own: RowOut
    children: list[RowOut]
    agencies: list[RowOut] = described(_("never added to the residents’ units"))
    agency_total: RowOut | None
    not_reported: list[str] = described(_("codes of the units that owe a report and have sent none"))


OF_A_LINE = [column for column in tidy.WEEK_COLUMNS if column.name not in ("last_day", "as_of", "seal")]
LineOut = create_model("LineOut", __base__=Schema, __doc__="A reporting unit on a day.", **columns(OF_A_LINE))
OF_A_TOTAL = [column for column in OF_A_LINE if column.kind in (int, float)]
TotalOut = create_model("TotalOut", __base__=Schema, __doc__="A stream’s sum on a day.", **columns(OF_A_TOTAL))


class LinesOfADay(Schema):
    day: date
    as_of: Instant | None = described(_("null: the day of a range as sealed has no seal, so it has no figures"))
    seal: SealOut | None = described(_("the seal that the figures are from"))
    total: TotalOut | None
    agency_total: TotalOut | None
    lines: list[LineOut]


class DaysOut(Schema):
    unit: Code
    first_day: date = described(_("`from` and `to`, cut to the days of the campaign that have begun"))
    last_day: date
    as_of: Instant | None = described(_("null: each day as of its own seal"))
    days: list[LinesOfADay]
    next: str | None = described(_("the cursor of the next page; null: that was the last"))


class ReportBase(Schema):
    unit: Code
    day: date
    kind: ReportKind
    version: int = described(_("grows with every step: keep the highest"))
    is_late: bool
    covers_from: date | None = described(_("the first day, if the report is of several days"))
    received_at: Instant = described(_("arrival of the day’s first report"))
    counted_at: Instant = described(_("when its last step on this page was counted"))


ReportOut = create_model("ReportOut", __base__=ReportBase, __doc__="A report, as it is now.", **counts(fields.OF_DAY))


class ReportsOut(Schema):
    unit: Code
    reports: list[ReportOut]
    next: str = described(_("the cursor of the next request: at once if has_more, otherwise later"))
    has_more: bool


class CauseOut(Schema):
    kind: StepKind
    count: int
    delta: int


class StepOut(Schema):
    unit: Code = Field(alias="code")
    day: date = described(_("of the report; an earlier one also changes the cumulative"), alias="revision.report.day")
    kind: StepKind = Field(alias="revision.kind")
    counted_at: Instant = Field(alias="revision.counted_at")
    delta: int = Field(alias="revision.delta")
    reason: str = Field(alias="revision.reason")


class ChangedLineOut(Schema):
    code: Code
    sealed: Cumulative = described(_("the cumulative as sealed"))
    now: Cumulative
    difference: int
    is_explained: bool = described(_("the steps add up to the difference"))
    steps: list[StepOut]


class NoteOut(Schema):
    """A change that does not affect the cumulative: a base figure, a name, a later deadline, an exempt day."""

    at: Instant
    unit_name: str
    words: str


class ChangesOut(OfAUnit):
    seal: SealOut
    own: ChangedLineOut
    below: list[ChangedLineOut]
    agencies: list[ChangedLineOut]
    causes: list[CauseOut]
    notes: list[NoteOut] = described(_("always empty: see the campaign’s records"), default=[])


class OfficialLineOut(Schema):
    model_config = ALWAYS_THERE

    code: Code
    claimed: int | None = described(_("our cumulative on the day of the ministry’s figure"))
    official: int | None = Field(None, alias="official.value")
    day: date | None = described(_("of the ministry’s figure"), default=None, alias="official.day")
    counted_at: Instant | None = Field(None, alias="official.counted_at")
    source: str = Field("", alias="official.source")
    difference: int | None
    is_marked: bool = described(_("it claims more than the ministry counts, by more than the threshold"))
    is_explained: bool = described(_("always false: units are no longer asked here"), default=False)


class OfficialOut(OfAUnit):
    as_of: Instant
    metric: Metric
    own: OfficialLineOut
    below: list[OfficialLineOut]


class RecordOut(Schema):
    recorded_at: Instant
    withdrawn_at: Instant | None


class DirectiveOut(RecordOut):
    number: str
    issuer: str
    title: str
    issued_on: date
    effective_from: date
    effective_until: date | None
    target_share: float
    target_date: date | None
    report_deadline: Hour
    signoff_deadline: Hour


class OfADayOut(RecordOut):
    model_config = ALWAYS_THERE

    unit: Code = Field(alias="unit.code")
    day: date
    until: Instant | None = described(_("the later hour; null: nothing is due on the day"), default=None)
    reason: str


class UnitHourOut(RecordOut):
    unit: Code = Field(alias="unit.code")
    effective_from: date
    effective_until: date | None
    report_deadline: Hour
    reason: str


class DowntimeOut(RecordOut):
    starts_at: Instant
    ends_at: Instant
    reason: str


class CampaignOut(Schema):
    first_day: date | None
    directives: list[DirectiveOut]
    extensions: list[OfADayOut]
    exempt_days: list[OfADayOut]
    unit_hours: list[UnitHourOut]
    downtimes: list[DowntimeOut]
