"""Addresses of core."""

from django.urls import path

from core import gallery, view_pages, views

app_name = "core"
urlpatterns = [
    path("dang-nhap/", views.session_start, name="session_start"),
    path("dang-xuat/", views.session_end, name="session_end"),
    path("ngon-ngu/", views.language_set, name="language_set"),
    path("tai-khoan/", views.account_show, name="account_show"),
    path("tai-khoan/mat-khau/", views.password_change, name="password_change"),
    path("tai-khoan/thong-bao/", views.notice_choose, name="notice_choose"),
    path("tai-khoan/lich/", views.feed_change, name="feed_change"),
    path("thong-bao/", views.notice_list, name="notice_list"),
    path("bo-loc/luu/", view_pages.view_create, name="view_create"),
    path("bo-loc/<int:pk>/xoa/", view_pages.view_drop, name="view_drop"),
    path("thanh-phan/", gallery.gallery, name="gallery_show"),
]
