from .audit import AccessRecord
from .campaign import Directive, Downtime, ExemptDay, Extension, Office, UnitHour
from .imports import Import, ImportFile, KnownLayouts
from .ministry import Metric, OfficialFigure
from .outbox import MailChoice, Message
from .people import Cover, Passkey, Session, User, WrongPasswords
from .reports import IncludedDays, Report, Revision
from .review import LateRequest, PassedUp, Press, Reminder, Reopening, Seal, SignOff, UnconfirmedReport
from .tokens import Token, TokenUse
from .units import BaseFigure, Reorganisation, Unit, UnitName
