"""Forms of this room: the log of an activity, a value without activity, decisions of a reviewer, filters."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities import policy
from activities.forms.contributions import Contributions
from activities.forms.places import places_near
from activities.models import Activity, Review
from activities.services.data import ActivityData, MeasurementData, Quantity
from activities.services.writing import COPIED
from agreements.models import Indicator
from core.forms import (
    DateField,
    Form,
    LongTextField,
    MoneyField,
    NumberField,
    TextField,
    WholeNumberField,
    lower_first,
    version_field,
)
from partners.models import Locality, Organisation

if TYPE_CHECKING:
    from agreements.models import Task
    from core.models import Actor, StoredFile

HUNDRED = Decimal(100)


def choosable() -> Any:
    """Return the places that can be named today: communes and wards, and the provinces."""
    kinds = (Locality.Kind.PROVINCE, Locality.Kind.COMMUNE, Locality.Kind.WARD, Locality.Kind.SPECIAL_ZONE)
    return Locality.objects.filter(kind__in=kinds).valid_on(timezone.localdate())  # type: ignore[attr-defined]


def offer(field: forms.Field, bodies: list[Organisation], value: Any) -> None:
    """Let a field of a place offer those near the bodies, and the one that is chosen."""
    field.empty_label = _("Whole province or not stated")  # type: ignore[attr-defined]
    near = places_near(bodies, str(value or ""), only_valid=True)
    field.widget.choices = [("", field.empty_label), *near]  # type: ignore[attr-defined]


class _Quantities:
    """Fields for the indicators of a task: one number each, two for a ratio. Empty is not reported, never 0."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def add_quantity(self, indicator: Indicator) -> list[str]:
        """Add the fields of one indicator; returns their names."""
        if indicator.kind == Indicator.Kind.RATIO:
            names = [f"q{indicator.pk}_numerator", f"q{indicator.pk}_denominator"]
            labels = [
                _("%(name)s: reached") % {"name": indicator.name},
                _("%(name)s: out of") % {"name": indicator.name},
            ]
            for name, label in zip(names, labels, strict=True):
                self.fields[name] = NumberField(label=label, required=False, min_value=0, decimal_places=2)
            return names
        name = f"q{indicator.pk}"
        self.fields[name] = NumberField(
            label=indicator.name, required=False, min_value=0, decimal_places=indicator.precision
        )
        return [name]

    def quantity(self, indicator: Indicator) -> Quantity | None:
        """Return what was typed for an indicator, None where nothing was; a half ratio is a form error."""
        if indicator.kind != Indicator.Kind.RATIO:
            value = self.cleaned_data.get(f"q{indicator.pk}")
            return None if value is None else Quantity(value)
        top, bottom = (self.cleaned_data.get(f"q{indicator.pk}_{part}") for part in ("numerator", "denominator"))
        if top is None and bottom is None:
            return None
        if top is None or not bottom:
            field = f"q{indicator.pk}_{'numerator' if top is None else 'denominator'}"
            self.add_error(field, _("Enter both numbers, the second above 0."))  # type: ignore[attr-defined]
            return None
        return Quantity((top * HUNDRED / bottom).quantize(Decimal("0.0001")), top, bottom)


