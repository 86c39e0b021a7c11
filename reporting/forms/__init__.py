from .audit import AccessFilterForm
from .cover import CoverForm
from .day import DayForm
from .discipline import RangeForm
from .entry import EntryGrid
from .fields import CleanTextField, NumberField
from .late import LateRequestForm, ReasonForm, WithdrawRequestForm
from .look_back import LookBackForm
from .ministry import AnswerForm, AskForm, OfficialFigureForm
from .people import ChangePasswordForm, NewPersonForm, PeopleFilterForm, PersonForm, SignInForm
from .ranges import DownloadForm
from .reorganisation import ReorganisationForm
from .report import ReportForm
from .review import AdjustForm, DecideForm, PassUpForm, ReopenForm, SignOffForm, TakeUpForm, VoidForm, WithdrawForm
from .sealing import SealForm, SealUndoForm
from .second_factor import ConfirmForm, NewFactorForm, VerifyForm
from .tokens import TokenForm
from .withdrawal import WithdrawalForm

__all__ = [
    "AccessFilterForm",
    "AdjustForm",
    "AnswerForm",
    "AskForm",
    "ChangePasswordForm",
    "CleanTextField",
    "ConfirmForm",
    "CoverForm",
    "DayForm",
    "DecideForm",
    "DownloadForm",
    "EntryGrid",
    "LateRequestForm",
    "LookBackForm",
    "NewFactorForm",
    "NewPersonForm",
    "NumberField",
    "OfficialFigureForm",
    "PassUpForm",
    "PeopleFilterForm",
    "PersonForm",
    "RangeForm",
    "ReasonForm",
    "ReopenForm",
    "ReorganisationForm",
    "ReportForm",
    "SealForm",
    "SealUndoForm",
    "SignInForm",
    "SignOffForm",
    "TakeUpForm",
    "TokenForm",
    "VerifyForm",
    "VoidForm",
    "WithdrawForm",
    "WithdrawRequestForm",
    "WithdrawalForm",
]
