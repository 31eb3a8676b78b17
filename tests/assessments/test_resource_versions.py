"""Versions of resources are stored as changes to earlier versions, and are read back exactly as they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.actions.scans import machines as scan_inventory
from assessments.evaluate import canonical, digest
from assessments.models import Resource, ResourceVersion
from assessments.own_controls import trial as own_trial
from assessments.resource_versions import (
    CHAIN,
    MAX_COMPARED,
    MAX_DEPTH,
    MAX_OPERATIONS,
    MAX_PAIRS,
    DamagedVersion,
    read,
    read_newest,
    read_undamaged,
    use_changes,
)
from tenants.models import Tenant
from tests import factories
from tests.for_each import for_each
from tests.processor_time import at_most
from tests.stored_versions import assessments_of, configurations, history_of, resource_of

pytestmark = pytest.mark.django_db
type Document = dict[str, Any]

# Texts without NUL and without lone surrogates. PostgreSQL cannot store these characters, so they are replaced when a
# document is collected.
_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
_NUMBERS = st.integers(-(2**70), 2**70) | st.floats(-1e9, 1e9).filter(
    lambda one: one != 0 or str(one) == "0.0"
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | _NUMBERS
    | _TEXT
    | st.sampled_from([0, 1, True, False, 0.0, 1.0, "", "~", "/", "~1", "-"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_TEXT | st.sampled_from(["", "~0", "a/b", "0", "-"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture
def tenant(db: None) -> Iterator[Tenant]:
    made = factories.tenant()
    with factories.in_tenant(made):
        yield made


def account(**properties: Any) -> Document:
    """Return a configuration that is large compared with a change of one of its properties."""
    rules = [
        {"name": f"rule{number}", "properties": {"port": number, "access": "Deny"}} for number in range(10)
    ]
    return {"id": "/subscriptions/x/st1", "type": "t", "properties": {"rules": rules, **properties}}


def steps(rows: list[ResourceVersion]) -> list[int]:
    return [row.step for row in rows]


@pytest.mark.slow(seconds=2)
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(values=st.lists(_JSON, min_size=1, max_size=CHAIN + 4), padding=st.sampled_from([0, 2000]))
def test_any_sequence_comes_back_exactly(tenant: Tenant, values: list[Any], padding: int) -> None:
    """With padding, most versions are stored as changes. Without padding, most are stored whole."""
    documents = [{"id": "x" * padding, "properties": value} for value in values]
    rows = history_of(tenant, documents)
    with CaptureQueriesContext(connection) as queries:
        found = configurations(tenant, [row.pk for row in rows])
    assert len(queries) == 1
    assert [canonical(one) for one in found] == [canonical(one) for one in documents]
    if padding:
        assert steps(rows) == [place % CHAIN for place in range(len(rows))]
    for row, document in zip(rows, documents, strict=True):
        assert configurations(tenant, [row.pk]) == [document]
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(%s::jsonb[])::text", [[json.dumps(one) for one in documents]])
        returned = [json.loads(text) for (text,) in cursor.fetchall()]
    assert list(map(json.dumps, found)) == list(map(json.dumps, returned)), (
        "members have the order of whole documents"
    )


@pytest.mark.slow(seconds=2)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_versions_are_read_together(tenant: Tenant, data: st.DataObject) -> None:
    documents = [account(revision=number) for number in range(CHAIN + 5)]
    rows = history_of(tenant, documents)
    places = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, unique=True))
    assert configurations(tenant, [rows[place].pk for place in places]) == [
        documents[place] for place in places
    ]


def test_small_changes_are_stored_as_a_json_patch(tenant: Tenant) -> None:
    first, second, third = history_of(
        tenant, [account(public=False), account(public=True), account(public=True, tls="1.2")]
    )
    assert (first.step, first.chain, first.is_whole) == (0, None, True)
    assert (second.step, second.chain) == (1, first.pk)
    assert second.stored == [{"op": "replace", "path": "/properties/public", "value": True}]
    assert (third.step, third.chain) == (2, first.pk)
    assert third.stored == [{"op": "add", "path": "/properties/tls", "value": "1.2"}]
    assert second.sha256 == digest(account(public=True)), "the hash is that of the whole document"


def test_each_twentieth_version_and_large_changes_are_stored_whole(tenant: Tenant) -> None:
    resource = resource_of(tenant)
    rows = history_of(
        tenant, [account(revision=number) for number in range(2 * CHAIN + 1)], resource=resource
    )
    assert steps(rows) == [*range(CHAIN), *range(CHAIN), 0]
    rows = history_of(tenant, [{"other": "x" * 200}, {"other": "y" * 200}], resource=resource)
    assert steps(rows) == [0, 0], "the change is not smaller than half of the document"


def deep(levels: int, value: Any) -> Any:
    for _ in range(levels):
        value = {"a": value}
    return value


LARGE = ["x" * 100] * (MAX_COMPARED // 100)
HOSTILE: dict[str, tuple[Document, Document]] = {
    "too many changes": (
        {"pad": "x" * 50_000, **{f"p{n}": 1 for n in range(MAX_OPERATIONS + 1)}},
        {"pad": "x" * 50_000, **{f"p{n}": 2 for n in range(MAX_OPERATIONS + 1)}},
    ),
    "too large": ({"list": LARGE}, {"list": LARGE, "more": 1}),
    "was too large": ({"list": LARGE, "more": 1}, {"list": LARGE[:-900]}),
    "too deep": ({"pad": "x" * 9000, "a": deep(MAX_DEPTH, 1)}, {"pad": "x" * 9000, "a": deep(MAX_DEPTH, 2)}),
    "a number that PostgreSQL normalizes": ({**account(), "n": 1}, {**account(), "n": -0.0}),
    "a large number with a fraction": ({**account(), "n": 1}, {**account(), "n": 1e16}),
    "after such a number": ({**account(), "n": -0.0}, {**account(), "n": -0.0, "m": 1}),
}


@for_each("case", HOSTILE.values(), ids=HOSTILE)
def test_unusual_documents_are_stored_whole(case: tuple[Document, Document]) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        rows = history_of(tenant, case)
        assert steps(rows) == [0, 0]
        assert configurations(tenant, [row.pk for row in rows]) == list(case)


@pytest.mark.parametrize(
    ("documents", "queries"),
    [
        ([{"list": LARGE, "more": 1}], 0),
        ([account()] * 40, 1),
        ([{"list": LARGE, "more": 1}, account()], 1),
        ([{"list": LARGE[: len(LARGE) // 2]}] * 40, 2),
    ],
    ids=["large", "small", "both", "half"],
)
def test_each_query_reads_only_few_large_configurations(
    tenant: Tenant, documents: list[Document], queries: int
) -> None:
    """Before versions are stored, the earlier versions are read for a comparison. All rows that a query returns are in
    memory together, so large versions are read with several queries.
    """
    versions = [
        ResourceVersion(tenant=tenant, resource=resource_of(tenant), stored=one, sha256=digest(one))
        for one in documents
    ]
    with CaptureQueriesContext(connection) as sent:
        use_changes(tenant_id=tenant.pk, versions=versions)
    assert len(sent) == queries


def shuffled(number: int) -> Document:
    """Return a document with lists of repeated items, in another order for each number."""
    return {"table": [[(row * 7 + column * number) % 5 for column in range(20)] for row in range(900)]}


@pytest.mark.parametrize(
    "make",
    [
        shuffled,
        lambda number: {"list": [(n * (number + 1)) % 7 for n in range(60_000)]},
        lambda number: {"list": [*range(0, 30_000, number)]},
        lambda number: {"list": [{"n": [n]} for n in range(0, 10_000, number)]},
    ],
)
def test_comparing_hostile_lists_takes_bounded_time(tenant: Tenant, make: Callable[[int], Document]) -> None:
    documents = [make(1), make(2)]
    assert max(len(canonical(one)) for one in documents) <= MAX_COMPARED
    with at_most(10):
        rows = history_of(tenant, documents)
    assert configurations(tenant, [row.pk for row in rows]) == documents


def test_long_lists_with_few_changes_are_stored_as_changes(tenant: Tenant) -> None:
    """Equal items at the beginning and at the end of two lists are not compared, so they do not count towards
    `MAX_PAIRS`.
    """
    entries = [{"name": f"entry-{number}", "ports": [number]} for number in range(4_000)]
    inserted = [*entries[:3_000], {"name": "new", "ports": [1, 2]}, *entries[3_000:]]
    moved = [inserted[-1], *inserted[1:-1], inserted[0]]
    assert (2 * len(moved)) ** 2 > MAX_PAIRS
    rows = history_of(tenant, [{"list": entries}, {"list": inserted}, {"list": moved}])
    assert steps(rows) == [0, 1, 0]
    assert configurations(tenant, [rows[1].pk, rows[2].pk]) == [{"list": inserted}, {"list": moved}]


def test_a_version_read_earlier_but_written_later_begins_a_chain(tenant: Tenant) -> None:
    resource = resource_of(tenant)
    rows = history_of(tenant, [account(n=1), account(n=2)], resource=resource)
    early = rows[0].at - timedelta(hours=1)
    (between,) = history_of(tenant, [account(n=0)], resource=resource, times=[early])
    assert (between.step, between.chain) == (2, rows[0].pk), (
        "the changes follow the chain, whatever the times are"
    )
    (last,) = history_of(tenant, [account(n=3)], resource=resource)
    assert (last.step, last.chain) == (0, None), "the newest version is not the last one of its chain"
    documents = configurations(tenant, [row.pk for row in (*rows, between, last)])
    assert documents == [account(n=1), account(n=2), account(n=0), account(n=3)]


def test_two_writers_cannot_continue_a_chain_differently(tenant: Tenant) -> None:
    resource = resource_of(tenant)
    history_of(tenant, [account(n=1)], resource=resource)
    both = []
    for number, assessment in enumerate(assessments_of(tenant, 2)):
        body = account(n=number + 2)
        row = ResourceVersion(
            tenant=tenant,
            resource=resource,
            assessment=assessment,
            at=timezone.now(),
            sha256=digest(body),
            stored=body,
        )
        use_changes(tenant_id=tenant.pk, versions=[row])
        both.append(row)
    both[0].save(force_insert=True)
    with pytest.raises(IntegrityError, match="assessments_version_step"), transaction.atomic():
        both[1].save(force_insert=True)


def inserted(first: ResourceVersion, stored: Any, **values: Any) -> ResourceVersion:
    """Insert a version whose content and SHA-256 do not match its chain, as in a damaged table."""
    (assessment,) = assessments_of(first.tenant, 1)
    return ResourceVersion.objects.create(
        tenant=first.tenant,
        resource=first.resource,
        assessment=assessment,
        at=first.at + timedelta(minutes=1),
        stored=stored,
        **{"chain": first.pk, "step": 1, "sha256": digest(account(n=2)), **values},
    )


CHANGE = [{"op": "replace", "path": "/properties/n", "value": 2}]
DAMAGES: dict[str, dict[str, Any]] = {
    "another hash": {"stored": CHANGE, "sha256": "0" * 64},
    "another value": {"stored": [{**CHANGE[0], "value": 3}]},
    "true instead of 1": {"stored": [{**CHANGE[0], "value": True}], "sha256": digest(account(n=1))},
    "a missing step": {"stored": CHANGE, "step": 2},
    "no first version": {"stored": CHANGE, "chain": uuid4()},
    "a property that does not exist": {"stored": [{**CHANGE[0], "path": "/properties/x/y"}]},
    "an entry that does not exist": {"stored": [{"op": "remove", "path": "/properties/rules/10"}]},
    "no operation": {"stored": [{"path": "/properties/n"}]},
    "no patch": {"stored": [1]},
    "another kind of value": {"stored": 1},
    "the whole document removed": {"stored": [{"op": "replace", "path": "", "value": None}]},
}


@pytest.mark.slow(seconds=1)
@for_each("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_version_is_an_error_and_never_another_document(damage: dict[str, Any]) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        (first,) = history_of(tenant, [account(n=1)])
        bad = inserted(first, **damage)
        rows = ResourceVersion.objects.all()
        with pytest.raises(DamagedVersion, match=f"stored as version {bad.pk} do not result in"):
            read(rows, tenant_id=tenant.pk, ids=[bad.pk])
        with pytest.raises(DamagedVersion):
            read_newest(rows, tenant_id=tenant.pk, resources=[first.resource_id])
        found, damaged = read_undamaged(rows, tenant_id=tenant.pk, ids=[first.pk, bad.pk])
        assert ([row.pk for row in found.values()], [row.pk for row in damaged]) == ([first.pk], [bad.pk])
        (after,) = history_of(tenant, [account(n=3)], resource=first.resource)
        assert after.is_whole, "an assessment continues with a whole version"
        assert configurations(tenant, [after.pk]) == [account(n=3)]


def test_a_chain_of_another_customer_is_not_read() -> None:
    tenant, foreign = factories.tenant(), factories.tenant()
    with factories.in_tenant(foreign):
        (theirs,) = history_of(foreign, [account(n=1)])
    with factories.in_tenant(tenant):
        (first,) = history_of(tenant, [account(n=1)])
        bad = inserted(first, CHANGE, chain=theirs.pk)
        with pytest.raises(DamagedVersion):
            read(ResourceVersion.objects.all(), tenant_id=tenant.pk, ids=[bad.pk])


@for_each(
    "values",
    [
        {"stored": CHANGE, "chain": None, "step": 0},
        {"stored": account(), "step": 0},
        {"stored": CHANGE, "chain": None},
        {"stored": account(), "chain": None},
    ],
)
def test_the_database_refuses_rows_that_are_no_part_of_a_chain(values: dict[str, Any]) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        (first,) = history_of(tenant, [account(n=1)])
        with pytest.raises(IntegrityError, match="assessments_version_chain"), transaction.atomic():
            inserted(first, **values)


def test_the_newest_versions_of_resources_are_read_with_one_query(tenant: Tenant) -> None:
    rows = [history_of(tenant, [account(n=n) for n in range(length)])[-1] for length in (1, 2, 25)]
    without = resource_of(tenant)
    resources = [*(row.resource_id for row in rows), without.pk, uuid4()]
    with CaptureQueriesContext(connection) as queries:
        found = read_newest(ResourceVersion.objects.all(), tenant_id=tenant.pk, resources=resources)
    assert len(queries) == 1
    assert {pk: row.document for pk, row in found.items()} == {
        row.resource_id: account(n=n) for row, n in zip(rows, (0, 1, 24), strict=True)
    }


def test_versions_of_other_customers_are_not_read(tenant: Tenant) -> None:
    rows = history_of(tenant, [account(n=1), account(n=2)])
    assert read(ResourceVersion.objects.all(), tenant_id=uuid4(), ids=[row.pk for row in rows]) == {}
    assert read(ResourceVersion.objects.all(), tenant_id=tenant.pk, ids=[uuid4()]) == {}
    assert read(ResourceVersion.objects.all(), tenant_id=tenant.pk, ids=[]) == {}


def test_a_document_must_be_read_from_its_chain(tenant: Tenant) -> None:
    rows = history_of(tenant, [account(n=1), account(n=2)])
    fresh = ResourceVersion.objects.get(pk=rows[1].pk)
    with pytest.raises(TypeError, match="stored as changes"):
        _ = fresh.document
    assert ResourceVersion.objects.get(pk=rows[0].pk).document == account(n=1)


def test_readers_of_the_newest_configurations_get_whole_documents(tenant: Tenant) -> None:
    """Imported scans and trials of own controls read the newest configuration of each resource of a type."""
    kind = "Microsoft.Compute/virtualMachines"
    resource = resource_of(tenant)
    bodies = [{**account(vmId=f"id{number}"), "type": kind} for number in range(3)]
    rows = history_of(tenant, bodies, resource=resource)
    assert not rows[-1].is_whole
    Resource.objects.filter(pk=resource.pk).update(type=kind, sha256=rows[-1].sha256)
    assert list(scan_inventory._bodies(tenant, kind.casefold())) == [(resource.resource_id, bodies[-1])]
    tried = list(own_trial._configurations(tenant, kind))
    assert tried == [(resource.resource_id, resource.name, bodies[-1])]
    Resource.objects.filter(pk=resource.pk).update(sha256="0" * 64)
    assert list(own_trial._configurations(tenant, kind)) == [], "the version is not the present configuration"
