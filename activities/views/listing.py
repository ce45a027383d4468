"""Lists of activities: one page of them, found by indexes whatever their number, and its lines ready to be printed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities.models import Activity, Measurement, Review, first_words
from agreements.models import Programme, Task
from core.http import address_of
from core.paging import BoundedPage, bounded_page
from core.statements import Statement, compose, of, read
from core.templatetags.format import MISSING
from core.templatetags.ui import status
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.db.models import QuerySet
    from django.utils.safestring import SafeString

    from activities.models.doing import ActivityQuerySet
    from core.models import User

A_PAGE = 25
FEW = 600  # programmes: of so many the latest of each task are read, of more the latest of all, until a page is full
# A page of so many rows is in as many tasks: those whose last activity is the latest.
ROWS = """WITH one (id) AS MATERIALIZED (:tasks), latest AS (
SELECT one.id FROM one CROSS JOIN LATERAL (:last) AS a (pk, starts_on)
 ORDER BY a.starts_on DESC NULLS LAST, a.pk DESC LIMIT :most
)
SELECT a.pk, a.starts_on FROM latest AS one CROSS JOIN LATERAL (:sent) AS a (pk, starts_on)
 UNION ALL
(:few)
 ORDER BY starts_on DESC NULLS LAST, pk DESC LIMIT :number OFFSET :start"""
COUNT = """WITH one (id) AS MATERIALIZED (:tasks) SELECT count(*) FROM (
SELECT a.pk, a.starts_on FROM one CROSS JOIN LATERAL (:sent) AS a (pk, starts_on) UNION ALL (:few) LIMIT :most
) c"""
START = 1000  # characters of a text in which the first eighty are found
REVIEWS = {Review.ACCEPTED: ("done", True), Review.SUBMITTED: ("wait", False), Review.RETURNED: ("fix", False)}


def page_of(
    asked: str | None,
    *,
    user: User,
    narrow: Callable[[ActivityQuerySet], QuerySet[Activity]],
    tasks: QuerySet[Task] | None = None,
    is_latest: bool = True,
) -> BoundedPage:
    """Return a page of ids of the activities a person may see that `narrow` leaves.

    tasks: only of these. is_latest: narrow keeps the usual order, the latest first, and reads no texts.
    """
    near = _programmes(user)
    if near is None and tasks is None:
        found = narrow(Activity.objects.visible_to(user))
    else:
        within = Task.objects.all() if tasks is None else tasks
        within = within.filter(programme__in=Programme.objects.visible_to(user) if near is None else near).order_by()
        if is_latest:
            sent, drafts = Activity.objects.shown_by_stage(user)
            return _latest(asked, narrow(sent), narrow(drafts), within)
        found = narrow(Activity.objects.shown_to(user).filter(task__in=within))
    return bounded_page(
        asked,
        rows=lambda first, number: list(found.values_list("pk", flat=True)[first : first + number]),
        count=lambda most: found.order_by()[:most].count(),
        per_page=A_PAGE,
    )


def _programmes(user: User) -> list[int] | None:
    """Return the programmes a person sees where they are few, None where they are many."""
    ids = list(Programme.objects.visible_to(user).order_by().values_list("pk", flat=True)[: FEW + 1])
    return ids if len(ids) <= FEW else None


def _latest(
    asked: str | None, sent: QuerySet[Activity], drafts: QuerySet[Activity], tasks: QuerySet[Task]
) -> BoundedPage:
    """Merge the latest of each task, which an index holds in their order (activity_of_task), and the few drafts."""
    within = of(tasks.values("pk"))
    one = Q(task_id=RawSQL("one.id", ()))  # a column of the statements
    # As an array, so that the few drafts are looked up there, not those of the country joined.
    in_all = RawSQL('"activities_activity"."task_id" = ANY(ARRAY(SELECT id FROM one))', (), BooleanField())
    few = of(drafts.filter(in_all).order_by().values_list("pk", "starts_on"), "bigint", "date")

    def latest(most: int) -> Statement:
        return of(sent.filter(one).values_list("pk", "starts_on")[:most], "bigint", "date")

    def rows(first: int, number: int) -> list[int]:
        most = first + number
        found = compose(
            ROWS, tasks=within, last=latest(1), most=most, sent=latest(most), few=few, number=number, start=first
        )
        return [pk for pk, _day in read(found)]

    def count(most: int) -> int:
        return int(read(compose(COUNT, tasks=within, sent=latest(most), few=few, most=most))[0][0])

    return bounded_page(asked, rows=rows, count=count, per_page=A_PAGE)


COLUMNS = ("pk", "title", "text", "starts_on", "ends_on", "occurrence", "review", "unit__name", "locality__name",
           "task__title", "task__programme__code", "unit__name_en")  # fmt: skip


def lines_of(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what a list prints of activities, in the order of the ids: {url, name, about, values, state}.

    about: day, unit, place and programme; values: the quantities; state: the one state a list shows. Two queries.
    """
    if not ids:
        return []
    rows = Activity.objects.filter(pk__in=ids).order_by().annotate(text=Left("what_was_done", START))
    found = {row[0]: row for row in rows.values_list(*COLUMNS)}
    values = _values(ids)
    url, today, states = address_of("activities:activity_detail"), timezone.localdate(), {}
    is_english = get_language() == "en"
    lines = []
    for pk in ids:
        _pk, title, text, starts_on, ends_on, occurrence, review, unit, place, task, code, unit_en = found[pk]
        is_past = (ends_on or starts_on or today) < today
        state = (occurrence, review, is_past)
        if state not in states:
            states[state] = state_of(occurrence, review, is_past=is_past)
        day = vietnamese.format_date(starts_on) if starts_on else MISSING
        lines.append(
            {
                "url": url(pk),
                "name": title or first_words(text) or task,
                "about": " · ".join(part for part in (day, (is_english and unit_en) or unit, place, code) if part),
                "values": " · ".join(values[pk]),
                "state": states[state],
            }
        )
    return lines


def _values(ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Measurement.objects.filter(activity__in=ids)
    for pk, value, unit in rows.values_list("activity_id", "value", "indicator__unit"):
        if pk is not None:
            found[pk].append(f"{vietnamese.format_number(value)} {unit}")
    return found


def state_of(occurrence: str, review: str, *, is_past: bool) -> SafeString:
    """Return the one state a list shows: a plan is no draft to be sent, a cancelled one needs nothing."""
    states = Activity.Occurrence
    if occurrence in Activity.AHEAD and is_past:
        return status(kind="ask", label=_("Day passed, was it held?"))
    if occurrence != states.HELD:
        return status(kind="wait" if occurrence in Activity.AHEAD else "hold", label=str(states(occurrence).label))
    kind, plain = REVIEWS.get(Review(review), ("none", True))
    return status(kind=kind, label=str(Review(review).label), plain=plain)
