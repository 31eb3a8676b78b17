"""Organizations, tenants, directories, principals, subscriptions: what is kept, refused, journalled."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tenants import actions, credentials, selectors
from tenants.clouds import Cloud
from tenants.credentials import Credential, CredentialResult
from tenants.errors import Conflict, InvalidInput, SecretsUnusable, SuretyError
from tenants.models import Directory, JournalEntry, ServicePrincipal, Tenant
from tenants.scope import current, organization_scope
from tests import factories
from tests.factories import BY, in_tenant

pytestmark = pytest.mark.django_db


def journal_of(tenant: Tenant) -> list[str]:
    with in_tenant(tenant):
        return list(JournalEntry.objects.order_by("sequence").values_list("action", flat=True))


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Contoso", "contoso"),
        ("  Contoso   GmbH & Co. KG ", "contoso-gmbh-co-kg"),
        ("Ünïcode Söhne", "unicode-sohne"),
        ("漢字", "tenant"),
        ("x" * 200, "x" * 56),
        ("Settings", "settings-2"),
    ],
)
def test_a_slug_is_made_from_the_name(name: str, slug: str) -> None:
    tenant = factories.tenant(name=name)
    assert tenant.slug == slug
    assert tenant.name == " ".join(name.split())


def test_a_made_slug_gives_way_to_a_foreign_one_and_a_given_one_does_not() -> None:
    factories.tenant(name="Contoso")
    assert factories.tenant(name="Contoso").slug == "contoso-2"
    with pytest.raises(Conflict) as caught:
        factories.tenant(name="Contoso", slug="contoso")
    assert caught.value.code == "slug_taken"
    assert "slug" in caught.value.fields


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"name": "   "}),
        ("name", {"name": "x" * 201}),
        ("slug", {"slug": "Has Capitals"}),
        ("slug", {"slug": ""}),
        ("slug", {"slug": "x" * 61}),
        ("slug", {"slug": "a/b"}),
        ("slug", {"slug": "new"}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": ""}),
        ("labels", {"labels": [""]}),
        ("labels", {"labels": ["a,b"]}),
        ("labels", {"labels": ["x" * 61]}),
    ],
)
def test_unusable_input_names_its_field(field: str, given: dict[str, Any]) -> None:
    organization = factories.organization()
    with organization_scope(organization), pytest.raises(InvalidInput) as caught:
        actions.register_tenant(by=BY, organization=organization, **{"name": "x", **given})
    assert list(caught.value.fields) == [field]


def test_registering_is_journalled_in_both_chains_and_has_a_policy() -> None:
    tenant = factories.tenant(labels=["Gold", "gold", " EU  west "], timezone="Europe/Berlin")
    assert tenant.labels == ["Gold", "EU west"]
    assert tenant.exception_cap_days == 180
    assert tenant.due_days["critical"] < tenant.due_days["low"]
    assert journal_of(tenant) == ["tenant.registered"]
    assert tenant.pk in selectors.tenant_ids()
    with organization_scope(tenant.organization):
        assert list(selectors.tenants(labels=["GOLD", "eu west"])) == [tenant]
        assert list(selectors.tenants(labels=["gold", "other"])) == []


def test_an_organization_gets_its_first_administrator() -> None:
    person = factories.person()
    organization = factories.organization(administrator=person, name="Provider", slug="provider")
    with organization_scope(organization):
        assert [held.person for held in organization.memberships.all()] == [person]
    with pytest.raises(Conflict):
        factories.organization(slug="provider")


def test_changing_a_tenant_journals_what_it_was() -> None:
    tenant = factories.tenant(name="Before")
    with in_tenant(tenant):
        changed = actions.change_tenant(by=BY, tenant=tenant, name="After", exception_cap_days=30)
        assert (changed.name, changed.slug, changed.exception_cap_days) == ("After", "before", 30)
        entry = JournalEntry.objects.get(action="tenant.changed")
        assert entry.details == {
            "name": {"from": "Before", "to": "After"},
            "exception_cap_days": {"from": 180, "to": 30},
        }
        actions.change_tenant(by=BY, tenant=tenant, name="After")
        assert JournalEntry.objects.filter(action="tenant.changed").count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"exception_cap_days": 0},
        {"exception_cap_days": 3651},
        {"exception_cap_days": True},
        {"due_days": {"critical": 1}},
        {"due_days": {"critical": 0, "high": 1, "medium": 1, "low": 1, "info": 1}},
        {"due_days": {"critical": "1", "high": 1, "medium": 1, "low": 1, "info": 1}},
    ],
)
def test_an_unusable_policy_is_refused(given: dict[str, Any]) -> None:
    tenant = factories.tenant()
    with in_tenant(tenant), pytest.raises(InvalidInput) as caught:
        actions.change_tenant(by=BY, tenant=tenant, **given)
    assert list(caught.value.fields) == list(given)


def test_a_directory_is_kept_in_lower_case_and_once() -> None:
    identifier = str(uuid4())
    directory = factories.directory(directory_id=f" {identifier.upper()} ")
    assert directory.directory_id == identifier
    assert directory.cloud.name == "AzureCloud"
    with in_tenant(directory.tenant), pytest.raises(Conflict) as caught:
        actions.add_directory(by=BY, tenant=directory.tenant, directory_id=identifier, name="again")
    assert "directory_id" in caught.value.fields
    assert factories.directory(directory_id=identifier).tenant != directory.tenant
    assert journal_of(directory.tenant)[-1] == "directory.added"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "contoso.onmicrosoft.com",
        "{}",
        "7d1f0a529c1e4f0b8a352f6a1c9b7e40",
        "7d1f0a52-9c1e-4f0b-8a35-2f6a1c9b7e4",
        "é" * 36,
    ],
)
def test_what_is_no_guid_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        factories.directory(directory_id=value)
    assert caught.value.code == "guid_invalid"


def test_a_custom_cloud_is_kept_with_its_endpoints() -> None:
    local = dict.fromkeys(("authority", "arm", "graph"), "https://localhost:8443")
    directory = factories.directory(cloud="custom", cloud_settings=local)
    with in_tenant(directory.tenant):
        cloud = Directory.objects.get(pk=directory.pk).cloud
    assert cloud == Cloud(name="custom", arm_scope="https://localhost:8443/.default", **local)


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
def test_an_unusable_credential_is_refused(given: dict[str, Any], code: str) -> None:
    directory = factories.directory()
    with in_tenant(directory.tenant):
        with pytest.raises(InvalidInput) as caught:
            actions.add_service_principal(by=BY, directory=directory, **{"client_id": str(uuid4()), **given})
        assert not ServicePrincipal.objects.exists()
    assert caught.value.code == code


def test_a_certificate_brings_its_end() -> None:
    principal = factories.service_principal(certificate=factories.certificate_pem())
    assert principal.kind == "certificate"
    assert len(principal.thumbprint) == 40
    assert principal.expires_at is not None
    with in_tenant(principal.tenant):
        assert "BEGIN PRIVATE KEY" in credentials.credential_of(principal).secret.reveal()
        soon = selectors.expiring_principals(within=timedelta(days=91))
        assert [row.pk for row in soon] == [principal.pk]
        assert not selectors.expiring_principals(within=timedelta(days=89)).exists()


def test_rotating_forgets_the_last_check_and_is_journalled_without_the_secret() -> None:
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


def test_a_check_is_journalled_when_it_differs_from_the_one_before() -> None:
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


def test_a_check_is_given_the_opened_credential_and_its_result_comes_back() -> None:
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


def test_pages_read_principals_without_their_credentials(django_assert_num_queries: Any) -> None:
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
