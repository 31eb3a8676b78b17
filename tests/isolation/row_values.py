"""Values for the required fields of a row, chosen by the types of the fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

type Related = Callable[[type[models.Model]], models.Model]

# {type of a field: function that returns a value}. If a field has several of these types, the first one decides: a
# DateTimeField is a DateField too.
_BY_TYPE: Mapping[type[models.Field[Any, Any]], Callable[[], Any]] = {
    models.DateTimeField: timezone.now,
    models.DateField: lambda: timezone.now().date(),
    models.BooleanField: lambda: True,
    models.IntegerField: lambda: 1,
    models.JSONField: dict,
    ArrayField: list,
    models.FileField: lambda: ContentFile(b"x", name="foreign.txt"),
    models.CharField: lambda: "foreign",
    models.TextField: lambda: "foreign",
}


def values_of_row(
    model: type[models.Model], row_id: UUID, related: Related, usual: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a value for each field that a new row needs, except its id and its owner.

    A field whose name is in `usual` gets the value from there, a UUID field gets `row_id`, and a foreign key gets the
    row that `related` returns for its model. The values can break constraints of the table. Raise TypeError for a type
    of field that is not in `_BY_TYPE`.
    """
    return {
        field.name: usual[field.name] if field.name in usual else _value(field, row_id, related)
        for field in model._meta.concrete_fields
        if field.name not in ("id", "tenant", "organization") and _is_required(field)
    }


def _is_required(field: models.Field[Any, Any]) -> bool:
    return not (field.null or field.blank or field.generated or field.has_default() or field.has_db_default())


def _value(field: models.Field[Any, Any], row_id: UUID, related: Related) -> Any:
    if isinstance(field, models.ForeignKey):
        return related(field.related_model)
    if isinstance(field, models.UUIDField):
        return row_id
    if field.choices:
        return field.flatchoices[0][0]
    for known, value in _BY_TYPE.items():
        if isinstance(field, known):
            # Most texts of 64 characters are a SHA-256.
            return "f" * 64 if field.max_length == 64 else value()
    raise TypeError(f"{field} has no value: add its type to tests/isolation/row_values.py.")
