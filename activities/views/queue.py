"""What waits for a person's decision: activities, values and deadlines reported done, in one list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import Case, F, Q, TextField, Value, When
from django.db.models.functions import Coalesce, Left, NullIf
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities import policy
from activities.models import Activity, Evidence, Measurement, ProgressReport, Review, first_words
from activities.models.reports import duty_words
from activities.services import effects
from agreements.models import Extension, TaskDeadline
from core.drawn import drawn
from core.http import ANY_FILE, address_of
from core.prepared import among, objects_of, rows_of
from core.templatetags.format import day_short, number
from partners.models import scope_of

if TYPE_CHECKING:
    import datetime

    from django.db.models import Expression, QuerySet

    from core.http import SignedInRequest
    from core.models import Actor, User

PHOTOS_SHOWN = 3
CHANGES_SHOWN = 2
MOST = 300  # of each kind, the oldest; what waits behind them comes when these are decided
COUNT_SECONDS = 60  # a number above MOST may be so old
START = 1000  # characters of a text in which its first words are found
COLUMNS = ("pk", "what", "said", "more", "who", "since")
PAGES = {"activity": "activities:review_show", "measurement": "activities:measurement_review",
         "deadline": "activities:deadline_review", "extension": "activities:extension_review"}  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """One line of the queue, whatever kind of thing it is."""

    kind: str  # activity, measurement, deadline, extension, report
    pk: int
    title: str
    unit: str
    sent_at: datetime.datetime
    url: str
    effects: list[effects.Effect] = field(default_factory=list)  # what acceptance would do to its indicators
    photos: list[str] = field(default_factory=list)  # addresses of small pictures
    about: str = ""  # what kind of thing, of which unit
    sent: str = ""  # "sent 05/03"
    changes: list[dict[str, str]] = field(default_factory=list)  # {before, after, rest}: the first effects in words

    @property
    def key(self) -> str:
        """How a form names it: "activity-12"."""
        return f"{self.kind}-{self.pk}"


def days_waited(sent: datetime.datetime | None) -> int | None:
    """Return the days something has waited, by the calendar here; 0 where the clock was set back; None: never sent."""
    return None if sent is None else max(0, (timezone.localdate() - timezone.localdate(sent)).days)


def reviewing(request: SignedInRequest) -> list[Actor]:
    """Return the memberships under which the person reviews."""
    return [actor for actor in request.actors if actor.role in policy.REVIEWERS and actor.organisation.is_front]


def queue_of(request: SignedInRequest) -> list[Waiting]:
    """Return what waits for this person's decision, oldest first, MOST of each kind; never what the person wrote."""
    if request.method == "GET" and "_queue" in request.__dict__:  # the list opens its first item: asked for once
        return list(request.__dict__["_queue"])
    is_officer = any(actor.role == policy.OFFICER for actor in reviewing(request))
    found = [line for kind in QUEUE for line in kind(request.user, is_officer)]
    # The header shows the same number: counted here, it need not be asked for again on this page.
    request.user.__dict__["_waiting"] = len(found) if len(found) < MOST else _counted(request.user, is_officer)
    found.sort(key=lambda item: (item.sent_at, item.kind, item.pk))
    request.__dict__["_queue"] = found
    return list(found)


def waiting_in_all(request: SignedInRequest) -> int:
    """Return how many things wait for this person, of which queue_of returned the oldest."""
    return int(request.user.__dict__["_waiting"])


def _counted(user: User, is_officer: bool) -> int:
    def count() -> int:
        parts = [part.order_by().values("pk") for part in _parts(user, is_officer=is_officer)]
        return int(parts[0].union(*parts[1:], _sent(user, is_officer).order_by().values("pk"), all=True).count())

    return int(cache.get_or_set(f"queue:{user.pk}:{is_officer}", count, COUNT_SECONDS))


def _items(user: User, is_officer: bool) -> Q:
    """Others' entries that wait; a leader decides only on what the committee itself wrote."""
    items = Q(review=Review.SUBMITTED, submitted_at__isnull=False) & ~Q(author=user)
    return items if is_officer else items & Q(acting_for__kind__in=policy.FRONT_KINDS)


def _parts(user: User, *, is_officer: bool) -> list[QuerySet[Any]]:
    """Return what waits, kind by kind, all with the columns COLUMNS so that one query asks for them together."""
    items = _items(user, is_officer)
    done, _drafts = Activity.objects.visible_by_stage(user)
    done = done.filter(items)
    values, _drafts = Measurement.objects.visible_by_stage(user)
    values = values.filter(items, activity=None)
    due = TaskDeadline.objects.visible_to(user).live().awaiting().exclude(reported_by=user)
    due = due.filter(reported_at__isnull=False)
    if not is_officer:
        due = due.filter(reported_for__kind__in=policy.FRONT_KINDS)
    untitled = Case(When(title="", then=Left("what_was_done", START)), default=Value(""), output_field=TextField())
    parts = [
        _columns(done, "activity", "title", "unit__name", "submitted_at", more=untitled),
        _columns(values, "measurement", "indicator__name", "unit__name", "submitted_at"),
        _columns(due, "deadline", "task__title", "reported_for__name", "reported_at"),
    ]
    if is_officer:
        asked = Extension.objects.visible_to(user).waiting().filter(requested_at__isnull=False)
        asked = asked.exclude(requested_by=user)
        parts.append(_columns(asked, "extension", "deadline__task__title", "requested_for__name", "requested_at"))
    return parts


