"""Who paid for the result of an activity. A house paid by three is one house: its value is split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from activities.models import Contribution
from core.exceptions import DomainError
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activities.models import Activity
    from activities.services.data import ActivityData, Share


def values_of(data: ActivityData) -> tuple[int | None, int | None]:
    """Return value and its part in kind, in đồng, as typed; what was left empty follows from the contributions.

    DomainError where the part in kind is more than the whole, or a funder stands there twice.
    """
    value, in_kind = data.value, data.value_in_kind
    if data.contributions:
        _require_distinct(data.contributions)
        if value is None:
            value = sum(share.amount for share in data.contributions)
        if in_kind is None:
            in_kind = sum(share.amount for share in data.contributions if share.is_in_kind) or None
    if in_kind is not None and (value is None or in_kind > value):
        raise DomainError(
            _("The part in kind cannot be more than the value. Write the whole value, in cash and in kind together."),
            field="value_in_kind",
        )
    return value, in_kind


def _require_distinct(shares: Sequence[Share]) -> None:
    seen = set()
    for share in shares:
        key = (share.organisation, vietnamese.fold(share.funder), share.is_in_kind)
        if key in seen:
            name = share.organisation.name if share.organisation else share.funder
            raise DomainError(_("%(funder)s stands there twice. Write one amount for it.") % {"funder": name})
        seen.add(key)


def write(*, activity: Activity, shares: Sequence[Share]) -> None:
    """Make the contributions of an activity equal to what was typed, in its order."""
    wanted = [(s.organisation.pk if s.organisation else None, s.funder, s.amount, s.is_in_kind) for s in shares]
    rows = activity.contributions.values_list("organisation_id", "funder", "amount", "is_in_kind")
    if wanted == list(rows):
        return
    activity.contributions.all().delete()
    Contribution.objects.bulk_create(
        Contribution(
            activity=activity,
            organisation=share.organisation,
            funder=share.funder,
            amount=share.amount,
            is_in_kind=share.is_in_kind,
            position=position,
        )
        for position, share in enumerate(shares, start=1)
    )


def difference(activity: Activity) -> str:
    """Return a sentence where the contributions do not add up to the value or its part in kind, "" where they do."""
    rows = list(activity.contributions.all())
    if not rows:
        return ""
    total, in_kind = sum(r.amount for r in rows), sum(r.amount for r in rows if r.is_in_kind)
    if total != activity.value:
        return _gap(total, activity.value or 0)
    if in_kind != (activity.value_in_kind or 0):
        return _("The contributions in kind add up to %(sum)s đồng, the part in kind says %(value)s đồng.") % {
            "sum": vietnamese.format_number(in_kind),
            "value": vietnamese.format_number(activity.value_in_kind or 0),
        }
    return ""


def _gap(total: int, value: int) -> str:
    words = {
        "sum": vietnamese.format_number(total),
        "value": vietnamese.format_number(value),
        "gap": vietnamese.format_number(abs(total - value)),
    }
    if total < value:
        return (
            _("The contributions add up to %(sum)s đồng, %(gap)s đồng less than the value of %(value)s đồng.") % words
        )
    return _("The contributions add up to %(sum)s đồng, %(gap)s đồng more than the value of %(value)s đồng.") % words
