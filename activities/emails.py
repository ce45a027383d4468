"""Notices of this room: who hears of a transition, and the sentences of the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activities.models import Activity, Directive, Measurement, ProgressReport, ReportDuty, Review
from core import notices
from core.models import User
from documents import vietnamese
from partners.models import Membership, Organisation

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from django.db.models import QuerySet

NOTICE_TEXTS = {
    "activity_submitted": _("%(unit)s sent “%(name)s” for review."),
    "activity_accepted": _("%(who)s accepted “%(name)s”."),
    "activity_returned": _("%(who)s returned “%(name)s”: “%(reason)s”. Correct it and send it again."),
    "activity_revoked": _("%(who)s took back the acceptance of “%(name)s”: “%(reason)s”."),
    "measurement_submitted": _("%(unit)s sent a value of “%(name)s” for review."),
    "measurement_accepted": _("%(who)s accepted the value of “%(name)s”."),
    "measurement_returned": _("%(who)s returned the value of “%(name)s”: “%(reason)s”. Correct it and send it again."),
    "measurement_revoked": _("%(who)s took back the acceptance of the value of “%(name)s”: “%(reason)s”."),
    "report_submitted": _("%(unit)s sent the report “%(name)s”."),
    "report_accepted": _("%(who)s accepted the report “%(name)s”."),
    "report_returned": _("%(who)s returned the report “%(name)s”: “%(reason)s”. Its due date stays %(due)s."),
    "report_reopened": _("%(who)s opened the report “%(name)s” again: “%(reason)s”."),
    "directive_issued": _("%(who)s asks %(unit)s by %(due)s: “%(name)s”."),
    "directive_answered": _("%(unit)s answered the directive “%(name)s”."),
    "directive_closed": _("%(who)s closed the directive “%(name)s”."),
    "directive_sent_back": _("%(who)s asks for more on the directive “%(name)s”: “%(reason)s”."),
    "directive_withdrawn": _("%(who)s withdrew the directive “%(name)s”: “%(reason)s”."),
    "duty_requested": _("%(committee)s asks for “%(name)s” by %(day)s (%(programme)s)."),
    "duty_waived": _("“%(name)s” (%(programme)s) is not needed: “%(reason)s”."),
    "duty_restored": _("“%(name)s” (%(programme)s) is asked for again, due %(day)s."),
    "duty_moved": _("“%(name)s” (%(programme)s) is now due on %(day)s: “%(reason)s”."),
    "reminder_before": _("%(unit)s: “%(name)s” is due on %(day)s. Days left: %(number)s."),
    "reminder_today": _("%(unit)s: “%(name)s” is due today, %(day)s."),
    "reminder_after": _("%(unit)s: “%(name)s” was due on %(day)s. Days overdue: %(number)s."),
    "reminder_by_hand": _("%(who)s reminds %(unit)s: “%(name)s” is due on %(day)s."),
    "reminder_by_hand_late": _("%(who)s reminds %(unit)s: “%(name)s” was due on %(day)s. Days overdue: %(number)s."),
}
# What a person may mute together; kinds of rooms and of later tables stand side by side.
NOTICE_GROUPS = {
    "work": (
        _("What units send and ask for"),
        ("activity_submitted", "measurement_submitted", "report_submitted", "directive_answered"),
    ),
    "decisions": (
        _("Decisions on what I sent"),
        (
            *(
                f"{noun}_{event}"
                for noun in ("activity", "measurement")
                for event in ("accepted", "returned", "revoked")
            ),
            *(f"report_{event}" for event in ("accepted", "returned", "reopened")),
        ),
    ),
    "requests": (
        _("What my unit is asked for"),
        (
            *(f"duty_{event}" for event in ("requested", "waived", "restored", "moved")),
            *(f"directive_{event}" for event in ("issued", "closed", "sent_back", "withdrawn")),
        ),
    ),
    "reminders": (
        _("Reminders of what is due"),
        ("reminder_before", "reminder_today", "reminder_after", "reminder_by_hand", "reminder_by_hand_late"),
    ),
}

Item = Activity | Measurement


def officers_of(committee: Organisation) -> QuerySet[User]:
    """Return the people who review for a committee: officers of the committee or of an internal board of it."""
    boards = Organisation.objects.below(committee).filter(kind=Organisation.Kind.FRONT_BOARD)
    seats = Membership.objects.current().filter(role=Membership.Role.OFFICER)
    return User.objects.filter(
        is_active=True,
        pk__in=seats.filter(organisation__in=[committee.pk, *boards.values_list("pk", flat=True)]).values("user"),
    )


def reporters_of(unit: Organisation) -> QuerySet[User]:
    """Return the people who report for a unit, or for what followed it where it is gone."""
    bodies = Organisation.objects.heirs_of([unit.pk])[unit.pk]
    seats = Membership.objects.current().filter(role=Membership.Role.REPORTER, organisation__in=bodies)
    return User.objects.filter(is_active=True, pk__in=seats.values("user"))


def after_duty(duty: ReportDuty, event: str, params: dict[str, str]) -> None:
    """Tell those who report for the unit what was decided about a report they owe, after the commit."""
    people = list(reporters_of(duty.unit))
    params = {
        "committee": duty.committee.name,
        "programme": duty.programme.name,
        "name": str(duty),
        "group": duty.programme.name,
        **params,
    }
    url, key = reverse("activities:duty_show", args=[duty.pk]), f"{duty.pk}.{duty.version}"
    transaction.on_commit(lambda: notices.notify(people, f"duty_{event}", key=key, url=url, params=params))


def after_submit(item: Item) -> None:
    """Tell the officers of the owner committee, after the commit."""
    people = [person for person in officers_of(item.task.programme.owner) if person.pk != item.author_id]
    _send(people, item, "submitted", {"unit": item.unit.name}, url=_review_url(item))


def after_decision(item: Item, decision: str) -> None:
    """Tell the author, once the reviewer can no longer undo."""
    who = item.reviewed_by.full_name if item.reviewed_by else ""
    _send([item.author], item, decision, {"who": who, "reason": item.return_reason}, undoable=True, by=item.reviewed_by)


def after_revoke(item: Item, reviewer: User, reason: str) -> None:
    """Tell the author that an acceptance was taken back."""
    _send([item.author], item, "revoked", {"who": reviewer.full_name, "reason": reason})


def withdraw_decision(item: Item) -> None:
    """Delete the notice of the decision the item stands at; before the decision is taken off it."""
    kind, key = f"{_noun(item)}_{item.review}", notices.decision_key(item)
    transaction.on_commit(lambda: notices.withdraw(kind, key=key))


def decision_is_worked_on(row: Item | ProgressReport) -> None:
    """Let the notice of a returned row leave: whoever corrects it has read the decision, which can no longer be undone.

    Undone, what is half corrected would wait for review although nobody sent it.
    """
    if row.review == Review.RETURNED and row.reviewed_at:
        noun = "report" if isinstance(row, ProgressReport) else _noun(row)
        notices.leave_now(f"{noun}_{row.review}", key=notices.decision_key(row))


def _noun(item: Item) -> str:
    return "activity" if isinstance(item, Activity) else "measurement"


def _review_url(item: Item) -> str:
    name = "activities:review_show" if isinstance(item, Activity) else "activities:measurement_review"
    return reverse(name, args=[item.pk])


def _send(
    people: list[User],
    item: Item,
    event: str,
    params: dict[str, str],
    *,
    url: str = "",
    undoable: bool = False,
    by: User | None = None,
) -> None:
    name = item.name if isinstance(item, Activity) else item.indicator.name
    kind, key = f"{_noun(item)}_{event}", notices.decision_key(item) if undoable else f"{item.pk}.{item.version}"
    url = url or reverse(f"activities:{_noun(item)}_detail", args=[item.pk])
    params = {"name": name, "group": item.task.programme.name, **params}

    def notify() -> None:
        notices.notify(people, kind, key=key, url=url, params=params, undoable=undoable, by=by)

    if undoable:  # leaves minutes after the commit, so that its row can be part of it: never lost, one commit less
        notify()
    else:
        transaction.on_commit(notify)


def people_of(unit: Organisation) -> list[User]:
    """Return who answers for a unit, or for what followed it where it is gone: those who report for it or lead it."""
    bodies = Organisation.objects.heirs_of([unit.pk])[unit.pk]
    seats = Membership.objects.current().filter(
        organisation__in=bodies,
        role__in=[Membership.Role.REPORTER, Membership.Role.LEADER, Membership.Role.OFFICER],
    )
    return list(User.objects.filter(is_active=True, pk__in=seats.values("user")))


def after_directive(directive: Directive, event: str, by: User) -> None:
    """Tell the unit of what it is asked, the author and the officers of what it answered."""
    if event == "answered":
        people = {person.pk: person for person in (directive.author, *officers_of(directive.programme.owner))}
    else:
        people = {person.pk: person for person in people_of(directive.unit)}
    people.pop(by.pk, None)
    params = {
        "name": str(directive),
        "who": by.full_name,
        "unit": directive.unit.name,
        "due": vietnamese.format_date(directive.due_on),
        "reason": directive.closing_note,
        "group": directive.programme.name,
    }
    kind, key = f"directive_{event}", f"{directive.pk}.{directive.version}"
    url = reverse("activities:directive_show", args=[directive.pk])
    transaction.on_commit(lambda: notices.notify(people.values(), kind, key=key, url=url, params=params))


def remind(
    people: Sequence[User],
    *,
    unit: str,
    name: str,
    group: str,
    due_on: datetime.date,
    day: datetime.date,
    url: str,
    key: str,
    who: str = "",
) -> None:
    """Tell people what a unit owes by when, as of a day; who: the officer who sent it by hand."""
    left = (due_on - day).days
    kind = "reminder_before" if left > 0 else "reminder_after" if left < 0 else "reminder_today"
    if who:
        kind = "reminder_by_hand_late" if left < 0 else "reminder_by_hand"
    params = {
        "unit": unit,
        "name": name,
        "day": vietnamese.format_date(due_on),
        "number": abs(left),
        "who": who,
        "group": group,
    }
    notices.notify(people, kind, key=key, url=url, params=params)


def after_report(
    report: ProgressReport, event: str, *, reason: str = "", undoable: bool = False, by: User | None = None
) -> None:
    """Tell the officers of a report that was sent; its author and its sender of what was decided."""
    if event == "submitted":
        owner, committee = report.duty.programme.owner, report.duty.committee
        # a committee below the owner that signed does not see into the programme: the owner reviews for it
        receiver = committee if owner.path.startswith(committee.path) else owner
        people = [one for one in officers_of(receiver) if one.pk != report.submitted_by_id]
    else:
        people = [person for person in (report.author, report.submitted_by) if person is not None]
    params = {
        "name": f"{report.duty}, {report.duty.programme.code}",
        "unit": report.duty.unit.name,
        "who": report.reviewed_by.full_name if report.reviewed_by else "",
        "reason": reason or report.return_reason,
        "due": vietnamese.format_date(report.duty.due_on),
        "group": report.duty.programme.name,
    }
    kind, key = f"report_{event}", notices.decision_key(report) if undoable else f"{report.pk}.{report.version}"
    url = reverse("activities:report_show", args=[report.duty_id])

    def notify() -> None:
        notices.notify(people, kind, key=key, url=url, params=params, undoable=undoable, by=by)

    if undoable:  # leaves minutes after the commit, so that its row can be part of it: never lost, one commit less
        notify()
    else:
        transaction.on_commit(notify)


def withdraw_report(report: ProgressReport) -> None:
    """Delete the notice of the decision the report stands at; before the decision is taken off it."""
    kind, key = f"report_{report.review}", notices.decision_key(report)
    transaction.on_commit(lambda: notices.withdraw(kind, key=key))
