"""The journal's hash chain: changes are detected, and concurrent writers keep one chain."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from tenants import journal
from tenants.actors import System, describe
from tenants.journal import GENESIS, Head
from tenants.models import JournalEntry, OrganizationJournalEntry, Tenant
from tenants.scope import organization_scope, tenant_scope
from tenants.secrets import Secret
from tests import factories

BY = System("tests")


def write(tenant: Tenant, count: int, **details: Any) -> None:
    with tenant_scope(tenant.pk):
        for number in range(count):
            journal.record(
                tenant=tenant, actor=BY, action="test.done", target="x", details={"n": number, **details}
            )


def codes(tenant: Tenant, expected: Head | None = None) -> list[tuple[int, str]]:
    with tenant_scope(tenant.pk):
        return [(problem.sequence, problem.code) for problem in journal.verify(tenant, expected)]


@pytest.mark.django_db
def test_hashes_follow_the_documented_format() -> None:
    """Recompute the hashes from the documented format alone, as an auditor would."""
    tenant = factories.tenant(name="Ünïcode & Söhne")
    write(tenant, 3, text='quote " é 漢 \\ \n', nested={"b": [1, None, True], "a": {}}, big=2**80)
    with tenant_scope(tenant.pk):
        previous = "0" * 64
        for number, entry in enumerate(JournalEntry.objects.order_by("sequence"), start=1):
            content = {
                "sequence": number,
                "chain": f"tenant:{tenant.pk}",
                "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "actor": entry.actor,
                "action": entry.action,
                "target": entry.target,
                "details": entry.details,
                "previous_hash": previous,
            }
            text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            previous = hashlib.sha256(text.encode()).hexdigest()
            assert (entry.sequence, entry.hash) == (number, previous)
        assert journal.head(tenant) == Head(number, previous)
        assert number == 4
    assert codes(tenant) == []


@pytest.mark.django_db
def test_a_listed_entry_with_other_hashes_is_not_redacted() -> None:
    tenant = factories.tenant()
    write(tenant, 2)
    with tenant_scope(tenant.pk):
        listed = [[2, "a" * 64, "b" * 64]]
        journal.record(
            tenant=tenant,
            actor=BY,
            action=journal.REDACTED,
            target="x",
            details={"reason": "tests", "entries": listed},
        )
        assert journal.redactions(tenant).keys() == {2}
        assert journal.count_redacted(tenant, 0, journal.head(tenant).sequence) == 0
    assert codes(tenant) == []


@pytest.mark.django_db
def test_empty_chain_is_intact() -> None:
    tenant = Tenant(name="none")
    with tenant_scope(factories.tenant().pk):
        assert journal.head(tenant) == Head(0, GENESIS)
        assert journal.verify(tenant, Head(0, GENESIS)) == []
        assert [problem.code for problem in journal.verify(tenant, Head(3, "ab"))] == ["cut"]


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["tenants_journalentry", "tenants_organizationjournalentry"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}"])
def test_database_refuses_to_change_an_entry(table: str, statement: str) -> None:
    tenant = factories.tenant()
    with (
        organization_scope(tenant.organization),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}"])
def test_the_trigger_refuses_the_owner_too(statement: str) -> None:
    tenant = factories.tenant()
    with psycopg.connect(**connections["owner"].get_connection_params(), autocommit=True) as owner:
        owner.execute("SELECT set_config('surety.tenants', %s, false)", [f"{{{tenant.pk}}}"])
        with pytest.raises(psycopg.Error, match="only grows"):
            owner.execute(statement.format("tenants_journalentry").encode())


FORGERIES: dict[str, dict[str, Any]] = {
    "a gap": {"sequence": 9},
    "a second beginning": {"sequence": 1, "previous_hash": GENESIS},
    "a second entry of the same number": {"sequence": 2},
    "entry zero": {"sequence": 0},
    "a link to nothing": {"previous_hash": GENESIS},
    "a link to another entry": {"previous_hash": "e" * 64},
    "a hash of zeros": {"hash": GENESIS},
    "no hash": {"hash": ""},
    "a hash in upper case": {"hash": "F" * 64},
}


REFUSED = r"of the journal|the journal has"


@pytest.mark.django_db
@pytest.mark.parametrize("chain", ["tenant", "organization"])
@pytest.mark.parametrize("name", FORGERIES)
def test_database_accepts_only_the_next_entry(chain: str, name: str) -> None:
    """SQL in the application's database role cannot insert an entry with a wrong number, link or hash."""
    tenant = factories.tenant()
    owner = tenant if chain == "tenant" else tenant.organization
    table: Any = JournalEntry if chain == "tenant" else OrganizationJournalEntry
    with organization_scope(tenant.organization):
        for _ in range(2):
            journal.record(**{chain: owner}, actor=BY, action="test.done", target="x")
        last = journal.head(owner)
        values: dict[str, Any] = {
            chain: owner,
            "sequence": last.sequence + 1,
            "at": timezone.now(),
            "actor": "person:admin@northlight.example",
            "action": "test.done",
            "target": "x",
            "previous_hash": last.hash,
            "hash": "f" * 64,
            **FORGERIES[name],
        }
        with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
            table.objects.create(**values)
        # Insert a valid next entry and an invalid one in one statement.
        right = {**values, "sequence": last.sequence + 1, "previous_hash": last.hash, "hash": "a" * 64}
        with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
            table.objects.bulk_create([table(**right), table(**values)])
        assert journal.head(owner) == last
        assert journal.verify(owner) == []


