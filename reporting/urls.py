from django.urls import path, register_converter

from . import views
from .converters import DayConverter

register_converter(DayConverter, "day")

app_name = "reporting"
urlpatterns = [
    path("", views.home, name="home"),
    path("units/<str:code>/", views.unit, name="unit"),
    path("units/<str:code>/report/<day:day>/", views.report, name="report"),
    path("units/<str:code>/reports/<day:day>/", views.report_detail, name="report_detail"),
    path("units/<str:code>/reports/<day:day>/void/", views.report_void, name="report_void"),
    path("units/<str:code>/reports/", views.report_list, name="report_list"),
    path("units/<str:code>/late/<day:day>/", views.late_request, name="late_request"),
    path("units/<str:code>/late/<day:day>/withdraw/", views.late_withdraw, name="late_withdraw"),
    path("units/<str:code>/board/<day:day>/", views.board, name="board"),
    path("units/<str:code>/board/<day:day>/remind/", views.remind, name="remind"),
    path("units/<str:code>/entry/<day:day>/", views.entry, name="entry"),
    path("units/<str:code>/discipline/", views.discipline, name="discipline"),
    path("units/<str:code>/review/<day:day>/", views.review, name="review"),
    path("units/<str:code>/review/<day:day>/sign-off/", views.sign_off, name="sign_off"),
    path("units/<str:code>/review/<day:day>/withdraw/", views.withdraw, name="withdraw"),
    path("units/<str:code>/review/<day:day>/decide/", views.decide, name="decide"),
    path("units/<str:code>/review/<day:day>/reopen/", views.reopen, name="reopen"),
    path("units/<str:code>/review/<day:day>/void/", views.void, name="void"),
    path("units/<str:code>/review/<day:day>/adjust/", views.adjust, name="adjust"),
    path("units/<str:code>/review/<day:day>/pass-up/", views.pass_up, name="pass_up"),
    path("units/<str:code>/seal/<day:day>/", views.seal, name="seal"),
    path("units/<str:code>/changes/<day:day>/", views.changes, name="changes"),
    path("units/<str:code>/workbook/<day:day>.xlsx", views.workbook, name="workbook"),
    path("inbox/", views.inbox, name="inbox"),
    path("campaign/", views.campaign, name="campaign"),
    path("campaign/reorganise/", views.reorganise, name="reorganise"),
    path("campaign/<str:kind>/", views.campaign_add, name="campaign_add"),
    path("people/", views.people_list, name="people"),
    path("people/add/", views.person_add, name="person_add"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/reset/", views.person_reset, name="person_reset"),
    path("people/<int:pk>/leave/", views.person_leave, name="person_leave"),
    path("people/covers/", views.cover_list, name="covers"),
    path("people/covers/<int:pk>/end/", views.cover_end, name="cover_end"),
    path("people/access/", views.access_records, name="access_records"),
    path("people/access.csv", views.access_records_csv, name="access_records_csv"),
    path("healthz", views.healthz, name="healthz"),
]
