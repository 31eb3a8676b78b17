"""Fast migrations run the same statements as Django's, and Python code in a migration sees all relations."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from portal.management.fast_migrations import fast_migrations


def key(**options: Any) -> tuple[str, models.Field[Any, Any]]:
    return "id", models.BigAutoField(primary_key=True, **options)


def refer(to: str, **options: Any) -> models.Field[Any, Any]:
    return models.ForeignKey(to, on_delete=models.CASCADE, **options)


def operations(seen: list[list[str]]) -> list[Operation]:
    """Return operations of many kinds on models that refer to each other, with Python code between and after them."""

    def look(apps: Any, _editor: Any) -> None:
        seen.append([])
        for model in apps.get_models():
            for field in model._meta.get_fields(include_hidden=True):
                related = field.related_model
                # Related models must be the classes of this state of the apps, not stale ones with former fields.
                assert related is None or related is apps.get_model(related._meta.label)
                seen[-1].append(f"{model.__name__}.{field.name} {related and related.__name__}")

    short, code = models.CharField(max_length=9), models.CharField(max_length=8, unique=True)
    return [
        migrations.CreateModel("House", [key(), ("name", short), ("code", code)]),
        migrations.CreateModel("Room", [key(), ("house", refer("there.house")), ("above", refer("self"))]),
        migrations.AddField("house", "owner", models.CharField(max_length=9, default="nobody")),
        migrations.CreateModel("Door", [key(), ("room", refer("there.room", related_name="+"))]),
        migrations.AddField("room", "floor", models.IntegerField(null=True)),
        migrations.AddField("house", "hall", refer("there.room", null=True, related_name="+")),
        migrations.RunPython(look),
        migrations.AddField("door", "by_code", refer("there.house", to_field="code")),
        migrations.AlterField("house", "code", models.CharField(max_length=20, unique=True)),
        migrations.AlterField("room", "house", refer("there.house", null=True, related_name="rooms")),
        migrations.AlterField("house", "id", models.UUIDField(primary_key=True)),
        migrations.AddConstraint(
            "room", models.UniqueConstraint("house", condition=models.Q(floor=1), name="one_ground_floor")
        ),
        migrations.AddIndex("house", models.Index(fields=["owner"], name="of_owner")),
        migrations.RenameField("house", "owner", "landlord"),
        migrations.AddField(
            "house", "rooms_with_doors", models.ManyToManyField("there.room", related_name="+")
        ),
        migrations.RemoveField("house", "hall"),
        migrations.RemoveConstraint("room", "one_ground_floor"),
        migrations.RenameModel("Door", "Gate"),
        migrations.DeleteModel("Gate"),
        migrations.RunPython(look),
    ]


def statements(*, fast: bool) -> tuple[list[str], list[list[str]]]:
    """Return the statements of the operations, and the fields that Python code in the migration sees."""
    seen: list[list[str]] = []
    state = ProjectState()
    assert (
        state.apps.ready
    )  # Reading `apps` renders the models, so each operation changes rendered models, as in a migration.
    with fast_migrations() if fast else nullcontext():
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            for operation in operations(seen):
                before = state.clone()
                operation.state_forwards("there", state)
                if isinstance(operation, migrations.RunPython):
                    # Django runs no Python code while it collects statements, so run the code here.
                    before.clear_delayed_apps_cache()
                    operation.code(before.apps, editor)
                else:
                    operation.database_forwards("there", editor, before, state)
        return editor.collected_sql, seen


def test_statements_and_relations_are_those_of_djangos_migrations(db: None) -> None:
    usual, fast = statements(fast=False), statements(fast=True)
    assert len(usual[0]) > 30
    assert [len(fields) > 10 for fields in usual[1]] == [True, True]
    assert fast == usual
