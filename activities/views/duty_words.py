"""The words of the reporting cycle: how a duty stands, how far its due date is, what a rule means."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from activities.forms.rules import reminder_words
from activities.models import ReportDuty, Review
from agreements.figures.periods import (
    AFTER,
    BEFORE,
    LEADS,
    MONTH,
    MONTHS,
    NAMED,
    ReportCalendar,
    Rule,
    WorkingDays,
    due_date,
    window,
)
from documents import vietnamese

if TYPE_CHECKING:
    from collections.abc import Iterable

SOON_DAYS = 7
EVERY_DAY = WorkingDays(worked=frozenset())
SAMPLE = 2026  # any year without 29 February: the days of a rule are the same in each
# state → (kind of status tag, icon, without fill, words)
STATES = {
    "not_due": ("none", "", True, gettext_lazy("Not due yet")),
    "due": ("wait", "", False, gettext_lazy("Falls due")),
    "overdue": ("over", "", False, gettext_lazy("Overdue")),
    "submitted": ("run", "arrow", False, gettext_lazy("Handed in")),
    "returned": ("fix", "", False, gettext_lazy("Returned")),
    "accepted": ("done", "", True, pgettext_lazy("report", "Accepted")),
    "waived": ("dash", "", True, gettext_lazy("Waived")),
}

ACTIONS = {
    "duty.request": gettext_lazy("Asked for the report"),
    "duty.waive": gettext_lazy("Waived the report"),
    "duty.restore": gettext_lazy("Asked for the report again"),
    "duty.move": gettext_lazy("Changed the due date"),
}


def action_words(action: str, detail: dict[str, Any]) -> str:
    """Return what an audit entry of a duty says was done, with the days of a moved due date."""
    words = str(ACTIONS.get(action, action))
    if action == "duty.move" and {"from", "to"} <= detail.keys():
        days = [vietnamese.format_date(datetime.date.fromisoformat(detail[name])) for name in ("from", "to")]
        return f"{words}: {days[0]} → {days[1]}"
    return words


def state_of(duty: ReportDuty, day: datetime.date) -> str:
    """Return the key of STATES: due within 7 days counts as due, due today is not overdue.

    A returned report keeps its due date: `is_overdue` says whether that has passed.
    """
    report = getattr(duty, "report", None)
    if duty.is_waived:
        return "waived"
    if report is not None and report.review in {Review.SUBMITTED, Review.RETURNED, Review.ACCEPTED}:
        return str(report.review)
    if duty.due_on < day:
        return "overdue"
    return "due" if (duty.due_on - day).days <= SOON_DAYS else "not_due"


def status_of(duty: ReportDuty, day: datetime.date) -> dict[str, Any]:
    """Return {state, kind, icon, plain, label, distance, is_overdue} of a duty for a tag and the words beside it.

    The tag of an overdue duty says by how much; distance is then empty.
    """
    state = state_of(duty, day)
    kind, icon, plain, label = STATES[state]
    is_open = state in {"not_due", "due", "overdue", "returned"}
    far = distance(duty.due_on, day) if is_open else ""
    return {
        "state": state,
        "kind": kind,
        "icon": icon,
        "plain": plain,
        "label": far if state == "overdue" else str(label),
        "distance": "" if state == "overdue" else far,
        "is_overdue": is_open and duty.due_on < day,
    }


def distance(due_on: datetime.date, day: datetime.date) -> str:
    """Return how far a due date is: 5 days left, due today, 3 days overdue."""
    left = (due_on - day).days
    if left < 0:
        return ngettext("%(n)s day overdue", "%(n)s days overdue", -left) % {"n": vietnamese.format_number(-left)}
    if left == 0:
        return _("due today")
    return ngettext("%(n)s day left", "%(n)s days left", left) % {"n": vietnamese.format_number(left)}


def rule_sentences(rule: Rule, units: Iterable[str] = ()) -> list[str]:
    """Return what a rule means, one sentence for each kind of report and for who, when reminded and from when on."""
    found = [_calendar_sentence(one) for one in sorted(rule.calendars, key=lambda one: MONTHS[one.kind])]
    if rule.review_days is not None:
        found.append(
            ngettext(
                "Interim and final review: report %(n)s day before it.",
                "Interim and final review: report %(n)s days before it.",
                rule.review_days,
            )
            % {"n": rule.review_days}
        )
    found.append(_who_sentence(rule, units))
    if rule.reminders:
        words = ", ".join(reminder_words(days) for days in rule.reminders)
        found.append(_("Reminders: %(days)s.") % {"days": words})
    if rule.since:
        found.append(_("For reports due from %(day)s on.") % {"day": vietnamese.format_date(rule.since)})
    return found


def _who_sentence(rule: Rule, units: Iterable[str]) -> str:
    if rule.reporters == NAMED:
        return _("Who reports: %(units)s.") % {"units": "; ".join(units)}
    if rule.reporters == LEADS:
        return _("Who reports: every unit that leads a task.")
    return _("Who reports: every body that signed, except the committee and witnesses.")


def _calendar_sentence(one: ReportCalendar) -> str:
    values = {"kind": ReportDuty.Kind(one.kind).label, "data": _data_words(one), "due": _due_words(one)}
    if one.due.shift == BEFORE:
        return _("%(kind)s: data %(data)s, due by %(due)s; on a day off it moves to the working day before.") % values
    if one.due.shift == AFTER:
        return _("%(kind)s: data %(data)s, due by %(due)s; on a day off it moves to the working day after.") % values
    return _("%(kind)s: data %(data)s, due by %(due)s, also on a day off.") % values


def _data_words(one: ReportCalendar) -> str:
    if one.kind == MONTH:
        if one.window_day == 1:
            return _("of the calendar month")
        values = {"first": f"{one.window_day:02}", "last": f"{one.window_day - 1:02}"}
        return _("from day %(first)s of the month before to day %(last)s") % values
    windows = []
    for number in range(1, 12 // MONTHS[one.kind] + 1):
        first, end = window(one, SAMPLE, number)
        windows.append(f"{first:%d/%m}–{end - datetime.timedelta(days=1):%d/%m}")
    return ", ".join(windows)


def _due_words(one: ReportCalendar) -> str:
    if one.kind == MONTH:
        if one.due.days is not None:
            days = one.due.days
            return ngettext("%(n)s day after the data end", "%(n)s days after the data end", days) % {"n": days}
        day = f"{one.due.day:02}"
        if one.due.months < 0:
            return _("day %(day)s of the month before") % {"day": day}
        if one.due.months:
            return _("day %(day)s of a following month (%(n)s later)") % {"day": day, "n": one.due.months}
        return _("day %(day)s of the month") % {"day": day}
    plain = ReportCalendar(one.kind, _unshifted(one), one.window_day)
    dues = [due_date(plain, SAMPLE, number, EVERY_DAY) for number in range(1, 12 // MONTHS[one.kind] + 1)]
    return ", ".join(f"{due:%d/%m}" for due in dues)


def _unshifted(one: ReportCalendar) -> Any:
    from dataclasses import replace

    return replace(one.due, shift="keep")
