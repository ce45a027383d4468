"""The reporting rule of a programme for a committee, and what tells the rooms above that a programme changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from agreements import policy
from agreements.figures.periods import rule_data
from agreements.models import Programme, ReportingRule
from core import audit
from core.exceptions import DomainError, NotAllowed
from core.forms import check_version
from partners.models import Organisation, committee_of

if TYPE_CHECKING:
    from agreements.figures.periods import Rule
    from core.models import Actor


def committees_for(*, actor: Actor, programme: Programme) -> list[Organisation]:
    """Return the committees whose rule for the programme the actor may set, the owner first.

    A committee is concerned that owns the programme, signed it, or is the actor's own above the owner.
    """
    concerned = [programme.owner]
    concerned += [
        party.organisation
        for party in programme.parties.select_related("organisation")
        if party.organisation.kind == Organisation.Kind.FRONT_COMMITTEE
    ]
    concerned.append(committee_of(actor.organisation))
    unique = {body.pk: body for body in concerned}
    return [body for body in unique.values() if policy.may_set_rule(actor, programme, body)]


@transaction.atomic
def save_rule(
    *, actor: Actor, programme: Programme, committee: Organisation, rule: Rule, version: int | str | None
) -> ReportingRule:
    """Set when the units of a programme report to a committee. Raises Stale, NotAllowed, DomainError.

    version None or "": the form showed that no rule stood yet. The caller regenerates the duties in the same
    transaction.
    """
    row = Programme.objects.select_for_update(of=("self",)).select_related("owner").get(pk=programme.pk)
    policy.require_rule(actor, row, committee)
    if committee.pk not in {body.pk for body in committees_for(actor=actor, programme=row)}:
        raise NotAllowed(_("This committee has no part in the programme. Choose one that owns or signed it."))
    if not rule.calendars and rule.review_days is None:
        raise DomainError(_("Choose at least one kind of report, or reports for the reviews"))
    saved = ReportingRule.objects.filter(programme=row, committee=committee).first()
    if saved is None:
        saved = ReportingRule(programme=row, committee=committee, version=0)
    else:
        check_version(saved, version)
    saved.rule = rule_data(rule)
    saved.version += 1
    saved.save()
    audit.log(actor, "rule.save", saved, label=str(row), detail={"committee": committee.name})
    return saved


@transaction.atomic
def remove_rule(*, actor: Actor, programme: Programme, committee: Organisation, version: int | str | None) -> None:
    """Ask no more for regular reports to a committee. Raises Stale, NotAllowed, DomainError where there is no rule."""
    row = Programme.objects.select_for_update(of=("self",)).select_related("owner").get(pk=programme.pk)
    policy.require_rule(actor, row, committee)
    saved = ReportingRule.objects.filter(programme=row, committee=committee).first()
    if saved is None:
        raise DomainError(_("There is no reporting rule of this committee. Open the page again."))
    check_version(saved, version)
    # Duties first lose their rule, then the caller's regeneration removes what nothing rests on.
    before = saved.rule
    saved.delete()
    audit.log(actor, "rule.remove", row, detail={"committee": committee.name, "rule": before})


def programme_changed(programme: Programme, actor: Actor | None) -> None:
    """Call settings.PROGRAMME_CHANGED once the change is committed; one that fails is logged, the timer repairs it."""
    for path in settings.PROGRAMME_CHANGED:
        act = partial(import_string(path), actor=actor, programme_id=programme.pk)
        transaction.on_commit(act, robust=True)
