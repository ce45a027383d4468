"""Rights of the activities room: who may use an address, and who may do what in which state.

The tables are data. A person stands to an item in none, one or several ways (AUTHOR, REVIEWER, DECIDER); what may be
done is the union of the lines of those ways in the item's state (design.md section 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from activities.models import Activity, Directive, Measurement, ProgressReport, ReportDuty, Review
from agreements.models import Programme, Task
from agreements.policy import keeps
from core.exceptions import NotAllowed
from core.notices import UNDO_WINDOW, decision_key, has_left
from core.rights import Route, route
from partners.models import Membership, Organisation, scope_of

if TYPE_CHECKING:
    from core.models import Actor, User

OFFICER, REPORTER, LEADER = Membership.Role.OFFICER, Membership.Role.REPORTER, Membership.Role.LEADER
READERS = ("officer", "reporter", "leader")
WRITERS = ("officer", "reporter")
REVIEWERS = ("officer", "leader")
FRONT_KINDS = Organisation.FRONT_KINDS

ROUTES: dict[str, Route] = {
    "activities:activity_create": route(*WRITERS, methods="GET POST"),
    "activities:task_pick": route(*WRITERS),
    "activities:activity_list": route(*READERS),
    "activities:activity_detail": route(*READERS, obj="activity"),
    "activities:activity_edit": route(*WRITERS, methods="GET POST", obj="activity"),
    "activities:contribution_list": route(*READERS, obj="organisation"),
    "activities:activity_move": route(*READERS, methods="POST", obj="activity"),
    "activities:file_show": route(*READERS, obj="evidence_file"),
    "activities:draft_file_show": route(*READERS, obj="draft_file"),
    "activities:review_list": route(*REVIEWERS),
    "activities:review_show": route(*REVIEWERS, methods="GET POST", obj="activity"),
    "activities:review_undo": route(*REVIEWERS, methods="POST", obj="activity"),
    "activities:deadline_review": route(*REVIEWERS, methods="GET POST", obj="deadline"),
    "activities:deadline_undo": route(*REVIEWERS, methods="POST", obj="deadline"),
    "activities:extension_review": route(*REVIEWERS, methods="GET POST", obj="extension"),
    "activities:extension_undo": route(*REVIEWERS, methods="POST", obj="extension"),
    "activities:duplicate_show": route(*REVIEWERS, methods="GET POST", obj="activity"),
    "activities:review_pick": route(*REVIEWERS),
    "activities:review_bulk": route(*REVIEWERS, methods="GET POST"),
    "activities:nudge_list": route(*REVIEWERS),
    "activities:nudge_send": route("officer", methods="POST"),
    "activities:letter_show": route(*REVIEWERS, obj="organisation"),
    "activities:ladder_edit": route("administrator", methods="GET POST"),
    "activities:measurement_review": route(*REVIEWERS, methods="GET POST", obj="measurement"),
    "activities:measurement_undo": route(*REVIEWERS, methods="POST", obj="measurement"),
    "activities:measurement_create": route(*WRITERS, methods="GET POST"),
    "activities:measurement_detail": route(*READERS, obj="measurement"),
    "activities:measurement_edit": route(*WRITERS, methods="GET POST", obj="measurement"),
    "activities:measurement_move": route(*READERS, methods="POST", obj="measurement"),
    "activities:directive_list": route(*READERS),
    "activities:directive_create": route(LEADER, methods="GET POST"),
    "activities:directive_show": route(*READERS, methods="GET POST", obj="directive"),
    "activities:directive_answer": route(*READERS, methods="GET POST", obj="directive"),
    "activities:directive_file": route(*READERS, obj="directive_file"),
    "activities:task_detail": route(*READERS, obj="task"),
    "activities:programme_activities": route(*READERS, obj="programme"),
    "activities:programme_reports": route(*READERS, obj="programme"),
    "activities:rule_edit": route("officer", methods="GET POST", obj="programme"),
    "activities:rule_remove": route("officer", methods="POST", obj="programme"),
    "activities:duty_list": route(*READERS),
    "activities:duty_show": route(*READERS, obj="duty"),
    "activities:duty_request": route("officer", methods="GET POST", obj="programme"),
    "activities:duty_waive": route("officer", methods="GET POST", obj="duty"),
    "activities:duty_restore": route("officer", methods="POST", obj="duty"),
    "activities:duty_move": route("officer", methods="GET POST", obj="duty"),
    "activities:holiday_list": route("administrator"),
    "activities:holiday_create": route("administrator", methods="GET POST"),
    "activities:holiday_edit": route("administrator", methods="GET POST", obj="holiday"),
    "activities:holiday_remove": route("administrator", methods="POST", obj="holiday"),
    "activities:report_show": route(*READERS, obj="report_duty"),
    "activities:report_edit": route(*WRITERS, methods="GET POST", obj="report_draft"),
    "activities:report_move": route(*READERS, methods="POST", obj="report_duty"),
    "activities:report_review": route(*REVIEWERS, methods="GET POST", obj="report_duty"),
    "activities:report_undo": route(*REVIEWERS, methods="POST", obj="report_duty"),
    "activities:report_versions": route(*READERS, obj="report_duty"),
    "activities:report_photos": route(*READERS, obj="report_duty"),
}

# How a person stands to an item.
AUTHOR = "author"  # wrote it, and still acts in a writing role
# An officer of the owner committee (or one above) who did not write it; its leader for what officers wrote.
REVIEWER = "reviewer"
DECIDER = "decider"  # the reviewer who decided last, while the notice has not left

ITEM: dict[tuple[str, str], frozenset[str]] = {
    (AUTHOR, Review.DRAFT): frozenset({"edit", "submit", "delete", "mark", "send_plan"}),
    (AUTHOR, Review.SUBMITTED): frozenset({"recall"}),
    (AUTHOR, Review.RETURNED): frozenset({"edit", "submit", "mark"}),
    (REVIEWER, Review.SUBMITTED): frozenset({"accept", "return"}),
    (REVIEWER, Review.ACCEPTED): frozenset({"revoke"}),
    (DECIDER, Review.ACCEPTED): frozenset({"undo"}),
    (DECIDER, Review.RETURNED): frozenset({"undo"}),
}
# Work can be logged while the programme is carried out, up to its final review.
LOGGABLE = (Programme.Status.IN_FORCE, Programme.Status.SUSPENDED, Programme.Status.ENDED)

Item = Activity | Measurement


def standings(actor: Actor, item: Item) -> frozenset[str]:
    """Return how the actor stands to an activity or measurement (see the constants above)."""
    found = set()
    if item.author_id == actor.user.pk:
        if actor.role in {OFFICER, REPORTER}:
            found.add(AUTHOR)
    elif keeps(actor, item.task.programme.owner) and (actor.role == OFFICER or item.acting_for.is_front):
        found.add(REVIEWER)
        undo_until = item.reviewed_at + UNDO_WINDOW if item.reviewed_at else None
        noun = "activity" if isinstance(item, Activity) else "measurement"
        if (
            item.reviewed_by_id == actor.user.pk
            and undo_until
            and undo_until > timezone.now()
            and not has_left(f"{noun}_{item.review}", key=decision_key(item))
        ):
            found.add(DECIDER)
    return frozenset(found)


def allowed_actions(actor: Actor, item: Item) -> frozenset[str]:
    """Return what the actor may do with the item in its present state; nothing in a closed programme."""
    if not item.task.programme.is_editable:
        return frozenset()
    return frozenset().union(*(ITEM.get((standing, item.review), frozenset()) for standing in standings(actor, item)))


def require(actor: Actor, action: str, item: Item) -> None:
    """Raise NotAllowed with a sentence that says why, unless the actor may do this now."""
    if action in allowed_actions(actor, item):
        return
    if not item.task.programme.is_editable:
        raise NotAllowed(_("This programme is closed. Its entries can only be read."))
    if item.author_id == actor.user.pk and action in {"accept", "return", "revoke"}:
        raise NotAllowed(_("You wrote this entry. Another officer of the committee reviews it."))
    if item.review == Review.ACCEPTED and action in {"edit", "submit", "recall", "delete", "mark"}:
        raise NotAllowed(_("This entry is accepted. Ask the committee to take the acceptance back first."))
    if item.review == Review.SUBMITTED and action in {"edit", "delete", "mark"}:
        raise NotAllowed(_("This entry is waiting for review. Take it back to draft before changing it."))
    if action == "undo":
        raise NotAllowed(_("The notice has left. Take the acceptance back with a reason instead."))
    raise NotAllowed(_("You have no right to do this with the entry in its present state."))


# A directive: ISSUER is a leader or officer of the committee (or one above) whose programme it is about; ADDRESSEE
# reports for the unit it was given to, or leads it.
ISSUER, ADDRESSEE = "issuer", "addressee"
DIRECTIVE: dict[tuple[str, str], frozenset[str]] = {
    (ADDRESSEE, Directive.State.ISSUED): frozenset({"answer"}),
    (ISSUER, Directive.State.ISSUED): frozenset({"withdraw"}),
    (ISSUER, Directive.State.ANSWERED): frozenset({"close", "send_back", "withdraw"}),
}


def directive_actions(actor: Actor, directive: Directive) -> frozenset[str]:
    """Return what the actor may do with the directive in its present state; nobody closes an own answer."""
    if not directive.programme.is_editable:
        return frozenset()
    found: frozenset[str] = frozenset()
    if actor.role in {REPORTER, LEADER} and directive.unit_id in units_of(actor.user):
        found |= DIRECTIVE.get((ADDRESSEE, directive.state), frozenset())
    if actor.role == OFFICER and directive.unit.is_front and directive.unit_id in units_of(actor.user):
        found |= DIRECTIVE.get((ADDRESSEE, directive.state), frozenset())
    if keeps(actor, directive.programme.owner) and directive.answered_by_id != actor.user.pk:
        found |= DIRECTIVE.get((ISSUER, directive.state), frozenset())
    return found


def require_directive(actor: Actor, action: str, directive: Directive) -> None:
    """Raise NotAllowed with a sentence that says why, unless the actor may do this now."""
    if action in directive_actions(actor, directive):
        return
    if not directive.programme.is_editable:
        raise NotAllowed(_("This programme is closed. Its directives can only be read."))
    if directive.state in {Directive.State.CLOSED, Directive.State.WITHDRAWN}:
        raise NotAllowed(_("This directive is over. Write a new one."))
    raise NotAllowed(_("You have no right to do this with the directive in its present state."))


def require_directive_issue(actor: Actor, programme: Programme) -> None:
    """Raise NotAllowed unless the actor is a leader of the committee that owns the programme, or of one above."""
    if actor.role != LEADER or not keeps(actor, programme.owner):
        raise NotAllowed(_("Only a leader of the committee writes directives on its programmes."))
    if programme.status == Programme.Status.DRAFT or not programme.is_editable:
        raise NotAllowed(_("Directives are written on programmes that are carried out."))


def units_instructed(programme: Programme) -> frozenset[int]:
    """Return who may get a directive: the parties, and the units that lead or support a task of the programme.

    Of a dissolved one those that followed it: nobody answers for a body that is gone.
    """
    ids = set(programme.parties.values_list("organisation_id", flat=True))
    for lead, supporting in Task.objects.filter(programme=programme).values_list("lead_id", "supporting"):
        ids |= {lead, supporting}
    heirs = Organisation.objects.heirs_of(ids - {None})
    return frozenset(one.pk for found in heirs.values() for one in found)


# How a person stands to a report, and what follows. WRITER: reports for the unit that owes it, or is an officer of the
# committee writing on its behalf; whoever wrote or sent it never reviews it. REVIEWER: of the committee it is owed to,
# or of one above: a programme may owe reports to several committees, each of which judges its own.
WRITER = "writer"
REPORT: dict[tuple[str, str], frozenset[str]] = {
    (WRITER, Review.DRAFT): frozenset({"edit", "submit"}),
    (WRITER, Review.SUBMITTED): frozenset({"recall"}),
    (WRITER, Review.RETURNED): frozenset({"edit", "submit"}),
    (REVIEWER, Review.SUBMITTED): frozenset({"accept", "return"}),
    (REVIEWER, Review.ACCEPTED): frozenset({"reopen"}),
    (DECIDER, Review.ACCEPTED): frozenset({"undo"}),
    (DECIDER, Review.RETURNED): frozenset({"undo"}),
}


def report_standings(actor: Actor, report: ProgressReport) -> frozenset[str]:
    """Return how the actor stands to a report (see REPORT)."""
    found = set()
    wrote = actor.user.pk in {report.author_id, report.submitted_by_id}
    if _reports_for(actor, report.duty) or (wrote and actor.role == OFFICER):
        found.add(WRITER)
    if not wrote and keeps(actor, report.duty.committee) and (actor.role == OFFICER or report.acting_for.is_front):
        found.add(REVIEWER)
        undo_until = report.reviewed_at + UNDO_WINDOW if report.reviewed_at else None
        if (
            report.reviewed_by_id == actor.user.pk
            and undo_until
            and undo_until > timezone.now()
            and not has_left(f"report_{report.review}", key=decision_key(report))
        ):
            found.add(DECIDER)
    return frozenset(found)


def report_actions(actor: Actor, report: ProgressReport) -> frozenset[str]:
    """Return what the actor may do with the report in its present state; nothing in a closed programme, nor with one
    that was let off."""
    if not report.duty.programme.is_editable or report.duty.is_waived:
        return frozenset()
    standings_found = report_standings(actor, report)
    return frozenset().union(*(REPORT.get((standing, report.review), frozenset()) for standing in standings_found))


def require_report(actor: Actor, action: str, report: ProgressReport) -> None:
    """Raise NotAllowed with a sentence that says why, unless the actor may do this now."""
    if action in report_actions(actor, report):
        return
    if not report.duty.programme.is_editable:
        raise NotAllowed(_("This programme is closed. Its reports can only be read."))
    if report.duty.is_waived:
        raise NotAllowed(_("This report was let off. Nothing has to be sent."))
    if actor.user.pk in {report.author_id, report.submitted_by_id} and action in {"accept", "return", "reopen"}:
        raise NotAllowed(_("You wrote or sent this report. Another officer of the committee reviews it."))
    if report.review == Review.ACCEPTED and action in {"edit", "submit", "recall"}:
        raise NotAllowed(_("This report is accepted and frozen. Ask the committee to open it again first."))
    if report.review == Review.SUBMITTED and action in {"edit", "submit"}:
        raise NotAllowed(_("This report is waiting for review. Take it back to draft before changing it."))
    if action == "undo":
        raise NotAllowed(_("The notice has left. Open the report again with a reason instead."))
    raise NotAllowed(_("You have no right to do this with the report in its present state."))


def require_report_begin(actor: Actor, duty: ReportDuty) -> None:
    """Raise NotAllowed unless the actor may begin the report: for the unit that owes it, or as an officer for it."""
    if duty.is_waived:
        raise NotAllowed(_("This report was let off. Nothing has to be sent."))
    if not duty.programme.is_editable:
        raise NotAllowed(_("This programme is closed. Its reports can only be read."))
    if _reports_for(actor, duty) or (actor.role == OFFICER and keeps(actor, duty.programme.owner)):
        return
    raise NotAllowed(_("This report is owed by another unit."))


def _reports_for(actor: Actor, duty: ReportDuty) -> bool:
    return actor.role == REPORTER and duty.unit_id in units_of(actor.user)


def may_log(actor: Actor, task: Task) -> bool:
    """Return whether the actor may log work for the task: see require_log."""
    try:
        require_log(actor, task)
    except NotAllowed:
        return False
    return True


def require_log(actor: Actor, task: Task) -> None:
    """Raise NotAllowed unless the actor may log work for the task.

    A reporter: the own unit, one below it or a predecessor leads or supports the task, or signed where no unit leads.
    An officer: any task of the own committee's programmes (for the committee itself or on behalf of a partner).
    """
    if task.programme.status not in LOGGABLE:
        raise NotAllowed(_("Work can be logged only while the programme is in force."))
    if task.state in Task.LEFT_OUT:
        raise NotAllowed(_("This task is paused, carried over or cancelled. Choose another task."))
    if actor.role == OFFICER and keeps(actor, task.programme.owner):
        return
    if actor.role == REPORTER and units_of(actor.user) & involved_ids(task):
        return
    raise NotAllowed(_("This task is not assigned to your unit. Choose one of your own tasks."))


def may_copy(actor: Actor, activity: Activity) -> bool:
    """Return whether the actor may continue from an earlier entry: an own one or one of the own unit."""
    own = activity.author_id == actor.user.pk or activity.acting_for_id == actor.organisation.pk
    return own or activity.unit_id in units_of(actor.user)


def units_of(user: User) -> frozenset[int]:
    """Return the organisations whose tasks are the person's own, predecessors included."""
    scope = scope_of(user)
    return scope.own_ids | scope.partner_ids


