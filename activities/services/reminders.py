"""Reminders: who is told about what is owed, by a ladder of days that is data, each rung once a person and thing.

A run sends only the latest rung whose day has come, so a timer that stood still for a week catches up with one notice
and not with five. An extension is another due date and begins the ladder anew. What is answered, let off or standing
still reminds nobody.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import emails
from activities.models import Directive, Nudge, ReminderStep, ReportDuty
from activities.models.due import deadline_words
from agreements.figures import periods
from agreements.models import Milestone, Programme, Task, TaskDeadline
from agreements.policy import keeps
from core import audit
from core.exceptions import DomainError, NotAllowed, Stale
from core.models import User
from partners.models import Membership, Organisation, Succession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from core.models import Actor

A = ReminderStep.Audience
ROLE = Membership.Role
WIDENS = (A.REPORTER, A.HEAD, A.LEADER)
NUDGED = frozenset({TaskDeadline.State.OPEN, TaskDeadline.State.RETURNED})
LADDER_LOCK = 7_230_012  # advisory lock: one change of the ladder at a time
KINDS = ("duty", "deadline", "milestone", "directive")
MOVING = (Programme.Status.IN_FORCE, Programme.Status.ENDED)
Ladder = dict[int, str]  # days around the due date → up to whom


@dataclass(frozen=True)
class Owed:
    """One thing a unit owes by a day, whatever kind it is."""

    kind: str  # one of KINDS
    pk: int
    title: str
    unit: Organisation
    programme: Programme
    committee: Organisation
    due_on: datetime.date
    url: str
    offsets: tuple[int, ...] = ()  # the rule's own days; () = the common ladder

    @property
    def what(self) -> str:
        """How a form names it: "deadline-12"."""
        return f"{self.kind}-{self.pk}"

    def late_days(self, day: datetime.date) -> int:
        """Days past the due date; 0 where not overdue."""
        return max(0, (day - self.due_on).days)


def common_ladder() -> Ladder:
    """Return the ladder that administrators keep."""
    return dict(ReminderStep.objects.values_list("days", "audience"))


def ladder_of(owed: Owed, common: Mapping[int, str]) -> Ladder:
    """Return the rungs of a thing. The rule's own days go as far up as the highest common rung not after them."""
    if not owed.offsets:
        return dict(common)
    return {
        days: next((common[one] for one in sorted(common, reverse=True) if one <= days), A.REPORTER)
        for days in owed.offsets
    }


def latest_rung(due_on: datetime.date, ladder: Iterable[int], day: datetime.date) -> int | None:
    """Return the last rung whose day has come; None before the first."""
    reached = [days for days in ladder if due_on + datetime.timedelta(days=days) <= day]
    return max(reached, default=None)


def owed_things(*, until: datetime.date) -> list[Owed]:
    """Return everything open that is due up to a day, oldest first, for the nightly run."""
    found = [*_duties(None, until), *_deadlines(None, until), *_milestones(None, until), *_directives(None, until)]
    return sorted(found, key=lambda one: (one.due_on, one.kind, one.pk))


def find_owed(user: User, what: str) -> Owed | None:
    """Return the open thing a form names; None where there is none that the person may see."""
    kind, _dash, number = what.partition("-")
    if kind not in KINDS or not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    far = timezone.localdate() + datetime.timedelta(days=60)
    return next((one for one in _reader(kind)(user, far, int(number))), None)


def page_of(thing: ReportDuty | TaskDeadline | Milestone | Directive) -> str:
    """Return the page on which a thing that is owed is seen and answered, with its reminders."""
    match thing:
        case ReportDuty():
            return reverse("activities:duty_show", args=[thing.pk])
        case Directive():
            return reverse("activities:directive_show", args=[thing.pk])
        case Milestone():
            return reverse("activities:programme_reports", args=[thing.programme_id]) + "#moc"
    return reverse("activities:task_detail", args=[thing.task_id]) + "#h-dl"


def page_to_remind(what: str = "", programme: int | None = None) -> str:
    """Return the page on which a reminder of one thing ("deadline-12") is sent, or of what a programme's units owe."""
    query = f"viec={what}" if what else f"chuong-trinh={programme}"
    return f"{reverse('activities:nudge_list')}?{query}"


def _reader(kind: str):  # type: ignore[no-untyped-def]
    return {"duty": _duties, "deadline": _deadlines, "milestone": _milestones, "directive": _directives}[kind]


def _duties(user: User | None, until: datetime.date, pk: int | None = None) -> list[Owed]:
    rows: QuerySet[ReportDuty] = ReportDuty.objects.visible_to(user) if user else ReportDuty.objects.all()
    rows = rows.open().filter(due_on__lte=until, programme__status__in=MOVING, **_one(pk))  # type: ignore[attr-defined]
    return [
        Owed("duty", row.pk, str(row), row.unit, row.programme, row.committee, row.due_on,
             page_of(row), _offsets(row))
        for row in rows.select_related("unit", "committee", "programme", "rule")
    ]  # fmt: skip


