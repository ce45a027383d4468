"""Named addresses that a person keeps: a list or dashboard with its conditions, for oneself or for one's unit.

Only the address is kept, never what it shows: whoever opens a shared one sees what their own rights give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from core import audit, rights
from core.exceptions import DomainError
from core.models import SavedView, User

if TYPE_CHECKING:
    from core.models import Actor

MOST = 50  # of one person; more is a mistake or an attack


def is_kept(path: str) -> bool:
    """Whether an address may be kept: a page of this product that is read, of at most 500 characters."""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or len(path) > SavedView.LONGEST:
        return False
    if any(ord(letter) < 32 for letter in path):
        return False
    try:
        found = resolve(path.partition("?")[0])
    except Resolver404:
        return False
    route = rights.all_routes().get(found.view_name)
    return route is not None and "GET" in route.methods and not found.kwargs


@transaction.atomic
def save_view(*, actor: Actor, name: str, path: str, is_shared: bool = False) -> SavedView:
    """Keep an address under a name; the same name of the same person takes the new address.

    is_shared: for everyone who acts for the actor's unit. Raises DomainError where the address is no page or the
    person keeps too many.
    """
    if not is_kept(path):
        raise DomainError(_("This page cannot be saved. Open a list or the dashboard and save from there."))
    User.objects.select_for_update().get(pk=actor.user.pk)  # two at the same time would both insert
    own = SavedView.objects.filter(user=actor.user)
    view = own.filter(name=name).first()
    if view is None and own.count() >= MOST:
        raise DomainError(_("You keep %(most)s views already. Delete one you no longer need.") % {"most": MOST})
    view = view or SavedView(user=actor.user, name=name)
    view.path, view.shared_with = path, getattr(actor.organisation, "pk", None) if is_shared else None
    view.save()
    audit.log(actor, "saved_view.save", view, detail={"path": path, "shared": is_shared})
    return view


@transaction.atomic
def drop_view(*, actor: Actor, view: SavedView) -> None:
    """Delete one's own view, for everyone with whom it was shared."""
    kept = SavedView.objects.select_for_update().filter(pk=view.pk, user=actor.user).first()
    if kept is None:
        raise DomainError(_("This view is already deleted."))
    pk = kept.pk
    kept.delete()
    kept.pk = pk
    audit.log(actor, "saved_view.drop", kept, detail={"path": kept.path})
