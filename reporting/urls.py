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
    path("units/<str:code>/reports/", views.report_list, name="report_list"),
    path("units/<str:code>/workbook/<day:day>.xlsx", views.workbook, name="workbook"),
    path("healthz", views.healthz, name="healthz"),
]
