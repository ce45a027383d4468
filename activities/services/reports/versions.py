"""A report as a reader sees it, kept at each step of its life; and what differs between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from activities.models import ReportVersion
from activities.services.reports.figures import line_figures

if TYPE_CHECKING:
    import datetime

    from activities.models import ProgressReport
    from core.models import User

TEXTS = ("summary", "obstacles", "proposals", "next_steps")
LINE_TEXTS = ("self_rating", "reviewer_rating", "result", "obstacles", "proposals", "declared_reason")


def content_of(report: ProgressReport) -> dict[str, Any]:
    """Everything a reader of the report sees: texts, ratings and figures, frozen ones where they are frozen."""
    lines = list(report.lines.select_related("task").order_by("position", "id"))
    live = {} if report.cut_off else line_figures(report.duty, [line.task for line in lines])
    return {
        "duty": str(report.duty),
        "review": report.review,
        **{name: getattr(report, name) for name in TEXTS},
        "reviewer_note": report.reviewer_note,
        "cut_off": report.cut_off.isoformat() if report.cut_off else None,
        "lines": [
            {
                "task": line.task_id,
                "title": line.task.title,
                **{name: getattr(line, name) for name in LINE_TEXTS},
                "declared_share": None if line.declared_share is None else str(line.declared_share),
                "figures": line.figures if report.cut_off else live[line.task_id].to_json(),
            }
            for line in lines
        ],
    }


def keep(report: ProgressReport, cause: str, user: User, reason: str = "") -> ReportVersion:
    """Keep the report as it stands now under the next number."""
    last = report.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return ReportVersion.objects.create(
        report=report, number=last + 1, cause=cause, reason=reason, content=content_of(report), made_by=user
    )


def sendings(report: ProgressReport) -> list[datetime.datetime]:
    """When the report was handed in, oldest first; more than one where it was returned or taken back in between."""
    sent = report.versions.filter(cause=ReportVersion.Cause.SUBMITTED).order_by("number")
    return list(sent.values_list("made_at", flat=True))


@dataclass(frozen=True)
class Difference:
    """One value that differs: the title of its task ("" for the whole report), its name, old and new."""

    task: str
    name: str
    old: Any
    new: Any


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    """What differs between two kept contents, in the order of the report; figures compare by indicator and number."""
    found = [
        Difference("", name, old.get(name, ""), new.get(name, ""))
        for name in (*TEXTS, "reviewer_note")
        if old.get(name, "") != new.get(name, "")
    ]
    before = {line["task"]: line for line in old.get("lines", [])}
    for line in new.get("lines", []):
        other = before.pop(line["task"], {})
        for name in (*LINE_TEXTS, "declared_share"):
            if other.get(name) != line.get(name) and (other.get(name) or line.get(name)):
                found.append(Difference(line["title"], name, other.get(name), line.get(name)))
        found += _figure_differences(line["title"], other.get("figures", {}), line.get("figures", {}))
    for line in before.values():
        found.append(Difference(line["title"], "line", line.get("result", ""), None))
    return found


def drift(report: ProgressReport) -> list[Difference]:
    """What differs between the frozen figures of an accepted report and those of today; [] where nothing moved."""
    lines = list(report.lines.select_related("task"))
    live = line_figures(report.duty, [line.task for line in lines])
    return [
        difference
        for line in lines
        for difference in _figure_differences(line.task.title, line.figures, live[line.task_id].to_json())
    ]


def _figure_differences(title: str, old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    found = [
        Difference(title, name, old.get(name), new.get(name))
        for name in ("activities", "persons", "households", "turns", "value")
        if old.get(name) != new.get(name)
    ]
    values = {line["indicator_id"]: line for line in old.get("indicators", [])}
    for line in new.get("indicators", []):
        was = values.get(line["indicator_id"], {})
        for name in ("period", "year", "target"):
            if was.get(name) != line.get(name):
                found.append(
                    Difference(title, f"{line['name']} ({line['unit']}): {name}", was.get(name), line.get(name))
                )
    return found