def involved_ids(task: Task) -> frozenset[int]:
    """Return the organisations that carry out a task: lead and supporting units, the parties where nobody leads."""
    ids = {body.pk for body in task.supporting.all()}  # prefetched where many are asked
    if task.lead_id:
        ids.add(task.lead_id)
    if not ids:
        ids |= set(task.programme.parties.values_list("organisation_id", flat=True))
    return frozenset(ids)


# What an officer of the committee that receives a report may do with the duty in each state.
DUTY: dict[str, frozenset[str]] = {
    "open": frozenset({"waive", "move"}),
    "waived": frozenset({"restore"}),
    "answered": frozenset(),
}


def duty_state(duty: ReportDuty) -> str:
    """Return the row of DUTY a duty stands in: answered once its report is sent or accepted."""
    if duty.is_waived:
        return "waived"
    report = getattr(duty, "report", None)
    return "answered" if report is not None and report.review in {Review.SUBMITTED, Review.ACCEPTED} else "open"


def receives(actor: Actor, duty: ReportDuty) -> bool:
    """Return whether the actor is an officer of the committee the report goes to, or of one above it."""
    return actor.role == OFFICER and keeps(actor, duty.committee)


def allowed_duty_actions(actor: Actor, duty: ReportDuty) -> frozenset[str]:
    """Return what the actor may do with the duty now; nothing in a closed programme."""
    if not receives(actor, duty) or not duty.programme.is_editable:
        return frozenset()
    return DUTY[duty_state(duty)]


