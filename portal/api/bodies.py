"""Serializers for the bodies of requests, which refuse unknown fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from tenants.errors import Refusal, invalid


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer for an object inside a body. The serializer refuses unknown fields of this object; `checked` refuses
    unknown fields of the body itself.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            text = f"Unknown field. Known fields: {', '.join(self.fields)}."
            raise serializers.ValidationError({unknown[0][:100]: [text]})
        return super().to_internal_value(data)


def optional_text(max_length: int, text: str) -> serializers.CharField:
    """Return a field for a text that may be missing or empty, with the description `text`."""
    return serializers.CharField(max_length=max_length, required=False, allow_blank=True, help_text=text)


def checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the values of the body. Raise ValidationError for invalid values, and InvalidInput for a field
    that does not exist, so that a mistyped name is not ignored.
    """
    sent = serializer(data=request.data)
    if unknown := sorted(set(request.data) - set(sent.fields)):
        raise invalid(unknown[0][:100], f"Unknown field. Known fields: {', '.join(sent.fields)}.")
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


@contextmanager
def names_of_fields(names: Mapping[str, str]) -> Iterator[None]:
    """Rename the fields in errors that an action raises, so that the errors name the fields of the request's body.
    `names` is {name in the action: name in the body}.
    """
    try:
        yield
    except Refusal as error:
        error.fields = {names.get(field, field): texts for field, texts in error.fields.items()}
        raise
