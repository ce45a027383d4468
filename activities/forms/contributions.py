"""The rows of a form that say who paid for a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from activities.services.data import Share
from core.forms import MoneyField, TextField, lower_first
from partners.models import Organisation

if TYPE_CHECKING:
    from activities.models import Contribution


class Contributions:
    """Rows "who gave, how much, in cash or in kind": a few, and one more each time it is asked for."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]
    shares: tuple[Share, ...] = ()
    FEWEST, MOST = 3, 20

    def add_rows(self, given: list[Contribution], data: Any) -> None:
        """Add the fields of as many rows as are filled, and an empty one where it is asked for."""
        filled = [n for n in range(self.MOST) if data and (data.get(f"c{n}_name") or data.get(f"c{n}_amount"))]
        wanted = max(self.FEWEST, len(given) + bool(given), filled[-1] + 1 if filled else 0)
        if data:
            shown = sum(f"c{n}_name" in data for n in range(self.MOST))
            wanted = max(wanted, shown + (data.get("action") == "add_row"))
        self.row_names = [
            [f"c{n}_{part}" for part in ("name", "amount", "kind")] for n in range(min(wanted, self.MOST))
        ]
        for number, (name, amount, kind) in enumerate(self.row_names, start=1):
            place = {"number": number}
            self.fields[name] = TextField(label=_("Funder %(number)s") % place, required=False)
            self.fields[amount] = MoneyField(label=_("Amount %(number)s") % place, required=False, min_value=1)
            label = _("Form %(number)s") % place
            wrong = _("Choose one of the listed values for %(label)s") % {"label": lower_first(label)}
            self.fields[kind] = forms.ChoiceField(
                label=label,
                required=False,
                error_messages={"invalid_choice": wrong},
                choices=[("", _("in cash")), ("in_kind", _("in kind"))],
            )

    @property
    def has_rows(self) -> bool:
        """Whether a row is filled or wrong, or one more was asked for, so that the rows must be open."""
        names = [name for row in self.row_names for name in row]
        bound = [self[name] for name in names]  # type: ignore[index]
        asked = self.data.get("action") == "add_row"  # type: ignore[attr-defined]
        return asked or any(field.errors or field.value() for field in bound)

    @staticmethod
    def first_rows(given: list[Contribution]) -> dict[str, Any]:
        """Return the initial values of saved rows."""
        first: dict[str, Any] = {}
        for n, row in enumerate(given):
            first |= {f"c{n}_name": row.giver, f"c{n}_amount": row.amount, f"c{n}_kind": "in_kind" * row.is_in_kind}
        return first

    def clean_rows(self) -> None:
        """Work out the shares; a row with a funder and no amount, or the other way round, is a form error."""
        found = self.cleaned_data
        names = {str(found.get(row[0]) or "") for row in self.row_names} - {""}
        bodies = Organisation.objects.named(names) if names else {}
        shares = []
        for name, amount, kind in self.row_names:
            giver, given = found.get(name) or "", found.get(amount)
            if giver and given is None and amount in found:
                self.add_error(amount, _("Enter the amount of %(funder)s.") % {"funder": giver})  # type: ignore[attr-defined]
            elif given is not None and not giver and name in found:
                self.add_error(name, _("Enter who gave this amount."))  # type: ignore[attr-defined]
            elif giver and given is not None:
                body = bodies.get(giver)
                in_kind = found.get(kind) == "in_kind"
                shares.append(Share(given, organisation=body, funder="" if body else giver, is_in_kind=in_kind))
        self.shares = tuple(shares)
