"""Texts offered to the writer of a report: the last report's, and a sentence made of the figures.

A text that only repeats the last report's is told to the writer and to the reviewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, When
from django.db.models.functions import JSONObject
from django.utils import translation
from django.utils.translation import gettext as _

from activities.models import ProgressReport, Review, TaskReport
from activities.services.reports.versions import TEXTS
from agreements.models import Target, TaskDeadline
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from activities.services.reports.figures import IndicatorLine, LineFigures

LINE_FIELDS = ("result", "obstacles", "proposals")
LONG_ENOUGH = 20  # characters; a shorter text ("Không có") may well be the same twice


@dataclass(frozen=True)
class Previous:
    """The last report of the unit before this one; texts: name of a field of the new report → what stood there."""

    report: ProgressReport
    texts: Mapping[str, str]

    def repeated(self, texts: Mapping[str, str]) -> frozenset[str]:
        """The fields whose text is word by word that of the last report."""
        return frozenset(
            name
            for name, text in texts.items()
            if len(text.strip()) >= LONG_ENOUGH and _words(text) == _words(self.texts.get(name, ""))
        )


def _words(text: str) -> list[str]:
    return text.casefold().split()


def texts_of(report: ProgressReport, lines: Iterable[TaskReport]) -> dict[str, str]:
    """All texts of a report by the names of its form: "summary", "line-7-result"."""
    found = {name: getattr(report, name) for name in TEXTS}
    return found | {f"line-{line.pk}-{name}": getattr(line, name) for line in lines for name in LINE_FIELDS}


def previous_of(report: ProgressReport, lines: Sequence[TaskReport]) -> Previous | None:
    """The unit's last sent report on an earlier period of the programme, to the same committee; one query.

    One of the same kind goes before all others: half a year continues the last half, not a report asked for once.
    """
    duty = report.duty
    lines_then = TaskReport.objects.filter(report=OuterRef("pk")).values(
        line=JSONObject(task="task_id", **{name: name for name in LINE_FIELDS})
    )
    last = (
        ProgressReport.objects.exclude(review=Review.DRAFT)
        .filter(
            duty__programme=duty.programme_id,
            duty__committee=duty.committee_id,
            duty__unit=duty.unit_id,
            duty__ends_on__lt=duty.ends_on,
        )
        .select_related("duty")
        .annotate(lines_then=ArraySubquery(lines_then))
        .order_by(Case(When(duty__kind=duty.kind, then=0), default=1), "-duty__ends_on", "-pk")
        .first()
    )
    if last is None:
        return None
    texts = {name: getattr(last, name) for name in TEXTS}
    then = {line["task"]: line for line in last.lines_then}
    for line in lines:
        if line.task_id in then:
            texts |= {f"line-{line.pk}-{name}": then[line.task_id][name] for name in LINE_FIELDS}
    return Previous(last, {name: text for name, text in texts.items() if text.strip()})


def is_measured(task: str) -> Any:
    """Whether targets or deadlines measure the task of that path: only elsewhere a declared share counts."""
    by_target = Exists(Target.objects.filter(indicator__task=OuterRef(task)))
    return by_target | Exists(TaskDeadline.objects.filter(task=OuterRef(task)))


def suggested(found: LineFigures) -> str:
    """A first sentence for the result, made of the accepted figures; always in Vietnamese, "" without data."""
    if not found.has_data:
        return ""
    with translation.override("vi"):
        parts = []
        if found.activities:
            parts.append(_("%(count)s activities were accepted") % {"count": _number(found.activities)})
        parts += [_indicator(line) for line in found.indicators if line.period is not None]
        return _("In this period: %(parts)s.") % {"parts": "; ".join(parts)}


def _indicator(line: IndicatorLine) -> str:
    words = {"name": line.name, "value": _number(line.period), "unit": line.unit}
    text = _("%(name)s: %(value)s %(unit)s") % words
    if line.is_added and line.share is not None:
        reached = {
            "year": _number(line.year),
            "target": _number(line.target),
            "share": vietnamese.format_number(line.share * 100, 0),
        }
        text += _(", %(year)s/%(target)s in the year so far (%(share)s %%)") % reached
    return text


def _number(value: Decimal | int | None) -> str:
    return "" if value is None else vietnamese.format_number(Decimal(value))
