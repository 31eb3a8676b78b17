"""Credentials of service principals: added, rotated, checked, never shown."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tenants import actions, selectors
from tenants.azure import credentials
from tenants.azure.credentials import Credential, CredentialResult
from tenants.errors import InvalidInput, SecretsUnusable, SuretyError
from tenants.models import JournalEntry, ServicePrincipal
from tenants.scope import current
from tests import factories
from tests.factories import BY, in_tenant
from tests.tenants.actions.journal import journal_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "credential_choice"),
        ({"secret": "x", "certificate": "y"}, "credential_choice"),
        ({"secret": "   "}, "invalid_input"),
        ({"secret": "two\nlines"}, "invalid_input"),
        ({"secret": "x" * 4097}, "invalid_input"),
        ({"secret": "5b4a53b9-7b8a-4b0b-9b1b-3b0b0b0b0b0b"}, "secret_is_its_id"),
        ({"secret": "x", "expires_at": timezone.now() - timedelta(days=1)}, "secret_expired"),
        ({"certificate": "nonsense"}, "certificate_key_missing"),
        ({"certificate": "x", "expires_at": timezone.now()}, "invalid_input"),
        ({"secret": "x", "client_id": "my-app"}, "guid_invalid"),
    ],
)
def test_invalid_credential_is_refused(given: dict[str, Any], code: str) -> None:
    directory = factories.directory()
    with in_tenant(directory.tenant):
        with pytest.raises(InvalidInput) as caught:
            actions.add_service_principal(by=BY, directory=directory, **{"client_id": str(uuid4()), **given})
        assert not ServicePrincipal.objects.exists()
    assert caught.value.code == code


def test_spaces_around_a_secret_are_removed() -> None:
    principal = factories.service_principal(secret=" \t the~value of the secret \u00a0\r\n")
    with in_tenant(principal.tenant):
        assert credentials.credential_of(principal).secret.reveal() == "the~value of the secret"


def test_end_of_a_certificate_is_stored() -> None:
    principal = factories.service_principal(certificate=factories.certificate_pem())
    assert principal.kind == "certificate"
    assert len(principal.thumbprint) == 40
    assert principal.expires_at is not None
    assert timedelta(days=89) < principal.expires_at - timezone.now() < timedelta(days=91)
    with in_tenant(principal.tenant):
        assert "BEGIN PRIVATE KEY" in credentials.credential_of(principal).secret.reveal()


def test_rotating_clears_the_last_check_and_journals_no_secret() -> None:
    principal = factories.service_principal(secret="old~value")
    with in_tenant(principal.tenant):
        failed = CredentialResult(error_code="AADSTS7000215", error="Wrong secret.")
        actions.record_credential_check(by=BY, service_principal=principal, result=failed)
        end = timezone.now() + timedelta(days=3)
        row = actions.rotate_credential(
            by=BY, service_principal=principal, secret="new~value", expires_at=end
        )
        assert (row.last_error_code, row.last_checked_at, row.healthy) == ("", None, False)
        assert row.expires_at == end
        assert credentials.credential_of(row).secret.reveal() == "new~value"
        details = str(list(JournalEntry.objects.values_list("details", flat=True)))
    assert "~value" not in details
    assert journal_of(principal.tenant)[-1] == "service_principal.credential_rotated"


@pytest.mark.parametrize(
    ("code", "refused"),
    [("AADSTS7000222", True), ("invalid_directory", True), ("invalid_certificate", True), ("network", False)],
)
def test_only_a_refused_sign_in_sets_refused_since(code: str, refused: bool) -> None:
    """People are notified that Entra refused a credential, so an unreachable network must not count as a refusal."""
    principal = factories.service_principal()
    with in_tenant(principal.tenant):
        failed = CredentialResult(error_code=code, error="No sign-in.")
        row = actions.record_credential_check(by=BY, service_principal=principal, result=failed)
        assert (row.refused_since is not None) == refused
        since = row.refused_since
        silent = CredentialResult(error_code="network", error="No connection.")
        again = actions.record_credential_check(by=BY, service_principal=principal, result=silent)
        assert again.refused_since == since
        accepted = actions.record_credential_check(
            by=BY, service_principal=principal, result=CredentialResult()
        )
        assert accepted.refused_since is None


def test_check_is_journalled_if_its_result_changed() -> None:
    principal = factories.service_principal()
    good = CredentialResult()
    bad = CredentialResult(error_code="AADSTS7000222", error="Expired.\x00 Make a new secret.")
    with in_tenant(principal.tenant):
        for result in (good, good, bad, bad, good):
            row = actions.record_credential_check(by=BY, service_principal=principal, result=result)
            assert row.healthy is result.ok
    assert journal_of(principal.tenant)[-3:] == [
        "service_principal.signed_in",
        "service_principal.sign_in_failed",
        "service_principal.signed_in",
    ]


def test_check_receives_the_opened_credential_and_returns_its_result() -> None:
    principal = factories.service_principal(secret="hush~x")
    seen: list[Credential] = []

    def check(credential: Credential) -> CredentialResult:
        seen.append(credential)
        return CredentialResult(subscriptions=())

    withdraw = credentials.register(check)
    try:
        with in_tenant(principal.tenant):
            assert credentials.check(principal) == CredentialResult(subscriptions=())
            principal.credential = b"\x01nonsense"
            assert credentials.check(principal).error_code == "sealed_malformed"
    finally:
        withdraw()
    assert [(one.secret.reveal(), one.client_id) for one in seen] == [("hush~x", principal.client_id)]
    assert issubclass(SecretsUnusable, SuretyError)


def test_selector_does_not_fetch_credentials(django_assert_num_queries: Any) -> None:
    principal = factories.service_principal()
    factories.subscription(principal)
    with in_tenant(principal.tenant):
        with django_assert_num_queries(1):
            rows = list(selectors.service_principals(principal.tenant))
            assert rows[0].directory.name == "Directory"
        assert rows[0].get_deferred_fields() == {"credential"}
        with django_assert_num_queries(1):
            found = selectors.subscriptions(principal.tenant)
            assert [row.service_principal.client_id for row in found if row.service_principal]
        with django_assert_num_queries(3):
            assert [len(row.subscriptions.all()) for row in selectors.directories(principal.tenant)] == [1]
        assert current().tenant_ids == {principal.tenant_id}


def test_late_result_of_a_replaced_credential_is_not_stored() -> None:
    """A sign-in takes seconds. If the credential is replaced meanwhile, a refusal of the old one must not be stored."""
    principal = factories.service_principal(secret="old~value")
    with in_tenant(principal.tenant):
        signing_in = ServicePrincipal.objects.get(pk=principal.pk)
        actions.rotate_credential(by=BY, service_principal=principal, secret="new~value")
        late = CredentialResult(error_code="AADSTS7000222", error="The secret has expired.")
        row = actions.record_credential_check(by=BY, service_principal=signing_in, result=late)
        assert (row.last_error_code, row.last_checked_at, row.refused_since) == ("", None, None)
        assert journal_of(principal.tenant)[-1] == "service_principal.credential_rotated"
