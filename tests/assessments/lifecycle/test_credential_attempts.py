"""A new credential is stored only after it has signed in. A refused credential changes nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from assessments.actions import sealed_cache
from assessments.actions.credentials import attempt_records
from assessments.actions.credentials.attempt_records import Attempt, latest_attempt
from assessments.actions.credentials.attempts import (
    request_attempt,
    request_check,
    run_attempt,
    unsaved_directory,
)
from assessments.actions.credentials.preflight import latest_preflight
from assessments.actions.task_names import TRY_CREDENTIAL
from assessments.models import Assessment, Finding
from tenants.actions import revoke_membership, set_principal_enabled
from tenants.azure import credentials
from tenants.azure.credentials import Credential, CredentialResult
from tenants.errors import Conflict, InvalidInput
from tenants.models import Directory, JournalEntry, Membership, Person, ServicePrincipal, Subscription
from tenants.roles import Role
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.collect.azure import CLIENT, DIRECTORY, SECRET, guid, subscription
from tests.assessments.sandboxed_customer import Customer, sent, work

NEW = "c0000000-0000-0000-0000-0000000000aa"
EXPIRED_SECRET = "the-old~secret.of-the-tests"


def estate() -> list[Any]:
    """Return a directory with two subscriptions and two applications, one of which has an expired secret."""
    clients = [
        {"clientId": CLIENT, "secret": SECRET, "subscriptions": ["*"], "graph": ["*"]},
        {
            "clientId": NEW,
            "secret": EXPIRED_SECRET,
            "secretExpires": "2020-01-01T00:00:00Z",
            "subscriptions": ["*"],
            "graph": ["*"],
        },
    ]
    line = {"directory": {"tenantId": DIRECTORY, "clients": clients}}
    return [line, *subscription(guid(1)), *subscription(guid(2))]


@pytest.fixture
def admin(customer: Customer) -> Person:
    return factories.member(Role.TENANT_ADMINISTRATOR, customer.tenant)


def replace(customer: Customer, principal: ServicePrincipal, by: Person, **given: Any) -> Attempt:
    with tenant_scope(customer.tenant.pk):
        attempt = request_attempt(by=by, directory=principal.directory, service_principal=principal, **given)
    work()
    return ended(customer, attempt)


def ended(customer: Customer, attempt: Attempt) -> Attempt:
    found = latest_attempt(customer.tenant.pk, attempt.id)
    assert found is not None
    assert found.ended_at is not None
    return found


def stored(customer: Customer, principal: ServicePrincipal) -> ServicePrincipal:
    with tenant_scope(customer.tenant.pk):
        return ServicePrincipal.objects.get(pk=principal.pk)


def actions(customer: Customer) -> list[str]:
    with tenant_scope(customer.tenant.pk):
        rows = JournalEntry.objects.filter(tenant=customer.tenant).order_by("sequence")
        return list(rows.values_list("action", flat=True))


@pytest.mark.slow(seconds=1)
def test_new_principal_is_stored_after_its_sign_in_with_its_subscriptions(
    customer: Customer, admin: Person
) -> None:
    customer.azure.serve(estate())
    directory = factories.directory(
        customer.tenant, directory_id=DIRECTORY, cloud="custom", cloud_settings=customer.azure.cloud()
    )
    with tenant_scope(customer.tenant.pk):
        requested = request_attempt(
            by=admin, directory=directory, client_id=CLIENT, name="reader", secret=f" {SECRET}\n"
        )
        assert requested.is_waiting
        assert not ServicePrincipal.objects.exists()
    work()
    attempt = ended(customer, requested)
    assert (attempt.error_code, attempt.subscriptions, attempt.has_succeeded) == ("", 2, True)
    assert attempt.principal_id is not None
    with tenant_scope(customer.tenant.pk):
        principal = ServicePrincipal.objects.select_related("directory").get(pk=attempt.principal_id)
        assert (principal.client_id, principal.name, principal.healthy) == (CLIENT, "reader", True)
        assert Subscription.objects.filter(service_principal=principal).count() == 2
        newest = latest_preflight(principal)
    assert newest is not None
    assert newest.report is not None
    assert {"service_principal.added", "service_principal.signed_in"} <= set(actions(customer))
    record = sealed_cache.load(_key(customer, attempt))
    assert record is not None
    assert SECRET not in str(record)


def _key(customer: Customer, attempt: Attempt) -> str:
    from assessments.actions.credentials.attempt_records import attempt_key as key

    return key(customer.tenant.pk, attempt.id)


@pytest.mark.parametrize(
    ("client", "secret", "code"),
    [
        (CLIENT, "not-the~secret", "AADSTS7000215"),
        (NEW, EXPIRED_SECRET, "AADSTS7000222"),
        ("c0000000-0000-0000-0000-0000000000bb", "any~secret", "AADSTS700016"),
    ],
)
def test_refused_principal_is_not_stored(
    customer: Customer, admin: Person, client: str, secret: str, code: str
) -> None:
    customer.azure.serve(estate())
    directory = factories.directory(
        customer.tenant, directory_id=DIRECTORY, cloud="custom", cloud_settings=customer.azure.cloud()
    )
    with tenant_scope(customer.tenant.pk):
        attempt = request_attempt(by=admin, directory=directory, client_id=client, secret=secret)
    work()
    attempt = ended(customer, attempt)
    assert (attempt.error_code, attempt.principal_id) == (code, None)
    with tenant_scope(customer.tenant.pk):
        assert not ServicePrincipal.objects.exists()
        entry = JournalEntry.objects.filter(tenant=customer.tenant).latest("sequence")
    assert (entry.action, entry.details["error_code"]) == ("service_principal.credential_refused", code)
    assert secret not in str(entry.details)


def test_new_directory_is_stored_with_its_principal_or_not_at_all(customer: Customer) -> None:
    customer.azure.serve(estate())
    answers = [CredentialResult("AADSTS7000215", "The secret is wrong."), CredentialResult(subscriptions=())]
    by = factories.member(Role.TENANT_ADMINISTRATOR, customer.tenant)

    def check(credential: Credential) -> CredentialResult:
        return answers.pop(0)

    def attempted() -> Attempt:
        with tenant_scope(customer.tenant.pk):
            directory = unsaved_directory(
                tenant=customer.tenant, directory_id=guid(77), name="", cloud="AzureUSGovernment"
            )
            requested = request_attempt(
                by=by, directory=directory, client_id=CLIENT, secret=SECRET, starts_assessment=True
            )
        # Run only the attempt, because the assessment and the pre-flight after it would read from Azure.
        sent()
        run_attempt(tenant_id=customer.tenant.pk, attempt_id=requested.id)
        return ended(customer, requested)

    remove = credentials.register(check)
    try:
        refused = attempted()
        with tenant_scope(customer.tenant.pk):
            assert not Directory.objects.filter(directory_id=guid(77)).exists()
            assert not Assessment.objects.exists()
        accepted = attempted()
        assert accepted.principal_id is not None
    finally:
        remove()
    assert (refused.error_code, refused.directory_id, refused.assessment_id) == ("AADSTS7000215", None, None)
    with tenant_scope(customer.tenant.pk):
        directory = Directory.objects.get(directory_id=guid(77))
        assert (directory.name, directory.cloud_name) == (guid(77), "AzureUSGovernment")
        assert ServicePrincipal.objects.get(pk=accepted.principal_id).directory_id == directory.pk
        assert Assessment.objects.get().pk == accepted.assessment_id
    sent()


def test_refused_replacement_changes_nothing(customer: Customer, admin: Person) -> None:
    customer.azure.serve(estate())
    principal = customer.add()
    before = stored(customer, principal)
    attempt = replace(customer, principal, admin, secret="not-the~secret")
    assert attempt.error_code == "AADSTS7000215"
    after = stored(customer, principal)
    assert {f.attname: getattr(after, f.attname) for f in after._meta.concrete_fields} == {
        f.attname: getattr(before, f.attname) for f in before._meta.concrete_fields
    }
    assert actions(customer)[-1] == "service_principal.credential_refused"


@pytest.mark.slow(seconds=1)
def test_certificate_of_another_application_is_refused(customer: Customer, admin: Person) -> None:
    customer.azure.serve(estate())
    principal = customer.add()
    pem = factories.certificate_pem()
    attempt = replace(customer, principal, admin, certificate=pem)
    assert attempt.error_code == "AADSTS700027"
    assert stored(customer, principal).kind == ServicePrincipal.Kind.SECRET


@pytest.mark.slow(seconds=1)
def test_replacement_repairs_a_refused_credential(customer: Customer, admin: Person) -> None:
    customer.azure.serve(estate())
    principal = customer.add(secret="the-secret-before")
    with tenant_scope(customer.tenant.pk):
        check = request_check(by=admin, service_principal=principal)
    work()
    assert ended(customer, check).error_code == "AADSTS7000215"
    refused = stored(customer, principal)
    assert refused.refused_since is not None
    attempt = replace(customer, principal, admin, secret=SECRET)
    assert attempt.has_succeeded
    mended = stored(customer, principal)
    assert (mended.healthy, mended.refused_since, mended.rotated_at is not None) == (True, None, True)
    assert "service_principal.credential_rotated" in actions(customer)


def test_nobody_keeps_the_workers_busy_with_sign_ins(
    customer: Customer, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sign-in makes a worker wait for Entra, and workers serve all customers."""
    monkeypatch.setattr(attempt_records, "MAX_PER_HOUR", 3)
    customer.azure.serve(estate())
    principal = customer.add()
    with tenant_scope(customer.tenant.pk):
        for _ in range(2):
            request_check(by=admin, service_principal=principal)
        new = {"by": admin, "directory": principal.directory, "service_principal": principal}
        request_attempt(**new, secret=SECRET)
        with pytest.raises(Conflict, match="At most 3 test sign-ins are allowed per hour"):
            request_check(by=admin, service_principal=principal)
        with pytest.raises(Conflict, match="Try again in the next hour"):
            request_attempt(**new, secret=SECRET)
    assert [name for name, _ in sent()].count(TRY_CREDENTIAL) == 3


