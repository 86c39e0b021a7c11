from .fields import CleanTextField, NumberField
from .report import DayForm, ReportForm

__all__ = ["CleanTextField", "DayForm", "NumberField", "ReportForm"]
