"""Django's PostgreSQL backend, usable only inside `allow_owner`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

from portal.owner_db import owner_allowed


class DatabaseWrapper(base.DatabaseWrapper):
    def _refuse(self) -> None:
        if not owner_allowed():
            raise ImproperlyConfigured(
                "Only migrations and the set-up may use the connection `owner`. Use the connection `default` in"
                " application code."
            )

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._refuse()
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        self._refuse()  # Check here too, because the connection may have been opened earlier, inside `allow_owner`.
        return super().create_cursor(name)
