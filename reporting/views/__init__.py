from .accounts import cover_end, cover_list, people_list, person, person_add, person_leave, person_reset
from .audit import access_records, access_records_csv
from .board import board, remind
from .campaign import campaign, campaign_add
from .discipline import discipline
from .downloads import workbook
from .entry import entry
from .health import healthz
from .inbox import inbox
from .late import late_request, late_withdraw
from .reorganisation import reorganise
from .reports import report, report_detail, report_list, report_void
from .review import adjust, decide, pass_up, reopen, review, sign_off, void, withdraw
from .sealing import changes, seal
from .units import home, unit

__all__ = [
    "access_records",
    "access_records_csv",
    "adjust",
    "board",
    "campaign",
    "campaign_add",
    "changes",
    "cover_end",
    "cover_list",
    "decide",
    "discipline",
    "entry",
    "healthz",
    "home",
    "inbox",
    "late_request",
    "late_withdraw",
    "pass_up",
    "people_list",
    "person",
    "person_add",
    "person_leave",
    "person_reset",
    "remind",
    "reopen",
    "reorganise",
    "report",
    "report_detail",
    "report_list",
    "report_void",
    "review",
    "seal",
    "sign_off",
    "unit",
    "void",
    "withdraw",
    "workbook",
]
