"""Forms of milestones: one, those proposed from the period, and the day one was done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from agreements.models import Milestone, Programme, ProgrammeDocument
from agreements.services import MilestoneData
from core.forms import DateField, Form, TextField, version_field
from partners.models import Organisation


def responsible_choices(programme: Programme) -> dict[str, Organisation]:
    """Return by id the bodies that may answer for a milestone: the owner, the parties, the units that lead tasks."""
    ids = {programme.owner_id, *programme.parties.values_list("organisation_id", flat=True)}
    ids |= set(programme.tasks.exclude(lead=None).order_by().values_list("lead_id", flat=True))
    ids |= set(programme.milestones.exclude(responsible=None).order_by().values_list("responsible_id", flat=True))
    return {str(body.pk): body for body in Organisation.objects.filter(pk__in=ids).order_by("sort_key")}


class _WithBodies(Form):
    """A form with the field `responsible`."""

    def __init__(self, *args: Any, bodies: dict[str, Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = bodies
        self.fields["responsible"].choices = [("", "–"), *((pk, str(body)) for pk, body in bodies.items())]  # type: ignore[attr-defined]

    def to_data(self) -> MilestoneData:
        """Return what was typed."""
        data = self.cleaned_data
        return MilestoneData(
            kind=data["kind"],
            due_on=data["due_on"],
            name=data["name"],
            responsible=self.bodies.get(data["responsible"]),
            note=data.get("note", ""),
        )


class MilestoneForm(_WithBodies):
    """One milestone."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Milestone.Kind.choices)
    name = TextField(label=gettext_lazy("Name"), required=False, help_text=gettext_lazy("Empty: the kind is shown."))
    due_on = DateField(label=gettext_lazy("Due"))
    responsible = forms.ChoiceField(label=gettext_lazy("Responsible body"), required=False)
    note = TextField(label=gettext_lazy("Note"), max_length=500, required=False)
    version = version_field()

    @staticmethod
    def initial_of(row: Milestone) -> dict[str, Any]:
        """Return what the form shows of a milestone."""
        shown = {name: getattr(row, name) for name in ("kind", "name", "due_on", "note", "version")}
        return shown | {"responsible": str(row.responsible_id or "")}


class ProposalForm(_WithBodies):
    """A proposed milestone, taken only where it is ticked."""

    take = forms.BooleanField(label=gettext_lazy("Take it"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Milestone.Kind.choices, widget=forms.HiddenInput)
    name = TextField(label=gettext_lazy("Name"), required=False)
    due_on = DateField(label=gettext_lazy("Due"))
    responsible = forms.ChoiceField(label=gettext_lazy("Responsible body"), required=False)

    def kind_label(self) -> str:
        """Return the kind in words, as proposed or as posted."""
        value = str(self["kind"].value() or "")
        return str(dict(Milestone.Kind.choices).get(value, value))


ProposalSet = forms.formset_factory(ProposalForm, extra=0, max_num=60, absolute_max=80)


class FinishForm(Form):
    """The day a milestone was done, and the paper that proves it."""

    done_on = DateField(label=gettext_lazy("Done on"))
    document = forms.ChoiceField(label=gettext_lazy("Paper of the programme that proves it"), required=False)
    note = TextField(
        label=gettext_lazy("Note"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("The outcome in a sentence, or where the paper is."),
    )
    version = version_field()

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.papers = {str(paper.pk): paper for paper in programme.documents.all()}
        self.fields["document"].choices = [("", "–"), *((pk, paper.title) for pk, paper in self.papers.items())]  # type: ignore[attr-defined]

    def paper(self) -> ProgrammeDocument | None:
        """Return the chosen paper."""
        return self.papers.get(self.cleaned_data["document"])
