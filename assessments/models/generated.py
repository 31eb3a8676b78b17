"""Columns that PostgreSQL computes and stores, declared without asking a server whether it can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.db import models
from django.db.models.functions import MD5, Cast


def key_of_text(text: models.Expression) -> models.Expression:
    """The MD5 of a text as a UUID, which takes half the room of its digits and compares faster."""
    return Cast(MD5(text), models.UUIDField())


class StoredColumn(models.GeneratedField):
    """`GeneratedField` whose system check opens no connection.

    Django's own asks every configured connection for its server's version: `owner` refuses outside of
    set-up, and a worker or an offline command may start while no server is there. Every PostgreSQL that
    Django supports stores generated columns. In migrations it is Django's own field.
    """

    def _check_supported(self, databases: Sequence[str]) -> list[CheckMessage]:
        return []

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """As `django.db.models.GeneratedField`."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs
