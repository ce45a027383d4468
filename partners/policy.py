"""Rights of the partners room: which roles use which address, and what may be done to whom in which state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.exceptions import NotAllowed
from core.models import Actor, User
from core.rights import SIGNED_IN, Route, route

if TYPE_CHECKING:
    from partners.models import Organisation

ROUTES: dict[str, Route] = {
    "partners:organisation_list": route(SIGNED_IN),
    "partners:organisation_detail": route(SIGNED_IN, obj="organisation"),
    "partners:organisation_create": route("administrator", methods="GET POST"),
    "partners:organisation_edit": route("administrator", methods="GET POST", obj="organisation"),
    "partners:contact_add": route("administrator", methods="GET POST", obj="organisation"),
    "partners:contact_remove": route("administrator", methods="POST", obj="organisation"),
    "partners:user_list": route("administrator"),
    "partners:user_create": route("administrator", methods="GET POST"),
    "partners:user_detail": route("administrator", obj="user"),
    "partners:user_edit": route("administrator", methods="GET POST", obj="user"),
    "partners:user_slip": route("administrator", methods="GET POST", obj="user"),
    "partners:user_disable": route("administrator", methods="GET POST", obj="user"),
    "partners:user_enable": route("administrator", methods="POST", obj="user"),
    "partners:mail_list": route("administrator"),
    "partners:membership_add": route("administrator", methods="GET POST", obj="user"),
    "partners:membership_end": route("administrator", methods="GET POST", obj="membership"),
}

# role × state of the object → actions. A person's own row has a state of its own: nobody changes own rights.
ACTIONS: dict[tuple[str, str], frozenset[str]] = {
    ("administrator", "organisation"): frozenset({"create", "edit", "rename", "move", "contact"}),
    ("administrator", "user:new"): frozenset({"create"}),
    ("administrator", "user:active"): frozenset({"edit", "slip", "disable", "add_membership", "end_membership"}),
    ("administrator", "user:disabled"): frozenset({"edit", "enable", "add_membership", "end_membership"}),
    ("administrator", "user:self"): frozenset({"edit"}),
}


def state_of(actor: Actor, obj: User | Organisation | type) -> str:
    """Return the row of ACTIONS an object stands in for this actor; a class stands for one yet to be made."""
    if isinstance(obj, User):
        if obj.pk == actor.user.pk:
            return "user:self"
        return "user:active" if obj.is_active else "user:disabled"
    return "user:new" if obj is User else "organisation"


def allowed_actions(actor: Actor | None, obj: User | Organisation | type) -> frozenset[str]:
    """Return what the actor may do to the object in its present state; empty for nobody."""
    return frozenset() if actor is None else ACTIONS.get((actor.role, state_of(actor, obj)), frozenset())


def require(actor: Actor, action: str, obj: User | Organisation | type) -> None:
    """Raise NotAllowed, with the way out, unless the action is allowed."""
    if action in allowed_actions(actor, obj):
        return
    if isinstance(obj, User) and obj.pk == actor.user.pk:
        raise NotAllowed(_("Nobody changes their own rights. Ask another administrator."))
    raise NotAllowed(_("Only an administrator does this, and only in the present state of the person or unit."))
