from .audit import AccessRecord
from .campaign import Directive, Downtime, ExemptDay, Extension
from .cover import Cover
from .day_sums import DaySum
from .first_arrivals import FirstArrival
from .imports import ImportFile
from .ministry import ExplanationRequest, Metric, OfficialFigure
from .offices import Emblem, Office
from .outbox import MailChoice, Message
from .people import User
from .reports import Report, Revision
from .review import LateRequest, PassedUp, Reminder, Reopening, Seal, SignOff
from .second_factor import RecoveryCode
from .tokens import Token, TokenUse
from .unit_hours import UnitHour
from .units import BaseFigure, Reorganisation, Unit, UnitName
from .webhooks import Endpoint
from .withdrawals import Withdrawal

__all__ = [
    "AccessRecord",
    "BaseFigure",
    "Cover",
    "DaySum",
    "Directive",
    "Downtime",
    "Emblem",
    "Endpoint",
    "ExemptDay",
    "ExplanationRequest",
    "Extension",
    "FirstArrival",
    "ImportFile",
    "LateRequest",
    "MailChoice",
    "Message",
    "Metric",
    "Office",
    "OfficialFigure",
    "PassedUp",
    "RecoveryCode",
    "Reminder",
    "Reopening",
    "Reorganisation",
    "Report",
    "Revision",
    "Seal",
    "SignOff",
    "Token",
    "TokenUse",
    "Unit",
    "UnitHour",
    "UnitName",
    "User",
    "Withdrawal",
]
