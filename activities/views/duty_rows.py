"""The rows of the list of reports to hand in, each drawn once per its values, and where one leads."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from activities import policy
from activities.models import ProgressReport, ReportDuty
from activities.views.duty_words import status_of
from agreements.models import Programme
from core.drawn import drawn
from partners.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = ("pk", "kind", "period", "title", "starts_on", "ends_on", "due_on", "waived_at", "report__review",
           "programme__code", "programme__title", "programme__short_title", "unit__name", "unit__name_en")  # fmt: skip


class Line(NamedTuple):
    """A duty as the list reads it (COLUMNS); review is None where no report was begun."""

    pk: int
    kind: str
    period: str
    title: str
    starts_on: datetime.date
    ends_on: datetime.date
    due_on: datetime.date
    waived_at: datetime.datetime | None
    review: str | None
    programme_code: str
    programme_title: str
    programme_short_title: str
    unit_name: str
    unit_name_en: str


def duty_url(duty: ReportDuty) -> str:
    """Return where the report of a duty is read: its own page once it was sent, else the page of the duty."""
    if policy.duty_state(duty) == "answered":
        try:
            return reverse("activities:report_show", args=[duty.pk])
        except NoReverseMatch:  # the pages of reports may not be there
            pass
    return reverse("activities:duty_show", args=[duty.pk])


def drawn_rows(lines: Sequence[Line], day: datetime.date) -> SafeString:
    """Return the rows of the table."""
    return SafeString("\n".join([drawn("activities/_duty_row.html", shown, line=line, day=day) for line in lines]))


def shown(*, line: Line, day: datetime.date) -> dict[str, Any]:
    """Return what the template of a row shows; it depends on nothing but these values and the language."""
    values = line._asdict()
    programme = {name: values.pop(f"programme_{name}") for name in ("code", "title", "short_title")}
    unit = {name: values.pop(f"unit_{name}") for name in ("name", "name_en")}
    review = values.pop("review")
    duty = ReportDuty(**values, programme=Programme(**programme), unit=Organisation(**unit))
    report = ProgressReport(review=review) if review is not None else None
    ReportDuty.report.related.set_cached_value(duty, report)  # type: ignore[attr-defined]  # known, also that there is none
    return {"duty": duty, "status": status_of(duty, day), "url": duty_url(duty)}
