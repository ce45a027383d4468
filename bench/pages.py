"""The ten main pages: who opens them, where they are, beside what they are measured. No Django here."""

from __future__ import annotations

from dataclasses import dataclass

QUERIES = "X-Bench-Queries"  # a request header that asks for the number of statements, and the one that answers
OFFICER, LEADER = "lan", "hoa"  # of the first province, in every size


@dataclass(frozen=True)
class Page:
    """A page that is measured.

    path: with {programme}, {task}, {activity} where it is about one. admin: path and query of Django's list of the
    same rows below /bench/admin/, "" for a page that is no list. grows: whether L is set beside S (the pages about one
    object are left out: that object is another one). is_bounded: whether L may cost at most 1.5 times S: the dashboard
    and the lists.
    """

    name: str
    path: str
    who: str = OFFICER
    admin: str = ""
    grows: bool = True
    is_bounded: bool = False


PAGES = (
    Page("home", "/"),
    Page("programme_list", "/chuong-trinh/", admin="programme_list/agreements/programme/", is_bounded=True),
    Page("programme", "/chuong-trinh/{programme}/", grows=False),
    Page("task", "/nhiem-vu/{task}/", grows=False),
    Page("activity_list", "/hoat-dong/", admin="activity_list/activities/activity/", is_bounded=True),
    Page("activity", "/hoat-dong/{activity}/", grows=False),
    Page("review_queue", "/phe-duyet/", is_bounded=True),
    Page("dashboard", "/bang-dieu-hanh/", who=LEADER, is_bounded=True),
    Page("reports", "/bao-cao/", admin="reports/activities/reportduty/", is_bounded=True),
    Page("calendar", "/lich/"),
)


def floor_path(page: Page, path: str, size: int) -> str:
    """Return the address of the floor of a page whose real address is `path` and whose body has `size` bytes."""
    number = next((part for part in path.split("/") if part.isdigit()), "0")
    return f"/bench/floor/{page.name}/?pk={number}&size={size}"
