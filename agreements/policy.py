"""Rights of the agreements room: who may use an address, and who may do what in which state.

The tables are data: role × state → actions. Who reads is decided by visible_to; this says who writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.models import Extension, Intake, Programme, Task, TaskDeadline
from core.exceptions import NotAllowed
from core.notices import UNDO_WINDOW, decision_key, has_left
from core.rights import Route, route
from partners.models import Membership, Organisation, committee_of, scope_of

if TYPE_CHECKING:
    from core.models import Actor

OFFICER, REPORTER, LEADER = Membership.Role.OFFICER, Membership.Role.REPORTER, Membership.Role.LEADER
READERS = ("officer", "reporter", "leader")

ROUTES: dict[str, Route] = {
    "agreements:programme_list": route(*READERS),
    "agreements:programme_create": route("officer", methods="GET POST"),
    "agreements:programme_detail": route(*READERS, obj="programme"),
    "agreements:programme_goals": route(*READERS, obj="programme"),
    "agreements:programme_tasks": route(*READERS, obj="programme"),
    "agreements:programme_bases": route(*READERS, obj="programme"),
    "agreements:programme_parties": route(*READERS, obj="programme"),
    "agreements:programme_documents": route(*READERS, obj="programme"),
    "agreements:programme_history": route(*READERS, obj="programme"),
    "agreements:programme_edit": route("officer", methods="GET POST", obj="programme"),
    "agreements:programme_edit_parties": route("officer", methods="GET POST", obj="programme"),
    "agreements:programme_edit_goals": route("officer", methods="GET POST", obj="programme"),
    "agreements:programme_edit_tasks": route("officer", obj="programme"),
    "agreements:programme_check": route("officer", obj="programme"),
    "agreements:programme_status": route("officer", obj="programme"),
    "agreements:programme_move": route("officer", methods="POST", obj="programme"),
    "agreements:milestone_propose": route("officer", methods="GET POST", obj="programme"),
    "agreements:milestone_create": route("officer", methods="GET POST", obj="programme"),
    "agreements:milestone_edit": route("officer", methods="GET POST", obj="milestone"),
    "agreements:milestone_finish": route("officer", methods="GET POST", obj="milestone"),
    "agreements:milestone_drop": route("officer", methods="POST", obj="milestone"),
    "agreements:programme_renewal": route(*READERS, obj="programme"),
    "agreements:document_add": route("officer", methods="GET POST", obj="programme"),
    "agreements:document_file": route(*READERS, obj="programme_document"),  # pk and doc_pk
    "agreements:task_list": route(*READERS),
    "agreements:task_create": route("officer", methods="GET POST", obj="programme"),
    "agreements:task_edit": route("officer", methods="GET POST", obj="task"),
    "agreements:task_state": route("officer", methods="GET POST", obj="task"),
    "agreements:deadline_extend": route("officer", methods="GET POST", obj="deadline"),
    "agreements:extension_ask": route("reporter", methods="GET POST", obj="deadline"),
    "agreements:deadline_report": route("officer", "reporter", methods="GET POST", obj="deadline"),
    "agreements:legal_list": route(*READERS),
    "agreements:legal_detail": route(*READERS, obj="legal_document"),
    "agreements:legal_create": route("officer", methods="GET POST"),
    "agreements:legal_edit": route("officer", methods="GET POST", obj="legal_document"),
    "agreements:legal_relate": route("officer", methods="GET POST", obj="legal_document"),
    "agreements:legal_alias": route("officer", methods="GET POST", obj="legal_document"),
    "agreements:legal_merge": route("officer", methods="GET POST", obj="legal_document"),
    "agreements:legal_import": route("officer", methods="GET POST"),
    "agreements:basis_keep": route("officer", methods="GET POST", obj="legal_basis"),
    "agreements:intake_list": route("officer", "leader"),
    "agreements:intake_create": route("officer", methods="GET POST"),
    "agreements:intake_read": route("officer", methods="GET POST", obj="intake"),
    "agreements:intake_progress": route("officer", obj="intake"),
    "agreements:intake_check": route("officer", methods="GET POST", obj="intake"),
    "agreements:intake_confirm": route("officer", methods="GET POST", obj="intake"),
    "agreements:intake_drop": route("officer", methods="GET POST", obj="intake"),
    "agreements:intake_file": route("officer", "leader", obj="intake"),
    "agreements:intake_source": route(*READERS, obj="programme"),
}

S = Programme.Status
_WORK = frozenset({"edit", "tasks", "documents", "move"})
# role × state of the programme → what may be done with it and its parts.
PROGRAMME: dict[tuple[str, str], frozenset[str]] = {
    (OFFICER, S.DRAFT): _WORK,
    (OFFICER, S.SIGNED): _WORK,
    (OFFICER, S.IN_FORCE): _WORK,
    (OFFICER, S.SUSPENDED): _WORK,
    (OFFICER, S.ENDED): _WORK,
    (OFFICER, S.CLOSED): frozenset({"documents"}),
    (OFFICER, S.TERMINATED): frozenset({"documents"}),
    (OFFICER, S.SUPERSEDED): frozenset({"documents"}),
}

# How a person stands to a deadline.
LEAD = "lead"  # reports for the unit that leads the task (or a body that took it over)
KEEPER = "keeper"  # officer of the owner committee or one above: on behalf of a partner, or for the committee itself
REVIEWER = "reviewer"  # officer who did not report it; the committee's leader for what the committee reported
DECIDER = "decider"  # the reviewer who decided last, while the notice has not left

D = TaskDeadline.State
DEADLINE: dict[tuple[str, str], frozenset[str]] = {
    (LEAD, D.OPEN): frozenset({"report", "ask"}),
    (LEAD, D.RETURNED): frozenset({"report", "ask"}),
    (KEEPER, D.OPEN): frozenset({"report", "extend"}),
    (KEEPER, D.RETURNED): frozenset({"report", "extend"}),
    (REVIEWER, D.AWAITING): frozenset({"confirm", "return"}),
    (DECIDER, D.DONE): frozenset({"undo"}),
    (DECIDER, D.RETURNED): frozenset({"undo"}),
}
DECIDED = {D.DONE: "deadline.confirmed", D.RETURNED: "deadline.returned"}  # the notice of each decision
X = Extension.State
EXTENSION_DECIDED = {X.GRANTED: "extension.granted", X.REFUSED: "extension.refused"}  # the notice of each decision
CARRIED_OUT = (S.IN_FORCE, S.SUSPENDED, S.ENDED)  # deadlines move only in these


def keeps(actor: Actor, owner: Organisation) -> bool:
    """Return whether the actor acts in a Front role for the owner committee or one above it."""
    return (
        actor.role in {OFFICER, LEADER}
        and actor.organisation.is_front
        and owner.path.startswith(committee_of(actor.organisation).path)
    )


def allowed_actions(actor: Actor, programme: Programme) -> frozenset[str]:
    """Return what the actor may do with the programme in its present state."""
    if not keeps(actor, programme.owner):
        return frozenset()
    return PROGRAMME.get((actor.role, programme.status), frozenset())


def require(actor: Actor, action: str, programme: Programme) -> None:
    """Raise NotAllowed with a sentence that says why, unless the actor may do this now."""
    if action in allowed_actions(actor, programme):
        return
    if keeps(actor, programme.owner) and not programme.is_editable:
        raise NotAllowed(_("This programme is finished. It can only be read."))
    raise NotAllowed(_("Only officers of the committee that owns the programme may change it."))


def may_set_rule(actor: Actor, programme: Programme, committee: Organisation) -> bool:
    """Return whether the actor may say when the units of the programme report to the committee.

    An officer of that committee or of one above it; the committee owns the programme, signed it or lies above.
    """
    return (
        actor.role == OFFICER
        and committee.kind == Organisation.Kind.FRONT_COMMITTEE
        and keeps(actor, committee)
        and programme.is_editable
    )


def require_rule(actor: Actor, programme: Programme, committee: Organisation) -> None:
    """Raise NotAllowed unless the actor may set the committee's reporting rule for the programme."""
    if not programme.is_editable:
        raise NotAllowed(_("This programme is finished. It can only be read."))
    if not may_set_rule(actor, programme, committee):
        raise NotAllowed(_("Only officers of the committee that receives the reports set its reporting rule."))