def test_credential_is_not_stored_for_a_person_who_lost_the_right_meanwhile(
    customer: Customer, admin: Person
) -> None:
    customer.azure.serve(estate())
    principal = customer.add(secret="the-secret-before")
    with tenant_scope(customer.tenant.pk):
        attempt = request_attempt(
            by=admin, directory=principal.directory, service_principal=principal, secret=SECRET
        )
        revoke_membership(by=factories.BY, membership=Membership.objects.get(person=admin))
    work()
    found = ended(customer, attempt)
    assert (found.has_succeeded, found.error_code) == (False, "not_found")
    after = stored(customer, principal)
    assert (after.rotated_at, after.last_checked_at) == (None, None)


def test_stored_credential_does_not_sign_in_for_a_person_who_lost_the_right(
    customer: Customer, admin: Person
) -> None:
    """The person requests the check and then loses access. Only after that does a worker run the check."""
    azure = customer.azure.serve(estate())
    principal = customer.add()
    with tenant_scope(customer.tenant.pk):
        attempt = request_check(by=admin, service_principal=principal)
        revoke_membership(by=factories.BY, membership=Membership.objects.get(person=admin))
    azure.reset_counts()
    work()
    assert ended(customer, attempt).error_code == "not_found"
    assert azure.request_counts() == {}
    assert stored(customer, principal).last_checked_at is None


