"""Serializers for the values of bulk actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from rest_framework import serializers

from portal.api.bodies import StrictSerializer
from portal.bulk_jobs.bulk_actions.base import BulkAction
from portal.bulk_jobs.bulk_actions.values import Value, ValueType


class ValuesSerializer(StrictSerializer):
    """A serializer with a field for each value of a bulk action."""

    action: ClassVar[BulkAction]

    def get_fields(self) -> dict[str, Any]:
        """Return a field for each value, followed by the declared fields."""
        return {**{value.name: _field(value) for value in self.action.values}, **super().get_fields()}


def values_serializer(action: BulkAction) -> type[ValuesSerializer]:
    """Return a new serializer for the values of an action. The API describes it as the schema `<Action>ValuesRequest`,
    such as `ReviewLaterValuesRequest` for the action `review-later`.
    """
    name = "".join(word.capitalize() for word in action.key.split("-"))
    text = f"The values of the action `{action.key}`."
    return type(f"{name}ValuesSerializer", (ValuesSerializer,), {"action": action, "__doc__": text})


_FIELDS: Final[Mapping[ValueType, type[serializers.Field[Any, Any, Any, Any]]]] = {
    ValueType.TEXT: serializers.CharField,
    ValueType.DAY: serializers.DateField,
    ValueType.TIME: serializers.DateTimeField,
    ValueType.BOOLEAN: serializers.BooleanField,
    ValueType.CHOICE: serializers.ChoiceField,
    ValueType.EMAIL: serializers.EmailField,
}


def _field(value: Value) -> serializers.Field[Any, Any, Any, Any]:
    options: dict[str, Any] = {"help_text": value.help} if value.help else {}
    if value.type == ValueType.TEXT:
        options["max_length"] = value.max_length
    if value.type == ValueType.CHOICE:
        options["choices"] = list(value.choices)
    if not value.required and value.type == ValueType.TEXT:
        options |= {"default": "", "allow_blank": True}
    elif not value.required:
        options |= {"default": None, "allow_null": True}
    return _FIELDS[value.type](**options)
