"""Addresses of the insights room."""

from django.urls import path

from core.http import clean_address
from insights import (
    board_views,
    calendar_views,
    dashboard_course_views,
    dashboard_list_views,
    dashboard_views,
    method_views,
    quality_views,
    views,
)

app_name = "insights"
urlpatterns = [
    path("", views.home_show, name="home_show"),
    path("hom-nay/", views.today_show, name="today_show"),
    path("bang-dieu-hanh/", clean_address(dashboard_views.dashboard_show), name="dashboard_show"),
    path("bang-dieu-hanh/don-vi/", clean_address(dashboard_views.dashboard_units), name="dashboard_units"),
    path("bang-dieu-hanh/chi-tieu/", clean_address(dashboard_views.dashboard_indicators), name="dashboard_indicators"),
    path("bang-dieu-hanh/noi-dung/", clean_address(dashboard_views.dashboard_content), name="dashboard_content"),
    path("bang-dieu-hanh/uy-ban/", clean_address(dashboard_course_views.dashboard_levels), name="dashboard_levels"),
    path("bang-dieu-hanh/theo-thang/", clean_address(dashboard_course_views.dashboard_trend), name="dashboard_trend"),
    path("bang-dieu-hanh/thay-doi/", clean_address(dashboard_course_views.dashboard_changes), name="dashboard_changes"),
    path(
        "bang-dieu-hanh/thay-doi/chuong-trinh/",
        clean_address(dashboard_list_views.dashboard_changed),
        name="dashboard_changed",
    ),
    path("bang-dieu-hanh/da-nghe/", dashboard_course_views.briefing_mark, name="briefing_mark"),
    path(
        "bang-dieu-hanh/dia-ban/",
        clean_address(dashboard_course_views.dashboard_localities),
        name="dashboard_localities",
    ),
    path("bang-dieu-hanh/nguy-co/", clean_address(board_views.dashboard_risks), name="dashboard_risks"),
    path("bang-dieu-hanh/chat-luong/", clean_address(quality_views.dashboard_quality), name="dashboard_quality"),
    path(
        "bang-dieu-hanh/chat-luong/dong/",
        clean_address(quality_views.dashboard_quality_rows),
        name="dashboard_quality_rows",
    ),
    path("bang-dieu-hanh/so-sanh/", clean_address(board_views.dashboard_compare), name="dashboard_compare"),
    path("bang-dieu-hanh/mot-trang/", clean_address(board_views.dashboard_paper), name="dashboard_paper"),
    path("bang-dieu-hanh/loc/", dashboard_views.dashboard_filter, name="dashboard_filter"),
    path(
        "bang-dieu-hanh/chuong-trinh/",
        clean_address(dashboard_list_views.dashboard_programmes),
        name="dashboard_programmes",
    ),
    path("bang-dieu-hanh/nhiem-vu/", clean_address(dashboard_list_views.dashboard_tasks), name="dashboard_tasks"),
    path(
        "bang-dieu-hanh/hoat-dong/",
        clean_address(dashboard_list_views.dashboard_activities),
        name="dashboard_activities",
    ),
    path(
        "bang-dieu-hanh/so-lieu/<int:pk>/",
        clean_address(dashboard_list_views.dashboard_values),
        name="dashboard_values",
    ),
    path("viec/", clean_address(views.deadline_list), name="deadline_list"),
    path("lich/", calendar_views.calendar_show, name="calendar_show"),
    path("lich/<str:secret>/phoi-hop.ics", calendar_views.calendar_feed, name="calendar_feed"),
    path("tim-kiem/", views.search_show, name="search_show"),
    path("cach-tinh/", method_views.method_show, name="method_show"),
    path("cach-tinh/dong/", clean_address(method_views.method_rows_show), name="method_rows"),
]
