from .campaign import Directive, ExemptDay
from .people import User
from .reports import Report, Revision
from .units import BaseFigure, Unit, UnitName

__all__ = ["BaseFigure", "Directive", "ExemptDay", "Report", "Revision", "Unit", "UnitName", "User"]
