from datetime import date

from django.urls import path, register_converter

from .ministry import views as ministry
from .reorganisation import views as reorganisation
from .views import (
    account,
    bulletin,
    campaign,
    day,
    discipline,
    downloads,
    imports,
    inbox,
    people,
    public,
    ranking,
    reports,
    review,
    unit_search,
    units,
)


class DayConverter:
    """A day as YYYY-MM-DD of the years 2000 to 2999; it must exist."""

    regex = r"2[0-9]{3}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

REVIEW = "units/<str:code>/review/<day:day>/"
DAYS = "units/<str:code>/workbook/<day:first>/<day:last>"

app_name = "reporting"
urlpatterns = [
    path("", units.home, name="home"),
    path("units/", unit_search.unit_search, name="unit_search"),
    path("units/<str:code>/", units.unit, name="unit"),
    path("units/<str:code>/bulletin/<day:day>/", bulletin.bulletin, name="bulletin"),
    path("units/<str:code>/ranking/", ranking.ranking, name="ranking"),
    path("units/<str:code>/report/<day:day>/", reports.report, name="report"),
    path("units/<str:code>/report/<day:day>/state/", reports.report_state, name="report_state"),
    path("reports/<day:day>/", reports.own_reports, name="own_reports"),
    path("units/<str:code>/reports/<day:day>/", reports.report_detail, name="report_detail"),
    path("units/<str:code>/reports/<day:day>/void/", reports.report_void, name="report_void"),
    path("units/<str:code>/reports/", reports.report_list, name="report_list"),
    path("units/<str:code>/late/<day:day>/", reports.report, name="late_request"),
    path("units/<str:code>/late/<day:day>/withdraw/", reports.late_withdraw, name="late_withdraw"),
    path("units/<str:code>/board/<day:day>/", day.board, name="board"),
    path("units/<str:code>/board/<day:day>/remind/", day.remind, name="remind"),
    path("units/<str:code>/entry/<day:day>/", reports.entry, name="entry"),
    path("units/<str:code>/discipline/", discipline.discipline, name="discipline"),
    path(REVIEW, review.review, name="review"),
    *(path(f"{REVIEW}{name.replace('_', '-')}/", review.act, name=name) for name in review.ACTS),
    path("units/<str:code>/seal/<day:day>/", review.seal, name="seal"),
    path("units/<str:code>/seal/<day:day>/undo/", review.seal_undo, name="seal_undo"),
    path("units/<str:code>/changes/<day:day>/", review.changes, name="changes"),
    path("units/<str:code>/official/<day:day>/", ministry.official, name="official"),
    path("units/<str:code>/official/<day:day>/record/", ministry.official_record, name="official_record"),
    path("units/<str:code>/workbook/<day:day>.xlsx", downloads.workbook, name="workbook"),
    path("units/<str:code>/paper/<day:day>.docx", downloads.paper, name="paper"),
    path(f"{DAYS}.xlsx", downloads.file_of_days, {"kind": "xlsx"}, name="workbook_range"),
    path(f"{DAYS}.csv", downloads.file_of_days, {"kind": "csv"}, name="csv_range"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("campaign/", campaign.campaign, name="campaign"),
    path("campaign/reorganise/", reorganisation.reorganise, name="reorganise"),
    path("campaign/<str:kind>/", campaign.campaign_add, name="campaign_add"),
    path("campaign/<str:kind>/<int:pk>/withdraw/", campaign.campaign_withdraw, name="campaign_withdraw"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<str:kind>/", imports.import_upload, name="import_upload"),
    path("imports/<str:kind>/template.xlsx", imports.import_template, name="import_template"),
    path("imports/<str:kind>/<int:pk>/", imports.import_preview, name="import_preview"),
    path("people/", people.people_list, name="people"),
    path("people/add/", people.person_add, name="person_add"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/reset/", people.person_reset, name="person_reset"),
    path("people/<int:pk>/leave/", people.person_leave, name="person_leave"),
    path("people/<int:pk>/second-factor/reset/", account.second_factor_reset, name="second_factor_reset"),
    path("people/covers/", people.cover_list, name="covers"),
    path("people/covers/<int:pk>/end/", people.cover_end, name="cover_end"),
    path("people/access/", people.access_records, name="access_records"),
    path("people/tokens/", people.token_list, name="tokens"),
    path("people/tokens/<int:pk>/revoke/", people.token_revoke, name="token_revoke"),
    path("api/", people.api_docs, name="api_docs"),
    path("account/mail/", account.mail, name="mail"),
    path("account/mail/confirm/", account.mail_confirm, name="mail_confirm"),
    path("account/mail/choose/", account.mail_choose, name="mail_choose"),
    path("account/sessions/", account.session_list, name="session_list"),
    path("account/sessions/end/", account.session_end, name="session_end"),
    path("account/passkeys/add/", account.passkey_add, name="passkey_add"),
    path("account/passkeys/<int:pk>/remove/", account.passkey_remove, name="passkey_remove"),
    path("account/second-factor/", account.second_factor_state, name="second_factor"),
    path("account/second-factor/set-up/", account.second_factor_set_up, name="second_factor_set_up"),
    path("account/second-factor/verify/", account.second_factor_verify, name="second_factor_verify"),
    path("account/second-factor/off/", account.second_factor_off, name="second_factor_off"),
    path("guide/", public.guide, name="guide"),
    path("guide/<str:role>/", public.guide, name="guide_of"),
    path("account/hints/close/", public.hints_close, name="hints_close"),
    path("offline/", public.offline, name="offline"),
    path("service-worker.js", public.worker, name="worker"),
    path("favicon.ico", public.icon, name="icon"),
    path("manifest.webmanifest", public.manifest, name="manifest"),
    path("healthz", public.healthz, name="healthz"),
]
