"""One id that objects of all kinds share, so that one request with this id tries all kinds at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self
from uuid import UUID

from django.db.models import UUIDField

from tenants.ids import uuid7
from tenants.isolation.checks import first_party_models
from tenants.models import Organization


class OneId:
    """Inside of `with`, the first new object of each model gets the id `value`, and later ones get ids as usual.

    Ids are unique only within a table, so objects of different tables may have the same id. An organization gets an id
    as usual, because journals distinguish the chains of customers and organizations by the id of their owner.
    """

    def __init__(self) -> None:
        self.value = uuid7()
        self._used: set[str] = set()
        keys = [model._meta.pk for model in first_party_models() if model is not Organization]
        self._keys: list[Any] = [key for key in keys if isinstance(key, UUIDField) and key.has_default()]

    def __enter__(self) -> Self:
        for key in self._keys:
            key._get_default = self._default_of(key.model._meta.db_table, key.default)
        return self

    def __exit__(self, *error: object) -> None:
        for key in self._keys:
            del key._get_default  # Then Django uses the usual default again.

    def _default_of(self, table: str, usual: Callable[[], UUID]) -> Callable[[], UUID]:
        def default() -> UUID:
            if table in self._used:
                return usual()
            self._used.add(table)
            return self.value

        return default
