"""Many tables in one step: what is in the database and in the state, and the way back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations import CreateModel, Migration
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from core.migrating import CreateTables

REFUSE = Trigger(
    name="refuse",
    sql=UpsertTriggerSql(
        func="RAISE EXCEPTION 'kept for ever';",
        hash="1",
        operation="DELETE",
        pgid="pgtrigger_refuse_1",
        table="core_leaf",
        when="BEFORE",
    ),
)


def tables() -> list[CreateModel]:
    """Return two models that point to each other, one with a constraint, an index and a trigger."""
    key = ("id", models.BigAutoField(primary_key=True))
    return [
        CreateModel(
            "Leaf",
            [key, ("size", models.IntegerField()), ("tree", models.ForeignKey("core.Tree", models.CASCADE))],
            {
                "constraints": [models.CheckConstraint(condition=models.Q(size__gt=0), name="leaf_has_size")],
                "indexes": [models.Index(fields=["size"], name="leaf_size")],
                "triggers": [REFUSE],
            },
        ),
        CreateModel("Tree", [key, ("highest", models.ForeignKey("core.Leaf", models.SET_NULL, null=True))]),
    ]


def rendered() -> ProjectState:
    """Return a state that has rendered its models, as it has while `migrate` runs."""
    state = ProjectState()
    assert list(state.apps.get_models()) == []
    return state


def test_the_state_is_that_of_one_after_the_other() -> None:
    together, single = rendered(), ProjectState()
    CreateTables(tables()).state_forwards("core", together)
    for model in tables():
        model.state_forwards("core", single)
    assert together == single
    assert together.apps.get_model("core", "leaf")._meta.get_field("tree").related_model._meta.object_name == "Tree"


@pytest.mark.django_db
def test_the_database_has_tables_foreign_keys_constraints_indexes_and_triggers_until_it_goes_back() -> None:
    operation, empty, state = CreateTables(tables()), ProjectState(), rendered()
    operation.state_forwards("core", state)
    with connection.schema_editor() as editor:
        operation.database_forwards("core", editor, empty, state)

    leaf, tree = (state.apps.get_model("core", name) for name in ("leaf", "tree"))
    root = tree.objects.create()
    first = leaf.objects.create(size=1, tree=root)
    with pytest.raises(IntegrityError, match="leaf_has_size"), transaction.atomic():
        leaf.objects.create(size=0, tree=root)
    with pytest.raises(IntegrityError, match="core_tree"), transaction.atomic(), connection.cursor() as cursor:
        leaf.objects.filter(pk=first.pk).update(tree_id=root.pk + 1)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(Exception, match="kept for ever"), transaction.atomic():
        leaf.objects.filter(pk=first.pk)._raw_delete("default")
    with connection.cursor() as cursor:
        assert "leaf_size" in connection.introspection.get_constraints(cursor, "core_leaf")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with connection.schema_editor() as editor:
        operation.database_backwards("core", editor, state, empty)
    assert {"core_leaf", "core_tree"} & set(connection.introspection.table_names()) == set()


def test_a_migration_can_be_written_of_it() -> None:
    made = type("Migration", (Migration,), {"operations": [CreateTables(tables())]})
    read: dict[str, type[Migration]] = {}
    exec(MigrationWriter(made("0001_tables", "core")).as_string(), read)
    again = read["Migration"]("0001_tables", "core")
    assert again.mutate_state(ProjectState()) == made("0001_tables", "core").mutate_state(ProjectState())
    assert again.operations[0].models[0].options["triggers"] == [REFUSE]


def test_it_says_what_it_makes_and_refers_to() -> None:
    operation = CreateTables(tables())
    assert operation.describe() == "Create models Leaf, Tree"
    assert operation.migration_name_fragment == "tables"
    assert operation.references_model("Tree", "core")
    assert not operation.references_model("Root", "core")