def require_create(actor: Actor, owner: Organisation) -> None:
    """Raise NotAllowed unless the actor may enter programmes of this committee."""
    if actor.role != OFFICER or not keeps(actor, owner) or owner.kind != Organisation.Kind.FRONT_COMMITTEE:
        raise NotAllowed(_("Only officers of a Front committee enter programmes, for it or a committee below it."))


def require_register(actor: Actor) -> None:
    """Raise NotAllowed unless the actor may change the register of legal documents."""
    if actor.role != OFFICER or not actor.organisation.is_front:
        raise NotAllowed(_("Only officers of a Front committee change the register of legal documents."))


def deadline_standings(actor: Actor, deadline: TaskDeadline) -> frozenset[str]:
    """Return how the actor stands to a deadline (see the constants above)."""
    task, found = deadline.task, set()
    if actor.role == REPORTER and task.lead_id is not None:
        scope = scope_of(actor.user)
        if task.lead_id in scope.own_ids | scope.partner_ids:
            found.add(LEAD)
    if keeps(actor, task.programme.owner):
        if actor.role == OFFICER:
            found.add(KEEPER)
        by_front = deadline.reported_for is not None and deadline.reported_for.is_front
        if deadline.reported_by_id != actor.user.pk and (actor.role == OFFICER or by_front):
            found.add(REVIEWER)
            undo_until = deadline.reviewed_at + UNDO_WINDOW if deadline.reviewed_at else None
            if (
                deadline.reviewed_by_id == actor.user.pk
                and deadline.state in DECIDED
                and undo_until
                and undo_until > timezone.now()
                and not has_left(DECIDED[D(deadline.state)], key=decision_key(deadline))
            ):
                found.add(DECIDER)
    return frozenset(found)


