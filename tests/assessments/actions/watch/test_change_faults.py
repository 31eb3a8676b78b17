"""Faults of the activity log: Surety never names a wrong actor, and reports each gap.

The list below names the tests of each fault, without `test_` at the beginning. A test without a module is in this
module. The other modules are `test_run` in this folder, `test_activity_log` and `test_directory_audits` in
tests/assessments/collect/activity, and `test_actors` in tests/portal/web/inventory.

- The log cannot be read: `test_run.a_log_that_cannot_be_read_is_recorded_with_its_permission`,
  `test_actors.a_refused_reading_is_shown_with_the_missing_permission`
- Events arrive up to 20 minutes late: `test_run.late_events_are_found`,
  `test_actors.operations_at_the_end_of_the_period_come_with_the_next_reading_of_the_log`
- The pages of the log go over midnight: `test_activity_log.pages_over_midnight_are_read_without_a_gap`,
  `test_directory_audits.only_entries_of_the_period_are_read_over_all_pages`
- Azure throttles the log: `test_activity_log.what_cannot_be_read_is_a_gap`,
  `test_directory_audits.throttled_requests_are_repeated_and_a_lasting_refusal_is_a_gap`
- Events are about unknown resources: `events_about_unknown_resources_are_stored_and_judge_nothing`
- Azure's clock is slow: `the_clocks_of_azure_and_surety_may_differ`
- A resource is renamed or moved: `a_moved_resource_is_read_completely_and_keeps_its_actor`
- 10,000 changes arrive at once: `test_run.a_burst_requests_a_complete_reading_once_an_hour`,
  `test_activity_log.a_burst_is_cut_with_a_gap`
- Ids differ in upper and lower case: `test_run.a_change_is_judged_again_with_few_requests`, and all tests in
  `test_actors`, whose operations have ids in upper case
- Azure throttles requests for the changed resources: `throttled_resources_keep_their_verdicts_until_azure_answers`
- An event names no caller: `test_run.ports_deletions_and_new_resources`,
  `test_actors.an_unknown_caller_is_never_a_name`
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assessments.models import ActivityEvent, Resource, ResourceVersion, Watch
from portal.queries.inventory.actors import attributions
from portal.queries.inventory.history import versions_of
from tenants.scope import tenant_scope
from tests.assessments.actions.watch import watched as w
from tests.assessments.collect import azure
from tests.assessments.collect.activity.activity_events import event
from tests.assessments.sandboxed_customer import Customer


def actors_of(customer: Customer, identifier: str) -> set[str]:
    """Return the actors who may have made the newest version of a resource."""
    with tenant_scope(customer.tenant.pk):
        resource = Resource.objects.get(tenant=customer.tenant, resource_id__iexact=identifier)
        shown = list(versions_of(resource))
        found = attributions(resource, shown).get(shown[0].pk)
        return {one.actor for one in found.operations} if found else set()


@pytest.mark.slow(seconds=1)
def test_events_about_unknown_resources_are_stored_and_judge_nothing(customer: Customer) -> None:
    w.watched(customer)
    unknown = f"{w.GROUP}/providers/Microsoft.Unheard/ofs/nothing"
    text = w.estate_of(customer).read_text().splitlines()
    customer.azure_is([*map(w.parsed, text), event(31, unknown, datetime.now(UTC))])
    w.turn(customer)
    assert len(w.assessments_of(customer)) == 1
    assert w.watch_of(customer).code == ""
    with tenant_scope(customer.tenant.pk):
        assert [one.resource_id for one in ActivityEvent.objects.all()] == [unknown]
        assert not Resource.objects.filter(resource_id__icontains="unheard").exists()


@pytest.mark.slow(seconds=1)
def test_the_clocks_of_azure_and_surety_may_differ(customer: Customer) -> None:
    """Somebody changes the account after the assessment. Azure's clock is 90 seconds slow, so the time of the event is
    before the assessment.
    """
    w.watched(customer)
    before = datetime.now(UTC) - timedelta(seconds=90)
    w.acts(
        customer,
        *("--at", before.isoformat(), "set", w.ACCOUNT, "properties.supportsHttpsTrafficOnly=false"),
    )
    w.turn(customer)
    assert customer.outcomes()["storage-secure-transfer", "bsafe"] == "fail"
    with tenant_scope(customer.tenant.pk):
        resource = Resource.objects.get(resource_id=w.ACCOUNT)
        assert ResourceVersion.objects.filter(resource=resource).count() == 2


@pytest.mark.slow(seconds=2)
def test_a_moved_resource_is_read_completely_and_keeps_its_actor(customer: Customer) -> None:
    """The event of the move names only the resource group. So the actor of the moved resource can be found only in
    events of later operations, which name the new id.
    """
    w.watched(customer)
    w.acts(customer, "--user", "before@contoso.com", "touch", w.ACCOUNT)
    moved = w.ACCOUNT.replace("/bsafe", "/moved")
    text = [
        line if "eventDataId" in line else line.replace("bsafe", "moved")
        for line in w.estate_of(customer).read_text().splitlines()
    ]
    move = event(
        41,
        w.GROUP,
        datetime.now(UTC),
        operationName={"value": "Microsoft.Resources/subscriptions/resourceGroups/moveResources/action"},
        caller="mover@contoso.com",
    )
    customer.azure_is([*map(w.parsed, text), move])
    w.turn(customer)
    assert w.assessments_of(customer)[1:] == [("watch_full", [w.SCOPE])]
    with tenant_scope(customer.tenant.pk):
        assert Resource.objects.get(resource_id=w.ACCOUNT).gone_at is not None
        assert Resource.objects.get(resource_id=moved).gone_at is None
    assert actors_of(customer, moved) == set(), "an operation on the earlier id is no candidate"
    w.acts(customer, "--user", "anna@contoso.com", "set", moved, "properties.supportsHttpsTrafficOnly=false")
    w.turn(customer)
    assert actors_of(customer, moved.upper()) == {"anna@contoso.com"}


@pytest.mark.slow(seconds=3)
def test_throttled_resources_keep_their_verdicts_until_azure_answers(customer: Customer) -> None:
    """Azure throttles the list of storage accounts for some minutes after somebody changed one."""
    w.watched(customer)
    w.turn(customer)
    w.acts(customer, "set", w.ACCOUNT, "properties.supportsHttpsTrafficOnly=false")
    changed = [w.parsed(line) for line in w.estate_of(customer).read_text().splitlines()]
    path = f"{w.SCOPE}/providers/Microsoft.Storage/storageAccounts"
    body = {"error": {"code": "TooManyRequests", "message": "Too many requests"}}
    throttled = azure.answer(path, 429, body, headers={"Retry-After": "120"})
    before = customer.outcomes()
    customer.azure_is([*changed, throttled])
    w.turn(customer)
    assert customer.outcomes() == before, "the verdicts are still known"
    watch = w.watch_of(customer)
    assert (watch.code, "throttled" in watch.message) == ("resources_unread", True)
    customer.azure_is(changed)
    w.turn(customer)
    assert customer.outcomes()["storage-secure-transfer", "bsafe"] == "fail"
    assert w.watch_of(customer).code == ""

    w.acts(customer, "set", w.ACCOUNT, "properties.supportsHttpsTrafficOnly=true")
    changed = [w.parsed(line) for line in w.estate_of(customer).read_text().splitlines()]
    customer.azure_is([*changed, throttled])
    with tenant_scope(customer.tenant.pk):
        Watch.objects.update(read_at=datetime.now(UTC) - timedelta(minutes=61))
    w.turn(customer)
    assert customer.outcomes()["storage-secure-transfer", "bsafe"] == "fail", "every reading is repeated once"
    w.turn(customer)
    assert customer.outcomes()["storage-secure-transfer", "bsafe"] == "unknown", "Azure failed for an hour"
