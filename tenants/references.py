"""Composite foreign keys, which keep a reference inside the tenant: (tenant_id, x_id) references (tenant_id, id).

When a row is written, PostgreSQL checks its foreign keys without row-level security, so a key of one column could refer
to another tenant's row. The referenced model needs a `UniqueConstraint` over `tenant` and `id`.

System check tenants.E004 finds missing composite references between rows of tenants. E008 finds missing composite
references (organization_id, x_id) between rows of organizations.
"""

from typing import Any

from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, Model

# When a foreign key is added, PostgreSQL checks all existing rows with one query. Row-level security applies to this
# query, even for the owner. It does not apply to the later checks of single rows. Without a scope, the query would find
# no rows, and PostgreSQL would accept violations. So put all tenants in scope during this query.
_ALL_TENANTS_IN_SCOPE = """
DO $$ BEGIN
    IF to_regclass('tenants_tenantkey') IS NOT NULL THEN
        PERFORM set_config('surety.tenants', array_agg(tenant_id)::text, true),
            set_config('surety.organizations', array_agg(DISTINCT organization_id)::text, true)
            FROM tenants_tenantkey;
    END IF;
END $$"""
_NO_TENANT_IN_SCOPE = (
    "SELECT set_config('surety.tenants', '', true), set_config('surety.organizations', '', true)"
)


class CompositeReference(BaseConstraint):
    """A model constraint: FOREIGN KEY (columns) REFERENCES table (targets), checked at commit like Django's own foreign
    keys.

    Rows with a null in one of `columns` are not checked (MATCH SIMPLE). The `on_delete` of the model's ordinary foreign
    key says what happens when the referenced row is deleted.
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
        # Create the foreign key at the end of the migration, as Django does, because a later operation may create the
        # unique constraint that the foreign key needs.
        quote = schema_editor.quote_name
        statement = Statement(
            f"{_ALL_TENANTS_IN_SCOPE}; ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (%(columns)s) "
            f"REFERENCES %(target)s (%(targets)s) DEFERRABLE INITIALLY DEFERRED; {_NO_TENANT_IN_SCOPE}",
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
        """Do nothing, because only the database can check rows that are invisible in the open scope."""


def same_tenant(column: str, table: str) -> CompositeReference:
    """Return the constraint that `column` (such as `directory_id`) refers to a row of `table` in the same tenant."""
    return CompositeReference(
        name=f"%(app_label)s_%(class)s_{column}_tenant",
        columns=("tenant_id", column),
        table=table,
        targets=("tenant_id", "id"),
    )
