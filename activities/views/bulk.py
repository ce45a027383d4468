"""Many entries accepted at once, through a page that lists what that changes and what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities import policy, services
from activities.models import Activity, Measurement, Review
from activities.services import effects
from activities.services.duplicates import candidates
from activities.views.queue import queue_of, with_effects
from activities.views.review import offer_undo
from core.audit import last_change
from core.exceptions import DomainError, Stale
from core.http import once

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest

MOST = 20
OFFERED = 60  # lines to choose from


@dataclass
class Chosen:
    """One chosen entry: what it would change, what it may repeat, or why it is left out."""

    item: Activity | Measurement
    key: str
    name: str
    values: list[effects.Effect]
    twins: list[Activity]
    left_out: str = ""  # a sentence; "" where it can be accepted


@dataclass
class Sum:
    """What all chosen entries together do to one indicator."""

    standing: effects.Standing
    before: Decimal | None
    after: Decimal | None


def review_pick(request: SignedInRequest) -> HttpResponse:
    """Choose entries to accept together; deadlines and requests are decided one by one, on their evidence."""
    waiting = [row for row in queue_of(request) if row.kind in {"activity", "measurement"}]
    rows = with_effects(waiting[:OFFERED], timezone.localdate())
    context = {"rows": rows, "count": len(waiting), "most": MOST, "few": len(waiting) <= MOST}
    return render(request, "activities/review_pick.html", context)


def review_bulk(request: SignedInRequest) -> HttpResponseBase:
    """Show what accepting the chosen entries changes, and what is left out; POST accepts the others."""
    asked = (request.POST if request.method == "POST" else request.GET).getlist("muc")
    keys = list(dict.fromkeys(asked))
    if not keys or len(keys) > MOST:
        few = _("Choose at least one entry.") if not keys else _("Choose at most %(n)s entries at once.") % {"n": MOST}
        messages.warning(request, few)
        return redirect("activities:review_pick")
    chosen = _chosen(request, keys)
    if request.method == "POST":
        return once(request, lambda: _accept(request, chosen))
    good = [one for one in chosen if not one.left_out]
    context = {
        "good": good,
        "left_out": [one for one in chosen if one.left_out],
        "sums": _sums([value for one in good for value in one.values]),
        "doubtful": [one for one in good if one.twins],
    }
    return render(request, "activities/review_bulk.html", context)


def _chosen(request: SignedInRequest, keys: Sequence[str]) -> list[Chosen]:
    """Return the chosen entries the person may see, in the order of the queue; unknown names are passed over."""
    wanted: dict[str, list[int]] = {"activity": [], "measurement": []}
    for key in keys:
        kind, _dash, number = key.partition("-")
        if kind in wanted and number.isascii() and number.isdigit() and len(number) < 10:
            wanted[kind].append(int(number))
    parts = ("task__programme__owner", "unit", "author", "acting_for", "reviewed_by")
    activities = list(
        Activity.objects.visible_to(request.user)
        .filter(pk__in=wanted["activity"])
        .select_related(*parts, "locality")
        .prefetch_related("measurements__indicator")
    )
    alone = list(
        Measurement.objects.visible_to(request.user)
        .filter(pk__in=wanted["measurement"], activity=None)
        .select_related(*parts, "indicator")
    )
    twins = candidates(activities, user=request.user) if activities else {}
    values = [*alone, *(value for row in activities for value in row.measurements.all())]
    effect_of = {
        one.measurement.pk: one for one in effects.effects_of(values, timezone.localdate())
    } if values else {}  # fmt: skip
    found = []
    for item in sorted([*activities, *alone], key=lambda row: (row.submitted_at is None, row.submitted_at, row.pk)):
        own = list(item.measurements.all()) if isinstance(item, Activity) else [item]
        noun = "activity" if isinstance(item, Activity) else "measurement"
        name = item.name if isinstance(item, Activity) else item.indicator.name
        found.append(
            Chosen(
                item,
                f"{noun}-{item.pk}",
                name,
                [effect_of[value.pk] for value in own],
                twins.get(item.pk, []) if isinstance(item, Activity) else [],
                _why_not(request, item),
            )
        )
    return found


def _why_not(request: SignedInRequest, item: Activity | Measurement) -> str:
    """Return why the person may not accept the entry now; "" where it may be."""
    if item.review in {Review.ACCEPTED, Review.RETURNED} and item.reviewed_by:
        return _("Already handled by %(name)s.") % {"name": item.reviewed_by.full_name}
    for actor in request.actors:
        if "accept" in policy.allowed_actions(actor, item):
            return ""
    try:
        policy.require(request.actor, "accept", item)
    except DomainError as error:
        return error.message
    return ""


def _sums(values: list[effects.Effect]) -> list[Sum]:
    """Return per indicator and period where it stands and where it will: amounts add up, the newest level counts."""
    sums: dict[tuple[int, object], Sum] = {}
    for effect in sorted(values, key=lambda one: (one.measurement.as_of, one.measurement.pk)):
        standing = effect.standing
        key = (standing.indicator.pk, standing.starts_on if standing.is_added else None)
        known = sums.get(key)
        if known is not None and standing.is_added:
            known.after = (known.after or 0) + effect.measurement.value
        else:
            sums[key] = Sum(standing, standing.accepted, effect.after)
    return list(sums.values())


def _accept(request: SignedInRequest, chosen: list[Chosen]) -> HttpResponseBase:
    """Accept one by one: an entry that somebody else was faster with does not keep the others back."""
    done, missed = 0, []
    for one in chosen:
        version = request.POST.get(f"v-{one.key}", "")
        seats = [actor for actor in request.actors if "accept" in policy.allowed_actions(actor, one.item)]
        try:
            services.accept(
                actor=seats[0] if seats else request.actor,
                item=one.item,
                version=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else -1,
            )
        except Stale as error:
            missed.append(f"{one.name}: {_who_was_faster(error)}")
            continue
        except DomainError as error:
            missed.append(f"{one.name}: {error.message}")
            continue
        offer_undo(request, one.item, one.name, one.item.unit.name, is_accepted=True)
        done += 1
    if done:
        text = ngettext("%(n)s entry accepted.", "%(n)s entries accepted.", done) % {"n": done}
        messages.success(request, text)
    for line in missed:
        messages.warning(request, line)
    return redirect(reverse("activities:review_list"))


def _who_was_faster(error: Stale) -> str:
    last = last_change(error.current)
    if last is None:
        return error.message
    return _("%(name)s changed this meanwhile. Open it to decide.") % {"name": last.user_name}
