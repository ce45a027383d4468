"""Addresses of the agreements room."""

from django.urls import URLPattern, path

from agreements.views import intake

app_name = "agreements"
urlpatterns: list[URLPattern] = [
    path("chuong-trinh/nhap/", intake.intake_create, name="intake_create"),
    path("chuong-trinh/nhap/danh-sach/", intake.intake_list, name="intake_list"),
    path("chuong-trinh/nhap/<int:pk>/doi-chieu/", intake.intake_check, name="intake_check"),
    path("chuong-trinh/nhap/<int:pk>/xac-nhan/", intake.intake_confirm, name="intake_confirm"),
    path("chuong-trinh/nhap/<int:pk>/bo/", intake.intake_drop, name="intake_drop"),
    path("chuong-trinh/nhap/<int:pk>/tep/", intake.intake_file, name="intake_file"),
    path("chuong-trinh/<int:pk>/nguon/", intake.intake_source, name="intake_source"),
]