def _columns(
    rows: QuerySet[Any], kind: str, said: str, who: str, since: str, more: Expression | None = None
) -> QuerySet[Any]:
    text = Value("", output_field=TextField()) if more is None else more
    return (
        rows.order_by()
        .annotate(what=Value(kind, output_field=TextField()), said=F(said), more=text, who=_named(who), since=F(since))
        .values_list(*COLUMNS)
    )


def _named(column: str) -> F | Coalesce:
    """Return the name of a body in the language of the page, as Organisation says it."""
    if get_language() != "en":
        return F(column)
    return Coalesce(NullIf(F(f"{column}_en"), Value("")), F(column))


def _entries(user: User, is_officer: bool) -> list[Waiting]:
    """Activities, values, deadlines and extensions in one query, the oldest of each."""

    def make() -> QuerySet[Any]:
        parts = [part.order_by("since", "pk")[:MOST] for part in _parts(user, is_officer=is_officer)]
        return parts[0].union(*parts[1:], all=True)

    urls = {kind: address_of(page) for kind, page in PAGES.items()}
    key = ("waiting", user.pk, is_officer, scope_of(user).key, get_language())
    return [
        Waiting(kind, pk, said or first_words(more), who or "", since, urls[kind](pk))
        for pk, kind, said, more, who, since in rows_of(key, make)
    ]


def _sent(user: User, is_officer: bool) -> QuerySet[ProgressReport]:
    rows = ProgressReport.objects.visible_to(user).waiting_for(user, is_officer=is_officer)
    return rows.filter(submitted_at__isnull=False).order_by("submitted_at", "pk")


def _reports(user: User, is_officer: bool) -> list[Waiting]:
    names = ("duty__kind", "duty__period", "duty__title", "duty__programme__code", "unit_name")
    url = address_of("activities:report_review")

    def make() -> QuerySet[Any]:
        rows = _sent(user, is_officer).annotate(unit_name=_named("duty__unit__name"))
        return rows.values_list("duty_id", "submitted_at", *names)[:MOST]

    key = ("waiting reports", user.pk, is_officer, scope_of(user).key, get_language())
    return [
        Waiting("report", pk, f"{duty_words(*duty)}, {code}", unit, sent_at, url(pk))
        for pk, sent_at, *duty, code, unit in rows_of(key, make)
    ]


# What makes up the queue; another kind of thing is one more function here, with a page of its own below the queue.
QUEUE = (_entries, _reports)


def with_effects(rows: list[Waiting], day: datetime.date) -> list[Waiting]:
    """Return the lines with what they change and their first pictures; four queries for all of them."""
    activities = [row.pk for row in rows if row.kind == "activity"]
    alone = [row.pk for row in rows if row.kind == "measurement"]
    none = not activities and not alone
    values = [] if none else objects_of("values that wait", _values, activities=activities, alone=alone)
    changed: dict[tuple[str, int], list[effects.Effect]] = {}
    for effect in effects.effects_of(values, day) if values else []:
        value = effect.measurement
        key = ("activity", value.activity_id) if value.activity_id else ("measurement", value.pk)
        changed.setdefault(key, []).append(effect)
    pictures: dict[int, list[str]] = {}
    picture = address_of("activities:file_show", ANY_FILE)
    for pk, file, small in rows_of("pictures that wait", _pictures, activities=activities) if activities else ():
        if len(shown := pictures.setdefault(pk, [])) < PHOTOS_SHOWN:
            shown.append(picture(small or file))
    kinds = {"deadline": _("Reported done"), "measurement": _("Value"), "extension": _("More time")}
    return [
        replace(
            row,
            effects=(found := changed.get((row.kind, row.pk), [])),
            photos=pictures.get(row.pk, []) if row.kind == "activity" else [],
            about=f"{kinds[row.kind]} · {row.unit}" if row.kind in kinds else row.unit,
            sent=_("sent %(when)s") % {"when": day_short(row.sent_at)},
            changes=[_change(effect) for effect in found[:CHANGES_SHOWN]],
        )
        for row in rows
    ]


def drawn_lines(rows: list[Waiting], current: tuple[str, int] | None) -> SafeString:
    """Return the lines of the list, the current one marked, each drawn once per what it shows."""
    return SafeString(
        "".join(
            [
                drawn(
                    "activities/_queue_line.html",
                    url=row.url,
                    title=row.title,
                    about=row.about,
                    sent=row.sent,
                    changes=tuple([tuple(one.values()) for one in row.changes]),
                    photos=tuple(row.photos),
                    is_current=(row.kind, row.pk) == current,
                )
                for row in rows
            ]
        )
    )


def _values() -> QuerySet[Measurement]:
    return Measurement.objects.filter(among("activity", "activities") | among("pk", "alone")).select_related(
        "indicator"
    )


def _pictures() -> QuerySet[Any]:
    rows = Evidence.objects.filter(among("activity", "activities"), file__mime="image/jpeg")
    return rows.values_list("activity_id", "file_id", "file__thumbnail_id")


def _change(effect: effects.Effect) -> dict[str, str]:
    standing = effect.standing
    target = "" if standing.target is None else f" / {number(standing.target)}"
    period = f" ({standing.period})" if effect.is_past else ""
    return {
        "before": number(effect.before),
        "after": number(effect.after),
        "rest": f"{target} {standing.indicator.unit}{period}",
    }
