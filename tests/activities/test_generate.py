"""Generated data: deterministic, refused where rows exist, proved, and as good as rows that were saved one by one."""

from __future__ import annotations

import datetime
import io
import random
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import RequestFactory

from activities.management.demo.catalogue import PASSWORD
from activities.management.scale import build, copying, sizes, traces
from activities.models import Activity, Evidence, Measurement, ProgressReport, ReportDuty
from activities.services import cells
from activities.services.duties import planning
from activities.services.reports import content_of, drift
from agreements.models import DailyFigure, Programme, ProgrammeFigure, Tally, Task, TaskDeadline
from agreements.services import results
from core import audit, files
from core.models import AuditEntry, Notification, User
from partners.models import Locality, Membership, Organisation
from tests.cast import make_organisation

DAY = datetime.date(2026, 11, 23)
CASTS = re.compile(r"::(?:text|character varying)(?:\[\])?|[()]")


@pytest.fixture
def files_here(settings, tmp_path: Path) -> Path:
    settings.VAR_DIR, settings.FILES_DIR = tmp_path, tmp_path / "files"
    return tmp_path


def generate(*, size: str = "XS", seed: int = 1) -> str:
    """Return the hash of what was generated."""
    return build.build(size=size, today=DAY, seed=seed, say=lambda _line: None)


