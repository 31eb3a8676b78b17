"""Row-level security in the database: raw SQL as the application's role, without managers."""

from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from tenants.ids import uuid7
from tenants.isolation.checks import PLAIN, first_party_models, is_protected
from tenants.models import Directory
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope, tenant_scope
from tests import factories
from tests.for_each import for_each
from tests.isolation.raw_sql import TENANT_TABLES, sql, touched

pytestmark = pytest.mark.django_db

PROTECTED = sorted(m._meta.db_table for m in first_party_models() if is_protected(m))


@pytest.fixture
def two() -> tuple[Directory, Directory]:
    """Return two directories of two tenants in two organizations."""
    return factories.directory(), factories.directory()


def test_suite_runs_as_a_role_bound_by_policies() -> None:
    row = sql("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    assert row == [(False, False)]
    owned = sql(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND pg_has_role(current_user, relowner, 'USAGE')"
    )
    assert owned == []


def test_every_database_table_is_protected_or_listed_as_plain() -> None:
    """PostgreSQL lists the tables, so this also finds tables without a model."""
    prefixes = tuple({f"{m._meta.app_label}_" for m in first_party_models()})
    plain = {m._meta.db_table for m in first_party_models() if m._meta.label in PLAIN}
    tables = sql(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, count(p.oid)"
        " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace GROUP BY 1, 2"
    )
    ours = {name: (forced, policies) for name, forced, policies in tables if name.startswith(prefixes)}
    assert set(PROTECTED) <= set(ours)
    unprotected = {name for name, (forced, policies) in ours.items() if not forced or not policies}
    assert unprotected == plain


def test_every_table_with_a_tenant_column_is_protected() -> None:
    tables = {
        name
        for (name,) in sql(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'tenant_id'"
        )
    }
    assert len(tables) >= 7
    assert tables - set(PROTECTED) == {"tenants_tenantkey"}


@pytest.fixture
def filled(two: tuple[Directory, Directory]) -> tuple[Directory, Directory]:
    """Two tenants with a service principal, a subscription and a member each."""
    for directory in two:
        factories.subscription(factories.service_principal(directory))
        factories.member(Role.OWNER, directory.tenant)
    return two


@for_each("table", PROTECTED)
def test_without_a_scope_a_table_is_empty(table: str, filled: tuple[Directory, Directory]) -> None:
    assert sql(f"SELECT count(*) FROM {table}") == [(0,)]
    assert touched(f"DELETE FROM {table}") == 0


@for_each("table", TENANT_TABLES)
def test_rows_of_another_tenant_are_invisible(table: str, filled: tuple[Directory, Directory]) -> None:
    mine, foreign = (directory.tenant_id for directory in filled)
    with tenant_scope(mine):
        assert sql(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", foreign) == [(0,)]
        assert sql(f"SELECT count(*) FROM {table} WHERE tenant_id IS DISTINCT FROM %s", mine) == [(0,)]
        assert touched(f"DELETE FROM {table} WHERE tenant_id = %s", foreign) == 0
        assert touched(f"UPDATE {table} SET tenant_id = %s WHERE tenant_id = %s", mine, foreign) == 0


def test_rows_of_the_tenant_are_visible_and_writable(two: tuple[Directory, Directory]) -> None:
    """If no row were visible at all, the previous tests would pass, too."""
    with tenant_scope(two[0].tenant_id):
        assert sql("SELECT id FROM tenants_directory") == [(two[0].pk,)]
        assert sql("UPDATE tenants_directory SET name = 'x'") == [(1,)]
        assert sql("SELECT id FROM tenants_tenant") == [(two[0].tenant_id,)]


def insert_directory(tenant_id: UUID) -> None:
    sql(
        "INSERT INTO tenants_directory (id, tenant_id, directory_id, name, cloud_name, cloud_settings,"
        " created_at) VALUES (%s, %s, %s, 'x', 'AzureCloud', '{}', now())",
        uuid7(),
        tenant_id,
        "7d1f0a52-9c1e-4f0b-8a35-2f6a1c9b7e40",
    )


def test_inserting_a_row_of_another_tenant_is_refused(two: tuple[Directory, Directory]) -> None:
    with tenant_scope(two[0].tenant_id):
        insert_directory(two[0].tenant_id)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            insert_directory(two[1].tenant_id)
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        insert_directory(two[0].tenant_id)


def test_moving_a_row_to_another_tenant_is_refused(two: tuple[Directory, Directory]) -> None:
    with (
        tenant_scope(two[0].tenant_id),
        pytest.raises(DatabaseError, match="row-level"),
        transaction.atomic(),
    ):
        sql("UPDATE tenants_directory SET tenant_id = %s", two[1].tenant_id)


def test_a_reference_cannot_leave_the_tenant(two: tuple[Directory, Directory]) -> None:
    """PostgreSQL checks foreign keys without row-level security, so it finds rows of other tenants. Even so, it refuses
    the reference, because the foreign key includes the tenant.
    """
    principal = factories.service_principal(two[0])
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with (
        tenant_scope(two[0].tenant_id),
        pytest.raises(DatabaseError, match="serviceprincipal_directory_id_tenant"),
        transaction.atomic(),
    ):
        sql("UPDATE tenants_serviceprincipal SET directory_id = %s WHERE id = %s", two[1].pk, principal.pk)


def test_tenant_key_must_match_the_organization(two: tuple[Directory, Directory]) -> None:
    mine, foreign = two[0].tenant, two[1].tenant
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    move = "UPDATE tenants_tenantkey SET organization_id = %s WHERE tenant_id = %s"
    with tenant_scope(mine.pk), pytest.raises(DatabaseError, match="tenantkey_true"), transaction.atomic():
        sql(move, foreign.organization_id, mine.pk)
    with tenant_scope(mine.pk), pytest.raises(DatabaseError, match="outside the scope"), transaction.atomic():
        sql(move, mine.organization_id, foreign.pk)


def test_tenant_key_outside_the_scope_cannot_be_deleted(two: tuple[Directory, Directory]) -> None:
    drop = "DELETE FROM tenants_tenantkey WHERE tenant_id = %s"
    with pytest.raises(DatabaseError, match="outside the scope"), transaction.atomic():
        sql(drop, two[1].tenant_id)
    with organization_scope(two[0].tenant.organization):
        with pytest.raises(DatabaseError, match="outside the scope"), transaction.atomic():
            sql(drop, two[1].tenant_id)
        assert sql(drop, two[0].tenant_id) == [(1,)]


def test_people_cannot_write_their_own_memberships(two: tuple[Directory, Directory]) -> None:
    """People can read their own memberships without a scope, but they must not be able to write them."""
    engineer = factories.member(Role.OWNER, two[0].tenant)
    foreign = two[1].tenant
    with person_scope(engineer), pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
        sql("UPDATE tenants_membership SET role = 'tenant_administrator'")
    with person_scope(factories.person()) as scope:
        assert scope.tenant_ids == frozenset()
        with pytest.raises(DatabaseError, match="themselves"), transaction.atomic():
            sql(
                "INSERT INTO tenants_membership (id, person_id, organization_id, tenant_id, role, valid_from,"
                " created_at) VALUES (%s, %s, %s, %s, 'owner', now(), now())",
                uuid7(),
                scope.person.pk if scope.person else None,
                foreign.organization_id,
                foreign.pk,
            )


def test_own_memberships_outside_the_scope_are_read_only(two: tuple[Directory, Directory]) -> None:
    person = factories.member(Role.OWNER, two[0].tenant)
    factories.member(Role.OWNER, two[1].tenant, who=person)
    with person_scope(person), tenant_scope(two[0].tenant_id):
        assert len(sql("SELECT id FROM tenants_membership")) == 2
        changed = sql(
            "UPDATE tenants_membership SET valid_until = NULL WHERE tenant_id = %s", two[1].tenant_id
        )
        assert changed == [(0,)]


def test_organization_sees_only_its_own_tenants(two: tuple[Directory, Directory]) -> None:
    organization = two[0].tenant.organization
    sister = factories.tenant(organization)
    with organization_scope(organization):
        ids = {identifier for (identifier,) in sql("SELECT id FROM tenants_tenant")}
        assert ids == {two[0].tenant_id, sister.pk}
        assert sql("SELECT id FROM tenants_organization") == [(organization.pk,)]
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            sql(
                "INSERT INTO tenants_tenant (id, organization_id, name, slug, timezone, labels,"
                " exception_cap_days, due_days, created_at)"
                " VALUES (%s, %s, 'x', 'x-foreign', 'UTC', '[]', 1, '{}', now())",
                uuid7(),
                two[1].tenant.organization_id,
            )


def test_customer_reads_the_provider_name_but_not_its_journal() -> None:
    tenant = factories.tenant()
    with tenant_scope(tenant.pk):
        assert sql("SELECT id FROM tenants_organization") == [(tenant.organization_id,)]
        assert sql("UPDATE tenants_organization SET name = 'x'") == [(0,)]
        assert sql("SELECT count(*) FROM tenants_organizationjournalentry") == [(0,)]


@pytest.mark.parametrize("value", ["", "{}"])
def test_empty_setting_shows_no_rows_and_raises_no_error(
    value: str, two: tuple[Directory, Directory]
) -> None:
    sql("SELECT set_config('surety.tenants', %s, true)", value)
    assert sql("SELECT count(*) FROM tenants_directory") == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_reused_connection_does_not_keep_the_previous_scope() -> None:
    """After a transaction that has set the scope, the setting `surety.tenants` is '' on this connection, but NULL on a
    new one.
    """
    directory = factories.directory()
    before = connection.connection
    with tenant_scope(directory.tenant_id):
        assert sql("SELECT count(*) FROM tenants_directory") == [(1,)]
    assert connection.connection is before
    assert sql("SELECT current_setting('surety.tenants', true)") == [("",)]
    assert sql("SELECT count(*) FROM tenants_directory") == [(0,)]
    with pytest.raises(DatabaseError, match="row-level security"):
        insert_directory(directory.tenant_id)


@pytest.mark.django_db(transaction=True)
def test_failed_transaction_ends_the_scope() -> None:
    directory = factories.directory()
    with pytest.raises(ZeroDivisionError), tenant_scope(directory.tenant_id):
        raise ZeroDivisionError
    assert sql("SELECT count(*) FROM tenants_directory") == [(0,)]
