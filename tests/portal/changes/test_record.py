"""Changes are recorded once, with their possible actors. A change that undoes an earlier change is recognised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from assessments.actions.units.run import run_unit
from assessments.estate.ids import fold
from assessments.models import ActivityEvent, ActivityReading, Assessment, ResourceVersion
from portal.changes.actions import record
from portal.changes.actions.record import needs_recording, record_changes, wait_until_recorded
from portal.changes.models import ChangesCursor, ResourceChange, ReviewEvent
from portal.changes.tasks import tick
from portal.queries.inventory.actors import attributions
from tenants.errors import Conflict
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.actions.watch import watched as w
from tests.assessments.collect import azure
from tests.assessments.collect.activity.directory_entries import entry
from tests.assessments.sandboxed_customer import Customer, sent, work
from tests.portal.web.world import World, account, assess

ROBIN = "robin.hale@contractor.example"


def changes(customer: Customer, **given: Any) -> list[ResourceChange]:
    with tenant_scope(customer.tenant.pk):
        return list(ResourceChange.objects.filter(**given).select_related("resource").order_by("at", "pk"))


def timeline(customer: Customer, change: ResourceChange) -> list[tuple[str, str]]:
    with tenant_scope(customer.tenant.pk):
        return list(ReviewEvent.objects.filter(change=change).values_list("kind", "text"))


@pytest.mark.slow(seconds=2)
def test_an_opened_port_is_caught_and_its_rollback_is_recognised(customer: Customer) -> None:
    w.watched(customer)
    assert changes(customer) == [], "the first assessment knows no earlier state"
    w.acts(customer, "open-port", w.NSG, "--port", "3389")
    w.turn(customer)
    (change,) = changes(customer)
    assert (change.kind, change.state, fold(change.azure_id)) == ("changed", "waiting", fold(w.NSG))
    assert change.actors == [ROBIN]
    assert change.operations == ["microsoft.network/networksecuritygroups/securityrules/write"]
    assert change.properties == ["properties.securityRules.opened-1"], (
        "the last part of the id of a list's entry"
    )
    assert (change.rules, change.severity) == (["Worsened verdicts", "Network exposure"], "high")
    assert ("network-rdp-from-internet", "fail") in {
        (row["control"], row["after"]) for row in change.verdicts
    }
    assert timeline(customer, change) == [("caught", "Worsened verdicts, Network exposure")]
    with tenant_scope(customer.tenant.pk):
        assert change.resource is not None
        version, older = ResourceVersion.objects.filter(resource=change.resource).order_by("-at")
        assert change.version == version.pk
        shown = attributions(change.resource, [version, older])[version.pk]
        assert {fold(one.actor) for one in shown.operations} == set(change.actors), (
            "as the page of the resource"
        )
        assert (shown.since, shown.until) == (change.since, change.at)

    text = w.estate_of(customer).read_text().splitlines()
    kept = [line for line in text if '"microsoft.insights/eventtypes' in line.casefold()]
    assert record_changes(tenant_id=customer.tenant.pk) == 0, "a second recording finds nothing"
    customer.azure_is([*w.lines(), *map(w.parsed, kept)])
    customer.assess()
    first, second = changes(customer)
    assert (first.state, second.kind) == ("rolled_back", "changed")
    assert timeline(customer, first)[-1] == (
        "rolled_back",
        f"Assessment {second.assessment} found the earlier configuration again.",
    )


@pytest.mark.slow(seconds=2)
def test_operations_without_a_version_are_recorded(customer: Customer) -> None:
    w.watched(customer)
    w.acts(customer, "assign-role", w.GROUP, "--principal", azure.guid(77))
    w.turn(customer)
    assert changes(customer) == [], "only the log was read"
    tick()
    work()
    (change,) = changes(customer)
    assert (change.kind, change.type) == ("operation", "microsoft.authorization/roleassignments")
    assert (change.rules, change.actors) == (["Role assignments"], [ROBIN])
    w.turn(customer)
    customer.assess()
    tick()
    assert work() == 0
    assert len(changes(customer)) == 1, "the events are read again, and recorded once"


@pytest.mark.slow(seconds=2)
def test_operations_on_objects_of_the_directory_are_recorded(customer: Customer) -> None:
    w.watched(customer)
    policy = {"graph": "policies/authorizationPolicy", "value": {"id": "authorizationPolicy"}}
    given = entry(
        1,
        timezone.now() - timedelta(minutes=1),
        activityDisplayName="Add member to role",
        targetResources=[
            {
                "id": azure.guid(77),
                "displayName": "Robin Roth",
                "type": "User",
                "modifiedProperties": [
                    {
                        "displayName": "Role.DisplayName",
                        "oldValue": None,
                        "newValue": '"Global Administrator"',
                    },
                    {"displayName": "AccountEnabled", "oldValue": "[false]", "newValue": "[true]"},
                    "not an object",
                ],
            },
            {"id": azure.guid(78), "displayName": "Helpdesk", "type": "Role"},
            {"id": None, "type": "Directory"},
        ],
    )
    customer.azure_is([*w.lines(), policy, {"graph": "auditLogs/directoryAudits", "value": [given]}])
    customer.assess()
    tick()
    work()
    found = {change.type: change for change in changes(customer)}
    assert set(found) == {
        "microsoft.graph/users",
        "microsoft.graph/directoryroles",
        "microsoft.graph/organization",
    }
    person = found["microsoft.graph/users"]
    assert (person.kind, person.name, person.unit) == (
        "operation",
        azure.guid(77),
        f"directory:{azure.DIRECTORY}",
    )
    assert (person.actors, person.rules) == (["anna@contoso.com"], ["Role assignments"])
    assert person.differences == [
        {"path": ["Role.DisplayName"], "now": "Global Administrator"},
        {"path": ["AccountEnabled"], "before": [False], "now": [True]},
    ]
    assert (person.difference_count, person.properties) == (3, ["Role.DisplayName", "AccountEnabled"])
    assert person.summary == "Add member to role: Role.DisplayName"
    assert found["microsoft.graph/directoryroles"].name == "Helpdesk"


@pytest.mark.slow(seconds=2)
def test_creations_and_deletions(customer: Customer) -> None:
    w.watched(customer)
    text = w.estate_of(customer).read_text().splitlines()
    customer.azure_is([*map(w.parsed, text), w.account("new", https=False)])
    customer.assess()
    (made,) = changes(customer)
    assert (made.kind, made.name, made.actors) == ("created", "new", [])
    assert (made.gap, made.is_attributed) == ("", False), "the next reading looks for operations"
    assert (made.state, made.rules) == ("waiting", ["Worsened verdicts"])
    customer.azure_is(map(w.parsed, text))
    customer.assess()
    made, gone = changes(customer)
    assert made.gap == "The activity log has no operation on the resource in this time."
    assert made.gap_kind == ResourceChange.GapKind.NO_OPERATION
    assert (made.state, gone.kind, gone.name, gone.state) == ("rolled_back", "deleted", "new", "")


@pytest.mark.slow(seconds=1)
def test_upgrade_stores_the_kinds_of_existing_gaps(customer: Customer) -> None:
    w.watched(customer)
    text = w.estate_of(customer).read_text().splitlines()
    customer.azure_is([*map(w.parsed, text), w.account("new", https=False)])
    customer.assess()
    sentences = {
        "": "",
        "The activity log has no operation on the resource in this time.": "no_operation",
        "The activity log was not read for all of this time.": "not_read",
        "The activity log could not be read completely: no answer.": "unreadable",
    }
    migration = import_module("portal.changes.migrations.0006_kinds_of_gaps")
    for gap, kind in sentences.items():
        with factories.in_tenant(customer.tenant):
            ResourceChange.objects.update(gap=gap, gap_kind="")
        with connection.cursor() as cursor:
            cursor.execute(migration.KINDS)
        (made,) = changes(customer)
        assert made.gap_kind == kind, gap


@pytest.mark.slow(seconds=1)
def test_history_is_recorded_without_reviews(customer: Customer) -> None:
    """Changes from before the upgrade that added reviews are shown and searchable, but nobody has to review them."""
    with tenant_scope(customer.tenant.pk):
        ChangesCursor.objects.create(tenant=customer.tenant, caught_from=timezone.now() + timedelta(hours=1))
    w.watched(customer)
    w.acts(customer, "open-port", w.NSG, "--port", "3389")
    w.turn(customer)
    (change,) = changes(customer)
    assert (change.state, change.rules, change.actors) == ("", [], [ROBIN])
    assert timeline(customer, change) == []
    with tenant_scope(customer.tenant.pk):
        assert not needs_recording(customer.tenant)
        ChangesCursor.objects.update(assessment=0)
        assert needs_recording(customer.tenant)


@pytest.mark.slow(seconds=1)
def test_late_operations_are_added(customer: Customer) -> None:
    w.watched(customer)
    w.edit(customer, '"supportsHttpsTrafficOnly": true', '"supportsHttpsTrafficOnly": false')
    customer.assess()
    found = changes(customer)
    assert found
    assert all(not row.is_attributed and row.actors == [] for row in found)


@pytest.mark.slow(seconds=1)
def test_a_type_that_is_longer_in_lower_case_does_not_stop_the_recording(world: World) -> None:
    subscription, by = world.of(world.home)["subscription"], world.people["organization_engineer"]
    kind = "Contoso.Web/" + "ß" * 188
    for safe in (True, False):
        changed = account(subscription.subscription_id, "grows", safe=safe) | {"type": kind}
        assess(world.home, subscription, [changed], by=by)
    assert record_changes(tenant_id=world.home.pk) > 0
    with tenant_scope(world.home.pk):
        (change,) = ResourceChange.objects.filter(name="grows", kind="changed")
    assert change.type == f"contoso.web/{'ss' * 94}"


@pytest.mark.slow(seconds=3)
def test_operations_that_a_version_shows_are_recorded_once(customer: Customer) -> None:
    """The periodic task runs after one subscription was stored, while another one is still being read."""
    lines = [*w.lines(), *azure.subscription(azure.guid(2))]
    customer.azure_is(lines)
    customer.assess()
    w.acts(customer, "open-port", w.NSG, "--port", "3389")
    assessment = customer.start()
    _run(sent())  # This task prepares the assessment.
    messages = sent()
    unit = customer.units(assessment)[w.SCOPE]
    run_unit(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker="test")
    with tenant_scope(customer.tenant.pk):
        assert ActivityEvent.objects.filter(unit=w.SCOPE).exists()
        assert not needs_recording(customer.tenant)
    assert record_changes(tenant_id=customer.tenant.pk) == 0
    _run([*messages, *sent()])
    work()
    (change,) = changes(customer)
    assert (change.kind, change.assessment, change.actors) == ("changed", assessment.number, [ROBIN])


def test_a_wait_ends_when_another_task_has_recorded_the_changes(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, record_now = factories.tenant(), record.record_changes
    with factories.in_tenant(tenant):
        Assessment.objects.create(
            tenant=tenant, number=1, catalogue_hash="0" * 64, product_version="1",
            state=Assessment.State.FINISHED, ended_at=timezone.now(),
        )  # fmt: skip
    # Let `record_changes` do nothing, as it does while another task records changes.
    monkeypatch.setattr(record, "record_changes", lambda **_: 0)
    monkeypatch.setattr(record, "sleep", lambda _: None)
    monkeypatch.setattr(record, "MAX_WAIT", 0.0)
    with pytest.raises(Conflict, match="is still recording"):
        wait_until_recorded(tenant_id=tenant.pk)
    monkeypatch.setattr(record, "MAX_WAIT", 60.0)
    monkeypatch.setattr(record, "sleep", lambda _: record_now(tenant_id=tenant.pk))
    wait_until_recorded(tenant_id=tenant.pk)
    with factories.in_tenant(tenant):
        assert not needs_recording(tenant)


def test_a_reading_that_is_stored_after_a_later_one_is_recorded(db: None) -> None:
    """Reading the log of one subscription takes long, so a later reading of another subscription is stored first."""
    tenant, now = factories.tenant(), timezone.now()
    with factories.in_tenant(tenant):
        assessment = Assessment.objects.create(
            tenant=tenant, number=1, catalogue_hash="0" * 64, product_version="1"
        )
        _read(tenant, azure.guid(1), since=now - timedelta(days=1), until=now - timedelta(minutes=1))
    assert record_changes(tenant_id=tenant.pk) == 0
    with factories.in_tenant(tenant):
        _read(tenant, azure.guid(2), since=now - timedelta(days=1), until=now - timedelta(minutes=2))
        assessment.state, assessment.ended_at = Assessment.State.FINISHED, now
        assessment.save()
        assert needs_recording(tenant)
    assert record_changes(tenant_id=tenant.pk) == 2
    with factories.in_tenant(tenant):
        assert not needs_recording(tenant)


def _read(tenant: Tenant, subscription: str, *, since: datetime, until: datetime) -> None:
    """Store a reading of a subscription's log, and an operation from three hours before the end of the reading."""
    unit = f"/subscriptions/{subscription}"
    ActivityEvent.objects.create(
        tenant=tenant,
        unit=unit,
        event_id=subscription,
        at=until - timedelta(hours=3),
        resource_id=f"{unit}/providers/Microsoft.Authorization/roleAssignments/{subscription}",
        operation="Microsoft.Authorization/roleAssignments/write",
        status="Succeeded",
        actor_kind="person",
        actor=ROBIN,
    )
    ActivityReading.objects.create(tenant=tenant, unit=unit, since=since, until=until)


def _run(messages: Iterable[tuple[str, list[str]]]) -> None:
    for task, arguments in messages:
        current_app.tasks[task].apply(args=arguments, throw=True)
