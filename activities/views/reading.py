"""Reading activities: the list with filters, one activity, its files, the tab of a programme."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities import policy
from activities.forms import ActivityFilterForm
from activities.forms.places import places_near
from activities.models import Activity, Contribution, Evidence, Measurement, ProgressReport, ReportDuty, Review
from activities.services import comparison, contributions, effects
from activities.services.reports import counted_in
from activities.views import listing
from agreements.models import Programme, Task, TaskDeadline
from agreements.views.programmes import head
from core import files
from core.http import ANY_FILE, address_of, form_data
from core.models import AuditEntry, StoredFile
from core.prepared import given_id, objects_of, rows_of
from documents import vietnamese
from partners.models import Locality, Organisation, scope_of

if TYPE_CHECKING:
    import uuid

    from django.db.models import QuerySet
    from django.http import HttpResponse, HttpResponseBase, QueryDict

    from core.http import SignedInRequest
    from core.models import User
    from core.paging import BoundedPage

# The keys of the address, with hyphens, and the fields of the form.
KEYS = {"q": "q", "tu": "tu", "den": "den", "trang-thai": "trang_thai", "don-vi": "don_vi",
        "chuong-trinh": "chuong_trinh", "nhiem-vu": "nhiem_vu", "dia-ban": "dia_ban", "dien-ra": "dien_ra",
         "nguoi-ghi": "nguoi_ghi", "bao-cao": "bao_cao"}  # fmt: skip
COMPARABLE = (1900, 2200)  # years outside are slips of the pen
REFUSED_REASON = "refused_reason"  # session key: {"path", "text"}


def with_parts(activities: QuerySet[Activity]) -> QuerySet[Activity]:
    """Load what a list row or timeline entry shows."""
    values = Measurement.objects.select_related("indicator")
    proofs = Evidence.objects.select_related("file__thumbnail")
    return activities.select_related(
        "task__programme", "unit", "author", "acting_for", "reviewed_by", "locality", "copied_from"
    ).prefetch_related(Prefetch("measurements", values), Prefetch("evidence", proofs))


def _whole() -> QuerySet[Activity, Activity]:
    bodies = ("task__programme__owner", "unit", "acting_for")
    rows = Activity.objects.select_related(*bodies, "author", "reviewed_by", "locality", "copied_from")
    return rows.filter(pk=given_id("pk"))


def seen_activity(user: User, pk: int) -> Activity:
    """Return an activity the person may see, with what its pages show of its bodies and people; Http404 for others."""
    seen = Activity.objects.visible_to(user)
    key = ("seen activity", user.pk, scope_of(user).key)
    if rows_of(key, lambda: seen.filter(pk=given_id("pk")).values_list("pk"), pk=pk):
        for activity in objects_of("whole activity", _whole, pk=pk):
            return activity
    raise Http404


def filtered(activities: QuerySet[Activity], form: ActivityFilterForm, user: User) -> QuerySet[Activity]:
    """Return the activities the filters leave; a filter that cannot be read leaves all."""
    found: dict[str, Any] = form.cleaned_data
    match found.get("dien_ra"):
        case "ke-hoach":
            activities = activities.planned()  # type: ignore[attr-defined]
        case "qua-ngay":
            activities = activities.past_plans(timezone.localdate())  # type: ignore[attr-defined]
        case state if state:
            activities = activities.filter(occurrence=state)
    if found.get("nguoi_ghi"):
        activities = activities.filter(author=user)
    if found.get("bao_cao"):
        duty = _duty(user, found["bao_cao"])
        activities = counted_in(duty, activities) if duty else activities.none()
    if found.get("q"):
        activities = activities.search(found["q"])  # type: ignore[attr-defined]
    if found.get("tu"):
        activities = activities.filter(starts_on__gte=found["tu"])
    if found.get("den"):
        activities = activities.filter(starts_on__lte=found["den"])
    for column, key in {"review": "trang_thai", "unit": "don_vi"}.items():
        if found.get(key):
            activities = activities.filter(**{column: found[key]})
    if place := found.get("dia_ban"):
        within = Locality.objects.filter(Q(pk=place.pk) | Q(parent=place)).order_by().values("pk")
        activities = activities.filter(locality__in=within)
    return activities


def _page(request: SignedInRequest, form: ActivityFilterForm, programme: Programme | None = None) -> BoundedPage:
    """Return the page of ids asked for that the filters leave, of one programme or of all."""
    form.is_valid()
    found: dict[str, Any] = form.cleaned_data
    programme_id = programme.pk if programme else found.get("chuong_trinh")
    tasks = None
    if programme_id or found.get("nhiem_vu"):
        tasks = Task.objects.filter(programme=programme_id) if programme_id else Task.objects.all()
        tasks = tasks.filter(pk=found["nhiem_vu"]) if found.get("nhiem_vu") else tasks
    return listing.page_of(
        request.GET.get("page"),
        user=request.user,
        narrow=lambda rows: filtered(rows, form, request.user),
        tasks=tasks,
        is_latest=not any(found.get(key) for key in ("q", "bao_cao", "dien_ra")),
    )


def _duty(user: User, pk: int) -> ReportDuty | None:
    """The report that a person may see, or sees owed."""
    seen = Q(pk__in=ReportDuty.objects.visible_to(user)) | Q(report__in=ProgressReport.objects.visible_to(user))
    return ReportDuty.objects.select_related("unit", "programme").filter(seen, pk=pk).first()


def _chips(request: SignedInRequest, form: ActivityFilterForm) -> list[dict[str, str]]:
    """Return the conditions that hold now, each with the address without it."""
    found = form.cleaned_data
    names: dict[str, str] = {"trang-thai": dict(Review.choices).get(found.get("trang_thai") or "", "")}
    if found.get("don_vi"):
        unit = Organisation.objects.filter(pk=found["don_vi"]).first()
        names["don-vi"] = str(unit) if unit else ""
    if found.get("chuong_trinh"):
        programme = Programme.objects.visible_to(request.user).filter(pk=found["chuong_trinh"]).first()
        names["chuong-trinh"] = programme.name if programme else ""
    if found.get("nhiem_vu"):
        task = Task.objects.visible_to(request.user).filter(pk=found["nhiem_vu"]).first()
        names["nhiem-vu"] = task.title if task else ""
    if found.get("bao_cao"):
        duty = _duty(request.user, found["bao_cao"])
        names["bao-cao"] = f"{duty}, {duty.unit}" if duty else ""
    names["dien-ra"] = dict(form.fields["dien_ra"].choices).get(found.get("dien_ra") or None, "")  # type: ignore[attr-defined]
    names["nguoi-ghi"] = request.user.full_name if found.get("nguoi_ghi") else ""
    names["dia-ban"] = str(found.get("dia_ban") or "")
    names["q"] = found.get("q") or ""
    names |= {key: vietnamese.format_date(found[key]) for key in ("tu", "den") if found.get(key)}
    labels = {"trang-thai": _("State"), "don-vi": _("Unit"), "chuong-trinh": _("Programme"), "nhiem-vu": _("Task"),
              "dia-ban": _("Place"), "q": _("Words"), "tu": _("From"), "den": _("To"), "dien-ra": _("Took place"),
              "nguoi-ghi": _("Written by"), "bao-cao": _("Counted in")}  # fmt: skip
    chips = []
    for key, shown in names.items():
        if shown:
            query = request.GET.copy()
            for gone in (key, "page"):
                query.pop(gone, None)
            chips.append({"label": labels[key], "value": shown, "url": f"?{query.urlencode()}"})
    return chips


def _form(query: QueryDict) -> ActivityFilterForm:
    return ActivityFilterForm({field: query.get(key, "") for key, field in KEYS.items()})


def activity_list(request: SignedInRequest) -> HttpResponse:
    """List the activities a person may see; filters live in the address."""
    form = _form(request.GET)
    page = _page(request, form)
    context = _listed(request, form, page) | {
        "kept": [
            (key, request.GET[key])
            for key in ("don-vi", "chuong-trinh", "nhiem-vu", "nguoi-ghi", "bao-cao")
            if request.GET.get(key)
        ],
        "may_write": request.actor.role in policy.WRITERS,
    }
    return render(request, "activities/activity_list.html", context)


def _listed(request: SignedInRequest, form: ActivityFilterForm, page: BoundedPage) -> dict[str, Any]:
    """Return what a list with its filters shows: {form, page_obj, lines, chips, places, place}."""
    place = form.cleaned_data.get("dia_ban")
    return {
        "form": form,
        "page_obj": page,
        "lines": listing.lines_of(page.object_list),
        "chips": _chips(request, form),
        "places": places_near([actor.organisation for actor in request.actors], str(place.pk) if place else ""),
        "place": str(place.pk) if place else "",
    }


def programme_activities(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the activities of a programme as its tab."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), pk=pk)
    form = _form(request.GET)
    listed = _listed(request, form, _page(request, form, programme))
    context = (
        head(programme, request.user, "activities")
        | listed
        | {
            "comparison": comparison.of_tasks(list(programme.tasks.all()), _window(form)),
            "may_write": request.actor.role in policy.WRITERS and programme.status in policy.LOGGABLE,
        }
    )
    return render(request, "activities/programme_activities.html", context)


def _window(form: ActivityFilterForm) -> comparison.Window:
    """Return the days to compare with those of last year: the ones filtered for, else the year up to today."""
    first, last = form.cleaned_data.get("tu"), form.cleaned_data.get("den")
    if first and last and COMPARABLE[0] <= first.year and first <= last and last.year <= COMPARABLE[1]:
        return first, last + datetime.timedelta(days=1)
    return comparison.year_to_date(timezone.localdate())


def activity_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one activity with its values, evidence, history and what may be done with it."""
    activity = seen_activity(request.user, pk)
    allowed: set[str] = set()
    for actor in request.actors:
        allowed |= policy.allowed_actions(actor, activity)
    values = list(activity.measurements.select_related("indicator"))
    history = AuditEntry.objects.filter(object_type="activity", object_id=str(pk)).order_by("sequence")
    context = {
        "activity": activity,
        "programme": activity.task.programme,
        "values": effects.effects_of(values, timezone.localdate(), is_counted=activity.review == Review.ACCEPTED),
        "photos": photos_of(activity),
        "joint_units": joint_units_of(activity),
        "allowed": allowed,
        "may_copy": any(
            actor.role in policy.WRITERS and policy.may_copy(actor, activity) and policy.may_log(actor, activity.task)
            for actor in request.actors
        ),
        "shares": contributions_of(activity),
        "history": [(entry, ACTION_WORDS.get(entry.action, entry.action)) for entry in history],
        "is_counted": activity.review == Review.ACCEPTED,
        "typed_reason": typed_reason(request),
        "typed_day": getattr(request, "typed_day", ""),
    }
    return render(request, "activities/activity_detail.html", context)


