"""The watch between assessments: a change is judged within one turn, with few requests, if the watch is switched on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assessments.actions.watch.settings import set_default_watch, set_watch
from assessments.controls.registry import catalogue
from assessments.estate.estate import UnitKind
from assessments.export.judging import RecordedContent, RecordedUnit, judged_again
from assessments.export.stored import evidence_of_manifest
from assessments.models import ActivityEvent, Finding, Resource, ResourceVersion, Unit, Watch
from assessments.tasks import tick
from tenants.actions.service_principals import set_principal_enabled
from tenants.models import Organization, ServicePrincipal
from tenants.scope import organization_scope, tenant_scope
from tests.assessments.actions.watch import watched as w
from tests.assessments.collect import azure
from tests.assessments.collect.activity.activity_events import event
from tests.assessments.sandboxed_customer import BY, Customer, sent, work
from tests.stored_versions import configuration

pytestmark = pytest.mark.slow(seconds=15)

HTTPS = {("storage-secure-transfer", "bsafe"), ("storage-sas-https-only", "bsafe")}


def versions(customer: Customer, identifier: str) -> list[ResourceVersion]:
    with tenant_scope(customer.tenant.pk):
        rows = ResourceVersion.objects.filter(resource__resource_id=identifier).select_related("assessment")
        return list(rows.order_by("at"))


def verdicts(customer: Customer) -> dict[tuple[str, str], tuple[str, object, str]]:
    return {key: (row.outcome, row.observed, row.reason) for key, row in customer.findings().items()}


def performed_again(customer: Customer) -> dict[tuple[str, str], str]:
    """Judge again the data that the manifest of the subscription's last unit records."""
    with tenant_scope(customer.tenant.pk):
        units = Unit.objects.filter(azure_id=w.SUBSCRIPTION).select_related(
            "manifest", "directory", "assessment"
        )
        unit = units.order_by("-assessment__number")[0]
        content = RecordedContent(evidence_of_manifest(customer.tenant.pk, unit.manifest.content), {})
        recorded = RecordedUnit(
            UnitKind.SUBSCRIPTION,
            unit.azure_id,
            unit.directory.directory_id,
            unit.directory.cloud_name,
            unit.started_at,
            (unit.azure_id,),
            unit.manifest.content["answers"],
            tuple(unit.gaps),
            unit.assessment.parameters,
        )
        results = list(judged_again(recorded, content, catalogue().values()))
    return {(r.control.slug, r.subject.casefold()): str(r.verdict.outcome) for r in results}


def test_a_change_is_judged_again_with_few_requests(customer: Customer) -> None:
    whole = w.watched(customer)
    before = customer.findings()
    assert [w.turn(customer), w.turn(customer)] == [1, 1]
    assert w.assessments_of(customer) == [("manual", [])], "nothing changed, so nothing is judged"

    w.acts(customer, "set", w.OTHER_SPELLING, "properties.supportsHttpsTrafficOnly=false")
    requests = w.turn(customer)
    after = customer.findings()
    assert {key for key in after if after[key].outcome != before[key].outcome} == HTTPS
    assert {after[key].state for key in HTTPS} == {"open"}
    assert requests < sum(unit.requests for unit in customer.units(whole).values()) / 3
    assert w.assessments_of(customer)[1:] == [("watch", [w.SCOPE])]
    first, second = versions(customer, w.ACCOUNT)
    assert (first.assessment_id, second.assessment.trigger) == (whole.pk, "watch")
    with tenant_scope(customer.tenant.pk):
        properties = configuration(second)["properties"]
        assert properties["supportsHttpsTrafficOnly"] is False
        assert properties["somethingNew"] == 1, "all is stored, not only what controls read"
        assert ResourceVersion.objects.count() == Resource.objects.count() + 1, (
            "no other resource has changed"
        )
        (stored,) = ActivityEvent.objects.all()
        subjects = Finding.objects.filter(unit=w.SCOPE, gone_at=None)
        outcomes = {(row.control, row.subject.casefold()): row.outcome for row in subjects}
    assert stored.actor == "robin.hale@contractor.example"
    assert performed_again(customer) == outcomes, "the verdicts follow from the recorded data"
    assert w.turn(customer) == 1

    found = verdicts(customer)
    customer.assess()
    assert verdicts(customer) == found, "a complete assessment agrees with the watch"


def test_verdicts_that_are_kept_have_the_time_of_their_reading(customer: Customer) -> None:
    whole = w.watched(customer)
    w.acts(customer, "set", w.ACCOUNT, "properties.supportsHttpsTrafficOnly=false")
    w.turn(customer)
    w.acts(customer, "open-port", w.NSG, "--port", "3389")
    w.turn(customer)
    read_at = customer.units(whole)[w.SCOPE].started_at.isoformat()
    with tenant_scope(customer.tenant.pk):
        rows = Unit.objects.filter(assessment__trigger="watch").order_by("assessment__number")
        first, second = (row.coverage["judged_at"] for row in rows)
        judged_at = rows[0].started_at.isoformat()
    https, rdp, other = "storage-secure-transfer", "network-rdp-from-internet", "defender-contact-email"
    assert (first.get(https), first[rdp], first[other]) == (None, read_at, read_at)
    assert (second[https], second.get(rdp), second[other]) == (judged_at, None, read_at)


def test_ports_deletions_and_new_resources(customer: Customer) -> None:
    w.watched(customer)
    w.acts(customer, "open-port", w.NSG, "--port", "3389")
    w.turn(customer)
    assert customer.outcomes(subject__iexact=w.NSG)["network-rdp-from-internet", "nsg1"] == "fail"
    assert len(versions(customer, w.NSG)) == 2
    w.acts(customer, "--no-caller", "delete", w.ACCOUNT)
    w.turn(customer)
    with tenant_scope(customer.tenant.pk):
        assert Resource.objects.get(resource_id=w.ACCOUNT).gone_at is not None
        assert Resource.objects.filter(gone_at=None).count() == Resource.objects.count() - 1
        states = set(Finding.objects.filter(subject=w.ACCOUNT).values_list("state", flat=True))
        assert states == {"gone"}
        assert ActivityEvent.objects.get(operation__endswith="/delete").actor_kind == "unknown"
    # A new resource: the log names it, and the list of all resources contains it.
    made = dict(w.account("new", https=False))
    name = made["id"]
    text = w.estate_of(customer).read_text().splitlines()
    now = datetime.now(UTC)
    customer.azure_is([*map(w.parsed, text), made, event(77, name, now)])
    w.turn(customer)
    assert customer.outcomes(subject=name)["storage-secure-transfer", "new"] == "fail"
    found = verdicts(customer)
    customer.assess()
    assert verdicts(customer) == found


def test_controls_that_are_off_until_they_have_a_value_need_no_requests(customer: Customer) -> None:
    whole = w.watched(customer)
    w.acts(customer, "touch", w.ACCOUNT)
    w.edit(customer, '"name": "bsafe", "type"', '"name": "bsafe", "tags": {"a": "b"}, "type"')
    w.turn(customer)
    asked = {path.casefold() for _, path, _ in customer.azure.now.request_counts()}
    assert any("/storageaccounts/bsafe/" in path for path in asked), "the account is read again"
    logs = [path for path in asked if "/storageaccounts/" in path and path.endswith("/diagnosticsettings")]
    assert not logs, "the control of logs of storage services is off"
    with tenant_scope(customer.tenant.pk):
        turn = Unit.objects.get(assessment__trigger="watch")
    assert set(turn.coverage["collections"]) == set(customer.units(whole)[w.SCOPE].coverage["collections"])


def test_late_events_are_found(customer: Customer) -> None:
    w.watched(customer)
    w.acts(customer, "--delay", "900", "set", w.ACCOUNT, "properties.supportsHttpsTrafficOnly=false")
    w.turn(customer)
    w.turn(customer)
    assert len(w.assessments_of(customer)) == 1, "the log does not show the operation yet"
    later = f"{datetime.now(UTC) + timedelta(seconds=900):%Y-%m-%dT%H:}"
    w.edit(customer, f'"submissionTimestamp": "{later}', '"submissionTimestamp": "2026-01-01T00:')
    w.turn(customer)
    assert {customer.outcomes()[key] for key in HTTPS} == {"fail"}


def test_changes_during_an_assessment_are_judged_afterwards(customer: Customer) -> None:
    w.watched(customer)
    customer.start()
    assert w.turn_is_skipped(customer)
    # The log that the assessment reads already contains the operation. The account changes only after the assessment.
    w.acts(customer, "touch", w.ACCOUNT)
    work()
    w.edit(customer, '"name": "bsafe", "type"', '"name": "bsafe", "tags": {"a": "b"}, "type"')
    w.turn(customer)
    assert w.assessments_of(customer)[2:] == [("watch", [w.SCOPE])]
    assert len(versions(customer, w.ACCOUNT)) == 2
    w.turn(customer)
    assert len(w.assessments_of(customer)) == 3, "each event is judged once"


def test_an_operation_that_changes_nothing_leaves_no_assessment(customer: Customer) -> None:
    w.watched(customer)
    w.acts(customer, "touch", w.ACCOUNT)
    assert w.turn(customer) > 1
    assert len(w.assessments_of(customer)) == 1
    with tenant_scope(customer.tenant.pk):
        assert ActivityEvent.objects.count() == 1
    assert w.turn(customer) == 1, "the event is judged once"


def test_reading_actions_change_nothing(customer: Customer) -> None:
    w.watched(customer)
    listing = "Microsoft.Storage/storageAccounts/listKeys/action"
    text = w.estate_of(customer).read_text().splitlines()
    read = event(5, w.ACCOUNT, datetime.now(UTC), operationName={"value": listing})
    customer.azure_is([*map(w.parsed, text), read])
    assert w.turn(customer) <= 3, "the sign-in to a new address needs two requests"
    assert w.turn(customer) == 1
    assert len(w.assessments_of(customer)) == 1


def test_a_burst_requests_a_complete_reading_once_an_hour(customer: Customer) -> None:
    w.watched(customer)
    w.acts(customer, "--times", "1100", "touch", w.ACCOUNT)
    w.turn(customer)
    assert w.assessments_of(customer)[1:] == [("watch_full", [w.SCOPE])]
    watch = w.watch_of(customer)
    assert (watch.requests <= 8, watch.wants_full) == (True, False)
    with tenant_scope(customer.tenant.pk):
        assert ActivityEvent.objects.count() == 1100
    w.acts(customer, "--times", "1100", "touch", w.ACCOUNT)
    w.turn(customer)
    assert len(w.assessments_of(customer)) == 2
    assert w.watch_of(customer).wants_full
    assert w.turn(customer) == 0, "no request until the assessment may start"
    with tenant_scope(customer.tenant.pk):
        Watch.objects.update(full_at=datetime.now(UTC) - timedelta(hours=2))
    w.turn(customer)
    assert w.assessments_of(customer)[2:] == [("watch_full", [w.SCOPE])]


def test_a_scan_of_azure_policy_requests_no_complete_reading(customer: Customer) -> None:
    w.watched(customer)
    w.acts(customer, "set", w.ACCOUNT, "properties.supportsHttpsTrafficOnly=false")
    text = w.estate_of(customer).read_text().splitlines()
    evaluation = {"operationName": {"value": "Microsoft.Authorization/policies/auditIfNotExists/action"}}
    now = datetime.now(UTC)
    scan = [event(number, w.NSG, now, **evaluation) for number in range(1, 1101)]
    customer.azure_is([*map(w.parsed, text), *scan])
    w.turn(customer)
    assert w.assessments_of(customer)[1:] == [("watch", [w.SCOPE])]
    assert {customer.outcomes()[key] for key in HTTPS} == {"fail"}


def test_deleting_a_resource_group_requests_a_complete_reading(customer: Customer) -> None:
    w.watched(customer)
    w.acts(customer, "delete", w.GROUP)
    w.turn(customer)
    assert w.assessments_of(customer)[1:] == [("watch_full", [w.SCOPE])]
    with tenant_scope(customer.tenant.pk):
        assert not Resource.objects.filter(gone_at=None).exists()


def test_a_log_that_cannot_be_read_is_recorded_with_its_permission(customer: Customer) -> None:
    w.watched(customer)
    refused = {"error": {"code": "AuthorizationFailed", "message": "The client has no permission"}}
    customer.azure_is(w.lines(azure.answer(w.LOG, 403, refused)))
    w.turn(customer)
    watch = w.watch_of(customer)
    assert (watch.code, watch.permission) == (
        "AuthorizationFailed",
        "Microsoft.Insights/eventtypes/values/read",
    )
    assert watch.read_at is None
    customer.azure_is(w.lines())
    w.turn(customer)
    watch = w.watch_of(customer)
    assert (watch.code, watch.permission, watch.message) == ("", "", "")
    assert watch.read_at is not None
    assert sum(watch.hours.values()) >= 2


def test_the_watch_does_not_use_a_disabled_service_principal(customer: Customer) -> None:
    w.watched(customer)
    with tenant_scope(customer.tenant.pk):
        principal = ServicePrincipal.objects.get()
        set_principal_enabled(by=BY, service_principal=principal, enabled=False)
    assert w.turn(customer) == 0
    assert w.watch_of(customer).code == "service_principal_disabled"
    with tenant_scope(customer.tenant.pk):
        set_principal_enabled(by=BY, service_principal=principal, enabled=True)
    assert w.turn(customer) > 0
    assert w.watch_of(customer).code == ""


def test_the_watch_runs_only_where_it_is_switched_on(customer: Customer) -> None:
    customer.azure_is(w.lines())
    customer.assess()
    tenant = customer.tenant

    def sends() -> bool:
        with tenant_scope(tenant.pk):
            Watch.objects.update(next_at=datetime.now(UTC) - timedelta(seconds=1))
        tick()
        # `tick` also sends the due turns of customers of other tests.
        return any(task == "assessments.tasks.watch" and to[0] == str(tenant.pk) for task, to in sent())

    assert not sends()
    with organization_scope(tenant.organization_id):
        organization = Organization.objects.get(pk=tenant.organization_id)
        set_default_watch(organization=organization, by=BY, wanted=True)
    sends()
    assert sends()
    with tenant_scope(tenant.pk):
        set_watch(tenant=tenant, by=BY, wanted=False)
    assert not sends()
    with tenant_scope(tenant.pk):
        set_watch(tenant=tenant, by=BY, wanted=True)
    assert sends()
