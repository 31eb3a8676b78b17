"""The watch of a directory: its audit log is read between assessments, with one request if nothing is new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.actions.watch import directory as watch_directory
from assessments.actions.watch.settings import set_watch
from assessments.collect.activity import directory_audits
from assessments.models import ActivityEvent, ActivityReading
from tenants.models import ServicePrincipal
from tenants.scope import tenant_scope
from tests.assessments.actions.watch import watched as w
from tests.assessments.collect import azure
from tests.assessments.collect.activity.directory_entries import entry
from tests.assessments.sandboxed_customer import BY, Customer

UNIT = f"directory:{azure.DIRECTORY}"
PERSON = azure.guid(77)
POLICY = {"graph": "policies/authorizationPolicy", "value": {"id": "authorizationPolicy"}}
USER = {"graph": "users", "value": {"id": PERSON, "displayName": "Anna Berg", "accountEnabled": True}}


def events(customer: Customer) -> list[tuple[str, str, Any]]:
    with tenant_scope(customer.tenant.pk):
        rows = ActivityEvent.objects.filter(unit=UNIT).order_by("at", "event_id")
        return list(rows.values_list("operation", "actor", "properties"))


def readings(customer: Customer) -> int:
    with tenant_scope(customer.tenant.pk):
        return ActivityReading.objects.filter(unit=UNIT).count()


@pytest.mark.slow(seconds=1)
def test_changes_in_the_directory_are_found_between_assessments(customer: Customer) -> None:
    w.watched(customer, w.lines(POLICY, USER))
    assert [w.turn(customer, UNIT), w.turn(customer, UNIT)] == [1, 1]
    assert readings(customer) == 1, "a reading without events stores only the time of the turn"
    w.acts(customer, "--user", "anna@contoso.com", "set", f"users/{PERSON}", "accountEnabled=false")
    assert w.turn(customer, UNIT) == 1
    ((operation, actor, properties),) = events(customer)
    assert (operation, actor) == ("Update user", "anna@contoso.com")
    assert properties[0] == {"path": ["AccountEnabled"], "before": [True], "now": [False]}
    assert (w.turn(customer, UNIT), readings(customer), len(events(customer))) == (1, 2, 1)
    assert len(w.assessments_of(customer)) == 1, "controls of the directory are judged by assessments"
    watch = w.watch_of(customer, UNIT)
    assert (watch.code, sum(watch.hours.values())) == ("", 4)
    with tenant_scope(customer.tenant.pk):
        set_watch(tenant=customer.tenant, by=BY, wanted=False)
    assert w.turn(customer, UNIT) == 0


@pytest.mark.slow(seconds=1)
def test_a_missing_permission_is_recorded_and_the_log_is_tried_again_after_an_hour(
    customer: Customer,
) -> None:
    without = azure.directory(graph=["Policy.Read.All"])
    w.watched(customer, [without, *azure.subscription(w.SUBSCRIPTION), POLICY])
    before = readings(customer)
    assert w.turn(customer, UNIT) == 1
    watch = w.watch_of(customer, UNIT)
    assert (watch.permission, watch.read_at) == ("AuditLog.Read.All", None)
    assert "AuditLog.Read.All" in watch.message
    assert watch.next_at > timezone.now() + timedelta(minutes=55)
    assert readings(customer) == before
    assert w.turn(customer) == 1, "the subscription is watched all the same"


@pytest.mark.slow(seconds=1)
def test_very_many_entries_are_left_to_the_next_assessment(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    w.watched(customer, w.lines(POLICY))
    now = timezone.now()
    # A reading ends at the last whole second. Entries that are at least two seconds old are before this end.
    found = [entry(number, now - timedelta(seconds=number + 2)) for number in range(5)]
    customer.azure_is(w.lines(POLICY, {"graph": "auditLogs/directoryAudits", "value": found}))
    monkeypatch.setattr(directory_audits, "MAX_WATCHED", 3)
    w.turn(customer, UNIT)
    watch = w.watch_of(customer, UNIT)
    assert (watch.code, watch.read_at, events(customer)) == (watch_directory.TOO_MANY, None, [])
    assert "more than 3 new entries" in watch.message
    monkeypatch.undo()
    w.turn(customer, UNIT)
    assert w.watch_of(customer, UNIT).code == ""
    assert len(events(customer)) == 10


@pytest.mark.slow(seconds=1)
def test_only_directories_with_a_service_principal_are_watched(customer: Customer) -> None:
    w.watched(customer, w.lines(POLICY))
    assert w.turn(customer, UNIT) == 1
    with tenant_scope(customer.tenant.pk):
        ServicePrincipal.objects.update(disabled_at=timezone.now())
    assert w.turn(customer, UNIT) == 0