def require_duty(actor: Actor, action: str, duty: ReportDuty) -> None:
    """Raise NotAllowed with a sentence that says why, unless the actor may do this with the duty now."""
    if action in allowed_duty_actions(actor, duty):
        return
    if not receives(actor, duty):
        raise NotAllowed(_("Only officers of the committee that receives the report may change this."))
    if not duty.programme.is_editable:
        raise NotAllowed(_("This programme is closed. Its reports can only be read."))
    state = duty_state(duty)
    if state == "waived":
        raise NotAllowed(_("This report is already waived. Ask for it again first."))
    if state == "answered":
        raise NotAllowed(_("This report is already handed in. Return it first if something has to change."))
    raise NotAllowed(_("This report is not waived."))


def may_request(actor: Actor, programme: Programme) -> bool:
    """Return whether the actor may ask the units of the programme for a report."""
    return actor.role == OFFICER and keeps(actor, programme.owner) and programme.status in Programme.LIVE


def require_request(actor: Actor, programme: Programme) -> None:
    """Raise NotAllowed unless the actor may ask the units of the programme for a report."""
    if may_request(actor, programme):
        return
    if actor.role == OFFICER and keeps(actor, programme.owner):
        raise NotAllowed(_("Reports are asked for only while the programme is in force."))
    raise NotAllowed(_("Only officers of the committee that owns the programme ask for reports."))
