"""Forms of tasks, their indicators and deadlines."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.forms import OPTIONAL
from agreements.models import ContentGroup, Indicator, Task, TaskDeadline
from agreements.services.data import IndicatorData, TargetData, TaskData
from agreements.services.tasks import RESUME
from core.forms import DateField, FilesField, Form, LongTextField, NumberField, TextField, version_field
from partners.models import Organisation

if TYPE_CHECKING:
    from agreements.models import Programme

MOST_YEARS = 12  # years for which the form asks a target
BLANK_INDICATORS = 1


def years_of(programme: Programme) -> list[int]:
    """Return the calendar years a target is asked for: those of the period, at most twelve; [] without a period."""
    if not programme.starts_on or not programme.ends_on:
        return []
    return list(range(programme.starts_on.year, programme.ends_on.year + 1))[:MOST_YEARS]


class TaskForm(Form):
    """A piece of work: what, who, until when."""

    title = TextField(
        label=gettext_lazy("What is to be done"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    code = TextField(label=gettext_lazy("Code"), max_length=20, required=False)
    lead = forms.ChoiceField(label=gettext_lazy("Lead unit"), required=False)
    supporting = forms.MultipleChoiceField(
        label=gettext_lazy("Supporting units"),
        required=False,
        help_text=gettext_lazy("Hold Ctrl to choose several."),
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    content_group = forms.ModelChoiceField(
        label=gettext_lazy("Content group"), queryset=ContentGroup.objects.all(), required=False, empty_label=OPTIONAL
    )
    goal = forms.ChoiceField(label=gettext_lazy("Goal"), required=False)
    starts_on = DateField(label=gettext_lazy("Start"), required=False)
    recurrence = forms.ChoiceField(label=gettext_lazy("How often"), choices=Task.Recurrence.choices)
    due_on = DateField(
        label=gettext_lazy("Deadline"),
        required=False,
        help_text=gettext_lazy("For recurring work: the last day it recurs; empty means the end of the programme."),
    )
    weight = NumberField(
        label=gettext_lazy("Weight"),
        max_digits=6,
        min_value=Decimal("0.01"),
        initial=Decimal(1),
        help_text=gettext_lazy("How much it counts in the progress of the programme; 1 is usual."),
    )
    deliverable = TextField(label=gettext_lazy("Deliverable"), required=False)
    source_clause = TextField(label=gettext_lazy("Clause of the document"), max_length=120, required=False)
    version = version_field()

    def __init__(self, *args: Any, programme: Programme, bodies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parties = {str(pk) for pk in programme.parties.values_list("organisation_id", flat=True)}
        near = [pair for pair in bodies if pair[0] in parties]
        others = [pair for pair in bodies if pair[0] not in parties]
        grouped = [(_("Parties of the programme"), near), (_("Other bodies"), others)] if near else bodies
        self.fields["lead"].choices = [("", OPTIONAL), *grouped]  # type: ignore[attr-defined]
        self.fields["supporting"].choices = grouped  # type: ignore[attr-defined]
        self.fields["goal"].choices = [  # type: ignore[attr-defined]
            ("", OPTIONAL),
            *((str(place), str(goal)) for place, goal in enumerate(programme.goals.all(), start=1)),
        ]

    def clean(self) -> dict[str, Any]:
        """A one-off task needs its deadline after its start; recurring work needs nothing more."""
        data = super().clean() or self.cleaned_data
        if data.get("starts_on") and data.get("due_on") and data["due_on"] < data["starts_on"]:
            self.add_error("due_on", _("The deadline must not be before the start"))
        return data

    def to_data(self, indicators: list[IndicatorData]) -> TaskData:
        """Return the cleaned values with the indicators."""
        data = self.cleaned_data
        ids = [int(pk) for pk in [data["lead"], *data["supporting"]] if pk]
        bodies = Organisation.objects.in_bulk(ids)
        plain = ("title", "code", "content_group", "starts_on", "recurrence", "due_on", "weight", "deliverable")
        return TaskData(
            **{name: data[name] for name in plain},
            source_clause=data["source_clause"],
            lead=bodies.get(int(data["lead"])) if data["lead"] else None,
            supporting=[bodies[int(pk)] for pk in data["supporting"]],
            goal_position=int(data["goal"]) if data["goal"] else None,
            indicators=indicators,
        )

    @staticmethod
    def initial_of(task: Task) -> dict[str, Any]:
        """Return what the form shows of a saved task."""
        goals = list(task.programme.goals.values_list("pk", flat=True))
        last = task.deadlines.order_by("-due_on").first()
        once = task.recurrence == Task.Recurrence.ONCE
        ends = last.original_due_on if last and not once else None
        if ends == task.programme.ends_on:
            ends = None
        return {
            "title": task.title,
            "code": task.code,
            "lead": str(task.lead_id or ""),
            "supporting": [str(pk) for pk in task.supporting.values_list("pk", flat=True)],
            "content_group": task.content_group_id,
            "goal": str(goals.index(task.goal_id) + 1) if task.goal_id in goals else "",
            "starts_on": task.starts_on,
            "recurrence": task.recurrence,
            "due_on": (last.due_on if last else None) if once else ends,
            "weight": task.weight.normalize(),
            "deliverable": task.deliverable,
            "source_clause": task.source_clause,
            "version": task.version,
        }


class IndicatorForm(Form):
    """What is counted for a task, with one target per year of the programme."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = TextField(label=gettext_lazy("What is counted"))
    unit = TextField(label=gettext_lazy("Unit of measure"), max_length=40)
    kind = forms.ChoiceField(label=gettext_lazy("How the value behaves"), choices=Indicator.Kind.choices)
    direction = forms.ChoiceField(label=gettext_lazy("Which way is better"), choices=Indicator.Direction.choices)
    roll_up = forms.ChoiceField(label=gettext_lazy("How values become one"), choices=Indicator.RollUp.choices)
    counts = forms.ChoiceField(label=gettext_lazy("It counts people"), choices=Indicator.Counts.choices, required=False)
    baseline = NumberField(label=gettext_lazy("Value at the start"), decimal_places=4, required=False)
    source = TextField(
        label=gettext_lazy("Published by"),
        required=False,
        help_text=gettext_lazy("Where partners do not enter the value, for example a statistics office."),
    )
    by_partner = forms.BooleanField(label=gettext_lazy("Partners enter it"), required=False, initial=True)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years = years
        for year in years:
            label = _("Target %(year)s") % {"year": year}
            self.fields[f"target_{year}"] = NumberField(label=label, decimal_places=4, required=False)

    def target_fields(self) -> list[Any]:
        """Return the bound fields of the targets."""
        return [self[f"target_{year}"] for year in self.years]

    def plain_fields(self) -> list[Any]:
        """Return the bound fields other than the targets, hidden ones left out."""
        return [self[name] for name in self.fields if not name.startswith("target_") and name not in {"pk", "DELETE"}]

    def has_changed(self) -> bool:
        """A row counts once it has a name or a target."""
        names = ["name", *(f"target_{year}" for year in self.years)]
        return any(self.data.get(self.add_prefix(name), "").strip() for name in names)

    def to_data(self) -> IndicatorData:
        """Return the cleaned values; the target of a year holds from 1 January to the next, half-open."""
        data = self.cleaned_data
        targets = [
            TargetData(datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1), data[f"target_{year}"])
            for year in self.years
            if data.get(f"target_{year}") is not None
        ]
        values = [data.get("baseline"), *(target.value for target in targets)]
        places = max((max(0, -int(value.normalize().as_tuple().exponent)) for value in values if value), default=0)
        return IndicatorData(
            pk=data["pk"],
            name=data["name"],
            unit=data["unit"],
            kind=data["kind"],
            direction=data["direction"],
            roll_up=data["roll_up"],
            counts=data["counts"],
            baseline=data["baseline"],
            precision=min(places, 4),
            source=data["source"],
            is_entered_by_partner=data["by_partner"],
            targets=targets,
        )

    @staticmethod
    def initial_of(indicator: Indicator) -> dict[str, Any]:
        """Return what the form shows of a saved indicator."""
        names = ("name", "unit", "kind", "direction", "roll_up", "counts", "baseline", "source")
        shown = {name: getattr(indicator, name) for name in names}
        shown |= {f"target_{row.starts_on.year}": row.value for row in indicator.targets.all()}
        return shown | {"pk": indicator.pk, "by_partner": indicator.is_entered_by_partner}


