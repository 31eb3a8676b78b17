"""Insert thousands of rows in one statement.

`bulk_create` prepares each row one by one, which takes several times as long as the insertion. `bulk_insert` sends each
column as an array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import CharField, Field, ForeignKey, JSONField, Model, TextField

from tenants.ids import uuid7

ROWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Constant:
    """A column with the same value in all rows."""

    value: Any


def bulk_insert(
    model: type[Model],
    columns: Mapping[str, Sequence[Any] | Constant],
    *,
    unique: str = "",
    update: Sequence[str] = (),
) -> None:
    """Insert rows given as columns (field name -> values). Other fields get their defaults; ids are generated.

    `unique` is the name of a field. If a stored row has the same value in this field, no row is inserted: the stored
    row gets the new values of the fields `update`. Neither `save` nor signals run. Row-level security applies. Texts
    that are too long raise an error.
    """
    counts = {len(values) for values in columns.values() if not isinstance(values, Constant)}
    if len(counts) != 1:
        raise ValueError(
            "At least one column must be a list with a value for each row, and all these lists must have the same"
            " length."
        )
    (count,) = counts
    for start in range(0, count, ROWS):
        part = {
            name: values if isinstance(values, Constant) else values[start : start + ROWS]
            for name, values in columns.items()
        }
        _insert(model, part, min(ROWS, count - start), unique, update)


def _insert(
    model: type[Model],
    columns: Mapping[str, Sequence[Any] | Constant],
    count: int,
    unique: str,
    update: Sequence[str],
) -> None:
    fields = {field.name: field for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    names, chosen, arrays = [], [], []
    constants: list[Any] = []
    by_row: list[Any] = []
    for name, field in fields.items():
        values = columns.get(name)
        if values is None:
            values = [uuid7() for _ in range(count)] if field.primary_key else Constant(field.get_default())
        names.append(quote(str(field.column)))
        if isinstance(values, Constant):
            chosen.append(f"%s::{_type(field)}")
            constants.append(_value(field, values.value))
        else:
            arrays.append(f"%s::{_type(field)}[]")
            chosen.append(f"rows.c{len(arrays)}")
            by_row.append([_value(field, value) for value in values])
    names_of_arrays = ", ".join(f"c{number}" for number in range(1, len(arrays) + 1))
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(names)}) "  # noqa: S608 - our models' own names
        f"SELECT {', '.join(chosen)} FROM unnest({', '.join(arrays)}) AS rows({names_of_arrays})"
    )
    if unique:
        written = [quote(str(fields[name].column)) for name in update]
        statement += f" ON CONFLICT ({quote(str(fields[unique].column))}) DO UPDATE SET " + ", ".join(
            f"{column} = EXCLUDED.{column}" for column in written
        )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*constants, *by_row])


def _type(field: Field[Any, Any]) -> str:
    # A cast to varchar(n) would silently cut a long text. If the cast is to text, a long text raises an error at the
    # insertion.
    if isinstance(field, CharField | TextField):
        return "text"
    return str(field.db_type(connection))


def _value(field: Field[Any, Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, ForeignKey):
        return value.pk if isinstance(value, Model) else value
    return field.get_db_prep_save(value, connection) if isinstance(field, JSONField) else value
