"""The command that replaces a secret: it signs in first, and a refused secret changes nothing."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments.actions.archive import archive_customer
from tenants.azure.credentials import credential_of
from tenants.models import JournalEntry, ServicePrincipal, Subscription, Tenant
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, guid, subscription
from tests.assessments.sandboxed_customer import Customer
from tests.factories import BY

OLD = "the-old~secret.of-the-tests"


@pytest.fixture
def principal(customer: Customer) -> ServicePrincipal:
    clients = [{"clientId": CLIENT, "secret": SECRET, "subscriptions": ["*"], "graph": ["*"]}]
    directory = {"directory": {"tenantId": DIRECTORY, "clients": clients}}
    customer.azure.serve([directory, *subscription(guid(1)), *subscription(guid(2))])
    return customer.add(secret=OLD)


def replace(customer: Customer, secret: str, *options: str, client: str = CLIENT) -> str:
    file = Path(customer.azure.folder, "secret")
    file.write_text(f"{secret}\n")
    out = StringIO()
    call_command(
        "replace_secret", customer.tenant.slug, client, "--secret-file", str(file), *options, stdout=out
    )
    return out.getvalue()


def stored(customer: Customer) -> tuple[str, str]:
    """Return the stored secret, and the error code of the last sign-in."""
    with tenant_scope(customer.tenant.pk):
        (row,) = ServicePrincipal.objects.select_related("directory__tenant")
        return credential_of(row).secret.reveal(), row.last_error_code


def actions(customer: Customer) -> list[tuple[str, bool]]:
    """Return the journal's actions about principals, and whether the operator did them."""
    with tenant_scope(customer.tenant.pk):
        rows = JournalEntry.objects.filter(tenant=customer.tenant).order_by("sequence")
        return [
            (action, "operator" in actor)
            for action, actor in rows.values_list("action", "actor")
            if "principal" in action
        ]


def test_accepted_secret_replaces_the_stored_one(customer: Customer, principal: ServicePrincipal) -> None:
    said = replace(customer, f" {SECRET} ", "--expires", "2099-03-31")
    assert "sees 2 subscriptions" in said
    assert SECRET not in said
    assert stored(customer) == (SECRET, "")
    with tenant_scope(customer.tenant.pk):
        assert set(Subscription.objects.values_list("subscription_id", flat=True)) == {guid(1), guid(2)}
        assert f"{ServicePrincipal.objects.get().expires_at:%Y-%m-%d}" == "2099-03-31"
    assert actions(customer)[-2:] == [
        ("service_principal.credential_rotated", True),
        ("service_principal.signed_in", True),
    ]


def test_refused_secret_changes_nothing(customer: Customer, principal: ServicePrincipal) -> None:
    with pytest.raises(CommandError, match="was not replaced") as refused:
        replace(customer, "not-the~secret")
    assert "not-the~secret" not in str(refused.value)
    assert stored(customer)[0] == OLD
    assert actions(customer)[-1] == ("service_principal.credential_refused", True)


@pytest.mark.parametrize(
    ("secret", "options", "client", "message"),
    [
        (guid(1), [], CLIENT, "This is the ID of the secret"),
        ("", [], CLIENT, "Enter a client secret"),
        (SECRET, ["--expires", "2020-01-31"], CLIENT, "has expired"),
        (SECRET, ["--expires", "tomorrow"], CLIENT, "is not a date"),
        (SECRET, [], guid(9), "has no service principal"),
        (SECRET, ["--directory", guid(9)], CLIENT, "has no service principal"),
    ],
)
def test_wrong_input_is_refused_before_a_sign_in(
    customer: Customer,
    principal: ServicePrincipal,
    secret: str,
    options: list[str],
    client: str,
    message: str,
) -> None:
    before = actions(customer)
    with pytest.raises(CommandError, match=message):
        replace(customer, secret, *options, client=client)
    assert stored(customer)[0] == OLD
    assert actions(customer) == before


def test_application_in_two_directories_needs_the_directory(
    customer: Customer, principal: ServicePrincipal
) -> None:
    other = factories.directory(customer.tenant, directory_id=guid(7), name="Other")
    factories.service_principal(other, client_id=CLIENT, secret=OLD)
    with pytest.raises(CommandError, match="Choose one with --directory"):
        replace(customer, SECRET)
    assert "is replaced" in replace(customer, SECRET, "--directory", DIRECTORY)


def test_archived_customer_gets_no_secret(customer: Customer, principal: ServicePrincipal) -> None:
    with tenant_scope(customer.tenant.pk):
        # Archiving a customer also deletes its principals. Here the principal stays, so that the command reaches its
        # check for archived customers.
        Tenant.objects.update(archived_at=timezone.now(), archive_reason="Ends")
    with pytest.raises(CommandError, match="archived"):
        replace(customer, SECRET)
    with tenant_scope(customer.tenant.pk):
        Tenant.objects.update(archived_at=None, archive_reason="")
        archive_customer(tenant=Tenant.objects.get(), by=BY, reason="Ends")
    with pytest.raises(CommandError, match="has no service principal"):
        replace(customer, SECRET)
