"""The reporting tab of a programme: rules of each committee, duties per unit and period, milestones; the rule form."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities import policy, services
from activities.forms.rules import RuleForm
from activities.models import Nudge, ReportDuty
from activities.models.reports import CALENDAR_KINDS
from activities.services.duties import Plan, plan_duties, saved_rules
from activities.views.duties import tab_condition
from activities.views.duty_rows import duty_url
from activities.views.duty_words import rule_sentences, status_of
from agreements import services as programme_services
from agreements.figures.periods import PRESETS, Rule, parse_rule, rule_data
from agreements.models import Programme, ReportingRule
from agreements.models.periods import period_of_code
from agreements.views.conflicts import compare
from agreements.views.milestones import milestone_rows
from agreements.views.programmes import actions_of, head, load
from core.exceptions import DomainError, NotAllowed, Stale
from core.forms import add_error, check_version
from core.http import form_data, once
from partners.models import Organisation, actors_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse, HttpResponseBase

    from core.http import SignedInRequest
    from core.models import User

FEW_UNITS = 4  # more units than this stand in rows, the periods in columns
FIRST_SHOWN = 6
PRESET_NAMES = {
    "nd09": gettext_lazy("Decree 09/2019 (closed on the 14th, month, half-year and year)"),
    "month": gettext_lazy("Calendar month"),
    "half_year": gettext_lazy("Half-year and year, 15/6 and 15/12"),
    "quarter": gettext_lazy("Quarter, on the 6th of its last month"),
}


def programme_reports(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show when units report to whom, what each owes in a year (`nam`), and the milestones."""
    programme = load(request, pk)
    day = timezone.localdate()
    duties = ReportDuty.objects.visible_to(request.user).filter(programme=programme)
    years = sorted({row.year for row in duties.order_by().dates("due_on", "year")})
    asked = request.GET.get("nam", "")
    year = int(asked) if asked in {str(one) for one in years} else _nearest(years, day.year)
    shown = duties.filter(due_on__year=year).select_related("unit", "report", "programme", "committee")
    settable = committees(programme, request.user)
    counts = duties.aggregate(
        overdue=Count("pk", filter=tab_condition("qua-han", day)),
        waiting=Count("pk", filter=tab_condition("cho-duyet", day)),
        accepted=Count("pk", filter=tab_condition("da-tiep-nhan", day)),
    )
    context = {
        "rules": rule_rows(programme, settable),
        "new_rules": [body for body in settable if body.pk not in {row.committee_id for row in _rules(programme)}],
        "grid": grid_of(list(shown.order_by("due_on", "pk")), day),
        "years": [{"url": f"?nam={one}", "label": one, "count": None, "current": one == year} for one in years],
        "year": year,
        "counts": counts,
        "list_url": f"{reverse('activities:duty_list')}?chuong-trinh={pk}",
        "may_request": any(policy.may_request(actor, programme) for actor in actors_of(request.user)),
        "milestones": _with_nudges(milestone_rows(programme, day), request.user),
        "may_edit": "edit" in actions_of(programme, request.user),
        "proposed": len(programme_services.proposals(programme)),
    }
    return render(request, "activities/programme_reports.html", head(programme, request.user, "reports") | context)


def _with_nudges(rows: list[dict[str, Any]], user: User) -> list[dict[str, Any]]:
    """Give each milestone the reminders about it that the person may read."""
    found: dict[int | None, list[Nudge]] = {}
    for nudge in Nudge.objects.visible_to(user).filter(milestone__in=[row["milestone"].pk for row in rows]).named():
        found.setdefault(nudge.milestone_id, []).append(nudge)
    return [row | {"nudges": found.get(row["milestone"].pk, [])} for row in rows]


def _nearest(years: list[int], year: int) -> int:
    return min(years, key=lambda one: (abs(one - year), -one)) if years else year


def _rules(programme: Programme) -> list[ReportingRule]:
    if not hasattr(programme, "_rules"):
        programme._rules = list(programme.reporting_rules.select_related("committee"))  # type: ignore[attr-defined]
    rows: list[ReportingRule] = programme._rules  # type: ignore[attr-defined]
    return rows


def committees(programme: Programme, user: User) -> list[Organisation]:
    """Return the committees whose rule the person may set under any of the current memberships."""
    found: dict[int, Organisation] = {}
    for actor in actors_of(user):
        if actor.role == policy.OFFICER:
            for body in programme_services.committees_for(actor=actor, programme=programme):
                found.setdefault(body.pk, body)
    return list(found.values())