@pytest.mark.parametrize("kind", ["new", "stored"])
def test_nothing_is_stored_if_the_right_ends_while_the_credential_signs_in(
    customer: Customer, admin: Person, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The sign-in takes seconds, in which another administrator can end the person's access."""
    customer.azure.serve(estate())
    principal = customer.add(secret="the-secret-before" if kind == "new" else SECRET)

    def end_access() -> None:
        with tenant_scope(customer.tenant.pk):
            revoke_membership(by=factories.BY, membership=Membership.objects.get(person=admin))

    for name in ("check", "check_new"):
        original = getattr(credentials, name)

        def signing_in(*given: Any, original: Any = original, **more: Any) -> CredentialResult:
            result: CredentialResult = original(*given, **more)
            end_access()
            return result

        monkeypatch.setattr(credentials, name, signing_in)
    with tenant_scope(customer.tenant.pk):
        if kind == "new":
            attempt = request_attempt(
                by=admin, directory=principal.directory, service_principal=principal, secret=SECRET
            )
        else:
            attempt = request_check(by=admin, service_principal=principal)
    before = actions(customer)
    work()
    assert ended(customer, attempt).error_code == "not_found"
    after = stored(customer, principal)
    assert (after.rotated_at, after.last_checked_at) == (None, None)
    assert actions(customer) == [*before, "membership.revoked"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secret": "   "}, "Enter a client secret"),
        ({"secret": "7d1f0a52-9c1e-4f0b-8a35-2f6a1c9b7e40"}, "This is the ID of the secret"),
        ({"secret": "a", "certificate": "b"}, "either a client secret or a certificate"),
        ({"certificate": "-----BEGIN CERTIFICATE-----"}, "contains no private key"),
    ],
)
def test_credential_of_wrong_form_is_refused_without_a_request(
    customer: Customer, admin: Person, given: dict[str, Any], message: str
) -> None:
    directory = factories.directory(customer.tenant)
    with tenant_scope(customer.tenant.pk), pytest.raises(InvalidInput, match=message):
        request_attempt(by=admin, directory=directory, client_id=CLIENT, **given)
    assert work() == 0


