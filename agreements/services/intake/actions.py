"""The life of an intake: taken in, checked and saved as often as wanted, then confirmed or dropped."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Intake, Programme
from agreements.services.intake import drafts, matching
from agreements.services.intake.checking import check_draft
from core import audit
from core.exceptions import DomainError, Stale
from documents import vietnamese
from documents.types import Confidence
from partners.models import Organisation, OrganisationName, committee_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.models import Actor

LONG_PARTS = ("text", "quoted", "subject", "title")


def _locked(actor: Actor, intake: Intake, action: str, version: int | None) -> Intake:
    row = Intake.objects.select_for_update().get(pk=intake.pk)
    policy.require_intake(actor, action, row)
    if version is not None and row.version != version:
        raise Stale(_("Somebody saved this intake after you opened it. Compare before you save."), current=row)
    return row


# ------------------------------------------------------------------------------------------------- saving


def save_work(*, actor: Actor, intake: Intake, version: int, typed: Mapping[str, str], act: str = "save") -> Intake:
    """Keep everything typed, right or wrong, and do one thing more.

    `typed` maps "p0-title" to the text of each field of the page ("p0-here" tells that draft 0 was on it, an absent
    box is not ticked). `act`: "save", "programme" (add an empty one), "row:0:party" (add an empty row), "period:0"
    (take the period of the implemented programme). Raises Stale, NotAllowed, DomainError.
    """
    with transaction.atomic():
        row = _locked(actor, intake, "check", version)
        before = copy.deepcopy(row.work)
        programmes = drafts.of(row)
        for number, draft in enumerate(programmes):
            if f"p{number}-here" in typed:
                _take_typed(draft, f"p{number}-", typed, row.owner)
        _act(programmes, act)
        if row.work == before:
            return row
        row.work["saved_at"] = timezone.now().isoformat()
        row.version += 1
        row.save(update_fields=["work", "version", "updated_at"])
        audit.log(actor, "intake.save", row)
    return row


def _act(programmes: list[drafts.Draft], act: str) -> None:
    name, _sep, rest = act.partition(":")
    number, _sep, kind = rest.partition(":")
    if name == "programme":
        if len(programmes) >= drafts.MOST_PROGRAMMES:
            raise DomainError(_("One text can hold at most %(limit)s programmes.") % {"limit": drafts.MOST_PROGRAMMES})
        programmes.append(drafts.empty_draft())
    elif name in {"row", "period"} and number.isdigit() and int(number) < len(programmes):
        draft = programmes[int(number)]
        if name == "period":
            take_implemented_period(draft)
        elif kind in drafts.ROWS:
            try:
                drafts.add_row(draft, kind)
            except ValueError:
                message = _("At most %(limit)s rows. Add the others on the page of the programme.")
                raise DomainError(message % {"limit": drafts.MOST_ROWS}) from None


def take_implemented_period(draft: drafts.Draft) -> None:
    """Fill the own period with the years of the implemented programme, marked as inferred by the officer's choice."""
    first, last = drafts.value(draft, "implements_from"), drafts.value(draft, "implements_to")
    for key, year, day in (("starts_on", first, "01/01/"), ("ends_on", last, "31/12/")):
        if year:
            draft["fields"][key] |= {"raw": f"{day}{year}", "rule": "inferred", "note": "inferred"}


def _take_typed(draft: drafts.Draft, prefix: str, typed: Mapping[str, str], owner: Organisation) -> None:
    draft["keep"] = typed.get(prefix + "keep") == "1"
    for key, made in draft["fields"].items():
        if f"{prefix}{key}" in typed:
            part = key.rsplit("-", 1)[-1]
            made["raw"] = vietnamese.clean(typed[f"{prefix}{key}"], multiline=part in LONG_PARTS)
        elif key.endswith("-drop"):
            made["raw"] = ""
        made["ok"] = typed.get(f"{prefix}{drafts.group_of(key)}-ok") == "1"
    _rematch_bodies(draft, owner)
    _rematch_documents(draft)


def _rematch_bodies(draft: drafts.Draft, owner: Organisation) -> None:
    """Offer the bodies a person searched for; match again the name of a row that has no body yet."""
    register: matching.Register | None = None
    for row in range(draft["rows"]["party"]):
        find, made = draft["fields"][f"party-{row}-find"], draft["fields"][f"party-{row}-organisation"]
        name = draft["fields"][f"party-{row}-name"]
        if find["raw"]:
            offered = [[str(body.pk), body.name] for body in matching.search_bodies(find["raw"])]
            made["choices"] = [pair for pair in offered if pair not in made.get("choices", [])] + made.get(
                "choices", []
            )
            made["note"] = "body_found" if offered else "body_not_found"
            find["raw"] = ""
        elif name["raw"] and not made["raw"] and name.get("matched", name["read"]) != name["raw"]:
            register = register or matching.Register(
                owner.locality.name if owner.locality else owner.name.rpartition("tỉnh")[2]
            )
            draft["fields"][f"party-{row}-organisation"] = drafts.body_field(name["raw"], None, register)
            name["matched"] = name["raw"]


