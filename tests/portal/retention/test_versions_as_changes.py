"""Retention deletes versions of resources at any point of a chain, and the versions that it keeps stay readable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from assessments.evaluate import canonical, digest
from assessments.models import Resource, ResourceVersion
from assessments.resource_versions import CHAIN
from portal.retention.actions import versions
from portal.retention.actions.holds import place_hold
from portal.retention.actions.runs import carry_out, request_run
from portal.retention.actions.versions import prepare_versions
from portal.retention.models import RetentionRun
from tests import factories
from tests.factories import BY
from tests.for_each import for_each
from tests.portal.retention.customers import Customer
from tests.stored_versions import configurations, history_of, resource_of

pytestmark = pytest.mark.django_db
DAYS = 400
type Document = dict[str, Any]


@pytest.fixture
def customer(db: None) -> Customer:
    made = Customer()
    made.assessment(1, 1)
    return made


def documents(number: int, **values: Any) -> list[Document]:
    return [{"pad": "x" * 500, "revision": revision, **values} for revision in range(number)]


def stored(
    customer: Customer, bodies: list[Document], old: int, resource: Resource | None = None
) -> list[ResourceVersion]:
    """A history of which the first `old` versions are old enough to be deleted."""
    with factories.in_tenant(customer.tenant):
        count = len(bodies)
        # A version's age counts from the time of the next version. So this time must be old too.
        days = [900 - place if place <= old else 300 - place for place in range(count)]
        return history_of(
            customer.tenant, bodies, resource=resource, times=[customer.at(one) for one in days]
        )


def run(customer: Customer) -> dict[str, Any]:
    with factories.in_tenant(customer.tenant):
        asked = request_run(tenant=customer.tenant, by=BY, dry_run=False, kinds=["versions"], send=False)
    carry_out(tenant_id=customer.tenant.pk, run_id=asked.pk)
    with factories.in_tenant(customer.tenant):
        ended = RetentionRun.objects.get(pk=asked.pk)
    assert (ended.state, ended.error) == (RetentionRun.State.DONE, "")
    return dict(ended.results["versions"])


def left(customer: Customer) -> list[ResourceVersion]:
    with factories.in_tenant(customer.tenant):
        return list(ResourceVersion.objects.order_by("at"))


@pytest.mark.slow(seconds=3)
@for_each("old", range(CHAIN + 4))
def test_a_history_can_be_deleted_up_to_any_version(old: int) -> None:
    customer = Customer()
    customer.assessment(1, 1)
    bodies = documents(CHAIN + 5)
    rows = stored(customer, bodies, old)
    assert [row.step for row in rows] == [*range(CHAIN), *range(5)]
    result = run(customer)
    assert (result["rows"], result["kept"]) == (old, {})
    kept = left(customer)
    assert [row.pk for row in kept] == [row.pk for row in rows[old:]]
    assert kept[0].is_whole
    assert sum(row.is_whole for row in kept) <= 2
    with factories.in_tenant(customer.tenant):
        assert configurations(customer.tenant, [row.pk for row in kept]) == bodies[old:]
        (more,) = history_of(customer.tenant, documents(1, more=1), resource=rows[0].resource)
        assert not more.is_whole, "the chain continues"
        assert configurations(customer.tenant, [more.pk]) == documents(1, more=1)
    assert run(customer)["rows"] == 0


def test_versions_that_are_cited_stay_in_the_middle_of_a_deleted_chain(customer: Customer) -> None:
    rows = stored(customer, documents(12), 9)
    for place in (2, 5, 6):
        # Versions 2, 5 and 6 were current when a finding started to fail.
        since = rows[place].at + timedelta(hours=1)
        customer.finding(
            place, subject=rows[0].resource.resource_id, outcome="fail", state="open", failing_since=since
        )
    result = run(customer)
    assert (result["rows"], result["kept"]) == (6, {"open_finding": 3})
    kept = [2, 5, 6, 9, 10, 11]
    assert [row.pk for row in left(customer)] == [rows[place].pk for place in kept]
    assert [row.is_whole for row in left(customer)] == [True, True, False, True, False, False]
    with factories.in_tenant(customer.tenant):
        found = configurations(customer.tenant, [rows[place].pk for place in kept])
    assert found == [documents(12)[place] for place in kept]


def test_the_function_deletes_nothing_that_a_kept_version_needs(customer: Customer) -> None:
    """Versions are deleted only after `prepare_versions` has stored the oldest kept version as a whole document."""
    rows = stored(customer, documents(6), 4)
    assert list(customer.rows("versions", DAYS).values()) == [""] * 4
    assert customer.delete("versions", DAYS) == 0
    with factories.in_tenant(customer.tenant):
        assert prepare_versions(customer.tenant.pk, customer.at(DAYS).isoformat()) == 1
        assert prepare_versions(customer.tenant.pk, customer.at(DAYS).isoformat()) == 0
    assert customer.delete("versions", DAYS) == 4
    with factories.in_tenant(customer.tenant):
        assert configurations(customer.tenant, [row.pk for row in rows[4:]]) == documents(6)[4:]


def test_batches_delete_whole_chains_the_oldest_first(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with factories.in_tenant(customer.tenant):
        resources = [resource_of(customer.tenant) for _ in range(3)]
    histories = [stored(customer, documents(8), 5, resource) for resource in resources]
    monkeypatch.setattr(versions, "PREPARED", 2)
    moment = customer.at(DAYS).isoformat()
    with factories.in_tenant(customer.tenant):
        assert [prepare_versions(customer.tenant.pk, moment) for _ in range(3)] == [2, 1, 0]
    assert [customer.delete("versions", DAYS, 2) for _ in range(4)] == [5, 5, 5, 0]
    with factories.in_tenant(customer.tenant):
        for rows in histories:
            assert configurations(customer.tenant, [row.pk for row in rows[5:]]) == documents(8)[5:]


def test_a_damaged_version_keeps_the_versions_before_it(customer: Customer) -> None:
    bodies = documents(3)
    rows = stored(customer, bodies, 2)
    with factories.in_tenant(customer.tenant):
        ResourceVersion.objects.create(
            tenant=customer.tenant,
            resource=rows[0].resource,
            assessment=customer.assessment(900, 1),
            at=customer.at(250),
            sha256="0" * 64,
            chain=rows[0].pk,
            step=3,
            stored=[{"op": "add", "path": "/more", "value": 1}],
        )
    result = run(customer)
    assert result["rows"] == 2, (
        "the version before the damaged one is whole now, so the older ones are not needed"
    )
    with factories.in_tenant(customer.tenant):
        assert configurations(customer.tenant, [rows[2].pk]) == bodies[2:]


def store_whole(customer: Customer, row: ResourceVersion, body: str) -> None:
    with factories.in_tenant(customer.tenant), connection.cursor() as cursor:
        cursor.execute("SELECT retention_store_whole(%s, %s, %s)", [customer.tenant.pk, row.pk, body])


def test_a_version_can_only_be_replaced_by_its_own_document(customer: Customer) -> None:
    first, second = stored(customer, documents(2), 0)
    other = Customer()
    own = canonical(documents(2)[1]).decode()
    refused: list[tuple[Customer, ResourceVersion, str]] = [
        (customer, second, canonical({**documents(2)[1], "revision": 7}).decode()),
        (customer, second, own.replace("{", "{ ", 1)),
        (customer, first, canonical(documents(1)[0]).decode()),
        (other, second, own),
    ]
    for who, row, body in refused:
        with pytest.raises(IntegrityError, match="retention_store_whole"), transaction.atomic():
            store_whole(who, row, body)
    store_whole(customer, second, own)
    with factories.in_tenant(customer.tenant):
        row = ResourceVersion.objects.get(pk=second.pk)
        assert (row.document, digest(row.document)) == (documents(2)[1], second.sha256)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT prosecdef, EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0) FROM pg_proc"
                " WHERE proname = 'retention_store_whole'"
            )
            assert cursor.fetchall() == [(True, False)]


def test_nothing_is_prepared_on_hold(customer: Customer) -> None:
    stored(customer, documents(4), 2)
    with factories.in_tenant(customer.tenant):
        place_hold(tenant=customer.tenant, by=BY, reason="Litigation 4711")
        with pytest.raises(IntegrityError, match="retention_on_hold"), transaction.atomic():
            prepare_versions(customer.tenant.pk, customer.at(DAYS).isoformat())
    assert [row.is_whole for row in left(customer)] == [True, False, False, False]
