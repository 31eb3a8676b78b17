"""Foreign keys that cannot leave the tenant: (tenant_id, x_id) references (tenant_id, id).

Foreign keys look past row-level security, so a plain one would let a row of one tenant point at a row of
another. With both columns in the key the database refuses that. The referenced model needs a unique
constraint over the same two columns (`unique_per_tenant`).
"""

from typing import Any

from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, Model


class CompositeReference(BaseConstraint):
    """FOREIGN KEY (columns) REFERENCES table (targets), checked at commit as Django's own are.

    A row with a null among `columns` is not checked (MATCH SIMPLE). Deleting is left to the plain foreign
    key that goes with it.
    """

    def __init__(self, *, name: str, columns: tuple[str, ...], table: str, targets: tuple[str, ...]) -> None:
        super().__init__(name=name)
        self.columns = tuple(columns)
        self.table = table
        self.targets = tuple(targets)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path = f"{type(self).__module__}.{type(self).__qualname__}"
        kwargs = {"name": self.name, "columns": self.columns, "table": self.table, "targets": self.targets}
        return path, (), kwargs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompositeReference):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.columns, self.table, self.targets))

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        # At the end of the migration, as Django's own foreign keys: the unique constraint that is referred
        # to may be made later in the same migration.
        quote = schema_editor.quote_name
        statement = Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (%(columns)s) "
            "REFERENCES %(target)s (%(targets)s) DEFERRABLE INITIALLY DEFERRED",
            table=Table(model._meta.db_table, quote),
            name=quote(self.name),
            columns=", ".join(map(quote, self.columns)),
            target=Table(self.table, quote),
            targets=", ".join(map(quote, self.targets)),
        )
        schema_editor.deferred_sql.append(statement)

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )

    def validate(
        self, model: type[Model], instance: Model, exclude: Any = None, using: str = "default"
    ) -> None:
        """Left to the database: the referenced row may be one that this scope cannot see."""


def same_tenant(column: str, table: str) -> CompositeReference:
    """`column` (such as `directory_id`) refers to a row of `table` that has the same tenant."""
    return CompositeReference(
        name=f"%(app_label)s_%(class)s_{column}_tenant",
        columns=("tenant_id", column),
        table=table,
        targets=("tenant_id", "id"),
    )
