"""Row-level security as a model constraint: migrations create the policies, and system checks require them.

The policies read settings that `tenants.scope` sets for one transaction (`SET LOCAL`):

- `surety.tenants`: array of tenant ids, `{...}`
- `surety.organizations`: array of the organizations that the scope contains with all their tenants
- `surety.person`: id of the signed-in person
- `surety.invitation`: hash of the token of the invitation or link that somebody opened

Rows that depend on an unset setting are invisible. When a transaction with SET LOCAL has ended, the setting is '' and
not NULL in later transactions of the same connection. `''::uuid[]` would be an error, so every policy uses NULLIF.

Policies never bind superusers and roles with BYPASSRLS, and bind the owner of a table only if the table has FORCE
(https://www.postgresql.org/docs/current/ddl-rowsecurity.html). `tenants.isolation.checks` reports such roles, and
tables without FORCE.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, Model

# Policies read each setting in a subquery, which PostgreSQL evaluates once per statement. Outside of a subquery,
# PostgreSQL would call `current_setting` for every row. Each call takes half a microsecond, ten times the cost of
# reading the row.
TENANT_IDS = "(SELECT NULLIF(current_setting('surety.tenants', true), '')::uuid[])::uuid[]"
ORGANIZATION_IDS = "(SELECT NULLIF(current_setting('surety.organizations', true), '')::uuid[])::uuid[]"
PERSON_ID = "(SELECT NULLIF(current_setting('surety.person', true), '')::uuid)"
INVITATION_HASH = "(SELECT NULLIF(current_setting('surety.invitation', true), ''))"

# The ids of the organizations (MSPs) to which tenants in the scope belong.
_ORGANIZATIONS_OF_TENANTS = (
    f"SELECT k.organization_id FROM tenants_tenantkey k WHERE k.tenant_id = ANY({TENANT_IDS})"  # noqa: S608
)

TENANT = f"tenant_id = ANY({TENANT_IDS})"
ORGANIZATION = f"organization_id = ANY({ORGANIZATION_IDS})"
# The rows of the tenants themselves. A new tenant can be inserted only if its organization is in the scope.
TENANT_ITSELF = f"id = ANY({TENANT_IDS}) OR {ORGANIZATION}"
ORGANIZATION_ITSELF = f"id = ANY({ORGANIZATION_IDS})"
# Customers can read the name of their MSP.
ORGANIZATION_ITSELF_READ = f"id IN ({_ORGANIZATIONS_OF_TENANTS})"
# Settings of an organization that apply to its customers. The customers can read these settings.
ORGANIZATION_OWNED_READ = f"organization_id IN ({_ORGANIZATIONS_OF_TENANTS})"
# Rows that belong to a tenant or, if their tenant is null, to an organization as a whole.
TENANT_OR_ORGANIZATION = f"{TENANT} OR {ORGANIZATION}"
# People can read their memberships before any tenant is in scope. Customers can see which people of the MSP have
# access.
MEMBERSHIP_READ = (
    f"person_id = {PERSON_ID} OR (tenant_id IS NULL AND organization_id IN ({_ORGANIZATIONS_OF_TENANTS}))"
)
INVITATION_READ = f"token_hash = {INVITATION_HASH}"


class RowLevelSecurity(BaseConstraint):
    """A model constraint that enables and forces row-level security.

    - `using`: the SQL condition of the policy for all statements (USING and WITH CHECK)
    - `read`: the SQL condition of an additional policy for SELECT; empty for no such policy

    Migrations contain these conditions as text, so makemigrations notices changes.
    """

    def __init__(self, *, name: str, using: str = TENANT, read: str = "") -> None:
        super().__init__(name=name)
        self.using = using
        self.read = read

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        kwargs: dict[str, Any] = {"name": self.name, "using": self.using}
        if self.read:
            kwargs["read"] = self.read
        return f"{type(self).__module__}.{type(self).__qualname__}", (), kwargs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RowLevelSecurity):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.using, self.read))

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        # CREATE TABLE cannot contain a policy, so create the policy after all tables of the migration.
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        parts = [
            "ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE %(table)s FORCE ROW LEVEL SECURITY",
            "CREATE POLICY %(policy)s ON %(table)s FOR ALL USING (%(using)s) WITH CHECK (%(using)s)",
        ]
        if self.read:
            parts.append("CREATE POLICY %(read_policy)s ON %(table)s FOR SELECT USING (%(read)s)")
        return self._statement(parts, model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        parts = ["DROP POLICY %(policy)s ON %(table)s"]
        if self.read:
            parts.append("DROP POLICY %(read_policy)s ON %(table)s")
        parts.append("ALTER TABLE %(table)s NO FORCE ROW LEVEL SECURITY")
        parts.append("ALTER TABLE %(table)s DISABLE ROW LEVEL SECURITY")
        return self._statement(parts, model, schema_editor)

    def _statement(
        self, parts: list[str], model: type[Model], schema_editor: BaseDatabaseSchemaEditor
    ) -> Statement:
        return Statement(
            "; ".join(parts),
            table=Table(model._meta.db_table, schema_editor.quote_name),
            policy=schema_editor.quote_name(self.name),
            read_policy=schema_editor.quote_name(f"{self.name}_read"),
            using=self.using,
            read=self.read,
        )

    def validate(
        self, model: type[Model], instance: Model, exclude: Any = None, using: str = "default"
    ) -> None:
        """Do nothing, because the database enforces the policy."""
