"""Forms of reports: the whole report of a duty on one page, and the decision on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.forms.reviewing import DecisionForm
from activities.models import Rating
from activities.services.reports import LineData, ReportData
from core.forms import Form, LongTextField, NumberField, TextField, version_field
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from activities.models import Evidence, ProgressReport, TaskReport

REASON_LIMIT = 1000
GENERAL = ("summary", "obstacles", "proposals", "next_steps")
REPORT_REASONS = (
    ("figures", gettext_lazy("Log the missing activities first, so that the figures agree with the text.")),
    ("result", gettext_lazy("Write the results of each task, with numbers.")),
    ("obstacles", gettext_lazy("Say what stands in the way and who should act.")),
    ("rating", gettext_lazy("Check the rating against the figures.")),
    ("repeated", gettext_lazy("The text repeats the last report. Write what was done in this period.")),
)


class ReportForm(Form):
    """Everything a unit writes in a report. All may stay empty in a draft; sending names what is missing.

    photos: TaskReport id → what may be chosen for it. declarable: lines that may declare a share. The names of the
    fields of a line ("line-7-result") are those the services use in their messages.
    """

    version = version_field()
    summary = LongTextField(label=gettext_lazy("How the work went"), required=False, rows=5)
    obstacles = LongTextField(label=gettext_lazy("Obstacles in general"), required=False, rows=3)
    proposals = LongTextField(label=gettext_lazy("Proposals in general"), required=False, rows=3)
    next_steps = LongTextField(label=gettext_lazy("Next steps"), required=False, rows=3)

    def __init__(
        self,
        *args: Any,
        report: ProgressReport,
        lines: Sequence[TaskReport],
        photos: Mapping[int, Sequence[Evidence]],
        declarable: frozenset[int],
        **kwargs: Any,
    ) -> None:
        self.lines, self.photos, self.declarable = lines, photos, declarable
        initial: dict[str, Any] = {name: getattr(report, name) for name in GENERAL} | {"version": report.version}
        for line in lines:
            initial |= {self.name(line, name): getattr(line, name) for name in self._names(line)}
            initial[self.name(line, "photos")] = [str(photo.pk) for photo in line.photos.all()]
        super().__init__(*args, **{"initial": initial, **kwargs})
        for line in lines:
            self._add_line(line)

    @staticmethod
    def name(line: TaskReport, part: str) -> str:
        """The name of a field of a line."""
        return f"line-{line.pk}-{part}"

    def _names(self, line: TaskReport) -> tuple[str, ...]:
        declared = ("declared_share", "declared_reason") if line.pk in self.declarable else ()
        return ("self_rating", "result", "obstacles", "proposals", *declared)

    def _add_line(self, line: TaskReport) -> None:
        made: dict[str, forms.Field] = {
            "self_rating": forms.ChoiceField(
                label=_("Own rating"), choices=Rating.choices, required=False, widget=forms.RadioSelect
            ),
            "result": LongTextField(label=_("Result"), required=False, rows=3),
            "obstacles": LongTextField(label=_("Obstacles"), required=False, rows=2),
            "proposals": LongTextField(label=_("Proposals"), required=False, rows=2),
        }
        if line.pk in self.declarable:
            made["declared_share"] = NumberField(
                label=_("Declared share in per cent"), required=False, min_value=0, max_value=100, decimal_places=2
            )
            made["declared_reason"] = TextField(label=_("What the share rests on"), required=False, max_length=500)
        if self.photos.get(line.pk):
            made["photos"] = forms.MultipleChoiceField(
                label=_("Photos for the report"),
                required=False,
                choices=[(str(photo.pk), photo.caption) for photo in self.photos[line.pk]],
                widget=forms.CheckboxSelectMultiple,
            )
        for part, field in made.items():
            self.fields[self.name(line, part)] = field
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = _("Choose one of the listed values")

    def clean(self) -> dict[str, Any]:
        """A declared share counts only with what it rests on."""
        found = super().clean() or {}
        for line in self.lines:
            share, reason = self.name(line, "declared_share"), self.name(line, "declared_reason")
            if found.get(share) is not None and not found.get(reason) and reason not in self.errors:
                self.add_error(reason, _("Say what the declared share rests on: it counts only with a reason."))
        return found

    def data_of(self, changes: Mapping[str, str] | None = None) -> ReportData:
        """What was typed, for the service; changes: texts that take the place of some."""
        found = self.cleaned_data | dict(changes or {})
        lines = {}
        for line in self.lines:
            typed = {part: found[self.name(line, part)] for part in self._names(line)}
            if line.pk not in self.declarable:  # not asked: what was declared before stays
                typed |= {"declared_share": line.declared_share, "declared_reason": line.declared_reason}
            chosen = found.get(self.name(line, "photos"))
            lines[line.pk] = LineData(**typed, photos=None if chosen is None else frozenset(int(pk) for pk in chosen))
        return ReportData(**{name: found[name] for name in GENERAL}, lines=lines)


class ReportDecisionForm(DecisionForm):
    """Accept with the reviewer's own rating of each task, or return with a reason."""

    usual = REPORT_REASONS

    def __init__(self, *args: Any, lines: Sequence[TaskReport], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[f"rating-{line.pk}"] = forms.ChoiceField(
                label=_("Rating of the committee: %(task)s") % {"task": line.task.title},
                choices=Rating.choices,
                required=False,
                initial=line.self_rating,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def clean(self) -> dict[str, Any]:
        """The ticked sentences and the own words together have a limit."""
        found = super().clean() or {}
        count = len(self.text())
        if count > REASON_LIMIT and "reason" not in self.errors:
            self.add_error(
                "reason",
                _("The reason may have 1.000 characters at most. It has %(count)s now.")
                % {"count": vietnamese.format_number(count)},
            )
        return found

    def ratings(self) -> dict[int, str]:
        """TaskReport id → the reviewer's rating."""
        return {line.pk: self.cleaned_data.get(f"rating-{line.pk}") or line.self_rating for line in self.lines}
