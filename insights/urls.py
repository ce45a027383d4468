"""Addresses of the insights room."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

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


def conditioned(route: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
    """Return the address of a page that takes conditions, named like its view; empty ones lead to the clean address."""
    return path(route, clean_address(view), name=view.__name__)


urlpatterns = [
    path("", views.home_show, name="home_show"),
    path("hom-nay/", views.today_show, name="today_show"),
    conditioned("bang-dieu-hanh/", dashboard_views.dashboard_show),
    conditioned("bang-dieu-hanh/don-vi/", dashboard_views.dashboard_units),
    conditioned("bang-dieu-hanh/chi-tieu/", dashboard_views.dashboard_indicators),
    conditioned("bang-dieu-hanh/noi-dung/", dashboard_views.dashboard_content),
    conditioned("bang-dieu-hanh/uy-ban/", dashboard_course_views.dashboard_levels),
    conditioned("bang-dieu-hanh/theo-thang/", dashboard_course_views.dashboard_trend),
    conditioned("bang-dieu-hanh/thay-doi/", dashboard_course_views.dashboard_changes),
    conditioned("bang-dieu-hanh/thay-doi/chuong-trinh/", dashboard_list_views.dashboard_changed),
    path("bang-dieu-hanh/da-nghe/", dashboard_course_views.briefing_mark, name="briefing_mark"),
    conditioned("bang-dieu-hanh/dia-ban/", dashboard_course_views.dashboard_localities),
    conditioned("bang-dieu-hanh/nguy-co/", board_views.dashboard_risks),
    conditioned("bang-dieu-hanh/chat-luong/", quality_views.dashboard_quality),
    conditioned("bang-dieu-hanh/chat-luong/dong/", quality_views.dashboard_quality_rows),
    conditioned("bang-dieu-hanh/so-sanh/", board_views.dashboard_compare),
    conditioned("bang-dieu-hanh/mot-trang/", board_views.dashboard_paper),
    path("bang-dieu-hanh/loc/", dashboard_views.dashboard_filter, name="dashboard_filter"),
    conditioned("bang-dieu-hanh/chuong-trinh/", dashboard_list_views.dashboard_programmes),
    conditioned("bang-dieu-hanh/nhiem-vu/", dashboard_list_views.dashboard_tasks),
    conditioned("bang-dieu-hanh/hoat-dong/", dashboard_list_views.dashboard_activities),
    conditioned("bang-dieu-hanh/so-lieu/<int:pk>/", dashboard_list_views.dashboard_values),
    conditioned("viec/", views.deadline_list),
    path("lich/", calendar_views.calendar_show, name="calendar_show"),
    path("lich/<str:secret>/phoi-hop.ics", calendar_views.calendar_feed, name="calendar_feed"),
    path("tim-kiem/", views.search_show, name="search_show"),
    path("cach-tinh/", method_views.method_show, name="method_show"),
    path("cach-tinh/dong/", clean_address(method_views.method_rows_show), name="method_rows"),
]
