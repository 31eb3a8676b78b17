"""Trigger functions, and functions with the rights of the tables' owner, read no temporary tables of the caller."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.retention.models import RetentionRule
from tenants.models import JournalEntry, Tenant
from tests import factories

pytestmark = pytest.mark.django_db


def shadow(table: str) -> None:
    """Make an empty temporary table of this name, which PostgreSQL finds before the table in `public`."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table}) ON COMMIT DROP")


def test_every_trigger_function_and_function_with_rights_of_the_owner_has_a_fixed_search_path() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND (prorettype = 'trigger'::regtype OR prosecdef)"
            " AND NOT COALESCE(array_to_string(proconfig, ';') ~ 'search_path=.*pg_temp$', false)"
        )
        assert cursor.fetchall() == []


def test_no_other_role_calls_functions_with_rights_of_the_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prosecdef"
            " AND EXISTS (SELECT FROM aclexplode(COALESCE(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0)"
        )
        assert cursor.fetchall() == []


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


def test_temporary_table_does_not_shorten_a_retention_period_at_once(tenant: Tenant) -> None:
    with factories.in_tenant(tenant), connection.cursor() as cursor:
        shadow("retention_retentionrule")
        cursor.execute(
            "INSERT INTO pg_temp.retention_retentionrule (id, tenant_id, kind, mode, days, decided_at, effective_at)"
            " VALUES (gen_random_uuid(), %s, 'evidence', 'days', 90, '2020-01-01', '2020-01-01')",
            [tenant.pk],
        )
        cursor.execute(
            "INSERT INTO public.retention_retentionrule (id, tenant_id, kind, mode, days, decided_at, effective_at)"
            " VALUES (gen_random_uuid(), %s, 'evidence', 'days', 90, now(), now())",
            [tenant.pk],
        )
        cursor.execute("DROP TABLE pg_temp.retention_retentionrule")
        assert RetentionRule.objects.get().effective_at > timezone.now()


def test_temporary_table_does_not_begin_a_second_journal(tenant: Tenant) -> None:
    def insert() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO public.tenants_journalentry (id, tenant_id, sequence, at, actor, action, target, details,"
                " previous_hash, hash)"
                " SELECT gen_random_uuid(), tenant_id, 7, at, actor, action, target, details, repeat('a', 64),"
                " repeat('b', 64) FROM public.tenants_journalentry LIMIT 1"
            )

    refuse(insert, "does not follow", tenant)
    with factories.in_tenant(tenant), connection.cursor() as cursor:
        shadow("tenants_journalentry")
        cursor.execute(
            "INSERT INTO pg_temp.tenants_journalentry"
            " SELECT * FROM public.tenants_journalentry WHERE sequence = 1 AND tenant_id = %s",
            [tenant.pk],
        )
        cursor.execute("UPDATE pg_temp.tenants_journalentry SET sequence = 6, hash = repeat('a', 64)")
        refuse(insert, "does not follow", tenant)
        cursor.execute("DROP TABLE pg_temp.tenants_journalentry")
        assert not JournalEntry.objects.filter(sequence=7).exists()


def refuse(write: Callable[[], None], words: str, tenant: Tenant) -> None:
    with factories.in_tenant(tenant), pytest.raises(DatabaseError, match=words), transaction.atomic():
        write()
