"""The state of the data of one programme on *Cách tính*: the numbers of the section on data quality."""

from __future__ import annotations

import datetime

from django.utils import timezone

from activities.services import cells
from agreements.services.results import refresh_figure
from insights import due, method_due, method_quality, on_date
from insights.dashboard import quality
from insights.scope import Scope
from tests.make import make_activity, make_programme, make_task


def read(user, programme):
    today = timezone.localdate()
    found = on_date.read([programme], today, user)[programme.pk]
    owed = method_due.read(user, due.Filters(programme=programme.pk), today)
    reports = next(line for line in owed.lines if line.kind == due.REPORT)
    return method_quality.read(user, found, reports, today)


def test_the_row_is_that_of_the_section_with_its_lists(cast, sign_in):
    now = timezone.now()
    programme, other = make_programme(cast, title="Một"), make_programme(cast, title="Hai")
    for one in (programme, other):
        task = make_task(cast, one, declared_share=0.5, declared_reason="Theo báo cáo")
        for days in (2, 7):
            make_activity(cast, task, review="accepted", submitted_at=now - datetime.timedelta(days=days),
                          reviewed_at=now)  # fmt: skip
        refresh_figure(one.pk)
    make_activity(cast, programme.tasks.get(), review="returned", submitted_at=now, reviewed_at=now)
    cells.repair()
    row, first, last = read(cast.hoa, programme)
    section = quality.read(cast.hoa, Scope(), timezone.localdate())
    same = next(one for one in section.rows if one.programme == programme)
    assert row.cells == same.cells
    assert row.reviews == same.reviews and row.reviews.decided == 3
    assert (last - first).days == quality.REVIEWED_DAYS - 1
    client = sign_in(cast.hoa)
    for _kind, number, url, _label in row.cells:
        assert client.get(url).context["page_obj"].paginator.count == number


def test_nothing_entered_is_no_review_and_no_fault(cast, sign_in):
    programme = make_programme(cast)
    row, _first, _last = read(cast.hoa, programme)
    assert row.reviews.decided == 0 and row.reviews.median is None
    assert sum(number for _kind, number, _url, _label in row.cells) == 0
    page = sign_in(cast.hoa).get("/cach-tinh/", {"chuong-trinh": programme.pk}).content.decode()
    assert "Không có hoạt động nào được xét duyệt" in page
