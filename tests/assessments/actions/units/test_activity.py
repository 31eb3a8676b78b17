"""The activity log in assessments: each event is stored once, and each reading continues the previous one. If Azure
refuses to return the log, no verdict changes. Old events are deleted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError

from assessments.actions.units.activity import last_complete
from assessments.collect.activity.activity_log import DELAY, FROM_RESOURCE_GRAPH
from assessments.display.names import Kind
from assessments.models import ActivityEvent, ActivityReading
from assessments.presentation.actor_names import actors_to_name, objects_to_name
from tenants.models import Directory
from tenants.scope import tenant_scope
from tests.assessments.collect import azure
from tests.assessments.collect.activity.activity_events import event
from tests.assessments.collect.activity.directory_entries import GROUP, PERSON, entry
from tests.assessments.collect.activity.resource_change_lines import change_line
from tests.assessments.sandboxed_customer import Customer

SUBSCRIPTION = azure.guid(1)
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
ACCOUNT = f"{SCOPE}/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/aplain"
PATH = f"{SCOPE}/providers/Microsoft.Insights/eventtypes/management/values"


def lines(*more: Any) -> list[Any]:
    return [azure.directory(), *azure.subscription(SUBSCRIPTION), *more]


def stored(customer: Customer, unit: str = SCOPE) -> tuple[list[ActivityEvent], list[ActivityReading]]:
    with tenant_scope(customer.tenant.pk):
        return (
            list(ActivityEvent.objects.filter(unit=unit).order_by("at")),
            list(ActivityReading.objects.filter(unit=unit).order_by("until")),
        )


@pytest.mark.slow(seconds=1)
def test_events_are_stored_once_and_readings_overlap(customer: Customer) -> None:
    now = datetime.now(UTC)
    first = event(1, ACCOUNT, now - timedelta(minutes=10))
    customer.azure_is(lines(first))
    customer.assess()
    late = event(2, ACCOUNT, now - timedelta(minutes=9))
    customer.azure_is(lines(first, late))
    customer.assess()
    events, readings = stored(customer)
    assert [one.event_id for one in events] == [first["eventDataId"], late["eventDataId"]]
    assert {one.unit for one in events} == {SCOPE}
    assert [one.events for one in readings] == [1, 2]
    assert all(not one.code for one in readings)
    assert readings[1].since == readings[0].until - DELAY
    with tenant_scope(customer.tenant.pk):
        assert last_complete(customer.tenant.pk, SCOPE) == readings[1].until


@pytest.mark.slow(seconds=2)
def test_a_refused_log_changes_no_verdict_and_is_recorded_with_its_permission(customer: Customer) -> None:
    customer.azure_is(lines())
    customer.assess()
    before = customer.outcomes()
    refused = {"error": {"code": "AuthorizationFailed", "message": "The client has no permission"}}
    customer.azure_is(lines(azure.answer(PATH, 403, refused)))
    assessment = customer.assess()
    assert customer.outcomes() == before
    assert {unit.state for unit in customer.units(assessment).values()} == {"done"}
    _, readings = stored(customer)
    assert [one.code for one in readings] == ["", "AuthorizationFailed"]
    assert readings[1].permission == "Microsoft.Insights/eventtypes/values/read"
    customer.azure_is(lines())
    customer.assess()
    _, readings = stored(customer)
    assert readings[2].since == readings[0].until - DELAY, "a refused reading is repeated"


@pytest.mark.slow(seconds=1)
def test_resource_graph_names_the_actors_if_the_log_is_refused(customer: Customer) -> None:
    refused = {"error": {"code": "AuthorizationFailed", "message": "The client has no permission"}}
    customer.azure_is(
        lines(azure.answer(PATH, 403, refused), change_line(1, datetime.now(UTC) - timedelta(minutes=9)))
    )
    customer.assess()
    (found,), (reading,) = stored(customer)
    assert (found.resource_id, found.actor) == (ACCOUNT, "anna@contoso.com")
    assert (reading.events, reading.code) == (1, "AuthorizationFailed")
    assert reading.message.endswith(FROM_RESOURCE_GRAPH)
    assert reading.permission == "Microsoft.Insights/eventtypes/values/read"


@pytest.mark.slow(seconds=2)
def test_the_audit_log_of_the_directory_is_read_where_it_may_be_and_continued(customer: Customer) -> None:
    now, unit = datetime.now(UTC), f"directory:{azure.DIRECTORY}"
    policy = {"graph": "policies/authorizationPolicy", "value": {"id": "authorizationPolicy"}}
    app = {"app": {"servicePrincipalId": azure.guid(72)}}
    audits = {
        "graph": "auditLogs/directoryAudits",
        "value": [
            entry(1, now - timedelta(minutes=10)),
            entry(2, now - timedelta(minutes=9), initiatedBy=app),
        ],
    }
    without = [azure.directory(graph=["Policy.Read.All"]), *azure.subscription(SUBSCRIPTION), policy, audits]
    customer.azure_is(without)
    assessment = customer.assess()
    assert customer.units(assessment)[unit].state == "done"
    events, (reading,) = stored(customer, unit)
    assert (events, reading.permission) == ([], "AuditLog.Read.All")
    assert "AuditLog.Read.All" in reading.message
    customer.azure_is(lines(policy, audits))
    customer.assess()
    customer.azure_is(lines(policy, audits))
    customer.assess()
    events, readings = stored(customer, unit)
    assert [(one.operation, one.actor) for one in events] == [
        ("Add member to group", "anna@contoso.com"),
        ("Add member to group", "anna@contoso.com"),
        ("Add member to group", azure.guid(72)),
        ("Add member to group", azure.guid(72)),
    ], "one event for each object of an entry, each stored once"
    assert [one.code for one in readings[1:]] == ["", ""]
    assert readings[2].since == readings[1].until - DELAY
    with tenant_scope(customer.tenant.pk):
        directory = Directory.objects.get(tenant=customer.tenant)
        assert azure.guid(72) in actors_to_name(customer.tenant.pk, directory.pk)
        assert objects_to_name(customer.tenant.pk, directory.pk) == {GROUP: Kind.GROUP, PERSON: Kind.USER}


@pytest.mark.slow(seconds=1)
def test_hostile_values_of_events_stop_no_assessment(customer: Customer) -> None:
    hostile = event(
        1, f"{ACCOUNT}{'字' * 1900}", datetime.now(UTC), eventDataId="ß" * 256, correlationId="ß" * 256
    )
    customer.azure_is(lines(hostile))
    assessment = customer.assess()
    assert {unit.state for unit in customer.units(assessment).values()} == {"done"}
    events, _ = stored(customer)
    assert len(events) == 1


@pytest.mark.slow(seconds=1)
def test_the_application_can_neither_change_nor_delete_what_the_log_said(customer: Customer) -> None:
    customer.azure_is(lines(event(1, ACCOUNT, datetime.now(UTC))))
    customer.assess()
    for change in (
        lambda: ActivityEvent.objects.update(actor="innocent@contoso.com"),
        lambda: ActivityReading.objects.update(code=""),
        lambda: ActivityEvent.objects.all().delete(),
        lambda: ActivityReading.objects.all().delete(),
    ):
        with tenant_scope(customer.tenant.pk), pytest.raises(ProgrammingError, match="permission denied"):
            change()
