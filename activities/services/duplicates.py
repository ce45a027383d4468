"""Activities that may be one and the same: like work, the same place, at most three days apart.

A hint, never a verdict: a reviewer looks at both side by side. "Not the same" is remembered with its reason until one
of the two says something else than it did then.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from activities import policy
from activities.models import Activity, NotDuplicate, Review
from agreements.policy import keeps
from core import audit
from core.exceptions import DomainError, NotAllowed
from core.prepared import given_day, given_id, objects_of
from documents import vietnamese
from partners.models import scope_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from core.models import Actor, User

NEAR = datetime.timedelta(days=3)
SHOWN = 5
CONTENT = ("task_id", "unit_id", "starts_on", "ends_on", "locality_id", "place", "title", "what_was_done",
           "households", "persons", "turns", "beneficiary_group", "value")  # fmt: skip


def fingerprint(activity: Activity) -> str:
    """Return 32 characters that change when what the activity says changes; its review does not count."""
    text = "\x1f".join(str(getattr(activity, name)) for name in CONTENT)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def candidates(activities: Sequence[Activity], *, user: User) -> dict[int, list[Activity]]:
    """Return for each activity those it may repeat, at most five, nearest day first; two queries for all of them.

    Like work: the same task or the same content group; the same place: the same commune, or where neither names one
    the same place in words. Waiting and accepted ones count, of the own and of other units.
    """
    found: dict[int, list[Activity]] = {one.pk: [] for one in activities}
    asked = [one for one in activities if one.starts_on is not None and (one.locality_id or one.place.strip())]
    if len(asked) == 1:
        rows = _rows_like(asked[0], user)
    else:
        like = Q(pk__in=[])
        for one in asked:
            like |= _like(one)
        rows = list(_alike(user, like))
    pairs = {(one.pk, row.pk) for one in activities for row in rows if one.pk != row.pk and _is_like(one, row)}
    told = _dismissed(pairs)
    for one in activities:
        twins = [row for row in rows if (one.pk, row.pk) in pairs and not _holds(told, one, row)]
        twins.sort(key=lambda row: abs((row.starts_on - one.starts_on).days))  # type: ignore[operator]
        found[one.pk] = twins[:SHOWN]
    return found


def _alike(user: User, like: Q) -> QuerySet[Activity]:
    rows = Activity.objects.visible_to(user).filter(like, review__in=[Review.SUBMITTED, Review.ACCEPTED])
    return rows.select_related("task", "unit").order_by("-starts_on", "-pk")[: 20 * SHOWN]


def _values(one: Activity) -> dict[str, Any]:
    """Return what _condition compares with, None where there is no content group or commune."""
    assert one.starts_on is not None  # noqa: S101 - the caller asks only then
    days = {"first": one.starts_on - NEAR, "last": one.starts_on + NEAR}
    return {"own": one.pk, "task": one.task_id, "group": one.task.content_group_id, "place": one.locality_id} | days


def _condition(own: Any, task: Any, group: Any, place: Any, first: Any, last: Any) -> Q:
    work = Q(task=task) | (Q(task__content_group=group) if group else Q())
    where = Q(locality=place) if place else Q(locality=None) & ~Q(place="")
    return work & where & Q(starts_on__gte=first, starts_on__lte=last) & ~Q(pk=own)


def _like(one: Activity) -> Q:
    return _condition(**_values(one))


def _rows_like(one: Activity, user: User) -> list[Activity]:
    """Return the same for one activity from a kept query: the page of each that waits asks this."""
    values = _values(one)
    ids = {name: given_id(name) if values[name] else None for name in ("own", "task", "group", "place")}
    key = ("alike", user.pk, scope_of(user).key, *(one is not None for one in ids.values()))
    like = _condition(**ids, first=given_day("first"), last=given_day("last"))
    return objects_of(key, lambda: _alike(user, like), **values)


def _is_like(one: Activity, row: Activity) -> bool:
    """The conditions of _like once more, since one query answers for many activities."""
    if one.starts_on is None or row.starts_on is None or abs(one.starts_on - row.starts_on) > NEAR:
        return False
    group = one.task.content_group_id
    if row.task_id != one.task_id and not (group and row.task.content_group_id == group):
        return False
    if one.locality_id or row.locality_id:
        return one.locality_id == row.locality_id
    return bool(one.place.strip()) and vietnamese.fold(one.place) == vietnamese.fold(row.place)


def _dismissed(pairs: set[tuple[int, int]]) -> dict[tuple[int, int], NotDuplicate]:
    if not pairs:
        return {}
    ids = {pk for pair in pairs for pk in pair}
    return {(row.first_id, row.second_id): row for row in NotDuplicate.objects.filter(first__in=ids, second__in=ids)}


def _holds(told: dict[tuple[int, int], NotDuplicate], one: Activity, row: Activity) -> bool:
    first, second = sorted((one, row), key=lambda item: item.pk)
    known = told.get((first.pk, second.pk))
    return known is not None and (known.first_content, known.second_content) == (
        fingerprint(first),
        fingerprint(second),
    )


@transaction.atomic
def say_not_duplicate(*, actor: Actor, activity: Activity, other: Activity, reason: str) -> NotDuplicate:
    """Note with a reason that two activities are not the same. Raises NotAllowed, DomainError without a reason."""
    if actor.role not in policy.REVIEWERS or not keeps(actor, activity.task.programme.owner):
        raise NotAllowed(_("Only reviewers of the committee that owns the programme decide this."))
    reason = vietnamese.clean(reason)
    if not reason:
        raise DomainError(_("Write why they are not the same"), field="reason")
    first, second = sorted((activity, other), key=lambda item: item.pk)
    row, _new = NotDuplicate.objects.update_or_create(
        first=first,
        second=second,
        defaults={
            "first_content": fingerprint(first),
            "second_content": fingerprint(second),
            "reason": reason[:500],
            "decided_by": actor.user,
        },
    )
    audit.log(actor, "activity.not_duplicate", activity, label=activity.name, reason=reason, detail={"other": other.pk})
    return row