def typed_reason(request: SignedInRequest) -> str:
    """Return the reason typed beside a button that was not carried out: too long, or the session had ended."""
    refused = request.session.pop(REFUSED_REASON, None)
    if refused and refused["path"] == request.path:
        request.typed_day = refused.get("day", "")  # type: ignore[attr-defined]
        return str(refused["text"])
    carried = form_data(request)
    return carried.get("reason", "") if carried else ""


def contributions_of(activity: Activity) -> dict[str, Any]:
    """Return {rows: [(contribution, share of the value or None)], gap: a sentence where they do not add up}."""
    rows = objects_of("contributions", _contributions, activity=activity.pk)
    activity._prefetched_objects_cache = {**getattr(activity, "_prefetched_objects_cache", {}), "contributions": rows}
    value = activity.value
    return {
        "rows": [(row, row.amount / value if value else None) for row in rows],
        "gap": contributions.difference(activity),
    }


def photos_of(activity: Activity) -> list[dict[str, Any]]:
    """Return the evidence as the component evidence_photos takes it."""
    url = address_of("activities:file_show", ANY_FILE)
    return [
        {
            "url": url(proof.file_id),
            "thumb_url": url(proof.file.thumbnail_id) if proof.file.thumbnail_id else "",
            "label": proof.caption or proof.file.original_name,
            "file": proof.file,
        }
        for proof in _evidence(activity)
    ]


