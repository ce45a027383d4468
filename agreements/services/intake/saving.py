"""Saving the check page: everything typed is kept, and one thing more is done (add, split, merge, move)."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import policy
from agreements.models import Intake
from agreements.services.intake import drafts, editing, matching, proposing
from core import audit
from core.exceptions import DomainError, Stale
from documents import vietnamese

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from agreements.services.intake.drafts import Draft
    from core.models import Actor
    from partners.models import Organisation

LONG_PARTS = ("text", "quoted", "subject", "title", "duties", "funding", "supports", "quantities")


def locked(actor: Actor, intake: Intake, action: str, version: int | None) -> Intake:
    """The intake locked for a change. Raises NotAllowed, and Stale where the page showed an older one."""
    row = Intake.objects.select_for_update().get(pk=intake.pk)
    policy.require_intake(actor, action, row)
    if version is not None and row.version != version:
        raise Stale(_("Somebody saved this intake after you opened it. Compare before you save."), current=row)
    return row


def save_work(*, actor: Actor, intake: Intake, version: int, typed: Mapping[str, str], act: str = "save") -> Intake:
    """Keep everything typed, right or wrong, and do one thing more.

    `typed` maps "p0-title" to the text of each field of the page ("p0-here" tells that draft 0 was on it, an absent
    box is not ticked; "p0-task-order" holds the row numbers of the tasks in their order). `act`: "save", "programme"
    (add an empty one), "row:0:party" (add an empty row), "period:0" (take the period of the implemented programme),
    and those of agreements.services.intake.editing. Anything else only saves. Raises Stale, NotAllowed; DomainError
    where the one thing more cannot be done, with what was typed saved.
    """
    refusal: DomainError | None = None
    with transaction.atomic():
        row = locked(actor, intake, "check", version)
        before = copy.deepcopy(row.work)
        programmes = drafts.of(row)
        for number, draft in enumerate(programmes):
            if f"p{number}-here" in typed:
                take_typed(draft, f"p{number}-", typed)
        typed_work = copy.deepcopy(row.work)
        try:
            _act(programmes, act, typed, row)
        except DomainError as error:  # the one thing more cannot be done; what was typed is kept all the same
            refusal, row.work = error, typed_work
            programmes = drafts.of(row)
        _match_again(programmes, row.owner)
        if row.work != before:
            row.work["saved_at"] = timezone.now().isoformat()
            row.version += 1
            row.save(update_fields=["work", "version", "updated_at"])
            audit.log(actor, "intake.save", row)
    if refusal:
        raise refusal
    return row


def _act(programmes: list[Draft], act: str, typed: Mapping[str, str], intake: Intake) -> None:
    name, _sep, rest = act.partition(":")
    number, _sep, what = rest.partition(":")
    if name == "programme":
        if len(programmes) >= drafts.MOST_PROGRAMMES:
            raise DomainError(_("One text can hold at most %(limit)s programmes.") % {"limit": drafts.MOST_PROGRAMMES})
        programmes.append(drafts.empty_draft())
        return
    if not (number.isascii() and number.isdigit() and len(number) < 4 and int(number) < len(programmes)):
        return
    draft = programmes[int(number)]
    if name == "period":
        take_implemented_period(draft)
    elif name == "row" and what in drafts.ROWS and what != "unit":
        add_row(draft, what)
    else:
        editing.act(programmes, int(number), name, what, typed, intake)


def add_row(draft: Draft, kind: str) -> int:
    """Append an empty row; DomainError past the limit."""
    try:
        return drafts.add_row(draft, kind)
    except ValueError:
        message = _("At most %(limit)s rows. Add the others on the page of the programme.")
        raise DomainError(message % {"limit": drafts.MOST_ROWS}) from None


def take_implemented_period(draft: Draft) -> None:
    """Fill the own period with the years of the implemented programme, marked as inferred by the officer's choice."""
    first, last = drafts.value(draft, "implements_from"), drafts.value(draft, "implements_to")
    for key, year, day in (("starts_on", first, "01/01/"), ("ends_on", last, "31/12/")):
        if year:
            draft["fields"][key] |= {"raw": f"{day}{year}", "rule": "inferred", "note": "inferred"}


def take_typed(draft: Draft, prefix: str, typed: Mapping[str, str]) -> None:
    """Put what the page holds into the draft."""
    draft["keep"] = typed.get(prefix + "keep") == "1"
    for key, made in draft["fields"].items():
        if f"{prefix}{key}" in typed:
            part = key.rsplit("-", 1)[-1]
            made["raw"] = vietnamese.clean(typed[f"{prefix}{key}"], multiline=part in LONG_PARTS)
        elif key.endswith("-drop"):
            made["raw"] = ""
        made["ok"] = typed.get(f"{prefix}{drafts.group_of(key)}-ok") == "1"
    wanted = [
        int(text) for text in typed.get(f"{prefix}task-order", "").split(",") if text.isascii() and text.isdigit()
    ]
    rows = draft["order"]["task"]
    if len(wanted) == len(rows) and set(wanted) == set(rows):
        draft["order"]["task"] = wanted


# ------------------------------------------------------------------------------------------ matching again


class _Registers:
    """The register of bodies, read when a name first needs it."""

    def __init__(self, owner: Organisation) -> None:
        self.owner = owner
        self._read: matching.Register | None = None

    def get(self) -> matching.Register:
        self._read = self._read or proposing.register_for(self.owner)
        return self._read


def _match_again(programmes: list[Draft], owner: Organisation) -> None:
    registers = _Registers(owner)
    for draft in programmes:
        for kind in ("party", "unit"):
            for row in draft["order"][kind]:
                _match_body(draft, f"{kind}-{row}", registers)
        known = {drafts.unit_key(drafts.value(draft, f"unit-{row}-name")) for row in draft["order"]["unit"]}
        if set(drafts.units_used(draft)) - known:
            proposing.sync_units(draft, registers.get(), _signed_on(draft))
        _match_documents(draft)


def _signed_on(draft: Draft) -> datetime.date | None:
    try:
        return vietnamese.parse_date(drafts.value(draft, "signed_on"))
    except vietnamese.UnreadableText:
        return None


def _match_body(draft: Draft, key: str, registers: _Registers) -> None:
    """Offer the bodies a person searched for; match again the name of a row that has no body yet."""
    find, made, name = (draft["fields"][f"{key}-{part}"] for part in ("find", "organisation", "name"))
    if find["raw"]:
        offered = [[str(body.pk), registers.get().label(body)] for body in matching.search_bodies(find["raw"])]
        had = made.get("choices") or []
        made["choices"] = [pair for pair in offered if pair not in had] + had
        made["note"] = "body_found" if offered else "body_not_found"
        find["raw"] = ""
    elif name["raw"] and not made["raw"] and name.get("matched", name["read"]) != name["raw"]:
        typed = drafts.value(draft, "field_of_work")
        field_of_work = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
        draft["fields"][f"{key}-organisation"] = drafts.body_field(name["raw"], None, registers.get(), field_of_work)
        name["matched"] = name["raw"]


def _match_documents(draft: Draft) -> None:
    for row in draft["order"]["basis"]:
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
