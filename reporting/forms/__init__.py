from .discipline import RangeForm
from .entry import EntryGrid
from .fields import CleanTextField, NumberField
from .late import LateRequestForm, ReasonForm
from .reorganisation import ReorganisationForm
from .report import DayForm, ReportForm
from .review import AdjustForm, DecideForm, PassUpForm, ReopenForm, SignOffForm, VoidForm, WithdrawForm

__all__ = [
    "AdjustForm",
    "CleanTextField",
    "DayForm",
    "DecideForm",
    "EntryGrid",
    "LateRequestForm",
    "NumberField",
    "PassUpForm",
    "RangeForm",
    "ReasonForm",
    "ReopenForm",
    "ReorganisationForm",
    "ReportForm",
    "SignOffForm",
    "VoidForm",
    "WithdrawForm",
]
