"""Who acts for whom, and what follows from it: the scope a person sees (design.md section 2)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Actor, User, one_of
from core.plans import kept_plans
from core.prepared import given_day, given_id, objects_of
from partners.models.organisations import Organisation, Succession

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models.expressions import RawSQL


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads of memberships."""

    def current(self, day: datetime.date | RawSQL | None = None) -> MembershipQuerySet:
        """Return those in force on the day (today in Vietnam by default); half-open periods."""
        day = day or timezone.localdate()
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


@pghistory.track(model_name="MembershipHistory")
class Membership(models.Model):
    """A person acts in a role for an organisation from a day on. Where all rights come from."""

    class Role(models.TextChoices):
        """The four roles of design.md section 2."""

        OFFICER = "officer", _("Front officer")
        REPORTER = "reporter", _("Partner staff")
        LEADER = "leader", _("Leader")
        ADMINISTRATOR = "administrator", _("Administrator")

    # What a role may do, in the words of the account page: the tables of policy.py as one sentence each.
    MEANINGS = {
        Role.OFFICER: _("Enters programmes and tasks, logs for the own committee, reviews what others send."),
        Role.REPORTER: _("Logs and sends what the own unit does, reports its deadlines done. Others review it."),
        Role.LEADER: _("Reads everything of the unit and the units below it, reviews what its officers wrote."),
        Role.ADMINISTRATOR: _("Enters people and units and gives roles. Reads no programme by this role."),
    }

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=14, choices=Role.choices)
    valid_from = models.DateField(default=timezone.localdate)
    valid_to = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            *one_of("membership", role="officer reporter leader administrator"),
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], condition=Q(valid_to=None), name="membership_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="membership_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organisation_id}"

    @property
    def meaning(self) -> str:
        """What the role may do, as a sentence."""
        return str(self.MEANINGS[Membership.Role(self.role)])


@dataclass(frozen=True)
class Scope:
    """What a person's current memberships reach, before any object is looked at.

    committee_paths: paths of Front committees whose programmes (and those of committees below) a Front role reads.
    own_paths: paths of the organisations acted for, of Front and partner roles. partner_paths: of partner roles only.
    The ids are asked of the database where they are first needed: what the centre acts for are all organisations.
    """

    committee_paths: tuple[str, ...]
    own_paths: tuple[str, ...]
    partner_paths: tuple[str, ...]

    @cached_property
    def own_ids(self) -> frozenset[int]:
        """Organisations whose items are the person's own: those acted for, and everything below them."""
        return _ids_below(self.own_paths)

    @cached_property
    def partner_ids(self) -> frozenset[int]:
        """For partner roles, own organisations and all predecessors they succeeded, directly or not."""
        if not self.partner_paths:
            return frozenset()
        below = self.own_ids if self.partner_paths == self.own_paths else _ids_below(self.partner_paths)
        return _with_predecessors(below)

    @property
    def key(self) -> tuple[object, ...]:
        """Everything that what a person sees depends on, besides the person; ids where queries hold them."""
        ids = (self.own_ids, self.partner_ids) if self.partner_paths else ()
        return (self.committee_paths, self.own_paths, *ids)

    @property
    def is_front(self) -> bool:
        """Whether any membership carries a Front role."""
        return bool(self.committee_paths)


def actors_of(user: User) -> tuple[Actor, ...]:
    """Return one Actor per current membership, in a fixed order; kept on the user object for one request."""
    if "_actors" not in user.__dict__:
        with kept_plans():
            rows = objects_of("memberships", _current, user=user.pk, day=timezone.localdate())
        user.__dict__["_actors"] = tuple(
            Actor(user=user, membership=row, organisation=row.organisation, role=row.role) for row in rows
        )
    actors: tuple[Actor, ...] = user.__dict__["_actors"]
    return actors


def _current() -> models.QuerySet[Membership, Membership]:
    rows = Membership.objects.current(given_day("day")).filter(user=given_id("user"))
    return rows.select_related("organisation").order_by("id")


def committee_of(organisation: Organisation) -> Organisation:
    """Return the Front committee an organisation counts as: itself, or the committee above an internal board."""
    while organisation.kind == Organisation.Kind.FRONT_BOARD and organisation.parent is not None:
        organisation = organisation.parent
    return organisation


def units_acted_for(actors: Iterable[Actor]) -> set[int]:
    """Return the ids of the bodies acted for, and of the committee of each internal board among them.

    What is shared with one of them, such as a saved view, the person sees.
    """
    bodies: list[Organisation] = [actor.organisation for actor in actors]
    return {body.pk for body in (*bodies, *(committee_of(body) for body in bodies if body.is_front))}


def scope_of(user: User) -> Scope:
    """Return the person's scope by today's dated memberships and parents; kept on the user object for one request.

    Administrators have no content rights by themselves, so their membership adds nothing.
    """
    if "_scope" not in user.__dict__:
        content = [actor for actor in actors_of(user) if actor.role != Membership.Role.ADMINISTRATOR]
        fronts = [committee_of(actor.organisation) for actor in content if actor.organisation.is_front]
        partners = [actor.organisation for actor in content if not actor.organisation.is_front]
        user.__dict__["_scope"] = Scope(
            committee_paths=_paths_of(fronts),
            own_paths=_paths_of([*fronts, *partners]),
            partner_paths=_paths_of(partners),
        )
    scope: Scope = user.__dict__["_scope"]
    return scope


def _paths_of(organisations: Iterable[Organisation]) -> tuple[str, ...]:
    return tuple(sorted({organisation.path for organisation in organisations}))


def _ids_below(paths: tuple[str, ...]) -> frozenset[int]:
    if not paths:
        return frozenset()
    within = Q()
    for path in paths:
        within |= Q(path__startswith=path)
    return frozenset(Organisation.objects.filter(within).order_by().values_list("id", flat=True))


def _with_predecessors(ids: frozenset[int]) -> frozenset[int]:
    """Add all predecessors, directly or not; one query, since successions are few (hundreds in a country)."""
    before: dict[int, set[int]] = {}
    for successor, predecessor in Succession.objects.values_list("successor_id", "predecessor_id"):
        before.setdefault(successor, set()).add(predecessor)
    reached, edge = set(ids), set(ids)
    while edge:
        edge = {old for new in edge for old in before.get(new, ())} - reached
        reached |= edge
    return frozenset(reached)