class ActivityForm(_Quantities, Contributions, Form):
    """The log of an activity for one task. Everything may stay empty in a draft; submitting names what is missing."""

    version = version_field()
    starts_on = DateField(label=gettext_lazy("Day"), required=False)
    what_was_done = LongTextField(
        label=gettext_lazy("What was done"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=20_000
    )
    title = TextField(label=gettext_lazy("Short title"), required=False, max_length=200)
    ends_on = DateField(label=gettext_lazy("Last day"), required=False)
    locality = forms.ModelChoiceField(Locality.objects.none(), label=gettext_lazy("Commune or ward"), required=False)
    place = TextField(label=gettext_lazy("Exact place"), required=False, max_length=200)
    households = WholeNumberField(label=gettext_lazy("Households"), required=False)
    persons = WholeNumberField(label=gettext_lazy("Persons"), required=False)
    turns = WholeNumberField(label=gettext_lazy("Turns"), required=False)
    beneficiary_group = TextField(label=gettext_lazy("Who benefited"), required=False, max_length=120)
    is_approximate = forms.BooleanField(label=gettext_lazy("These figures are estimates"), required=False)
    value = MoneyField(label=gettext_lazy("Value in đồng"), required=False)
    value_in_kind = MoneyField(label=gettext_lazy("Of which in kind"), required=False)
    value_source = forms.ChoiceField(label=gettext_lazy("Source of the value"), required=False)
    joint_units = forms.ModelMultipleChoiceField(
        Organisation.objects.none(), label=gettext_lazy("Done together with"), required=False
    )
    unit = forms.ModelChoiceField(Organisation.objects.none(), label=gettext_lazy("Unit that did it"))
    acting_as = forms.ChoiceField(label=gettext_lazy("You act as"), required=False)

    asked = ("starts_on", "what_was_done")

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        actors: tuple[Actor, ...],
        task: Task,
        activity: Activity | None = None,
        source: Activity | None = None,
        **kwargs: Any,
    ) -> None:
        self.actor, self.task, self.activity = actor, task, activity
        self.source = activity.copied_from if activity else source
        self.given = list(activity.contributions.all()) if activity else []
        self.indicators = [item for item in task.indicators.all() if item.is_entered_by_partner]
        units = unit_choices(actor, task, activity)
        kwargs["initial"] = self._initial(units) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for name in self.asked:
            self.fields[name].needed = True  # type: ignore[attr-defined]
        self._set_choices(units, actors)
        self.add_rows(self.given, self.data if self.is_bound else None)
        self.quantity_names = {item.pk: self.add_quantity(item) for item in self.indicators}
        for names in self.quantity_names.values():
            for name in names:
                self.initial.setdefault(name, None)

    def _initial(self, units: list[Organisation]) -> dict[str, Any]:
        if self.activity is None:
            home = self.actor.organisation.locality
            unit = default_unit(self.actor, self.task, units)
            first = {
                "starts_on": timezone.localdate(),
                "locality": home.pk if home and home.kind in {"commune", "ward", "special_zone"} else None,
                "unit": unit.pk if unit else None,
            }
            if self.source is not None:
                first |= {name: getattr(self.source, name) for name in COPIED}
                first |= {"locality": self.source.locality_id, "unit": self.source.unit_id}
                first |= {"joint_units": [u.pk for u in self.source.joint_units.all()]}
            return first
        row = self.activity
        first = {name: getattr(row, name) for name in self.base_fields if hasattr(row, name)}
        first |= {
            "locality": row.locality_id,
            "unit": row.unit_id,
            "joint_units": [u.pk for u in row.joint_units.all()],
        }
        for item in row.measurements.all():
            first[f"q{item.indicator_id}"] = item.value
            first[f"q{item.indicator_id}_numerator"] = item.numerator
            first[f"q{item.indicator_id}_denominator"] = item.denominator
        return first | self.first_rows(self.given)

    def hold(self) -> ActivityForm:
        """Show what was typed without judging it: one more row was asked for, nothing is saved."""
        self._errors, self.cleaned_data = ErrorDict(), {}
        return self

    @property
    def copied(self) -> list[str]:
        """The names of texts taken from the earlier entry and not changed since."""
        if self.source is None:
            return []
        if self.activity is not None:
            return list(self.activity.copied_fields)
        return [name for name in COPIED if getattr(self.source, name)]

    def _set_choices(self, units: list[Organisation], actors: tuple[Actor, ...]) -> None:
        place = self.fields["locality"]
        place.queryset = choosable()  # type: ignore[attr-defined]
        if self.activity and self.activity.locality_id:
            place.queryset |= Locality.objects.filter(pk=self.activity.locality_id)  # type: ignore[attr-defined]
        bodies = [self.actor.organisation, self.task.programme.owner]
        offer(place, bodies, self["locality"].value())
        self.fields["value_source"].choices = [("", _("Not stated")), *Activity.Funding.choices]  # type: ignore[attr-defined]
        ids = [unit.pk for unit in units]
        self.fields["unit"].queryset = Organisation.objects.filter(pk__in=ids)  # type: ignore[attr-defined]
        self.fields["unit"].empty_label = None  # type: ignore[attr-defined]
        if len(units) < 2:
            self.fields["unit"].widget = forms.HiddenInput()
        joint = policy.involved_ids(self.task) | set(
            self.task.programme.parties.values_list("organisation_id", flat=True)
        )
        if len(units) == 1:
            joint -= set(ids)  # nobody does something together with themselves
        self.fields["joint_units"].queryset = Organisation.objects.filter(pk__in=joint)  # type: ignore[attr-defined]
        self.bodies = list(self.fields["joint_units"].queryset)  # type: ignore[attr-defined]
        choices = [(body.pk, str(body)) for body in self.bodies]
        self.fields["joint_units"].widget = forms.CheckboxSelectMultiple(choices=choices)
        seats = [item for item in actors if item.role in policy.WRITERS and policy.may_log(item, self.task)]
        if len(seats) < 2 or self.activity:
            del self.fields["acting_as"]
        else:
            self.fields["acting_as"].choices = [(str(seat.membership.pk), seat.unit_name) for seat in seats]  # type: ignore[attr-defined]
            self.initial.setdefault("acting_as", str(self.actor.membership.pk))

    def clean(self) -> dict[str, Any]:
        """Check what concerns several fields."""
        found = super().clean() or {}
        first, last = found.get("starts_on"), found.get("ends_on")
        if first and last and last < first:
            self.add_error(
                "ends_on", _("The last day must not be before the first day (%(day)s)") % {"day": f"{first:%d/%m/%Y}"}
            )
        self.quantities = {item.pk: typed for item in self.indicators if (typed := self.quantity(item)) is not None}
        self.clean_rows()
        return found

    def data_of(self, *, files: tuple[StoredFile, ...], remove: frozenset[int]) -> ActivityData:
        """Return what was typed for the service."""
        found = self.cleaned_data
        return ActivityData(
            task=self.task,
            unit=found["unit"],
            what_was_done=found["what_was_done"],
            starts_on=found["starts_on"],
            ends_on=found["ends_on"],
            title=found["title"],
            locality=found["locality"],
            place=found["place"],
            households=found["households"],
            persons=found["persons"],
            turns=found["turns"],
            beneficiary_group=found["beneficiary_group"],
            is_approximate=found["is_approximate"],
            value=found["value"],
            value_in_kind=found["value_in_kind"],
            contributions=self.shares,
            copied_from=self.source,
            value_source=found["value_source"],
            joint_units=tuple(found["joint_units"]),
            quantities=self.quantities,
            files=files,
            remove_evidence=remove,
        )

    @property
    def has_more(self) -> bool:
        """Whether something below "Further information" is filled or wrong, so that it must be open."""
        more = ("title", "ends_on", "households", "persons", "turns", "beneficiary_group", "is_approximate", "value",
                "value_in_kind", "value_source", "joint_units")  # fmt: skip
        return self.has_rows or any(self[name].errors or self[name].value() for name in more)


