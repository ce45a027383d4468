"""Django's admin list of the rows of each list page: what one would have without writing a page.

The product has no admin. Here each list gets one: same rows in the same order, as many a page, the columns that are
columns of the row, related rows joined, and the same conditions as the page offers as filters and search. The queue has
none: it shows the item it opens beside the list, with evidence and effect, which an admin list does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter as Related
from django.utils import timezone

from activities.models import Activity, ReportDuty
from activities.views import duties, listing
from agreements.models import Programme
from agreements.views import programme_list

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest


class Rows(admin.ModelAdmin):
    """A list for somebody who may do everything, as a superuser sees it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Yes: the product's User has no admin rights of Django to ask."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Yes."""
        return True

    has_add_permission = has_module_permission
    has_change_permission = has_delete_permission = has_view_permission


class Programmes(Rows):
    """The first tab of the list of programmes."""

    list_display = ("code", "title", "owner", "starts_on", "ends_on", "progress", "status")
    list_select_related = ("figure", "owner")
    list_per_page = programme_list.PER_PAGE
    list_filter = ("status", ("parties__organisation", Related), ("field_of_work", Related), "starts_on")
    search_fields = ("search_text",)
    ordering = ()

    @admin.display
    def progress(self, row: Programme) -> Any:
        """The share reached, from the stored figure."""
        return row.figure.progress

    def get_queryset(self, request: HttpRequest) -> QuerySet[Programme]:
        """Return the programmes in force that the person sees, slowest first."""
        return Programme.objects.visible_to(request.user).in_force().slowest_first()

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Keep the order of the page."""
        return ("without_data", "-is_slow", "-gap", "sort_key", "pk")


class Activities(Rows):
    """The list of activities, the latest first."""

    list_display = ("title", "starts_on", "unit", "locality", "task", "review")
    list_select_related = ("unit", "locality", "task")
    list_per_page = listing.A_PAGE
    list_filter = ("review", "occurrence", ("locality", Related))
    search_fields = ("search_text",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        """Return the activities that the person sees."""
        return Activity.objects.visible_to(request.user)


class Duties(Rows):
    """The first tab of the reports, the earliest due first."""

    list_display = ("programme__code", "__str__", "unit", "starts_on", "ends_on", "due_on")
    list_select_related = ("programme", "unit", "report")
    list_per_page = duties.PER_PAGE
    list_filter = (("programme", Related), ("unit", Related), "kind", "due_on")
    search_fields = ("programme__search_text", "unit__search_text")
    ordering = ("due_on", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReportDuty]:
        """Return the reports that have to be sent."""
        owed = duties.tab_condition("can-nop", timezone.localdate())
        return ReportDuty.objects.visible_to(request.user).filter(owed)


class Site(admin.AdminSite):
    """An admin with one list, open to everyone signed in."""

    def __init__(self, name: str, model: type[Model], rows: type[Rows]) -> None:
        """Register the one list."""
        super().__init__(name)
        self.model_name = f"{model._meta.app_label}_{model._meta.model_name}"
        self.register(model, rows)

    def has_permission(self, request: HttpRequest) -> bool:
        """Yes, for a signed-in person."""
        return request.user.is_active


# by the name of the page (bench.pages)
SITES = {
    "programme_list": Site("programme_list", Programme, Programmes),
    "activity_list": Site("activity_list", Activity, Activities),
    "reports": Site("reports", ReportDuty, Duties),
}