def _evidence(activity: Activity) -> list[Evidence]:
    """Return the evidence with its files, as read already where it was."""
    if "evidence" in getattr(activity, "_prefetched_objects_cache", {}):
        return list(activity.evidence.all())
    return objects_of("evidence", _proofs, activity=activity.pk)


def _proofs() -> QuerySet[Evidence]:
    return Evidence.objects.filter(activity=given_id("activity")).select_related("file")


def _contributions() -> QuerySet[Contribution]:
    return Contribution.objects.filter(activity=given_id("activity")).select_related("organisation")


def _joint_units() -> QuerySet[Organisation]:
    return Organisation.objects.filter(joint_activities=given_id("activity"))


def joint_units_of(activity: Activity) -> list[Organisation]:
    """Return the bodies that did it together with the unit."""
    return objects_of("joint units", _joint_units, activity=activity.pk)


def _deadline_file(request: SignedInRequest, pk: uuid.UUID) -> StoredFile:
    """Return a file of a deadline: for the Front and the reporting unit at once, for others when confirmed."""
    deadlines = TaskDeadline.objects.visible_to(request.user).filter(files=pk)
    if not scope_of(request.user).is_front:
        own = Q(reported_for__in=policy.units_of(request.user))
        deadlines = deadlines.filter(own | Q(state=TaskDeadline.State.DONE))
    return get_object_or_404(StoredFile.objects.filter(deadlines__in=deadlines).distinct(), pk=pk)


def file_show(request: SignedInRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Send a photo, its thumbnail or a file of an activity the person may see."""
    seen = Evidence.objects.filter(
        Q(file=pk) | Q(file__thumbnail=pk), activity__in=Activity.objects.visible_to(request.user)
    )
    proof = seen.select_related("file__thumbnail").first()
    if proof is None:
        return files.download(_deadline_file(request, pk))
    file = proof.file if proof.file_id == pk else proof.file.thumbnail
    if file is None:
        raise Http404
    return files.download(file, inline=True)


ACTION_WORDS = {
    "activity.create": gettext_lazy("Written as a draft"),
    "activity.change": gettext_lazy("Changed"),
    "activity.submit": gettext_lazy("Sent for review"),
    "activity.recall": gettext_lazy("Taken back to draft"),
    "activity.accept": gettext_lazy("Accepted"),
    "activity.return": gettext_lazy("Returned"),
    "activity.revoke": gettext_lazy("Acceptance taken back"),
    "activity.undo": gettext_lazy("Decision undone"),
    "activity.not_duplicate": gettext_lazy("Said not to repeat another entry"),
    "activity.held": gettext_lazy("Marked as held"),
    "activity.send_plan": gettext_lazy("Plan sent"),
    "activity.keep_plan": gettext_lazy("Plan taken back"),
    "activity.evidence": gettext_lazy("Photo or file added"),
    "activity.cancelled": gettext_lazy("Cancelled"),
    "activity.postponed": gettext_lazy("Postponed"),
}
