"""Build the SQL of queries once per process.

Building the SQL of a small query takes longer than running the query. Every request runs the queries that open its
scope. So these queries are built once, and each request runs them with its own values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet


class BuiltQuery:
    """A query that returns rows as tuples. Example: `BuiltQuery(build, person=UUID(int=0))(person=person.pk)`.

    `build` receives placeholders (in the example, a UUID of zeros), and returns a queryset with `values_list`. Each
    call passes the actual values. The value of a placeholder must differ from all other parameters of the query, and
    the SQL must not depend on that value. Columns must need no conversion by Django.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **placeholders: Any) -> None:
        self._build = build
        self._placeholders = placeholders

    @cached_property
    def _built(self) -> tuple[str, list[Any], dict[int, str]]:
        """Return the SQL, its parameters, and the positions of the placeholders."""
        sql, parameters = self._build(**self._placeholders).query.sql_with_params()
        positions = {
            position: name
            for position, parameter in enumerate(parameters)
            for name, placeholder in self._placeholders.items()
            if parameter == placeholder
        }
        if set(positions.values()) != set(self._placeholders):
            raise ValueError("A placeholder is missing in the query.")
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


class BuiltInstances[M: Model]:
    """A query that returns instances of a model.

    Example: `BuiltInstances(build, person=UUID(int=0))(person=person.pk)`.

    `build` receives placeholders, as in BuiltQuery, and returns a queryset of model instances with all fields.
    `related_object` is a foreign key that cannot be null. The object to which it refers is read too.
    """

    def __init__(
        self, build: Callable[..., QuerySet[M, Any]], *, related_object: str = "", **placeholders: Any
    ) -> None:
        self._build = build
        self._related = related_object
        self._placeholders = placeholders

    @cached_property
    def _query(self) -> tuple[BuiltQuery, _Columns, _Columns | None]:
        """Return (query for the rows, columns of the model, columns of the related object or None)."""
        model = self._build(**self._placeholders).model
        own, related = _Columns(model), None
        names = own.names
        if self._related:
            related = _Columns(model._meta.get_field(self._related).related_model, len(names))
            names = [*names, *(f"{self._related}__{name}" for name in related.names)]
        query = BuiltQuery(lambda **given: self._build(**given).values_list(*names), **self._placeholders)
        return query, own, related

    def __call__(self, **values: Any) -> list[M]:
        """Run the query with these values and return the instances."""
        query, own, related = self._query
        found = []
        for row in query(**values):
            instance = own.instance(row)
            if related is not None:
                setattr(instance, self._related, related.instance(row))
            found.append(instance)
        return found


class _Columns:
    """The columns of a model's fields in a row of the query. The first of these columns is at the position `first`."""

    def __init__(self, model: Any, first: int = 0) -> None:
        fields = model._meta.concrete_fields
        self.names: list[str] = [field.attname for field in fields]
        self._model = model
        self._range = slice(first, first + len(fields))
        # Some fields convert the values that the database returns, for example JSON, which is returned as text.
        self._converters = [
            (position, field.from_db_value, field.cached_col)
            for position, field in enumerate(fields)
            if hasattr(field, "from_db_value")
        ]

    def instance(self, row: tuple[Any, ...]) -> Any:
        cells = list(row[self._range])
        for position, convert, column in self._converters:
            cells[position] = convert(cells[position], column, connection)
        return self._model.from_db(connection.alias, self.names, cells)