@pytest.mark.django_db
def test_the_first_entry_of_a_chain_need_not_follow_another_chain() -> None:
    """The trigger compares a new entry only with the last entry of the same customer."""
    first, second = factories.tenant(), factories.tenant()
    write(first, 3)
    with tenant_scope(second.pk):
        assert journal.head(second).sequence == 1
        journal.record(tenant=second, actor=BY, action="test.done", target="x")
        assert journal.verify(second) == []


TAMPERINGS = {
    "actor": ("UPDATE tenants_journalentry SET actor = 'somebody else' WHERE sequence = 3", [(3, "changed")]),
    "time": (
        "UPDATE tenants_journalentry SET at = at + interval '1 microsecond' WHERE sequence = 3",
        [(3, "changed")],
    ),
    "details": (
        "UPDATE tenants_journalentry SET details = details || '{\"n\": 99}' WHERE sequence = 3",
        [(3, "changed")],
    ),
    "middle gone": ("DELETE FROM tenants_journalentry WHERE sequence = 3", [(4, "missing")]),
    "first gone": ("DELETE FROM tenants_journalentry WHERE sequence = 1", [(2, "missing")]),
    "closed ranks": (
        (
            "DELETE FROM tenants_journalentry WHERE sequence = 3;"
            " UPDATE tenants_journalentry SET sequence = sequence - 1 WHERE sequence > 3"
        ),
        [(3, "broken_link"), (3, "changed"), (4, "changed"), (5, "changed")],
    ),
    "swapped": (
        (
            "UPDATE tenants_journalentry SET sequence = 100 WHERE sequence = 3;"
            " UPDATE tenants_journalentry SET sequence = 3 WHERE sequence = 4;"
            " UPDATE tenants_journalentry SET sequence = 4 WHERE sequence = 100"
        ),
        [(3, "broken_link"), (3, "changed"), (4, "broken_link"), (4, "changed"), (5, "broken_link")],
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", TAMPERINGS)
def test_change_that_bypasses_the_trigger_breaks_the_chain(name: str) -> None:
    tenant = factories.tenant()
    write(tenant, 5)
    statement, expected = TAMPERINGS[name]
    as_owner(tenant.pk, statement)
    assert codes(tenant) == expected


@pytest.mark.django_db(transaction=True)
def test_cut_chain_is_detected_by_its_printed_head() -> None:
    tenant = factories.tenant()
    write(tenant, 3)
    with tenant_scope(tenant.pk):
        printed = journal.head(tenant)
    write(tenant, 1)
    assert codes(tenant, printed) == []
    as_owner(tenant.pk, "DELETE FROM tenants_journalentry WHERE sequence >= 4")
    assert codes(tenant) == []
    assert codes(tenant, printed) == [(4, "cut")]
    write(tenant, 1)  # The chain has a different entry at the sequence of the expected head.
    assert codes(tenant, printed) == [(4, "cut")]


def as_owner(tenant_id: UUID, statement: str) -> None:
    """Run SQL as the tables' owner, without the journal's triggers, on a separate connection."""
    with psycopg.connect(**connections["owner"].get_connection_params(), autocommit=True) as owner:
        owner.execute("SELECT set_config('surety.tenants', %s, false)", [f"{{{tenant_id}}}"])
        owner.execute("ALTER TABLE tenants_journalentry DISABLE TRIGGER USER")
        for part in statement.split(";"):
            assert owner.execute(part.encode()).rowcount > 0
        owner.execute("ALTER TABLE tenants_journalentry ENABLE TRIGGER USER")


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_keep_one_chain() -> None:
    tenant, other = factories.tenant(), factories.tenant()

    def worker(number: int) -> None:
        try:
            for _ in range(10):
                write(tenant if number % 4 else other, 1, worker=number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(worker, range(8)))
    assert codes(tenant) == []
    assert codes(other) == []
    with tenant_scope(tenant.pk):
        assert journal.head(tenant).sequence == 61
    with tenant_scope(other.pk):
        assert journal.head(other).sequence == 21


@pytest.mark.django_db(transaction=True)
def test_rolled_back_action_leaves_no_entry_and_no_gap() -> None:
    tenant = factories.tenant()
    with tenant_scope(tenant.pk):
        journal.record(tenant=tenant, actor=BY, action="test.done", target="x")
        transaction.set_rollback(True)
    write(tenant, 1)
    assert codes(tenant) == []
    with tenant_scope(tenant.pk):
        assert journal.head(tenant).sequence == 2


@pytest.mark.django_db
def test_two_chains_of_the_same_content_differ() -> None:
    first, second = factories.tenant(name="Same"), factories.tenant(name="Same")
    assert first.slug != second.slug
    at = timezone.now()
    values: dict[str, Any] = {"sequence": 1, "at": at, "actor": "a", "action": "b", "target": "c"}
    hashes = {
        journal.entry_hash(journal.chain_of(t), details={}, previous_hash=GENESIS, **values)
        for t in (first, second)
    }
    assert len(hashes) == 2


@pytest.mark.django_db
def test_organization_has_its_own_chain() -> None:
    organization = factories.organization()
    with organization_scope(organization):
        assert [entry.action for entry in OrganizationJournalEntry.objects.all()] == [
            "organization.registered"
        ]
        assert journal.verify(organization) == []


@pytest.mark.django_db
@pytest.mark.parametrize("value", [1.5, float("nan"), b"bytes", Secret("hush"), object()])
def test_details_that_json_cannot_store_exactly_are_refused(value: object) -> None:
    tenant = factories.tenant()
    with tenant_scope(tenant.pk), pytest.raises(TypeError, match=r"details\.a\[1\]") as caught:
        journal.record(tenant=tenant, actor=BY, action="x", target="x", details={"a": [0, value]})
    assert "hush" not in str(caught.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("nul \x00 and \ud800 alone", "nul \ufffd and \ufffd alone"),
        ("😀", "😀"),
        (UUID(int=7), str(UUID(int=7))),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        ({3: "x"}, {"3": "x"}),
        ({"b", "a"}, ["a", "b"]),
        ((1, 2), [1, 2]),
    ],
)
def test_details_are_stored_as_json(value: object, kept: object) -> None:
    tenant = factories.tenant()
    write(tenant, 1, value=value)
    with tenant_scope(tenant.pk):
        assert JournalEntry.objects.order_by("-sequence")[0].details["value"] == kept
    assert codes(tenant) == []


@pytest.mark.django_db
def test_entry_has_one_owner_and_names_its_actor() -> None:
    tenant, person = factories.tenant(), factories.person("ann@example.com")
    assert describe(person) == f"ann@example.com (person:{person.pk})"
    assert describe(BY) == "system:tests"
    with organization_scope(tenant.organization):
        for given in ({}, {"tenant": tenant, "organization": tenant.organization}):
            with pytest.raises(TypeError, match="exactly one"):
                journal.record(actor=BY, action="x", target="x", **given)


@pytest.mark.django_db
def test_chain_of_another_tenant_cannot_be_written() -> None:
    mine, foreign = factories.tenant(), factories.tenant()
    with tenant_scope(mine.pk), pytest.raises(DatabaseError, match="row-level"), transaction.atomic():
        journal.record(tenant=foreign, actor=BY, action="x", target=str(uuid4()))
