"""Forms about single duties: asking once for a report, waiving one, another due date; and days off."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from activities.forms.rules import units_for
from agreements.models import Programme
from core.forms import DateField, Form, LongTextField, TextField, version_field
from core.models import Holiday
from partners.models import Organisation


class RequestForm(Form):
    """Ask several units once for a report."""

    title = TextField(
        label=gettext_lazy("What the report is called"),
        help_text=gettext_lazy("For example: Báo cáo nhanh sau bão số 11"),
    )
    request = LongTextField(
        label=gettext_lazy("What is asked"),
        max_length=4000,
        required=False,
        help_text=gettext_lazy("Figures, photos, proposals the committee needs, in plain words."),
    )
    starts_on = DateField(label=gettext_lazy("Data from"))
    last_day = DateField(label=gettext_lazy("Data to"))
    due_on = DateField(label=gettext_lazy("Due date"))
    units = forms.MultipleChoiceField(label=gettext_lazy("Units"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.pk): unit for unit in units_for(programme)}
        self.fields["units"].choices = [(pk, str(unit)) for pk, unit in self.units.items()]  # type: ignore[attr-defined]

    def chosen(self) -> list[Organisation]:
        """Return the ticked units."""
        return [self.units[pk] for pk in self.cleaned_data["units"]]


class WaiveForm(Form):
    """Let a unit off one report."""

    reason = LongTextField(
        label=gettext_lazy("Reason"),
        max_length=500,
        rows=3,
        help_text=gettext_lazy("The unit reads it. For example: Đã báo cáo trong báo cáo tổng kết ngày 20/11/2026"),
    )
    version = version_field()


class MoveForm(Form):
    """Another due date for one report."""

    due_on = DateField(label=gettext_lazy("New due date"))
    reason = LongTextField(label=gettext_lazy("Reason"), max_length=500, rows=3)
    version = version_field()


class HolidayForm(Form):
    """A day off, or a day worked in exchange."""

    day = DateField(label=gettext_lazy("Day"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Holiday.Kind.choices, widget=forms.RadioSelect)
    name = TextField(
        label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("For example: Nghỉ bù Quốc khánh")
    )
    note = TextField(
        label=gettext_lazy("By which decision"),
        required=False,
        help_text=gettext_lazy("Number and date of the paper, for days that are set each year."),
    )
    version = version_field()
