from .discipline import RangeForm
from .entry import EntryGrid
from .fields import CleanTextField, NumberField
from .late import LateRequestForm, ReasonForm
from .look_back import LookBackForm
from .official import AnswerForm, AskForm, OfficialFigureForm
from .ranges import DownloadForm
from .reorganisation import ReorganisationForm
from .report import DayForm, ReportForm
from .review import AdjustForm, DecideForm, PassUpForm, ReopenForm, SignOffForm, VoidForm, WithdrawForm
from .sealing import SealForm

__all__ = [
    "AdjustForm",
    "AnswerForm",
    "AskForm",
    "CleanTextField",
    "DayForm",
    "DecideForm",
    "DownloadForm",
    "EntryGrid",
    "LateRequestForm",
    "LookBackForm",
    "NumberField",
    "OfficialFigureForm",
    "PassUpForm",
    "RangeForm",
    "ReasonForm",
    "ReopenForm",
    "ReorganisationForm",
    "ReportForm",
    "SealForm",
    "SignOffForm",
    "VoidForm",
    "WithdrawForm",
]