def _offsets(row: ReportDuty) -> tuple[int, ...]:
    if row.rule is None or "reminders" not in row.rule.rule:
        return ()
    try:
        return periods.parse_rule(row.rule.rule).reminders
    except ValueError:
        return ()  # a rule that cannot be read must not silence the reminders of everybody


def _deadlines(user: User | None, until: datetime.date, pk: int | None = None) -> list[Owed]:
    rows: QuerySet[TaskDeadline] = TaskDeadline.objects.visible_to(user) if user else TaskDeadline.objects.all()
    rows = rows.filter(state__in=NUDGED, due_on__lte=until, task__programme__status__in=MOVING, **_one(pk))
    rows = rows.exclude(task__state__in=Task.LEFT_OUT).select_related("task__programme__owner", "task__lead")
    return [
        Owed("deadline", row.pk, deadline_words(row.task.title, row.period),
             row.task.lead or row.task.programme.owner, row.task.programme, row.task.programme.owner, row.due_on,
             page_of(row))
        for row in rows
    ]  # fmt: skip


def _milestones(user: User | None, until: datetime.date, pk: int | None = None) -> list[Owed]:
    rows = Milestone.objects.filter(done_on=None, due_on__lte=until, programme__status__in=MOVING, **_one(pk))
    if user is not None:
        rows = rows.filter(programme__in=Programme.objects.visible_to(user))
    return [
        Owed("milestone", row.pk, str(row), row.responsible or row.programme.owner, row.programme, row.programme.owner,
             row.due_on, page_of(row))
        for row in rows.select_related("programme__owner", "responsible")
    ]  # fmt: skip


def _directives(user: User | None, until: datetime.date, pk: int | None = None) -> list[Owed]:
    rows: QuerySet[Directive] = Directive.objects.visible_to(user) if user else Directive.objects.all()
    rows = rows.owed().filter(due_on__lte=until, programme__status__in=MOVING, **_one(pk))  # type: ignore[attr-defined]
    return [
        Owed("directive", row.pk, str(row), row.unit, row.programme, row.committee, row.due_on,
             page_of(row))
        for row in rows.select_related("unit", "committee", "programme")
    ]  # fmt: skip


def _one(pk: int | None) -> dict[str, int]:
    return {} if pk is None else {"pk": pk}


class People:
    """Who answers for units, read once for a whole run: role × organisation → people, successors included."""

    def __init__(self) -> None:
        self.seats: dict[tuple[str, int], list[User]] = defaultdict(list)
        rows = Membership.objects.current().filter(user__is_active=True).select_related("user").order_by("id")
        for row in rows:
            self.seats[row.role, row.organisation_id].append(row.user)
        self.after: dict[int, list[int]] = defaultdict(list)
        for old, new in Succession.objects.values_list("predecessor_id", "successor_id"):
            self.after[old].append(new)
        boards = Organisation.objects.filter(kind=Organisation.Kind.FRONT_BOARD).values_list("parent_id", "pk")
        self.boards: dict[int, list[int]] = defaultdict(list)
        for parent, board in boards:
            if parent is not None:
                self.boards[parent].append(board)

    def of(self, unit: Organisation, role: str) -> list[User]:
        """Return who holds the role in the unit, its boards, or where nobody does in the bodies that followed it."""
        seen: set[int] = set()
        edge = [unit.pk]
        while edge:
            places = [place for pk in edge for place in (pk, *self.boards[pk])]
            found = [person for place in places for person in self.seats[role, place]]
            if found:
                return found
            seen.update(edge)
            edge = [new for pk in edge for new in self.after[pk] if new not in seen]
        return []

    def told(self, owed: Owed, audience: str) -> list[User]:
        """Return everybody a rung goes to: reporters, then the head of the unit, then the committee's leader.

        A unit of the Front reports by its officers; where nobody reports for a unit, the programme's officer is told.
        """
        reporters = self.of(owed.unit, ROLE.OFFICER if owed.unit.is_front else ROLE.REPORTER)
        people = list(reporters)
        if not people:
            people = [one for one in self.of(owed.committee, ROLE.OFFICER) if one.pk == owed.programme.officer_id]
        if WIDENS.index(A(audience)) >= 1:
            people += self.of(owed.unit, ROLE.LEADER)
        if WIDENS.index(A(audience)) >= 2:
            people += self.of(owed.committee, ROLE.LEADER)
        return list({person.pk: person for person in people}.values())


