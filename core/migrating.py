"""How a new database gets the tables of a room: in one step, with the models of the state rendered once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.migrations.operations.base import Operation, OperationCategory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.operations import CreateModel
    from django.db.migrations.state import ProjectState


class CreateTables(Operation):
    """Create the tables of many models, as that many `CreateModel` one after the other would.

    After each operation Django renders anew every model that is related to the one it made; in a room where all are
    related that is the square of their number. Here all of them are known first and rendered once. Constraints,
    indexes and triggers are options of the models: Django makes the former with the table, pgtrigger the latter. The
    order of the models is free, as PostgreSQL gets the foreign keys when all tables are there. Only `CreateModel` is
    taken: it is the one operation that asks for nothing but the state at the end.
    """

    category = OperationCategory.ADDITION
    serialization_expand_args = ["models"]

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return name and arguments, for Django to write them into a migration."""
        return type(self).__name__, [], {"models": self.models}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the models to the state, which forgets what it rendered and renders all when next asked."""
        state.__dict__.pop("apps", None)
        state.is_delayed = False  # no relation of what is rendered next is old, so no later operation need render again
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create the tables."""
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop them, the last one first."""
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def references_model(self, name: str, app_label: str) -> bool:
        """Say whether one of the models is the named one or points to it."""
        return any(model.references_model(name, app_label) for model in self.models)

    def describe(self) -> str:
        """Return what `migrate --plan` and `sqlmigrate` print."""
        return "Create models " + ", ".join(model.name for model in self.models)

    @property
    def migration_name_fragment(self) -> str:
        """Return what `makemigrations` would name a migration of it."""
        return "tables"
