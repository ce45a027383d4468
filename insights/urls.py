"""Addresses of the insights room."""

from django.urls import path

from insights import calendar_views, views

app_name = "insights"
urlpatterns = [
    path("", views.home_show, name="home_show"),
    path("hom-nay/", views.today_show, name="today_show"),
    path("bang-dieu-hanh/", views.dashboard_show, name="dashboard_show"),
    path("viec/", views.deadline_list, name="deadline_list"),
    path("lich/", calendar_views.calendar_show, name="calendar_show"),
    path("lich/<str:secret>/phoi-hop.ics", calendar_views.calendar_feed, name="calendar_feed"),
    path("tim-kiem/", views.search_show, name="search_show"),
    path("cach-tinh/", views.method_show, name="method_show"),
]
