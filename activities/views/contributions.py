"""What one body gave to the results of activities: its shares, never a count of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.shortcuts import get_object_or_404, render

from activities.models import Contribution, Review
from partners.models import Organisation

if TYPE_CHECKING:
    from django.http import HttpResponse

    from core.http import SignedInRequest

A_PAGE = 25


def contribution_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """List the contributions of a body to activities the person may see, with the share of each whole value."""
    unit = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    rows = Contribution.objects.visible_to(request.user).of(unit)
    accepted = rows.filter(activity__review=Review.ACCEPTED).order_by()
    totals = accepted.aggregate(
        cash=Sum("amount", filter=Q(is_in_kind=False)), in_kind=Sum("amount", filter=Q(is_in_kind=True))
    )
    shown = rows.select_related("activity__task__programme", "activity__unit", "activity__locality")
    page = Paginator(shown, A_PAGE).get_page(request.GET.get("page"))
    context = {"unit": unit, "page_obj": page, "rows": [(row, share_of(row)) for row in page], "totals": totals}
    return render(request, "activities/contribution_list.html", context)


def share_of(row: Contribution) -> float | None:
    """Return a contribution as a share of the activity's value, None where no value is given."""
    return row.amount / row.activity.value if row.activity.value else None
