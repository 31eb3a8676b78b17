"""Serializers of parts that several objects of the API have in common."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from portal.changes.actions.rules import MAX_PATTERNS
from portal.changes.models.rule import MAX_PATTERN
from portal.reports.kinds import KINDS

FOR_FRAMEWORK_KINDS: Final = "For the kinds " + ", ".join(
    f"`{key}`" for key, kind in KINDS.items() if "framework" in kind.asks
)
"""The beginning of the help text of the field `framework`. It names the kinds of reports that are about a framework."""


class PersonSerializer(serializers.Serializer[Any]):
    """A person, by name and email address."""

    id = serializers.UUIDField()
    name = serializers.CharField(
        source="get_full_name",
        help_text="The name of the person, or the email address if the person has no name",
    )
    email = serializers.EmailField()


class RequirementSerializer(serializers.Serializer[Any]):
    """A framework requirement that a control checks, at least in part."""

    framework = serializers.CharField()
    number = serializers.CharField()
    degree = serializers.CharField(help_text="full or partial")


def patterns(text: str) -> serializers.ListField:
    """Return a field with patterns of a watch rule or of a planned change. `text` describes the field."""
    child = serializers.CharField(max_length=MAX_PATTERN)
    return serializers.ListField(child=child, required=False, max_length=MAX_PATTERNS, help_text=text)
