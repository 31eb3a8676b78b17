"""Archiving a customer while another action changes the same customer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from assessments.actions import start as starting
from assessments.actions.archive import archive_customer
from assessments.actions.schedules import set_schedule, start_due
from assessments.actions.start import start
from assessments.models import Assessment, Schedule
from tenants import journal, secrets
from tenants.actions import add_service_principal, archiving, rotate_credential, service_principals
from tenants.actions.service_principals import record_credential_check
from tenants.azure.credentials import CredentialResult
from tenants.errors import Conflict
from tenants.models import Directory, ServicePrincipal, Tenant
from tenants.scope import tenant_scope
from tests import factories
from tests.concurrency import run_in_the_middle
from tests.factories import BY

pytestmark = pytest.mark.usefixtures("committed")
SECRET = "s3cret~value"
GUID = "77777777-1111-4222-8333-444444444444"


@pytest.fixture
def tenant() -> Tenant:
    """A customer with two service principals."""
    tenant = factories.tenant()
    directory = factories.directory(tenant)
    factories.service_principal(directory)
    factories.service_principal(directory, client_id="88888888-1111-4222-8333-444444444444")
    return tenant


def archive(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        archive_customer(tenant=tenant, by=BY, reason="The contract ended")


def principals(tenant: Tenant) -> list[ServicePrincipal]:
    with tenant_scope(tenant.pk):
        rows = ServicePrincipal.objects.select_related("directory", "tenant").order_by("pk")
        return list(rows)


def test_an_archiving_waits_for_a_replacement_of_a_credential(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    principal = principals(tenant)[0]

    def rotate(pause: Callable[[], None]) -> None:
        def seal(*values: Any) -> None:
            pause()
            secrets.seal(*values)

        monkeypatch.setattr(service_principals, "secrets", SimpleNamespace(seal=seal))
        with tenant_scope(tenant.pk):
            rotate_credential(by=BY, service_principal=principal, secret=SECRET)

    run_in_the_middle(rotate, lambda: archive(tenant))
    assert principals(tenant) == []
    with tenant_scope(tenant.pk), pytest.raises(Conflict, match="is archived"):
        rotate_credential(by=BY, service_principal=principal, secret=SECRET)


def test_an_archiving_waits_for_the_start_of_an_assessment(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start_by_hand(pause: Callable[[], None]) -> Assessment:
        def record(**values: Any) -> Any:
            pause()
            return journal.record(**values)

        monkeypatch.setattr(starting, "journal", SimpleNamespace(record=record))
        with tenant_scope(tenant.pk):
            return start(tenant=tenant, by=BY)

    assessment, _ = run_in_the_middle(start_by_hand, lambda: archive(tenant))
    with tenant_scope(tenant.pk):
        assert Tenant.objects.get(pk=tenant.pk).is_archived
        assert Assessment.objects.get(pk=assessment.pk).state == Assessment.State.CANCELLED


def test_a_new_credential_waits_for_an_archiving(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    with tenant_scope(tenant.pk):
        directory = Directory.objects.select_related("tenant").get()

    def paused_archive(pause: Callable[[], None]) -> None:
        def record(**values: Any) -> Any:
            pause()
            return journal.record(**values)

        monkeypatch.setattr(archiving, "journal", SimpleNamespace(record=record))
        archive(tenant)

    def add() -> Exception | None:
        try:
            with tenant_scope(tenant.pk):
                add_service_principal(by=BY, directory=directory, client_id=GUID, secret=SECRET)
        except Conflict as error:
            return error
        return None

    _, refused = run_in_the_middle(paused_archive, add)
    assert isinstance(refused, Conflict)
    assert refused.code == "customer_archived"


def test_the_check_of_another_principal_waits_for_an_archiving(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = principals(tenant)[-1]

    def paused_archive(pause: Callable[[], None]) -> None:
        def record(**values: Any) -> Any:
            entry = journal.record(**values)
            monkeypatch.setattr(service_principals, "journal", journal)
            pause()
            return entry

        monkeypatch.setattr(service_principals, "journal", SimpleNamespace(record=record))
        archive(tenant)

    def check() -> bool:
        """Return whether the result was stored."""
        try:
            with tenant_scope(tenant.pk):
                record_credential_check(by=BY, service_principal=last, result=CredentialResult("", ""))
        except ServicePrincipal.DoesNotExist:
            return False
        return True

    assert run_in_the_middle(paused_archive, check) == (None, False)
    assert principals(tenant) == []


def test_a_tick_that_read_the_customer_before_the_archiving_starts_nothing(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        set_schedule(tenant=tenant, by=BY, wanted="daily 02:00")
        stale = Tenant.objects.get(pk=tenant.pk)
    archive(tenant)
    with tenant_scope(tenant.pk):
        Schedule.objects.update(next_at=timezone.now())
        assert start_due(tenant=stale) is None
        assert Schedule.objects.get().next_at is None
        assert not Assessment.objects.exists()
