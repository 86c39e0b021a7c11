from .audit import AccessRecord
from .campaign import Directive, Downtime, ExemptDay, Extension
from .country_days import CountryDay
from .cover import Cover
from .imports import ImportFile
from .ministry import ExplanationRequest, Metric, OfficialFigure
from .offices import Emblem, Office
from .outbox import MailChoice, Message
from .people import User
from .reports import Report, Revision
from .review import LateRequest, PassedUp, Reminder, Reopening, Seal, SignOff
from .second_factor import RecoveryCode
from .tokens import Token, TokenUse
from .unconfirmed import UnconfirmedReport
from .unit_hours import UnitHour
from .units import BaseFigure, Reorganisation, Unit, UnitName

__all__ = [
    "AccessRecord",
    "BaseFigure",
    "CountryDay",
    "Cover",
    "Directive",
    "Downtime",
    "Emblem",
    "ExemptDay",
    "ExplanationRequest",
    "Extension",
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
    "UnconfirmedReport",
    "Unit",
    "UnitHour",
    "UnitName",
    "User",
]