def unit_choices(actor: Actor, task: Task, activity: Activity | None = None) -> list[Organisation]:
    """Return the units an actor may log for: the own one, for officers also partners of the programme."""
    involved = set(policy.involved_ids(task))
    if actor.role == policy.OFFICER:
        ids = involved | set(task.programme.parties.values_list("organisation_id", flat=True))
    else:
        ids = involved & policy.units_of(actor.user)
    ids.add(actor.organisation.pk)
    found = list(Organisation.objects.filter(pk__in=ids).active())
    if activity and activity.unit_id not in {unit.pk for unit in found}:
        found.append(activity.unit)
    return found


def default_unit(actor: Actor, task: Task, units: list[Organisation]) -> Organisation | None:
    """Return who most likely did the work: the own unit; for officers the own committee if it leads, else the lead."""
    if actor.role != policy.OFFICER:
        own = [unit for unit in units if unit.pk == task.lead_id]
        return own[0] if own else next((unit for unit in units if unit.pk == actor.organisation.pk), None)
    lead = [unit for unit in units if unit.pk == task.lead_id]
    return lead[0] if lead else next((unit for unit in units if unit.pk == actor.organisation.pk), None)


class MeasurementForm(_Quantities, Form):
    """A value of one indicator that comes from a paper (Nhập số liệu)."""

    version = version_field()
    as_of = DateField(label=gettext_lazy("As of"))
    source = TextField(label=gettext_lazy("Paper it comes from"), max_length=255)
    locality = forms.ModelChoiceField(Locality.objects.none(), label=gettext_lazy("Commune or ward"), required=False)
    is_approximate = forms.BooleanField(label=gettext_lazy("This figure is an estimate"), required=False)

    def __init__(self, *args: Any, indicator: Indicator, unit: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator, self.unit = indicator, unit
        self.fields["locality"].queryset = choosable()  # type: ignore[attr-defined]
        offer(self.fields["locality"], [unit, indicator.task.programme.owner], self["locality"].value())
        self.quantity_names = self.add_quantity(indicator)
        for name in self.quantity_names:
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = _("Enter %(label)s") % {
                "label": lower_first(str(self.fields[name].label))
            }
        self.order_fields(["version", "as_of", *self.quantity_names])

    def clean(self) -> dict[str, Any]:
        """Work the quantity out; a day in the future cannot have a value."""
        found = super().clean() or {}
        if found.get("as_of") and found["as_of"] > timezone.localdate():
            self.add_error("as_of", _("This day has not come yet."))
        self.typed = self.quantity(self.indicator)
        return found

    def data_of(self) -> MeasurementData:
        """Return what was typed for the service."""
        if self.typed is None:
            raise ValueError("no quantity: the form is not valid")
        found = self.cleaned_data
        return MeasurementData(
            indicator=self.indicator,
            unit=self.unit,
            as_of=found["as_of"],
            quantity=self.typed,
            source=found["source"],
            locality=found["locality"],
            is_approximate=found["is_approximate"],
        )


class PostponeForm(Form):
    """The new day of a postponed activity."""

    new_day = DateField(label=gettext_lazy("New day"), required=False)


class ActivityFilterForm(Form):
    """Filters of the activity list; their names are the keys of the address."""

    q = TextField(label=gettext_lazy("Words"), required=False, max_length=120)
    tu = DateField(label=gettext_lazy("From"), required=False)
    den = DateField(label=gettext_lazy("To"), required=False)
    trang_thai = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    dien_ra = forms.ChoiceField(label=gettext_lazy("Took place"), required=False)
    nguoi_ghi = forms.ChoiceField(label=gettext_lazy("Written by"), required=False, choices=[("", ""), ("toi", "")])
    don_vi = forms.IntegerField(required=False)
    chuong_trinh = forms.IntegerField(required=False)
    nhiem_vu = forms.IntegerField(required=False)
    bao_cao = forms.IntegerField(required=False)
    dia_ban = forms.ModelChoiceField(Locality.objects.all(), label=gettext_lazy("Commune or ward"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trang_thai"].choices = [("", _("All states")), *Review.choices]  # type: ignore[attr-defined]
        happened = [
            ("", _("Planned or held")),
            ("ke-hoach", _("Planned or postponed")),
            ("qua-ngay", _("Planned, day passed")),
        ]
        self.fields["dien_ra"].choices = [*happened, *Activity.Occurrence.choices]  # type: ignore[attr-defined]
