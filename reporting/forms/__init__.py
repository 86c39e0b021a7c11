from .audit import AccessFilterForm
from .discipline import RangeForm
from .entry import EntryGrid
from .fields import CleanTextField, NumberField
from .late import LateRequestForm, ReasonForm
from .look_back import LookBackForm
from .people import ChangePasswordForm, SignInForm
from .reorganisation import ReorganisationForm
from .report import DayForm, ReportForm
from .review import AdjustForm, DecideForm, PassUpForm, ReopenForm, SignOffForm, VoidForm, WithdrawForm
from .sealing import SealForm

__all__ = [
    "AccessFilterForm",
    "AdjustForm",
    "ChangePasswordForm",
    "CleanTextField",
    "DayForm",
    "DecideForm",
    "EntryGrid",
    "LateRequestForm",
    "LookBackForm",
    "NumberField",
    "PassUpForm",
    "RangeForm",
    "ReasonForm",
    "ReopenForm",
    "ReorganisationForm",
    "ReportForm",
    "SealForm",
    "SignInForm",
    "SignOffForm",
    "VoidForm",
    "WithdrawForm",
]