def send_due(*, day: datetime.date | None = None) -> int:
    """Send the rung of the day for everything owed; returns how many reminders went out. Idempotent."""
    day = day or timezone.localdate()
    common = common_ladder()
    first = min([0, *common], default=0)
    things = owed_things(until=day + datetime.timedelta(days=max(60, -first)))
    people = People()
    sent = 0
    for owed in things:
        ladder = ladder_of(owed, common)
        rung = latest_rung(owed.due_on, ladder, day)
        if rung is not None:
            sent += _send(owed, people.told(owed, ladder[rung]), rung, day)
    return sent


@transaction.atomic
def _send(owed: Owed, people: Sequence[User], rung: int, day: datetime.date) -> int:
    """Write the nudges of one rung and their notices; people who have it already get nothing."""
    same = Nudge.objects.filter(**{owed.kind: owed.pk}, days=rung, due_on=owed.due_on)
    known = set(same.values_list("user", flat=True))
    fresh = [person for person in people if person.pk not in known]
    if not fresh:
        return 0
    Nudge.objects.bulk_create(
        [
            Nudge(**{f"{owed.kind}_id": owed.pk}, unit=owed.unit, user=person, days=rung, due_on=owed.due_on)
            for person in fresh
        ],
        ignore_conflicts=True,
    )
    _tell(fresh, owed, day, key=f"{owed.what}.{owed.due_on.isoformat()}.{rung}")
    return len(fresh)


def _tell(people: Sequence[User], owed: Owed, day: datetime.date, *, key: str, who: str = "") -> None:
    emails.remind(
        people,
        unit=owed.unit.name,
        name=owed.title,
        group=owed.programme.name,
        due_on=owed.due_on,
        day=day,
        url=owed.url,
        key=key,
        who=who,
    )


def send_by_hand(*, actor: Actor, owed: Owed) -> int:
    """Remind a unit now, by an officer of the committee; at most once a day and thing. Returns how many people.

    Raises NotAllowed, DomainError where it was done today or nobody reports for the unit.
    """
    day = timezone.localdate()
    if actor.role != ROLE.OFFICER or not keeps(actor, owed.programme.owner):
        raise NotAllowed(_("Only officers of the committee that owns the programme send reminders."))
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=owed.programme.pk)  # two officers at once: one reminder
        start = timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
        sent = Nudge.objects.filter(**{owed.kind: owed.pk}, days=None, sent_at__gte=start).select_related("sent_by")
        if before := sent.first():
            who = before.sent_by.full_name if before.sent_by else "–"
            raise DomainError(_("%(name)s already sent a reminder about this today.") % {"name": who})
        people = [one for one in People().told(owed, A.HEAD) if one.pk != actor.user.pk]
        if not people:
            raise DomainError(_("Nobody signs in for %(unit)s. Call or write to the unit.") % {"unit": owed.unit})
        Nudge.objects.bulk_create(
            Nudge(**{f"{owed.kind}_id": owed.pk}, unit=owed.unit, user=person, due_on=owed.due_on, sent_by=actor.user)
            for person in people
        )
        _tell(people, owed, day, key=f"{owed.what}.{day.isoformat()}.hand", who=actor.user.full_name)
        audit.log(actor, "reminder.send", owed.programme, label=owed.title, detail={"unit": owed.unit.name})
    return len(people)


def log_for(user: User) -> QuerySet[Nudge]:
    """Return every reminder the person may read about, newest first, with what it was about."""
    return (
        Nudge.objects.visible_to(user)
        .named()
        .select_related("unit", "duty__programme", "deadline__task__programme", "milestone__programme",
                        "directive__programme")
        .order_by("-sent_at", "-id")
    )  # fmt: skip


@transaction.atomic
def save_ladder(*, actor: Actor, steps: Mapping[int, str], version: str) -> None:
    """Replace the common ladder; the route lets only administrators here. Stale where it was changed meanwhile."""
    with connection.cursor() as cursor:  # locked rows would not hold back a step that another person is adding
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LADDER_LOCK])
    rows = {row.days: row for row in ReminderStep.objects.all()}
    if version != ladder_version({row.days: row.audience for row in rows.values()}):
        raise Stale(
            _("Somebody else saved this in the meantime. Compare the two versions and choose what to keep."),
            current=None,
        )
    if not steps:
        raise DomainError(_("Keep at least one step"))
    ReminderStep.objects.exclude(days__in=list(steps)).delete()
    for days, audience in steps.items():
        ReminderStep.objects.update_or_create(days=days, defaults={"audience": audience})
    audit.log(actor, "reminder.ladder", label=ladder_version(steps), detail={str(k): v for k, v in steps.items()})


def ladder_version(steps: Mapping[int, str]) -> str:
    """Return the ladder in one line: what a form saw, to tell whether it is still so."""
    return " ".join(f"{days:+d}:{audience}" for days, audience in sorted(steps.items()))
