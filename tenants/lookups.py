"""The lookup `any_of`: like `in`, with one array as parameter instead of one parameter for each value.

A person who sees 200 tenants would otherwise add 200 parameters to each query, several times in some queries. Building
such a query takes longer than running it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.models import ForeignKey, Lookup, UUIDField

if TYPE_CHECKING:
    _Lookup = Lookup[Any]
else:
    _Lookup = Lookup  # The class has no type parameters at run time.


class AnyOf(_Lookup):
    """`column = ANY(array)`, for ids. An empty collection matches nothing, and no query is sent, as with `in`."""

    lookup_name = "any_of"
    prepare_rhs = False
    rhs: Collection[Any]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        if not self.rhs:
            raise EmptyResultSet
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, list(self.rhs))


ForeignKey.register_lookup(AnyOf)
UUIDField.register_lookup(AnyOf)
