"""One box over programmes, tasks, legal documents, organisations and activities, within the person's rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import TextField, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext as _

from activities.models import Activity
from agreements.models import LegalDocument, Programme, Task
from core.http import address_of
from documents import vietnamese
from partners.models import Organisation, actors_of

if TYPE_CHECKING:
    from core.models import User

SHOWN = 10  # of each kind
LONGEST = 120
FEW_TASKS = 2000
INDEXED = 3  # letters of a word that the index of search texts finds


@dataclass(frozen=True)
class Hit:
    """One found row."""

    title: str
    note: str
    url: str


@dataclass(frozen=True)
class Found:
    """The hits of one kind; more: there are others beyond those shown, at list_url ("" where there is no list)."""

    heading: str
    hits: list[Hit]
    more: bool
    list_url: str


def search(user: User, words: str) -> list[Found]:
    """Return what the person may see that contains the words, marks and case ignored; kinds without hits are absent.

    An exact number or code comes first. Fewer than two letters find nothing.
    """
    words = vietnamese.clean(words, multiline=False)[:LONGEST].strip()
    if len(vietnamese.fold(words).strip()) < 2:
        return []
    has_content = any(actor.role != "administrator" for actor in actors_of(user))
    groups = [_legal(user, words), _organisations(user, words)]
    if has_content:
        groups = [_programmes(user, words), _tasks(user, words), *groups, _activities(user, words)]
    return [group for group in groups if group.hits]


def _group(heading: str, hits: list[Hit], list_name: str, words: str) -> Found:
    from django.utils.http import urlencode

    address = f"{reverse(list_name)}?{urlencode({'q': words})}" if list_name else ""
    return Found(heading, hits[:SHOWN], len(hits) > SHOWN, address)


def _programmes(user: User, words: str) -> Found:
    rows = Programme.objects.visible_to(user).search(words).order_by("sort_key")
    rows = rows.only("code", "title", "short_title", "starts_on", "ends_on", "status")
    url = address_of("agreements:programme_detail")
    hits = [
        Hit(
            row.name,
            " · ".join(part for part in (row.code, row.period, str(row.get_status_display())) if part),
            url(row.pk),
        )
        for row in rows[: SHOWN + 1]
    ]
    return _group(_("Programmes"), hits, "agreements:programme_list", words)


def _tasks(user: User, words: str) -> Found:
    rows = Task.objects.visible_to(user).search(words).select_related("programme", "lead").order_by("sort_key")
    rows = rows.only("title", "code", "programme__title", "programme__short_title", "lead__name", "lead__name_en")
    url = address_of("activities:task_detail")
    hits = [
        Hit(
            row.title,
            " · ".join(part for part in (row.code, row.programme.name, str(row.lead or "")) if part),
            url(row.pk),
        )
        for row in rows[: SHOWN + 1]
    ]
    return _group(_("Tasks"), hits, "", words)


def _legal(user: User, words: str) -> Found:
    seen = LegalDocument.objects.visible_to(user).search(words)
    rows = list(seen.only("kind", "number", "number_key", "issuer", "subject")[: SHOWN + 1])
    number = vietnamese.folded_number(words.replace(" ", "-"))  # "05 CT/TW" as people type it
    rows.sort(key=lambda row: row.number_key != number)
    url = address_of("agreements:legal_detail")
    hits = [Hit(str(row), " · ".join(part for part in (row.issuer, row.subject) if part), url(row.pk)) for row in rows]
    return _group(_("Bases"), hits, "agreements:legal_list", words)


def _organisations(user: User, words: str) -> Found:
    rows = Organisation.objects.visible_to(user).search(words).order_by("sort_key").only("name", "name_en", "kind")
    url = address_of("partners:organisation_detail")
    hits = [Hit(str(row), str(row.get_kind_display()), url(row.pk)) for row in rows[: SHOWN + 1]]
    return _group(_("Organisations"), hits, "partners:organisation_list", words)


def _activities(user: User, words: str) -> Found:
    rows = Activity.objects.visible_to(user).select_related("task", "unit")
    # Who sees few tasks is served from these: a walk from the latest activity on may meet a million of others first,
    # and words of one or two letters stand in most of the index.
    tasks = list(Task.objects.visible_to(user).order_by().values_list("pk", flat=True)[: FEW_TASKS + 1])
    few, folded = len(tasks) <= FEW_TASKS, vietnamese.fold(words)
    if few:
        rows = rows.filter(task__in=tasks)
    if few and max(map(len, folded.split()), default=0) < INDEXED:
        text = Concat("search_text", Value("", TextField()))
        rows = rows.alias(text=text).filter(text__contains=folded)
    else:
        rows = rows.search(words)
    rows = rows.only("title", "what_was_done", "review", "task__title", "unit__name", "unit__name_en")
    url = address_of("activities:activity_detail")
    hits = [
        Hit(row.name, " · ".join([str(row.unit), row.task.title, str(row.get_review_display())]), url(row.pk))
        for row in rows[: SHOWN + 1]
    ]
    return _group(_("Activities"), hits, "activities:activity_list", words)
