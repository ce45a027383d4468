"""Addresses of the partners room."""

from django.urls import path

from partners.views import mail, organisations, people

app_name = "partners"
urlpatterns = [
    path("don-vi/", organisations.organisation_list, name="organisation_list"),
    path("don-vi/them/", organisations.organisation_create, name="organisation_create"),
    path("don-vi/<int:pk>/", organisations.organisation_detail, name="organisation_detail"),
    path("don-vi/<int:pk>/sua/", organisations.organisation_edit, name="organisation_edit"),
    path("don-vi/<int:pk>/dau-moi/", organisations.contact_add, name="contact_add"),
    path("don-vi/<int:pk>/dau-moi/xoa/", organisations.contact_remove, name="contact_remove"),
    path("nguoi-dung/", people.user_list, name="user_list"),
    path("nguoi-dung/them/", people.user_create, name="user_create"),
    path("nguoi-dung/<int:pk>/", people.user_detail, name="user_detail"),
    path("nguoi-dung/<int:pk>/sua/", people.user_edit, name="user_edit"),
    path("nguoi-dung/<int:pk>/phieu/", people.user_slip, name="user_slip"),
    path("nguoi-dung/<int:pk>/khoa/", people.user_disable, name="user_disable"),
    path("nguoi-dung/<int:pk>/mo-lai/", people.user_enable, name="user_enable"),
    path("nguoi-dung/<int:pk>/vai-tro/", people.membership_add, name="membership_add"),
    path("thu-chua-gui/", mail.mail_list, name="mail_list"),
    path("vai-tro/<int:pk>/ket-thuc/", people.membership_end, name="membership_end"),
]