def _rematch_documents(draft: drafts.Draft) -> None:
    for row in range(draft["rows"]["basis"]):
        fields = [draft["fields"][f"basis-{row}-{part}"] for part in ("kind", "number", "issued_on")]
        seen = "|".join(made["raw"] for made in fields)
        made = draft["fields"][f"basis-{row}-document"]
        before = made.get("seen", "|".join(item["read"] for item in fields))
        if seen != before:
            try:
                day = vietnamese.parse_date(fields[2]["raw"])
            except vietnamese.UnreadableText:
                day = None
            made = drafts.document_field(fields[0]["raw"], fields[1]["raw"], day)
            draft["fields"][f"basis-{row}-document"] = made | {"seen": seen}


# --------------------------------------------------------------------------------------- confirm and drop


def confirm(*, actor: Actor, intake: Intake, version: int) -> list[Programme]:
    """Make programmes of the kept drafts, exactly as shown on the page of this version; returns them in order.

    Signed where the day is known, else drafts; an officer moves them on. Raises DomainError where a draft has a
    problem or none is kept, Stale, NotAllowed (also for an intake confirmed before).
    """
    from agreements.services import register_programme

    with transaction.atomic():
        row = _locked(actor, intake, "confirm", version)
        kept = [draft for draft in drafts.of(row) if draft["keep"]]
        if not kept:
            raise DomainError(_("No programme is kept. Keep at least one, or drop the intake."))
        checked = [check_draft(draft) for draft in kept]
        if any(item.problems for item in checked):
            raise DomainError(_("Some fields still stop the confirmation. Correct them first."))
        _create_bodies(actor, row.owner, [body for item in checked for body in item.new_bodies], checked)
        made = []
        for item in checked:
            item.data.owner, item.data.intake = row.owner, row
            made.append(register_programme(actor=actor, data=item.data))
        row.status = Intake.Status.CONFIRMED
        row.version += 1
        row.save(update_fields=["status", "version", "updated_at"])
        audit.log(actor, "intake.confirm", row, detail={"programmes": [programme.code for programme in made]})
    return made


def _create_bodies(actor: Actor, owner: Organisation, bodies: list[Organisation], checked: list[Any]) -> None:
    """Add the new bodies the officer asked for, each name once, at the level of the committee."""
    created: dict[str, Organisation] = {}
    for body in bodies:
        key = vietnamese.fold(body.name)
        if key not in created:
            body.level = owner.level
            body.save()
            body.path = f"/{body.pk}/"
            body.save(update_fields=["path"])
            OrganisationName.objects.create(organisation=body, name=body.name)
            created[key] = body
    for item in checked:
        for party in item.data.parties:
            if party.organisation.pk is None:
                party.organisation = created[vietnamese.fold(party.organisation.name)]
        for task in item.data.tasks:
            if task.lead is not None and task.lead.pk is None:
                task.lead = created[vietnamese.fold(task.lead.name)]
    if created:
        audit_entries = [
            audit.Entry("organisation.create", body, reason=_("Named in a taken-in text")) for body in created.values()
        ]
        audit.log_many(actor, audit_entries)


def drop(*, actor: Actor, intake: Intake, version: int) -> Intake:
    """Put an intake aside for good; its text is kept for the record. Raises Stale, NotAllowed."""
    with transaction.atomic():
        row = _locked(actor, intake, "drop", version)
        row.status = Intake.Status.DROPPED
        row.version += 1
        row.save(update_fields=["status", "version", "updated_at"])
        audit.log(actor, "intake.drop", row)
    return row


# ----------------------------------------------------------------------------------------------- overlaps


def overlaps(*, actor: Actor, draft: drafts.Draft) -> list[Programme]:
    """Programmes the actor sees that may be the same: equal title, or a shared partner and an overlapping period."""
    data = check_draft(draft).data
    seen = Programme.objects.visible_to(actor.user).exclude(status=Programme.Status.SUPERSEDED)
    found = {}
    if data.title:
        wanted = vietnamese.fold(data.title)
        for programme in seen.filter(search_text__contains=wanted[:120])[:5]:
            found[programme.pk] = programme
    owner = committee_of(actor.organisation)
    partners = [party.organisation.pk for party in data.parties if party.organisation.pk not in {None, owner.pk}]
    if partners and data.starts_on and data.ends_on:
        near = seen.filter(parties__organisation__in=partners, starts_on__lte=data.ends_on, ends_on__gte=data.starts_on)
        for programme in near.distinct()[:5]:
            found.setdefault(programme.pk, programme)
    return list(found.values())[:5]


def doubts(draft: drafts.Draft) -> dict[str, int]:
    """How many fields of a draft are certain, to be checked or missing now; dropped rows do not count."""
    counts = {str(state): 0 for state in Confidence}
    for key, made in draft["fields"].items():
        parts = key.split("-")
        if len(parts) == 3 and drafts.is_dropped(draft, parts[0], int(parts[1])):
            continue
        counts[drafts.state_of(made)] += 1
    return counts