def rule_rows(programme: Programme, settable: Iterable[Organisation]) -> list[dict[str, Any]]:
    """Return the rule of each committee in words: {committee, sentences, edit_url or ""}."""
    may = {body.pk for body in settable}
    found = []
    for row in _rules(programme):
        try:
            sentences = sentences_of(parse_rule(row.rule))
        except ValueError:
            sentences = [_("This rule cannot be read. Set it again.")]
        url = _edit_url(programme, row.committee_id) if row.committee_id in may else ""
        found.append({"committee": row.committee, "sentences": sentences, "edit_url": url})
    return found


def _edit_url(programme: Programme, committee_id: int) -> str:
    return f"{reverse('activities:rule_edit', args=[programme.pk])}?uy-ban={committee_id}"


def sentences_of(rule: Rule) -> list[str]:
    """Return what a rule means, with the names of the units it names."""
    names = Organisation.objects.filter(pk__in=rule.units).order_by("sort_key") if rule.units else []
    return rule_sentences(rule, [str(body) for body in names])


def grid_of(duties: list[ReportDuty], day: datetime.date) -> dict[str, Any] | None:
    """Return duties as a table {columns, rows}: units across while they are few, else periods across; None if none."""
    if not duties:
        return None
    units = sorted({duty.unit_id: duty.unit for duty in duties}.values(), key=lambda unit: unit.sort_key)
    many_committees = len({duty.committee_id for duty in duties}) > 1
    periods: dict[tuple[Any, ...], dict[str, Any]] = {}
    cells: dict[tuple[Any, int], list[dict[str, Any]]] = {}
    for duty in duties:
        key = (duty.committee_id, duty.kind, duty.period)
        periods.setdefault(key, _period_head(duty, many_committees))
        cell = {"duty": duty, "status": status_of(duty, day), "url": duty_url(duty)}
        cells.setdefault((key, duty.unit_id), []).append(cell)
    unit_heads = [(unit.pk, {"label": str(unit), "note": ""}) for unit in units]
    across = len(units) <= FEW_UNITS
    columns, rows = (unit_heads, list(periods.items())) if across else (list(periods.items()), unit_heads)
    body = [
        {"head": row, "cells": [cells.get((r, c) if across else (c, r), []) for c, _head in columns]}  # type: ignore[arg-type]
        for r, row in rows
    ]
    return {"columns": [column for _key, column in columns], "rows": body, "units_across": across}


def _period_head(duty: ReportDuty, many_committees: bool) -> dict[str, str]:
    words = period_of_code(duty.period) if duty.kind in CALENDAR_KINDS else str(duty)
    label = words[:1].upper() + words[1:]
    return {"label": label, "note": duty.committee.short_name or str(duty.committee) if many_committees else ""}


