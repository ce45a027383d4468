"""The form of a reporting rule: four kinds of regular report in a table, who reports, reviews, reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activities.models import ReminderStep, ReportDuty
from agreements.figures.periods import (
    AFTER,
    BEFORE,
    KEEP,
    LEADS,
    MONTHS,
    NAMED,
    PARTNERS,
    DueRule,
    ReportCalendar,
    Rule,
)
from agreements.models import Programme
from core.forms import DateField, Form, WholeNumberField, version_field
from partners.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

DAYS = "days"  # the number counts days after the data end; any other mode is the month the day lies in
MODES = [
    (DAYS, gettext_lazy("days after the data end")),
    ("-1", gettext_lazy("is the day, in the month before the last of the period")),
    ("0", gettext_lazy("is the day, in the last month of the period")),
    ("1", gettext_lazy("is the day, in the month after the period")),
    ("2", gettext_lazy("is the day, in the second month after the period")),
]
SHIFTS = [
    (BEFORE, gettext_lazy("the working day before")),
    (AFTER, gettext_lazy("the working day after")),
    (KEEP, gettext_lazy("stays on that day")),
]
REPORTERS = [
    (PARTNERS, gettext_lazy("Every body that signed, except the committee and witnesses")),
    (LEADS, gettext_lazy("Every unit that leads a task")),
    (NAMED, gettext_lazy("The units ticked below")),
]


def reminder_words(days: int) -> str:
    """Return a rung of the ladder in words: 7 days before, on the day, 3 days after."""
    if days == 0:
        return _("on the day")
    if days < 0:
        return ngettext("%(n)s day before", "%(n)s days before", -days) % {"n": -days}
    return ngettext("%(n)s day after", "%(n)s days after", days) % {"n": days}


def units_for(programme: Programme, also: Iterable[int] = ()) -> list[Organisation]:
    """Return the units a rule or a request may name: parties, units of tasks, committees just below, those given."""
    tasks = programme.tasks.order_by()
    ids = set(programme.parties.values_list("organisation_id", flat=True)) | set(also)
    ids |= set(tasks.exclude(lead=None).values_list("lead_id", flat=True))
    ids |= set(tasks.exclude(supporting=None).values_list("supporting", flat=True))
    ids |= set(programme.report_duties.order_by().values_list("unit_id", flat=True))
    below = Organisation.objects.filter(parent=programme.owner, kind=Organisation.Kind.FRONT_COMMITTEE)
    ids |= set(below.values_list("pk", flat=True))
    return list(Organisation.objects.filter(pk__in=ids - {programme.owner_id}).order_by("sort_key"))


class RuleForm(Form):
    """When the units report to a committee. `rule()` gives what was typed as a Rule."""

    reporters = forms.ChoiceField(label=gettext_lazy("Who reports"), choices=REPORTERS, widget=forms.RadioSelect)
    units = forms.MultipleChoiceField(label=gettext_lazy("Units"), required=False, widget=forms.CheckboxSelectMultiple)
    review_days = WholeNumberField(
        label=gettext_lazy("Report for each interim and final review, days before it"),
        required=False,
        max_value=180,
        help_text=gettext_lazy("Leave it empty where no report is asked for."),
    )
    reminders = forms.MultipleChoiceField(
        label=gettext_lazy("Reminders"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Counted from the due date."),
    )
    since = DateField(
        label=gettext_lazy("Reports due from this day on"),
        required=False,
        help_text=gettext_lazy(
            "Reports due earlier are left as they are: nothing is asked for afterwards and nothing owed is dropped. "
            "Empty: from the start of the programme."
        ),
    )
    version = version_field()

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(ReportDuty.Kind.choices)
        for kind in MONTHS:
            label = str(labels[kind])
            self.fields[f"{kind}_on"] = forms.BooleanField(label=label, required=False)
            self.fields[f"{kind}_window"] = self._number(_("%(kind)s: data from day") % {"kind": label}, 1, 28)
            self.fields[f"{kind}_number"] = self._number(_("%(kind)s: number") % {"kind": label}, 0, 180)
            for name, choices, what in (
                ("mode", MODES, _("%(kind)s: what the number means")),
                ("shift", SHIFTS, _("%(kind)s: due date on a day off")),
            ):
                self.fields[f"{kind}_{name}"] = forms.ChoiceField(
                    label=what % {"kind": label}, choices=choices, required=False
                )
        css = {"on": "form-check-input", "window": "form-control", "number": "form-control"}
        for kind in MONTHS:  # drawn in a table: the heads of rows and columns name them, and a label read aloud
            for name in ("on", "window", "number", "mode", "shift"):
                field = self.fields[f"{kind}_{name}"]
                field.widget.attrs |= {"class": css.get(name, "form-select"), "aria-label": field.label}
        named = self.initial.get("units", [])
        self.fields["units"].choices = [(str(u.pk), str(u)) for u in units_for(programme, map(int, named))]  # type: ignore[attr-defined]
        steps = set(ReminderStep.objects.values_list("days", flat=True)) | set(map(int, self.initial["reminders"]))
        self.fields["reminders"].choices = [(str(n), reminder_words(n)) for n in sorted(steps)]  # type: ignore[attr-defined]

    def _number(self, label: str, least: int, most: int) -> WholeNumberField:
        field = WholeNumberField(label=label, required=False, min_value=least, max_value=most)
        field.widget.attrs.pop("data-number-echo", None)
        return field

    def rows(self) -> list[dict[str, Any]]:
        """Return the bound fields of each kind for the table."""
        names = ("on", "window", "number", "mode", "shift")
        return [{"kind": kind} | {name: self[f"{kind}_{name}"] for name in names} for kind in MONTHS]

    def clean(self) -> dict[str, Any]:
        """Hold what belongs together against each other: each kind that is ticked, and the named units."""
        data = super().clean() or {}
        self.calendars = []
        for kind in MONTHS:
            if data.get(f"{kind}_on") and not any(f"{kind}_{n}" in self.errors for n in ("window", "number", "mode")):
                self._take_calendar(kind, data)
        if data.get("reporters") == NAMED and not data.get("units") and "units" not in self.errors:
            self.add_error("units", ValidationError(_("Tick at least one unit")))
        if not any(data.get(f"{kind}_on") for kind in MONTHS) and data.get("review_days") is None and not self.errors:
            raise ValidationError(_("Tick at least one kind of report, or enter the days before a review"))
        return data

    def _take_calendar(self, kind: str, data: dict[str, Any]) -> None:
        number, mode, window_day = data.get(f"{kind}_number"), data.get(f"{kind}_mode") or DAYS, data[f"{kind}_window"]
        if number is None:
            self.add_error(f"{kind}_number", _("Enter the number of days, or the day of the month"))
            return
        if mode != DAYS and not 1 <= number <= 31:
            self.add_error(f"{kind}_number", _("A day of the month is 1 to 31"))
            return
        shift = data.get(f"{kind}_shift") or BEFORE
        due = DueRule(days=number, shift=shift) if mode == DAYS else DueRule(day=number, months=int(mode), shift=shift)
        self.calendars.append(ReportCalendar(kind, due, window_day or 1))

    def rule(self) -> Rule:
        """Return the rule that was typed; only of a valid form."""
        data = self.cleaned_data
        return Rule(
            calendars=tuple(self.calendars),
            reporters=data["reporters"],
            units=frozenset(map(int, data["units"])) if data["reporters"] == NAMED else frozenset(),
            review_days=data["review_days"],
            reminders=tuple(sorted(map(int, data["reminders"]))),
            since=data["since"],
        )

    @staticmethod
    def initial_of(rule: Rule) -> dict[str, Any]:
        """Return what the form shows of a rule."""
        shown: dict[str, Any] = {
            "reporters": rule.reporters,
            "units": sorted(map(str, rule.units)),
            "review_days": rule.review_days,
            "reminders": [str(days) for days in rule.reminders],
            "since": rule.since,
        }
        for kind in MONTHS:
            shown |= {f"{kind}_on": False, f"{kind}_window": 1, f"{kind}_mode": "0", f"{kind}_shift": BEFORE}
        for one in rule.calendars:
            by_days = one.due.days is not None
            shown |= {
                f"{one.kind}_on": True,
                f"{one.kind}_window": one.window_day,
                f"{one.kind}_number": one.due.days if by_days else one.due.day,
                f"{one.kind}_mode": DAYS if by_days else str(one.due.months),
                f"{one.kind}_shift": one.due.shift,
            }
        return shown
