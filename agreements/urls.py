"""Addresses of the agreements room."""

from django.urls import URLPattern, path

from agreements.views import (
    intake,
    intake_check,
    intake_source,
    legal,
    programme_forms,
    programme_list,
    programmes,
    tasks,
)

app_name = "agreements"
urlpatterns: list[URLPattern] = [
    path("chuong-trinh/nhap/", intake.intake_create, name="intake_create"),
    path("chuong-trinh/nhap/danh-sach/", intake.intake_list, name="intake_list"),
    path("chuong-trinh/nhap/<int:pk>/doi-chieu/", intake_check.intake_check, name="intake_check"),
    path("chuong-trinh/nhap/<int:pk>/xac-nhan/", intake.intake_confirm, name="intake_confirm"),
    path("chuong-trinh/nhap/<int:pk>/bo/", intake.intake_drop, name="intake_drop"),
    path("chuong-trinh/nhap/<int:pk>/tep/", intake.intake_file, name="intake_file"),
    path("chuong-trinh/<int:pk>/nguon/", intake_source.intake_source, name="intake_source"),
    path("chuong-trinh/", programme_list.programme_list, name="programme_list"),
    path("chuong-trinh/nhap-tay/", programme_forms.programme_create, name="programme_create"),
    path("chuong-trinh/<int:pk>/", programmes.programme_detail, name="programme_detail"),
    path("chuong-trinh/<int:pk>/muc-tieu/", programmes.programme_goals, name="programme_goals"),
    path("chuong-trinh/<int:pk>/nhiem-vu/", programmes.programme_tasks, name="programme_tasks"),
    path("chuong-trinh/<int:pk>/nhiem-vu/them/", tasks.task_create, name="task_create"),
    path("chuong-trinh/<int:pk>/can-cu/", programmes.programme_bases, name="programme_bases"),
    path("chuong-trinh/<int:pk>/don-vi/", programmes.programme_parties, name="programme_parties"),
    path("chuong-trinh/<int:pk>/van-ban/", programmes.programme_documents, name="programme_documents"),
    path("chuong-trinh/<int:pk>/van-ban/them/", programme_forms.document_add, name="document_add"),
    path("chuong-trinh/<int:pk>/van-ban/<int:doc_pk>/tai/", programmes.document_file, name="document_file"),
    path("chuong-trinh/<int:pk>/lich-su/", programmes.programme_history, name="programme_history"),
    path("chuong-trinh/<int:pk>/sua/", programme_forms.programme_edit, name="programme_edit"),
    path("chuong-trinh/<int:pk>/sua/don-vi/", programme_forms.programme_edit_parties, name="programme_edit_parties"),
    path("chuong-trinh/<int:pk>/sua/muc-tieu/", programme_forms.programme_edit_goals, name="programme_edit_goals"),
    path("chuong-trinh/<int:pk>/sua/nhiem-vu/", programme_forms.programme_edit_tasks, name="programme_edit_tasks"),
    path("chuong-trinh/<int:pk>/kiem-tra/", programme_forms.programme_check, name="programme_check"),
    path("chuong-trinh/<int:pk>/tinh-trang/", programme_forms.programme_status, name="programme_status"),
    path("chuong-trinh/<int:pk>/chuyen/", programme_forms.programme_move, name="programme_move"),
    path("nhiem-vu/", tasks.task_list, name="task_list"),
    path("nhiem-vu/<int:pk>/sua/", tasks.task_edit, name="task_edit"),
    path("nhiem-vu/<int:pk>/tinh-trang/", tasks.task_state, name="task_state"),
    path("thoi-han/<int:pk>/gia-han/", tasks.deadline_extend, name="deadline_extend"),
    path("thoi-han/<int:pk>/bao-xong/", tasks.deadline_report, name="deadline_report"),
    path("can-cu/", legal.legal_list, name="legal_list"),
    path("can-cu/them/", legal.legal_create, name="legal_create"),
    path("can-cu/<int:pk>/", legal.legal_detail, name="legal_detail"),
    path("can-cu/<int:pk>/sua/", legal.legal_edit, name="legal_edit"),
    path("can-cu/<int:pk>/quan-he/", legal.legal_relate, name="legal_relate"),
]