def allowed_deadline_actions(actor: Actor, deadline: TaskDeadline) -> frozenset[str]:
    """Return what the actor may do with the deadline now; nothing while its task or programme stands still."""
    if deadline.task.programme.status not in CARRIED_OUT or deadline.task.state in Task.LEFT_OUT:
        return frozenset()
    return frozenset().union(
        *(DEADLINE.get((standing, deadline.state), frozenset()) for standing in deadline_standings(actor, deadline))
    )


def require_deadline(actor: Actor, action: str, deadline: TaskDeadline) -> None:
    """Raise NotAllowed with a sentence that says why, unless the actor may do this with the deadline now."""
    if action in allowed_deadline_actions(actor, deadline):
        return
    if deadline.task.programme.status not in CARRIED_OUT:
        raise NotAllowed(_("Deadlines are reported only while the programme is in force."))
    if deadline.task.state in Task.LEFT_OUT:
        raise NotAllowed(_("This task is paused, carried over or cancelled. Resume it first."))
    if action in {"confirm", "return"} and deadline.reported_by_id == actor.user.pk:
        raise NotAllowed(_("You reported this yourself. Another officer of the committee confirms it."))
    if action == "undo" and deadline.state in {D.DONE, D.RETURNED}:
        raise NotAllowed(_("The notice has left, so this decision can no longer be undone."))
    if deadline.state in {D.DONE, D.CANCELLED}:
        raise NotAllowed(_("This deadline is already closed."))
    if deadline.state == D.AWAITING and action in {"report", "extend", "ask"}:
        raise NotAllowed(_("This deadline is reported and waits for an officer."))
    if action == "ask":
        raise NotAllowed(_("Only the lead unit of the task asks for more time. Officers extend a deadline directly."))
    if action == "report":
        raise NotAllowed(_("Only the lead unit of the task reports it done."))
    raise NotAllowed(_("You have no right to do this with the deadline in its present state."))


def may_decide_extension(actor: Actor, extension: Extension) -> bool:
    """Return whether the actor may grant or refuse a request for more time: see require_extension."""
    try:
        require_extension(actor, extension)
    except NotAllowed:
        return False
    return True