IndicatorSet = forms.formset_factory(IndicatorForm, extra=BLANK_INDICATORS, can_delete=True, max_num=20)


class TaskStateForm(Form):
    """Pause, carry over, cancel or resume, with reason and paper."""

    to = forms.ChoiceField(label=gettext_lazy("What happens"), widget=forms.RadioSelect)
    reason = LongTextField(label=gettext_lazy("Reason"), max_length=500, rows=3)
    paper = TextField(
        label=gettext_lazy("Paper that decides this"),
        help_text=gettext_lazy("Number and date, for example: Công văn 12/CV-MTTQ ngày 05/03/2026"),
    )
    version = version_field()

    def __init__(self, *args: Any, task: Task, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stops = [
            (Task.State.PAUSED, _("Pause it: it stays out of the figures until resumed")),
            (Task.State.CARRIED, _("Carry it over to the next programme")),
            (Task.State.CANCELLED, _("Cancel it: its open deadlines are dropped")),
        ]
        resume = [(RESUME, _("Resume it: it counts again"))]
        self.fields["to"].choices = resume if task.state in Task.LEFT_OUT else stops  # type: ignore[attr-defined]


class ExtendForm(Form):
    """A later day for a deadline."""

    new_due_on = DateField(label=gettext_lazy("New deadline"))
    reason = LongTextField(label=gettext_lazy("Reason"), max_length=500, rows=3)
    paper = TextField(
        label=gettext_lazy("Paper that decides this"),
        help_text=gettext_lazy("Number and date, for example: Công văn 12/CV-MTTQ ngày 05/03/2026"),
    )
    version = version_field()


class AskForm(Form):
    """The lead unit asks for a later day."""

    new_due_on = DateField(label=gettext_lazy("New deadline asked for"))
    reason = LongTextField(label=gettext_lazy("Reason"), max_length=500, rows=3)
    paper = TextField(
        label=gettext_lazy("Paper of the unit, if there is one"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("Number and date, for example: Công văn 12/CV-MTTQ ngày 05/03/2026"),
    )
    version = version_field()


class ReportForm(Form):
    """The lead unit says that the work is done."""

    done_on = DateField(label=gettext_lazy("Done on"))
    note = LongTextField(
        label=gettext_lazy("What was done, and by which paper"),
        max_length=4000,
        help_text=gettext_lazy("For example: Báo cáo 45/BC-SYT ngày 20/11/2026"),
    )
    files = FilesField(
        label=gettext_lazy("Evidence"),
        required=False,
        help_text=gettext_lazy("PDF, DOCX, XLSX, JPG or PNG. Not needed where an activity of this task is accepted."),
    )
    version = version_field()

    @staticmethod
    def initial_of(deadline: TaskDeadline) -> dict[str, Any]:
        """Return what the form shows: the last report where it was returned."""
        return {"done_on": deadline.done_on, "note": deadline.evidence_note, "version": deadline.version}