def rule_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Set the rule of a committee (`uy-ban`); what it does is shown before it is saved."""
    programme, committee = _rule_place(request, pk)
    saved = ReportingRule.objects.filter(programme=programme, committee=committee).first()
    rule = _first_rule(request, saved)
    initial = RuleForm.initial_of(rule) | {"version": saved.version if saved else ""}
    form = RuleForm(form_data(request), programme=programme, initial=initial)
    where = {"programme": programme, "committee": committee, "saved": saved}

    def act() -> HttpResponseBase:
        if not form.is_valid():
            return _rule_page(request, form, where)
        seen = digest(form.rule())
        try:
            if saved is not None:
                check_version(saved, form.cleaned_data["version"])
            if request.POST.get("seen") != seen:
                plan = _preview(programme, committee, saved, form.rule())
                # Who pressed Save after a change has not seen what it means now, and is told why nothing was saved.
                where["is_changed"] = bool(request.POST.get("seen")) and "see" not in request.POST
                return _rule_page(request, form, where, plan=plan, seen=seen)
            return _save_rule(request, programme, committee, form)
        except Stale as stale:
            # the saved rule as the form shows it, for both texts side by side
            theirs = RuleForm.initial_of(parse_rule(stale.current.rule))
            return compare(request, stale, [(form, theirs)], cancel_url=_edit_url(programme, committee.pk))
        except NotAllowed:
            raise
        except DomainError as error:
            add_error(form, error)
        return _rule_page(request, form, where)

    return once(request, act) if request.method == "POST" else _rule_page(request, form, where)


def _rule_place(request: SignedInRequest, pk: int) -> tuple[Programme, Organisation]:
    programme = get_object_or_404(Programme.objects.visible_to(request.user).select_related("owner"), pk=pk)
    settable = committees(programme, request.user)
    if not settable:
        raise NotAllowed(_("Only officers of the committee that receives the reports set its reporting rule."))
    asked = request.GET.get("uy-ban", "")
    if not asked:
        return programme, settable[0]
    committee = next((body for body in settable if str(body.pk) == asked), None)
    if committee is None:
        raise Http404
    return programme, committee


def _first_rule(request: SignedInRequest, saved: ReportingRule | None) -> Rule:
    """Return what the empty form shows: a preset of the address (`mau`), else the saved rule, else nothing ticked."""
    try:
        rule = parse_rule(saved.rule) if saved else Rule()
    except ValueError:
        rule = Rule()
    preset = PRESETS.get(request.GET.get("mau", ""))
    if preset is None:
        return rule
    chosen = parse_rule(preset)  # who reports and the reminders stay as they were set
    since = timezone.localdate() if saved else None
    return replace(rule, calendars=chosen.calendars, review_days=chosen.review_days, since=since)


def _preview(programme: Programme, committee: Organisation, saved: ReportingRule | None, rule: Rule) -> Plan:
    rules = saved_rules(programme) | {committee.pk: (saved.pk if saved else None, rule)}
    return plan_duties(programme, rules=rules)


def digest(rule: Rule) -> str:
    """Return a fingerprint of a rule: what is saved is what was shown."""
    return hashlib.sha256(json.dumps(rule_data(rule), sort_keys=True).encode()).hexdigest()[:16]


def _rule_page(
    request: SignedInRequest, form: RuleForm, where: dict[str, Any], *, plan: Plan | None = None, seen: str = ""
) -> HttpResponse:
    programme, committee = where["programme"], where["committee"]
    context = where | {
        "form": form,
        "cancel_url": reverse("activities:programme_reports", args=[programme.pk]),
        "presets": [
            {"url": f"{_edit_url(programme, committee.pk)}&mau={key}", "label": label}
            for key, label in PRESET_NAMES.items()
        ],
        "seen": seen,
        "plan": plan,
    }
    if plan is not None:
        context |= {"sentences": sentences_of(form.rule()), "first": _first_dates(plan), "counts": plan.counts}
        context["past"] = sum(one.due_on < timezone.localdate() for one in plan.added)
    return render(request, "activities/rule_form.html", context)


def _first_dates(plan: Plan) -> list[dict[str, Any]]:
    """Return the next reports as they would be: what, data, due date; each once whatever the number of units."""
    day = timezone.localdate()
    wanted = [*plan.added, *(one for _duty, one in plan.changed)]
    found = {}
    for one in sorted(wanted, key=lambda one: one.due_on):
        if one.due_on >= day:
            words = period_of_code(one.period) if one.kind in CALENDAR_KINDS else one.title
            last = one.ends_on - datetime.timedelta(days=1)
            label = words or ReportDuty.Kind(one.kind).label
            found.setdefault((one.kind, one.period), {"label": label, "one": one, "last": last})
    return list(found.values())[:FIRST_SHOWN]


def _save_rule(
    request: SignedInRequest, programme: Programme, committee: Organisation, form: RuleForm
) -> HttpResponseBase:
    programme_services.save_rule(
        actor=request.actor,
        programme=programme,
        committee=committee,
        rule=form.rule(),
        version=form.cleaned_data["version"],
    )
    plan = services.regenerate(actor=request.actor, programme=programme)
    messages.success(
        request,
        _("The reporting rule is saved: %(added)s reports added, %(changed)s changed, %(removed)s dropped.")
        % plan.counts,
    )
    return redirect("activities:programme_reports", programme.pk)


def rule_remove(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Ask no more for regular reports to a committee."""
    programme, committee = _rule_place(request, pk)

    def act() -> HttpResponseBase:
        try:
            programme_services.remove_rule(
                actor=request.actor, programme=programme, committee=committee, version=request.POST.get("version")
            )
        except (Stale, NotAllowed):
            raise
        except DomainError as error:
            messages.warning(request, error.message)
        else:
            removed = services.regenerate(actor=request.actor, programme=programme).counts["removed"]
            messages.success(
                request, _("The rule is removed, and %(n)s reports that nobody had begun.") % {"n": removed}
            )
        return redirect("activities:programme_reports", pk)

    return once(request, act)