def may_undo_extension(actor: Actor, extension: Extension) -> bool:
    """Return whether the actor may take an own decision on more time back: see require_extension_undo."""
    try:
        require_extension_undo(actor, extension)
    except NotAllowed:
        return False
    return True


def require_extension_undo(actor: Actor, extension: Extension) -> None:
    """Raise NotAllowed unless the actor decided on this request, its notice has not left and nothing rests on it."""
    task = extension.deadline.task
    if actor.role != OFFICER or not keeps(actor, task.programme.owner):
        raise NotAllowed(_("Only officers of the committee that owns the programme decide on more time."))
    if extension.state not in EXTENSION_DECIDED or extension.requested_at is None:
        raise NotAllowed(_("Nothing was decided on this request, so there is nothing to undo."))
    if extension.decided_by_id != actor.user.pk:
        raise NotAllowed(_("Somebody else decided on this request. Only that person can undo it."))
    left = has_left(EXTENSION_DECIDED[X(extension.state)], key=str(extension.pk))
    if left or extension.decided_at is None or extension.decided_at + UNDO_WINDOW <= timezone.now():
        raise NotAllowed(_("The notice has left, so this decision can no longer be undone."))
    if extension.deadline.state in {D.DONE, D.CANCELLED}:
        raise NotAllowed(_("This deadline is already closed."))
    if extension.state == X.GRANTED and extension.deadline.due_on != extension.new_due_on:
        raise NotAllowed(_("The deadline was changed since, so this decision can no longer be undone."))


def require_extension(actor: Actor, extension: Extension) -> None:
    """Raise NotAllowed unless the actor is an officer of the committee who did not ask, and the request waits.

    A deadline reported done meanwhile may still get its later day: it decides whether that was on time.
    """
    task = extension.deadline.task
    if actor.role != OFFICER or not keeps(actor, task.programme.owner):
        raise NotAllowed(_("Only officers of the committee that owns the programme decide on more time."))
    if extension.requested_by_id == actor.user.pk:
        raise NotAllowed(_("You asked for this yourself. Another officer of the committee decides."))
    if extension.state != Extension.State.REQUESTED:
        raise NotAllowed(_("This request is already decided."))
    if task.programme.status not in CARRIED_OUT or task.state in Task.LEFT_OUT:
        raise NotAllowed(_("This task or its programme stands still. Nothing is decided about its deadlines now."))
    if extension.deadline.state in {D.DONE, D.CANCELLED}:
        raise NotAllowed(_("This deadline is already closed."))


# What an officer of the owner committee may do with an intake in each state.
INTAKE: dict[str, frozenset[str]] = {
    Intake.Status.OPEN: frozenset({"read", "check", "confirm", "drop"}),
    Intake.Status.CONFIRMED: frozenset(),
    Intake.Status.DROPPED: frozenset(),
}


def allowed_intake_actions(actor: Actor, intake: Intake) -> frozenset[str]:
    """Return what the actor may do with a taken-in source in its present state."""
    if actor.role != OFFICER or not keeps(actor, intake.owner):
        return frozenset()
    return INTAKE[intake.status]


def may_open_file(actor: Actor, intake: Intake) -> bool:
    """Return whether the actor may download the file of an intake they see; an unopened one only its officers may."""
    return not intake.is_refused or (actor.role == OFFICER and keeps(actor, intake.owner))


def require_intake_file(actor: Actor, intake: Intake) -> None:
    """Raise NotAllowed unless the actor may download the file of the intake."""
    if not may_open_file(actor, intake):
        raise NotAllowed(_("This file was not opened and may do harm. Only officers of the committee download it."))


def require_intake(actor: Actor, action: str, intake: Intake | None = None) -> None:
    """Raise NotAllowed unless the actor may do this with the intake; "take_in" needs none."""
    if intake is None:
        require_create(actor, committee_of(actor.organisation))
        return
    if action in allowed_intake_actions(actor, intake):
        return
    if actor.role == OFFICER and keeps(actor, intake.owner):
        raise NotAllowed(_("This intake was already confirmed or dropped. Open the list of intakes."))
    raise NotAllowed(_("Only officers of the committee that took in this text may work on it."))
