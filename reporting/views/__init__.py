from .audit import access_records, access_records_csv
from .board import board, remind
from .bulletin import bulletin
from .campaign import campaign, campaign_add, campaign_withdraw
from .discipline import discipline
from .downloads import csv_range, paper, workbook, workbook_range
from .emblem import emblem, emblem_set
from .entry import entry
from .guide import guide, hints_close
from .health import healthz
from .imports import import_list, import_preview, import_template, import_upload
from .inbox import inbox
from .interface import api_docs
from .late import late_request, late_withdraw
from .mail import mail, mail_choose, mail_confirm
from .map_places import map_places
from .ministry import official, official_answer, official_ask, official_record
from .offline import icon, manifest, offline, worker
from .people import cover_end, cover_list, people_list, person, person_add, person_leave, person_reset
from .ranking import ranking
from .reorganisation import reorganise
from .reports import report, report_detail, report_list, report_void
from .review import adjust, decide, pass_up, reopen, review, sign_off, take_up, void, withdraw
from .sealing import changes, seal, seal_undo
from .second_factor import (
    second_factor_codes,
    second_factor_off,
    second_factor_reset,
    second_factor_set_up,
    second_factor_state,
    second_factor_verify,
)
from .sessions import session_end, session_list
from .tokens import token_list, token_revoke
from .unit_search import unit_search
from .units import home, unit

__all__ = [
    "access_records",
    "access_records_csv",
    "adjust",
    "api_docs",
    "board",
    "bulletin",
    "campaign",
    "campaign_add",
    "campaign_withdraw",
    "changes",
    "cover_end",
    "cover_list",
    "csv_range",
    "decide",
    "discipline",
    "emblem",
    "emblem_set",
    "entry",
    "guide",
    "healthz",
    "hints_close",
    "home",
    "icon",
    "import_list",
    "import_preview",
    "import_template",
    "import_upload",
    "inbox",
    "late_request",
    "late_withdraw",
    "mail",
    "mail_choose",
    "mail_confirm",
    "manifest",
    "map_places",
    "official",
    "official_answer",
    "official_ask",
    "official_record",
    "offline",
    "paper",
    "pass_up",
    "people_list",
    "person",
    "person_add",
    "person_leave",
    "person_reset",
    "ranking",
    "remind",
    "reopen",
    "reorganise",
    "report",
    "report_detail",
    "report_list",
    "report_void",
    "review",
    "seal",
    "seal_undo",
    "second_factor_codes",
    "second_factor_off",
    "second_factor_reset",
    "second_factor_set_up",
    "second_factor_state",
    "second_factor_verify",
    "session_end",
    "session_list",
    "sign_off",
    "take_up",
    "token_list",
    "token_revoke",
    "unit",
    "unit_search",
    "void",
    "withdraw",
    "workbook",
    "workbook_range",
    "worker",
]
