"""Many entries at once: the same chain as with single entries, but with few statements."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tenants import journal
from tenants.actors import System
from tenants.isolation.active_scope import ScopeLimit
from tenants.journal.batch import NewEntry, lock_chains, record_many
from tenants.models import JournalEntry, Organization, OrganizationJournalEntry, Tenant
from tenants.roles import Capability, Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.concurrency import run_concurrently

pytestmark = pytest.mark.django_db
BY = System("tests")


@pytest.fixture
def provider() -> tuple[Organization, list[Tenant]]:
    organization = factories.organization()
    return organization, [factories.tenant(organization, name) for name in ("Adatum", "Contoso", "Fabrikam")]


def new(owner: Tenant | Organization, number: int) -> NewEntry:
    return NewEntry(owner, "test.done", f"target {number}", {"number": number, "text": "NUL \x00 and ü"})


def test_entries_continue_their_chains(provider: tuple[Organization, list[Tenant]]) -> None:
    organization, tenants = provider
    first, second, empty = tenants
    with organization_scope(organization):
        journal.record(tenant=first, actor=BY, action="test.before", target="x")
        journal.record(organization=organization, actor=BY, action="test.before", target="x")
        before = {owner.pk: journal.head(owner).sequence for owner in (organization, *tenants)}
        owners = [first, organization, second, first, empty, organization, first]
        record_many(actor=BY, entries=[new(owner, number) for number, owner in enumerate(owners)])
        journal.record(tenant=first, actor=BY, action="test.after", target="x")
        for owner in (organization, *tenants):
            assert journal.verify(owner) == []
            rows = [row for row in journal.entries(owner) if row.action == "test.done"]
            assert [row.details["number"] for row in rows] == [
                number for number, one in enumerate(owners) if one == owner
            ]
            assert [row.sequence for row in rows] == [before[owner.pk] + 1 + n for n in range(len(rows))]
        row = JournalEntry.objects.filter(tenant=second, action="test.done").get()
        assert (row.actor, row.target, row.details["text"]) == (
            "system:tests",
            "target 2",
            "NUL \ufffd and ü",
        )


def test_entries_name_the_token_of_a_program(provider: tuple[Organization, list[Tenant]]) -> None:
    organization, tenants = provider
    administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    limit = ScopeLimit(organization.pk, frozenset({Capability.VIEW}), token="surety_pat_ab")
    with person_scope(administrator, limit):
        record_many(actor=BY, entries=[new(tenants[0], 1)])
        entry = JournalEntry.objects.get(tenant=tenants[0], action="test.done")
        assert entry.details["api_token"] == "surety_pat_ab"
        assert journal.verify(tenants[0]) == []


def test_the_number_of_statements_is_fixed(provider: tuple[Organization, list[Tenant]]) -> None:
    organization, tenants = provider
    counts = []
    with organization_scope(organization):
        for number in (10, 400):
            entries = [new(owner, n) for n in range(number) for owner in (tenants[n % 3],)]
            with CaptureQueriesContext(connection) as captured:
                record_many(actor=BY, entries=entries)
            counts.append(len(captured))
    assert counts[0] == counts[1] <= 8, counts


def test_nothing_is_written_outside_of_the_scope(provider: tuple[Organization, list[Tenant]]) -> None:
    organization, _ = provider
    foreign = factories.tenant()
    with organization_scope(organization), pytest.raises(DatabaseError, match="row-level security"):
        record_many(actor=BY, entries=[new(foreign, 1)])
    with organization_scope(foreign.organization):
        assert not JournalEntry.objects.filter(tenant=foreign, action="test.done").exists()


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_keep_one_chain(provider: tuple[Organization, list[Tenant]]) -> None:
    organization, tenants = provider

    def many(order: int) -> None:
        with organization_scope(organization):
            for number in range(5):
                owners = [*tenants, organization][::order]
                with transaction.atomic():
                    record_many(actor=BY, entries=[new(owner, number) for owner in owners])

    def single() -> None:
        with organization_scope(organization):
            for number in range(10):
                journal.record(
                    tenant=tenants[0], actor=BY, action="test.single", target="x", details={"n": number}
                )

    run_concurrently(lambda: many(1), lambda: many(-1), single)
    with organization_scope(organization):
        assert [journal.verify(owner) for owner in (organization, *tenants)] == [[], [], [], []]
        assert OrganizationJournalEntry.objects.filter(action="test.done").count() == 10
        assert JournalEntry.objects.filter(tenant=tenants[0], action__startswith="test.").count() == 20


def test_chains_are_locked_in_one_order(provider: tuple[Organization, list[Tenant]]) -> None:
    """Organizations' chains are locked first, then customers' chains by id, so that no two transactions deadlock."""
    organization, tenants = provider
    owners = sorted(tenants, key=lambda tenant: tenant.pk)
    wanted = [journal.chain_of(owner) for owner in (organization, *owners)]
    locked: list[Any] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "pg_advisory_xact_lock" in sql:
            locked.append(params[1])
        return execute(sql, params, many, context)

    with organization_scope(organization), connection.execute_wrapper(watch):
        lock_chains([owners[2], organization, owners[0], owners[1], owners[0]])
    assert locked == [[f"surety.journal:{name}" for name in wanted]]
