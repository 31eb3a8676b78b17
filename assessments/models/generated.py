"""A field for columns that PostgreSQL computes and stores. The system check of this field needs no database
connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.db import models
from django.db.models.functions import MD5, Cast


def key_of_text(text: models.Expression | models.F) -> models.Expression:
    """Return the MD5 of a text as a UUID, which is half as long as its hex digits and compares faster."""
    return Cast(MD5(text), models.UUIDField())


class StoredColumn(models.GeneratedField):
    """A `GeneratedField` with a system check that opens no connection to the database.

    Django's check asks every configured server for its version. So the check fails in two cases: for the database
    connection `owner`, which can be opened only during set-up, and in processes that start without a database server,
    such as workers and offline commands. The check is not needed, because every supported PostgreSQL has stored
    generated columns. Migrations contain Django's own field.
    """

    def _check_supported(self, databases: Sequence[str]) -> list[CheckMessage]:
        return []

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return the parts of Django's own `GeneratedField` for migrations."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs
