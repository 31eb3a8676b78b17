"""Actions about service principals and subscriptions that run at the same moment wait for one another and do not
deadlock.

Each test pauses a real transaction after its first lock, until another transaction waits for that lock.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from assessments.actions.credentials import attempts as credential_attempts
from assessments.actions.credentials import preflight
from assessments.actions.prepare import prepare
from assessments.actions.start import start
from assessments.permissions.readiness import PreflightReport
from portal.imports.actions import start_import, upload
from portal.imports.run import run_import
from tenants import journal
from tenants.actions import (
    Assignment,
    add_service_principal,
    assign_foreign,
    include_subscription,
    organizations,
    service_principals,
    set_principal_enabled,
    subscriptions,
    sync_subscriptions,
)
from tenants.azure import credentials
from tenants.azure.credentials import CredentialResult, DiscoveredSubscription
from tenants.errors import Conflict
from tenants.models import Person, ServicePrincipal, Subscription
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope, tenant_scope
from tests import factories
from tests.concurrency import run_in_the_middle
from tests.factories import BY

pytestmark = pytest.mark.django_db(transaction=True)
CLIENT_ID = str(uuid4())
SECRET = "a-secret-of-forty-characters-aaaaaaaaaaa"


def pausing(monkeypatch: pytest.MonkeyPatch, module: Any, pause: Callable[[], None]) -> None:
    """Let the module call `pause` once, after it has written its first journal entry."""

    def record(**values: Any) -> Any:
        monkeypatch.setattr(module, "journal", journal)
        made = journal.record(**values)
        pause()
        return made

    monkeypatch.setattr(module, "journal", SimpleNamespace(record=record, head=journal.head))


def subscription(principal: ServicePrincipal, name: str = "Production") -> Subscription:
    with tenant_scope(principal.tenant_id):
        return Subscription.objects.create(
            tenant_id=principal.tenant_id,
            directory_id=principal.directory_id,
            service_principal=principal,
            subscription_id=str(uuid4()),
            display_name=name,
            state="Enabled",
            home_directory_id=principal.directory.directory_id,
            discovered_at=timezone.now(),
            last_seen_at=timezone.now(),
        )


def discovered(row: Subscription, name: str) -> DiscoveredSubscription:
    return DiscoveredSubscription(row.subscription_id, name, "Enabled", row.home_directory_id)


@pytest.mark.parametrize("first", ["import", "page"])
def test_an_import_and_a_page_add_the_same_principal(monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    directory = factories.directory()
    tenant, organization = directory.tenant, directory.tenant.organization
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    text = (
        "name,directory_id,labels,client_id,client_secret\n"
        f"{tenant.name},{directory.directory_id},gold,{CLIENT_ID},{SECRET}\n"
    )
    with person_scope(by):
        found = upload(organization=organization, by=by, file_name="customers.csv", content=text.encode())
        start_import(customer_import=found, by=by)

    def import_file(pause: Callable[[], None] | None = None) -> None:
        if pause is not None:
            # Pause when the import has locked the customer's row, but not yet the journal.
            pausing_before(monkeypatch, organizations, pause)
        run_import(organization_id=organization.pk, import_id=found.pk)

    def add(pause: Callable[[], None] | None = None) -> None:
        if pause is not None:
            pausing(monkeypatch, service_principals, pause)
        with person_scope(by):
            add_service_principal(by=by, directory=directory, client_id=CLIENT_ID, secret=SECRET)

    if first == "page":
        run_in_the_middle(add, import_file)
    else:
        with pytest.raises(Conflict, match="already has this service principal"):
            run_in_the_middle(import_file, add)
    with tenant_scope(tenant.pk):
        assert ServicePrincipal.objects.filter(client_id=CLIENT_ID).count() == 1
    with organization_scope(organization):
        (line,) = found.lines.all()
        assert line.state == ("failed" if first == "page" else "changed"), line.message


@pytest.fixture
def principal() -> ServicePrincipal:
    tenant = factories.tenant()
    made = factories.service_principal(factories.directory(tenant))
    made.tenant = tenant
    return made


def test_an_exclusion_waits_for_a_new_credential_that_renames_the_subscription(
    principal: ServicePrincipal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the exclusion starts, the other transaction has replaced the credential, but has not renamed the
    subscription yet.
    """
    row = subscription(principal)
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, principal.tenant.organization)
    result = CredentialResult(subscriptions=(discovered(row, "Renamed"),))
    new = {"client_id": principal.client_id, "kind": "secret", "plain": SECRET, "expires_at": "", "name": ""}

    def store(pause: Callable[[], None]) -> None:
        pausing(monkeypatch, service_principals, pause)
        with tenant_scope(principal.tenant_id):
            credential_attempts._record(by, principal.directory, principal, new, result)

    def exclude() -> None:
        with tenant_scope(principal.tenant_id):
            include_subscription(by=BY, subscription=row, included=False, reason="Test")

    run_in_the_middle(store, exclude)
    with tenant_scope(principal.tenant_id):
        row.refresh_from_db()
    assert (row.display_name, row.included) == ("Renamed", False)


def test_a_change_of_a_principal_waits_for_its_pre_flight(
    principal: ServicePrincipal, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, principal.tenant.organization)
    # Any result suffices, because the test is about the lock under which the pre-flight stores its result.
    refused = PreflightReport(principal.client_id, (), error_code="refused", error="Refused.")
    monkeypatch.setattr(preflight, "_check", lambda *_: refused)

    def run(pause: Callable[[], None]) -> None:
        pausing(monkeypatch, preflight, pause)
        preflight.run_preflight(
            by=by, tenant_id=principal.tenant_id, service_principal_id=principal.pk, subscriptions=()
        )

    def disable() -> None:
        with tenant_scope(principal.tenant_id):
            set_principal_enabled(by=BY, service_principal=principal, enabled=False)

    run_in_the_middle(run, disable)


@pytest.mark.parametrize("changed", ["principal", "subscription"])
def test_a_change_waits_for_a_preparation_that_updates_the_same_row_last(
    principal: ServicePrincipal, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """When the change starts, the preparation has recorded the sign-in of the first principal, and has not updated the
    second principal yet.
    """
    tenant = principal.tenant
    factories.service_principal(principal.directory, client_id=str(uuid4()))
    with tenant_scope(tenant.pk):
        # The principals are read in the order in which the preparation updates them.
        first, last = ServicePrincipal.objects.filter(disabled_at=None).select_related("directory")
        assessment = start(tenant=tenant, by=BY)
    row = subscription(last)
    seen = CredentialResult(subscriptions=(discovered(row, "Renamed"),))
    results = {first.pk: CredentialResult("refused", "Refused."), last.pk: seen}
    monkeypatch.setattr(credentials, "check", lambda one: results[one.pk])

    def prepare_assessment(pause: Callable[[], None]) -> None:
        pausing(monkeypatch, service_principals, pause)
        prepare(tenant_id=tenant.pk, assessment_id=assessment.pk)

    def change() -> None:
        with tenant_scope(tenant.pk):
            if changed == "principal":
                set_principal_enabled(by=BY, service_principal=last, enabled=False)
            else:
                include_subscription(by=BY, subscription=row, included=False, reason="Test")

    run_in_the_middle(prepare_assessment, change)
    with tenant_scope(tenant.pk):
        row.refresh_from_db()
        last.refresh_from_db()
    assert row.display_name == "Renamed"
    assert (last.disabled_at is not None, row.included) == (
        (True, True) if changed == "principal" else (False, False)
    )


def test_a_foreign_subscription_is_decided_while_it_is_listed_again(
    principal: ServicePrincipal, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = principal.tenant
    other = factories.directory(factories.tenant(tenant.organization))
    seen = factories.foreign_subscription(principal, other.directory_id, "Payroll")
    own = subscription(principal)
    by: Person = factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)

    def list_again(pause: Callable[[], None]) -> None:
        with tenant_scope(tenant.pk):
            rows = [discovered(seen, "Renamed"), discovered(own, "Own")]
            # The listing pauses after it has locked rows, and before it locks the journal.
            pausing_before(monkeypatch, subscriptions, pause)
            sync_subscriptions(by=BY, service_principal=principal, discovered=rows)

    def decide() -> None:
        with person_scope(by):
            assign_foreign(by=by, assignments=[Assignment(seen, other)])

    run_in_the_middle(list_again, decide)
    with tenant_scope(tenant.pk):
        seen.refresh_from_db()
    assert (seen.display_name, seen.decision) == ("Renamed", "assigned")


def pausing_before(monkeypatch: pytest.MonkeyPatch, module: Any, pause: Callable[[], None]) -> None:
    """Let the module call `pause` once, before it writes its first journal entry."""

    def record(**values: Any) -> Any:
        monkeypatch.setattr(module, "journal", journal)
        pause()
        return journal.record(**values)

    monkeypatch.setattr(module, "journal", SimpleNamespace(record=record))
