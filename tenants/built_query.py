"""Queries whose SQL is built once per process.

Django builds the SQL of a query each time, which takes longer than running a small query. The queries that open the
scope of every request are built once instead, and run again with other values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class BuiltQuery:
    """A query that returns rows as tuples: `BuiltQuery(build, person=UUID(int=0))(person=person.pk)`.

    `build` receives the placeholders, and returns a queryset with `values_list`. Each placeholder must differ from
    all other parameters of the query, and the SQL must not depend on the values. Columns must be of types that need no
    conversion by Django, such as text and ids.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **placeholders: Any) -> None:
        self._build = build
        self._placeholders = placeholders

    @cached_property
    def _built(self) -> tuple[str, list[Any], dict[int, str]]:
        """The SQL, its parameters, and the positions of the placeholders."""
        sql, parameters = self._build(**self._placeholders).query.sql_with_params()
        positions = {
            position: name
            for position, parameter in enumerate(parameters)
            for name, placeholder in self._placeholders.items()
            if parameter == placeholder
        }
        if set(positions.values()) != set(self._placeholders):
            raise ValueError("The query does not contain all of its placeholders.")
        return sql, list(parameters), positions

    def __call__(self, **values: Any) -> list[tuple[Any, ...]]:
        """Run the query with these values and return its rows."""
        sql, parameters, positions = self._built
        given = [
            values[positions[position]] if position in positions else parameter
            for position, parameter in enumerate(parameters)
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            return list(cursor.fetchall())
