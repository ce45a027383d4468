"""How directives stand, in words; what the first page of a programme shows of them (settings.OPEN_DIRECTIVES)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from activities.models import Directive
from agreements.views.standing import left_words

if TYPE_CHECKING:
    import datetime

    from agreements.models import Programme
    from core.models import User

State = Directive.State


def standing_words(directive: Directive, day: datetime.date) -> dict[str, Any]:
    """Return {kind, label, plain} for the status tag: how far the day is while an answer is owed, else the state."""
    if directive.state == State.ISSUED:
        return left_words((directive.due_on - day).days)
    kind, plain = {State.ANSWERED: ("wait", False), State.CLOSED: ("done", True), State.WITHDRAWN: ("dash", True)}[
        State(directive.state)
    ]
    return {"kind": kind, "label": directive.get_state_display(), "plain": plain}


def open_directives(*, programme: Programme, user: User, number: int) -> list[dict[str, Any]]:
    """Return what is not over in a programme, oldest day first: {title, unit, due_on, url, standing}."""
    day = timezone.localdate()
    rows = Directive.objects.visible_to(user).filter(programme=programme, state__in=[State.ISSUED, State.ANSWERED])
    return [
        {
            "title": str(row),
            "unit": row.unit,
            "due_on": row.due_on,
            "url": reverse("activities:directive_show", args=[row.pk]),
            "standing": standing_words(row, day),
        }
        for row in rows.select_related("unit").order_by("due_on", "pk")[:number]
    ]
