"""Who acts for whom, and what follows from it: the scope a person sees (design.md section 2)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Actor, User, one_of
from partners.models.organisations import Organisation, Succession


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads of memberships."""

    def current(self, day: datetime.date | None = None) -> MembershipQuerySet:
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
    own_ids: organisations whose items are the person's own: those acted for, and everything below them.
    partner_ids: for partner roles, own organisations and all predecessors they succeeded, directly or not.
    """

    committee_paths: tuple[str, ...]
    own_ids: frozenset[int]
    partner_ids: frozenset[int]

    @property
    def is_front(self) -> bool:
        """Whether any membership carries a Front role."""
        return bool(self.committee_paths)


def actors_of(user: User) -> tuple[Actor, ...]:
    """Return one Actor per current membership, in a fixed order; kept on the user object for one request."""
    if "_actors" not in user.__dict__:
        rows = Membership.objects.current().filter(user=user).select_related("organisation").order_by("id")
        user.__dict__["_actors"] = tuple(
            Actor(user=user, membership=row, organisation=row.organisation, role=row.role) for row in rows
        )
    actors: tuple[Actor, ...] = user.__dict__["_actors"]
    return actors


def committee_of(organisation: Organisation) -> Organisation:
    """Return the Front committee an organisation counts as: itself, or the committee above an internal board."""
    while organisation.kind == Organisation.Kind.FRONT_BOARD and organisation.parent is not None:
        organisation = organisation.parent
    return organisation


def scope_of(user: User) -> Scope:
    """Return the person's scope by today's dated memberships and parents; kept on the user object for one request.

    Administrators have no content rights by themselves, so their membership adds nothing.
    """
    if "_scope" not in user.__dict__:
        content = [actor for actor in actors_of(user) if actor.role != Membership.Role.ADMINISTRATOR]
        fronts = [committee_of(actor.organisation) for actor in content if actor.organisation.is_front]
        partners = [actor.organisation for actor in content if not actor.organisation.is_front]
        own = _ids_below([*fronts, *partners])
        partner_own = _ids_below(partners) if fronts else own
        user.__dict__["_scope"] = Scope(
            committee_paths=tuple(sorted({committee.path for committee in fronts})),
            own_ids=frozenset(own),
            partner_ids=frozenset(_with_predecessors(partner_own) if partners else ()),
        )
    scope: Scope = user.__dict__["_scope"]
    return scope


def _ids_below(organisations: list[Organisation]) -> set[int]:
    if not organisations:
        return set()
    within = Q()
    for organisation in organisations:
        within |= Q(path__startswith=organisation.path)
    return set(Organisation.objects.filter(within).values_list("id", flat=True))


def _with_predecessors(ids: set[int]) -> set[int]:
    """Add all predecessors, directly or not; one query, since successions are few (hundreds in a country)."""
    before: dict[int, set[int]] = {}
    for successor, predecessor in Succession.objects.values_list("successor_id", "predecessor_id"):
        before.setdefault(successor, set()).add(predecessor)
    reached, edge = set(ids), set(ids)
    while edge:
        edge = {old for new in edge for old in before.get(new, ())} - reached
        reached |= edge
    return reached