def test_known_principal_is_not_added_twice(customer: Customer, admin: Person) -> None:
    principal = factories.service_principal(factories.directory(customer.tenant))
    with (
        tenant_scope(customer.tenant.pk),
        pytest.raises(Conflict, match="is already registered"),
    ):
        request_attempt(
            by=admin,
            directory=principal.directory,
            client_id=principal.client_id,
            secret="any~secret",
        )


def test_attempt_of_another_customer_is_not_found(customer: Customer, admin: Person) -> None:
    principal = factories.service_principal(factories.directory(customer.tenant))
    with tenant_scope(customer.tenant.pk):
        attempt = request_check(by=admin, service_principal=principal)
    assert latest_attempt(factories.tenant().pk, attempt.id) is None
    assert latest_attempt(customer.tenant.pk, UUID(int=1)) is None


@pytest.mark.slow(seconds=1)
def test_new_principal_reads_everything_in_place_of_an_expired_one(customer: Customer) -> None:
    customer.azure.serve(estate())
    expired = customer.add(client_id=NEW, secret=EXPIRED_SECRET)
    factories.subscription(expired, "One")
    with tenant_scope(customer.tenant.pk):
        Subscription.objects.update(subscription_id=guid(1))
        directory = expired.directory
    new = factories.service_principal(directory, client_id=CLIENT, secret=SECRET)
    assessment = customer.assess()
    units = customer.units(assessment)
    assert {unit.error_code for unit in units.values()} == {""}
    assert {unit.service_principal_id for unit in units.values()} == {new.pk}
    assert len(units) == 3
    with tenant_scope(customer.tenant.pk):
        readers = Subscription.objects.values_list("service_principal__client_id", flat=True)
        assert set(readers) == {CLIENT}


@pytest.mark.slow(seconds=2)
def test_disabled_principal_is_not_used_and_the_reason_says_so(customer: Customer, admin: Person) -> None:
    customer.azure.serve(estate())
    principal = customer.add()
    customer.assess()
    other = factories.directory(customer.tenant, name="Other")
    factories.service_principal(other)
    with tenant_scope(customer.tenant.pk):
        set_principal_enabled(by=admin, service_principal=principal, enabled=False)
    customer.assess()
    with tenant_scope(customer.tenant.pk):
        rows = list(Finding.objects.filter(unit=f"/subscriptions/{guid(1)}", gone_at=None))
    assert rows
    assert {row.outcome for row in rows} == {"unknown"}
    assert any("no service principal of the directory is enabled" in row.reason for row in rows)