def schema() -> list[tuple[str, ...]]:
    """Return every index, constraint and trigger of the database as the server words them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text FROM pg_constraint"
            " UNION ALL SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid),"
            " indisvalid::text FROM pg_index"
            " UNION ALL SELECT tgrelid::regclass::text, tgname, tgenabled::text, '' FROM pg_trigger"
            " WHERE NOT tgisinternal ORDER BY 1, 2, 3, 4"
        )
        rows = cursor.fetchall()
    # Read back once, the server words the same cast otherwise; casts and brackets are left out of the comparison.
    return [tuple(CASTS.sub("", text) for text in row) for row in rows]


@pytest.mark.django_db
def test_a_small_country_is_whole(files_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.datetime(2026, 11, 23, 3, tzinfo=datetime.UTC))
    before = schema()
    generate()
    assert schema() == before
    for holds in (numbers, proofs, dated_figures, reports_and_duties, photos_and_notices, leads, derived_columns):
        holds()
    assert not list(files_here.glob("generate-*"))


def numbers() -> None:
    """As many of everything as the size says, in every state, and people who can sign in."""
    size = sizes.SIZES["XS"]
    assert Activity.objects.count() == size.activities
    assert Programme.objects.count() == size.programmes
    assert Locality.objects.communes().count() == size.communes
    assert set(Organisation.objects.committees().values_list("level", flat=True)) == {"central", "province", "commune"}
    assert set(Activity.objects.values_list("review", flat=True)) == {"draft", "submitted", "returned", "accepted"}
    assert set(Measurement.objects.values_list("review", flat=True)) == {"draft", "submitted", "returned", "accepted"}
    assert {"open", "done"} <= set(TaskDeadline.objects.values_list("state", flat=True))
    assert ProgressReport.objects.filter(review="accepted").exists()
    for username in ("lan", "hung", "hoa", "minh", "duc", "tw-cb", "tw-ld"):
        assert authenticate(RequestFactory().post("/"), username=username, password=PASSWORD), username


def proofs() -> None:
    """The commands that prove totals and trail find nothing."""
    call_command("recount", "--check", stdout=io.StringIO())  # raises where anything differs
    assert audit.first_broken() is None
    assert AuditEntry.objects.filter(action="activity.accept").exists()


def derived_columns() -> None:
    """What saving derives is there, history is written again, ids go on."""
    derived = {"sort_key", "search_text", "kind_key", "number_key"}
    for label in ("core", "partners", "agreements", "activities"):
        for model in apps.get_app_config(label).get_models():
            names = [one.attname for one in model._meta.concrete_fields if one.attname in derived]
            for row in model._base_manager.all() if names and not model.__name__.endswith("History") else ():
                kept = [getattr(row, name) for name in names]
                row.save()
                assert [getattr(row, name) for name in names] == kept, f"{model.__name__} {row}"
    for body in Organisation.objects.select_related("parent"):
        assert body.path == f"{body.parent.path if body.parent else '/'}{body.pk}/"
    history = apps.get_model("activities", "ActivityHistory")
    assert not history.objects.exists()
    Activity.objects.filter(pk=Activity.objects.earliest("pk").pk).update(place="nhà văn hóa")
    assert history.objects.get().pgh_label == "update"
    fresh = Organisation.objects.create(name="Mới", kind="other", level="commune")
    assert fresh.pk == Organisation.objects.order_by("-pk")[1].pk + 1  # the sequence goes on


def reports_and_duties() -> None:
    """Frozen figures, kept versions and duties are what the services would have written."""
    accepted = ProgressReport.objects.filter(review="accepted").select_related("duty__unit", "duty__programme")
    for report in accepted:
        assert drift(report) == []
        kept = report.versions.get(cause="accepted").content
        now = content_of(report)
        assert {**kept, "cut_off": None} == {**now, "cut_off": None}
        assert datetime.datetime.fromisoformat(kept["cut_off"]) == report.cut_off
    for programme in Programme.objects.filter(status__in=Programme.LIVE, reporting_rules__isnull=False):
        plan = planning.plan_duties(programme, today=DAY)
        assert plan.is_empty, plan.counts
    assert ReportDuty.objects.filter(report=None, due_on__gt=DAY).exists()


@pytest.mark.django_db
def test_equal_seeds_give_equal_content(files_here: Path) -> None:
    def once(seed: int) -> tuple[str, list[tuple[object, ...]]]:
        with transaction.atomic():
            content = generate(seed=seed)
            rows = list(Activity.objects.order_by("pk").values_list("title", "starts_on", "review", "task__title"))
            rows += list(
                Tally.objects.order_by("month", "task", "measure", "sum").values_list("month", "task", "measure", "sum")
            )
            transaction.set_rollback(True)
        return content, rows

    first, again, other = once(1), once(1), once(2)
    assert first == again
    assert first[0] != other[0]
    assert not Programme.objects.exists()


def dated_figures() -> None:
    """Each day that is kept has the figures of that day."""
    days = build.days_kept(DAY)
    assert len(days) == build.MONTHS_KEPT + build.DAYS_KEPT + 2
    assert {datetime.date(2025, 10, 31), datetime.date(2026, 2, 28), datetime.date(2026, 10, 24), DAY} <= set(days)
    programme = Programme.objects.filter(status="in_force", starts_on__lt="2025-01-01").order_by("pk")[0]
    assert set(programme.daily_figures.values_list("day", flat=True)) == set(days)
    for row in programme.daily_figures.all():
        wanted = results.programme_figure(programme, day=row.day)
        assert (row.activities, row.overdue, row.standing) == (
            wanted["activities"], wanted["overdue"], wanted["standing"],
        )  # fmt: skip
    past_draft = Programme.objects.exclude(status="draft")
    assert ProgrammeFigure.objects.filter(computed_on=DAY).count() == past_draft.count()
    assert not DailyFigure.objects.filter(programme__status="draft").exists()


def photos_and_notices() -> None:
    """Every photo has its bytes, every notice what it tells of."""
    evidence = Evidence.objects.select_related("file__thumbnail")
    assert evidence.exists()
    for row in evidence:
        assert files.path_of(row.file).stat().st_size == row.file.size
        assert files.path_of(row.file.thumbnail).exists()
    for notice in Notification.objects.all():
        assert Activity.objects.filter(review="returned", author=notice.user).exists()


def leads() -> None:
    """Tasks are led by partners that signed."""
    for task in Task.objects.select_related("programme"):
        assert task.programme.parties.filter(organisation=task.lead_id).exists()
        assert task.programme.owner_id != task.lead_id


def test_bytes_are_copied_where_no_more_links_are_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = traces.Shared(b"picture")
    shared.put(tmp_path / "aa" / "1")
    shared.put(tmp_path / "bb" / "2")
    assert (tmp_path / "bb" / "2").samefile(tmp_path / "aa" / "1")

    def refuse(*_paths: object) -> None:
        raise OSError("too many links")

    monkeypatch.setattr(traces.os, "link", refuse)
    shared.put(tmp_path / "cc" / "3")
    assert (tmp_path / "cc" / "3").read_bytes() == b"picture"
    assert not (tmp_path / "cc" / "3").samefile(tmp_path / "aa" / "1")


@pytest.mark.django_db
def test_what_does_not_prove_leaves_nothing(files_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = schema()
    monkeypatch.setattr(cells, "check", lambda: cells.Recount(["a wrong total"], [], []))
    with pytest.raises(CommandError, match="a wrong total"):
        call_command("generate", "--size", "XS", "--as-of", "23/11/2026", stdout=io.StringIO())
    assert not User.objects.exists()
    assert not Tally.objects.exists()
    assert not (files_here / "files").exists()
    assert schema() == before


@pytest.mark.django_db
def test_a_database_with_rows_is_refused_with_the_way_out(files_here: Path) -> None:
    make_organisation("Sở Y tế")
    with pytest.raises(CommandError, match="VAR_DIR=var/generated python manage.py generate --size S"):
        call_command("generate", "--size", "S", stdout=io.StringIO())
    assert Organisation.objects.count() == 1


@pytest.mark.django_db
def test_the_command_says_how_to_sign_in(files_here: Path) -> None:
    out = io.StringIO()
    call_command("generate", "--size", "XS", "--as-of", "2026-11-23", "--seed", "3", stdout=out)
    assert PASSWORD in out.getvalue()
    assert "totals and figures proved" in out.getvalue()
    assert Membership.objects.get(user__username="hoa").role == "leader"


def test_portions_add_up_exactly() -> None:
    rnd = random.Random(5)
    for total in (0, 1, 7, 1_000):
        weights = [rnd.random() * 3 for _ in range(13)]
        assert sum(sizes.portions(total, weights)) == total
    assert sizes.portions(10, [1, 0, 3]) == [3, 0, 7]
    assert sizes.portions(5, [0, 0]) == [0, 0]


@pytest.mark.django_db
def test_any_text_survives_the_copying(tmp_path: Path) -> None:
    moment = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
    tables = copying.Tables(tmp_path, moment)
    odd = 'Tab\t, dòng\nmới, \\N và \\ "ngoặc" \r'
    tables[Organisation].add(name=odd, kind="other", level="commune", sort_key="a", search_text="\\.")
    pk = tables[Organisation].add(
        name="\\N", kind="other", level="commune", sort_key="a", search_text="a", ended_on=None
    )
    with pytest.raises(TypeError, match="colour"):
        tables[Organisation].add(name="x", colour="red")
    tables.load(lambda _line: None)
    first, second = Organisation.objects.order_by("pk")
    assert (first.name, first.search_text, first.updated_at) == (odd, "\\.", moment)
    assert (second.pk, second.name, second.parent_id, second.is_demo) == (pk, "\\N", None, False)


def test_values_are_worded_as_copy_reads_them() -> None:
    assert [copying.encoded(value) for value in (None, True, False, 7, Decimal("1.50"), DAY, {"a": ["b\n"]})] == [
        "\\N", "t", "f", "7", "1.50", "2026-11-23", '{"a": ["b\\\\n"]}',
    ]  # fmt: skip
