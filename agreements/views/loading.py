"""What the pages of one programme read; all pages ask the same, so the SQL is made once (core.prepared)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, Model, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from agreements.models import Goal, LegalBasis, Milestone, Party, Programme, ProgrammeDocument, Task
from core.prepared import given_id, objects_of
from partners.models import scope_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.http import SignedInRequest

COUNTED: dict[str, type[Model]] = {
    "tasks": Task,
    "bases": LegalBasis,
    "parties": Party,
    "documents": ProgrammeDocument,
}


def load(request: SignedInRequest, pk: int) -> Programme:
    """Return the programme the person may see, with what every tab shows; 404 for a foreign one."""

    def make() -> QuerySet[Programme, Programme]:
        rows = Programme.objects.visible_to(request.user).filter(pk=given_id("pk"))
        rows = rows.select_related("figure", "owner", "officer", "field_of_work").annotate(**numbered())
        return rows.annotate(has_successors=_has_any("successors"), has_directives=_has_any("directives"))

    found = objects_of(("programme", scope_of(request.user).key), make, pk=pk)
    if not found:
        raise Http404
    return found[0]


def _count(model: type[Model]) -> Coalesce:
    rows = model._default_manager.filter(programme=OuterRef("pk")).order_by().values("programme")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def _has_any(name: str) -> Exists:
    """Whether rows of another table point to the programme; directives are those of a room above."""
    relation: Any = Programme._meta.get_field(name)
    return Exists(relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")}))


def numbered() -> dict[str, Coalesce]:
    """Return the annotations n_tasks, n_bases … of a programme, for its tabs."""
    return {f"n_{name}": _count(model) for name, model in COUNTED.items()}


def live_tasks_of(programme: int) -> list[Task]:
    """Return the tasks that count, with lead unit and goal."""
    return objects_of("live_tasks", _live_tasks, programme=programme)


def _live_tasks() -> QuerySet[Task, Task]:
    return Task.objects.filter(programme=given_id("programme")).live().select_related("lead", "goal")


def milestones_of(programme: int) -> list[Milestone]:
    """Return the milestones with who is responsible, the nearest first."""
    return objects_of("milestones", _milestones, programme=programme)


def _milestones() -> QuerySet[Milestone, Milestone]:
    return Milestone.objects.filter(programme=given_id("programme")).select_related("responsible")


def bases_of(programme: int) -> list[LegalBasis]:
    """Return the legal bases with their documents, in the order of the text."""
    return objects_of("bases", _bases, programme=programme)


def _bases() -> QuerySet[LegalBasis, LegalBasis]:
    return LegalBasis.objects.filter(programme=given_id("programme")).select_related("document", "kept_by")


def goals_of(programme: int) -> list[Goal]:
    """Return the goals in the order of the text."""
    return objects_of("goals", _goals, programme=programme)


def _goals() -> QuerySet[Goal, Goal]:
    return Goal.objects.filter(programme=given_id("programme"))
