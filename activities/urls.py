"""Addresses of the activities room."""

from django.urls import path

from activities.views import directives, drafts, duties, holidays, measurements, reading, review, rules, tasks, writing

app_name = "activities"
urlpatterns = [
    path("hoat-dong/", reading.activity_list, name="activity_list"),
    path("hoat-dong/ghi/", writing.activity_create, name="activity_create"),
    path("hoat-dong/chon-nhiem-vu/", writing.task_pick, name="task_pick"),
    path("hoat-dong/<int:pk>/", reading.activity_detail, name="activity_detail"),
    path("hoat-dong/<int:pk>/sua/", writing.activity_edit, name="activity_edit"),
    path("hoat-dong/<int:pk>/chuyen/", writing.activity_move, name="activity_move"),
    path("hoat-dong/tep/<uuid:pk>/", reading.file_show, name="file_show"),
    path("hoat-dong/tep-nhap/<int:pk>/", drafts.draft_file_show, name="draft_file_show"),
    path("chuong-trinh/<int:pk>/hoat-dong/", reading.programme_activities, name="programme_activities"),
    path("chi-dao/", directives.directive_list, name="directive_list"),
    path("chi-dao/viet/", directives.directive_create, name="directive_create"),
    path("chi-dao/<int:pk>/", directives.directive_show, name="directive_show"),
    path("chi-dao/<int:pk>/tra-loi/", directives.directive_answer, name="directive_answer"),
    path("chi-dao/tep/<uuid:pk>/", directives.directive_file, name="directive_file"),
    path("chuong-trinh/<int:pk>/bao-cao/", rules.programme_reports, name="programme_reports"),
    path("chuong-trinh/<int:pk>/bao-cao/che-do/", rules.rule_edit, name="rule_edit"),
    path("chuong-trinh/<int:pk>/bao-cao/che-do/bo/", rules.rule_remove, name="rule_remove"),
    path("chuong-trinh/<int:pk>/bao-cao/yeu-cau/", duties.duty_request, name="duty_request"),
    path("bao-cao/", duties.duty_list, name="duty_list"),
    path("bao-cao/ky/<int:pk>/", duties.duty_show, name="duty_show"),
    path("bao-cao/ky/<int:pk>/mien/", duties.duty_waive, name="duty_waive"),
    path("bao-cao/ky/<int:pk>/yeu-cau-lai/", duties.duty_restore, name="duty_restore"),
    path("bao-cao/ky/<int:pk>/doi-han/", duties.duty_move, name="duty_move"),
    path("ngay-nghi/", holidays.holiday_list, name="holiday_list"),
    path("ngay-nghi/them/", holidays.holiday_create, name="holiday_create"),
    path("ngay-nghi/<int:pk>/", holidays.holiday_edit, name="holiday_edit"),
    path("ngay-nghi/<int:pk>/bo/", holidays.holiday_remove, name="holiday_remove"),
    path("nhiem-vu/<int:pk>/", tasks.task_detail, name="task_detail"),
    path("phe-duyet/", review.review_list, name="review_list"),
    path("phe-duyet/hoat-dong/<int:pk>/", review.review_show, name="review_show"),
    path("phe-duyet/hoat-dong/<int:pk>/hoan-tac/", review.review_undo, name="review_undo"),
    path("phe-duyet/so-lieu/<int:pk>/", review.measurement_review, name="measurement_review"),
    path("phe-duyet/so-lieu/<int:pk>/hoan-tac/", review.measurement_undo, name="measurement_undo"),
    path("phe-duyet/thoi-han/<int:pk>/", review.deadline_review, name="deadline_review"),
    path("phe-duyet/thoi-han/<int:pk>/hoan-tac/", review.deadline_undo, name="deadline_undo"),
    path("so-lieu/ghi/", measurements.measurement_create, name="measurement_create"),
    path("so-lieu/<int:pk>/", measurements.measurement_detail, name="measurement_detail"),
    path("so-lieu/<int:pk>/sua/", measurements.measurement_edit, name="measurement_edit"),
    path("so-lieu/<int:pk>/chuyen/", measurements.measurement_move, name="measurement_move"),
]
