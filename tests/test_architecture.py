"""House rules that the linters cannot see (house reference, section 3.3)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.template.loader import get_template
from django.urls import get_resolver

ROOT = Path(settings.BASE_DIR)
ORDER = ["documents", "core", "partners", "agreements", "activities", "insights", "config"]
ROOMS = ["core", "partners", "agreements", "activities", "insights"]
DOMAIN_NOUNS = re.compile(
    r"\b(programme|agreement|task|activity|indicator|legal|party|committee|partner)s?\b", re.IGNORECASE
)


def python_files(*rooms: str) -> list[Path]:
    """Return the rooms' modules, migrations left out."""
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]


def names(path: Path) -> str:
    """Return a path as written in messages."""
    return str(path.relative_to(ROOT))


def test_no_foreign_key_points_to_a_higher_room() -> None:
    wrong = []
    for model in apps.get_models():
        room = model._meta.app_label
        if room not in ORDER:
            continue
        for field in model._meta.get_fields():
            target = field.related_model if field.concrete and field.is_relation else None
            label = target._meta.app_label if target is not None and not isinstance(target, str) else None
            if label in ORDER and ORDER.index(label) > ORDER.index(room):
                wrong.append(f"{model._meta.label}.{field.name} → {label}")
    assert wrong == []


def test_core_models_and_services_know_no_domain_noun() -> None:
    wrong = []
    for path in python_files("core"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and DOMAIN_NOUNS.search(words_of(node.name)):
                wrong.append(f"{names(path)}: {node.name}")
    assert wrong == []


def words_of(name: str) -> str:
    """Return the words of a name: TaskList and task_list are both "task list"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ")


def test_every_template_compiles() -> None:
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            get_template(str(path.relative_to(ROOT / "templates")))


def test_no_view_function_over_40_lines() -> None:
    wrong = []
    for path in python_files(*ROOMS):
        if path.name == "views.py" or "views" in path.parts:
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 40:
                    wrong.append(f"{names(path)}: {node.name} {(node.end_lineno or 0) - node.lineno + 1}")
    assert wrong == []


def test_no_module_over_400_lines() -> None:
    files = python_files(*ROOMS, "documents", "config")
    sizes = {names(path): len(path.read_text().splitlines()) for path in files}
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_url_names_say_noun_and_verb() -> None:
    wrong = [name for name in all_names() if not re.fullmatch(r"[a-z]+:[a-z]+(_[a-z]+)+", name)]
    assert wrong == []


def all_names() -> list[str]:
    """Return every "room:name" of the root URLs."""
    found = []
    for resolver in get_resolver().url_patterns:
        for pattern in resolver.url_patterns:
            found.append(f"{resolver.namespace}:{pattern.name}")
    return found


def test_paths_are_unaccented() -> None:
    routes = [str(p.pattern) for resolver in get_resolver().url_patterns for p in resolver.url_patterns]
    assert [route for route in routes if not re.fullmatch(r"[a-z0-9/<>:_.\-]*", route)] == []


def test_insights_writes_nothing() -> None:
    wrong = [
        f"{names(path)}: {match[0]}"
        for path in python_files("insights")
        for match in re.finditer(
            r"\.a?(save|create|bulk_create|update|bulk_update|update_or_create|get_or_create|delete)\(|\.cursor\(",
            path.read_text(),
        )
    ]
    assert wrong == []


def test_no_junk_drawers() -> None:
    banned = {"utils", "helpers", "common", "misc", "info", "manager"}
    assert [names(path) for path in python_files(*ORDER) if path.stem in banned] == []


def test_public_functions_of_services_say_what_they_do_and_take_the_actor_first() -> None:
    wrong = []
    for path in python_files("partners", "agreements", "activities"):
        if path.name != "services.py" and "services" not in path.parts:
            continue
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                wrong.append(f"{names(path)}: {node.name} has no docstring")
            named = [argument.arg for argument in node.args.kwonlyargs]
            if "actor" in named and (named[0] != "actor" or node.args.args):
                wrong.append(f"{names(path)}: {node.name} must be keyword-only with actor first")
    assert wrong == []


def test_no_inline_script_or_style_in_templates() -> None:
    wrong = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        if re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|\|safe\b|autoescape off", text):
            wrong.append(names(path))
    # crispy hands over markup that it rendered (and escaped) itself
    assert set(wrong) <= {"templates/bootstrap5/layout/fieldset.html"}


def test_mark_safe_only_where_it_was_audited() -> None:
    allowed = {"core/templatetags/ui.py"}
    wrong = {names(p) for p in python_files(*ROOMS) if re.search(r"\bmark_safe\(", p.read_text())}
    assert wrong <= allowed


def test_every_room_tells_its_story() -> None:
    assert [room for room in ORDER if not (ROOT / room / "README.md").exists()] == []


# Modules whose tests stand elsewhere, and where.
COVERED_BY = {
    "core/account_forms.py": "core/test_views.py",
    "core/error_views.py": "core/test_middleware.py",
    "core/exceptions.py": "core/test_middleware.py",
    "core/gallery.py": "test_components.py",
    "core/policy.py": "test_permission_walk.py",
    "core/services.py": "core/test_views.py",
    "core/untranslated.py": "core/test_catalogues.py",
    "partners/forms.py": "partners/test_people.py",
    "partners/policy.py": "test_permission_walk.py",
    "activities/forms.py": "activities/test_views.py",
    "activities/policy.py": "activities/test_services.py",
    "core/view_pages.py": "core/test_saved_views.py",
    "insights/dashboard_list_views.py": "insights/test_dashboard_views.py",
    "insights/policy.py": "test_permission_walk.py",
}


def test_each_module_has_its_mirror_in_tests() -> None:
    wrong = []
    for room in ["documents", "core", "partners", "agreements", "activities", "insights"]:
        mirrored = " ".join(path.stem for path in (ROOT / "tests" / room).rglob("test_*.py"))
        for path in sorted((ROOT / room).glob("*.py")):
            if path.stem in {"__init__", "apps", "models", "urls", "admin", "emails", "middleware", "context"}:
                continue
            elsewhere = COVERED_BY.get(names(path))
            if elsewhere and (ROOT / "tests" / elsewhere).exists():
                continue
            if path.stem not in mirrored and path.stem.rstrip("s") not in mirrored:
                wrong.append(names(path))
    assert wrong == []


def test_each_advisory_lock_has_a_number_of_its_own() -> None:
    """Two jobs under one number would keep each other waiting, or out."""
    found = [
        int(number)
        for room in ORDER
        for path in (ROOT / room).rglob("*.py")
        for number in re.findall(r"^\w*LOCK = (\d[\d_]+)", path.read_text(), re.MULTILINE)
    ]
    assert len(found) > 5
    assert len(found) == len(set(found)), sorted(found)


@pytest.mark.django_db
def test_no_missing_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_driver_is_psycopg2() -> None:
    import importlib.util

    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    assert importlib.util.find_spec("psycopg") is None
    assert is_psycopg3 is False


def test_catalogues_are_complete() -> None:
    from core import catalogues

    assert catalogues.problems() == []


def test_templates_hold_no_untranslated_text() -> None:
    from core.untranslated import bare_text

    wrong = {names(path): found for path in sorted((ROOT / "templates").rglob("*.html")) if (found := bare_text(path))}
    wrong.pop("templates/core/gallery.html", None)  # type samples of stacked Vietnamese marks, in no language
    assert wrong == {}
