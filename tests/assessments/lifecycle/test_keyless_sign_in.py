"""Service principals that sign in over HTTPS with an identity of the host, and people who try to misuse identities."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from assessments.actions.credentials import sign_in
from assessments.actions.credentials.attempt_records import Attempt, latest_attempt
from assessments.actions.credentials.attempts import request_attempt
from assessments.models import Finding
from tenants.azure import credentials, host_identities
from tenants.errors import InvalidInput, SuretyError
from tenants.models import Directory, JournalEntry, Person, ServicePrincipal
from tenants.roles import Role
from tenants.scope import tenant_scope
from tests import factories
from tests.assessments.collect.azure import DIRECTORY
from tests.assessments.lifecycle.host_identities import (
    AUDIENCE,
    FEDERATED,
    STRANGE,
    SYSTEM,
    USER,
    Host,
    estate,
)
from tests.assessments.sandboxed_customer import Azure, Customer, work

ELSEWHERE = "90000000-0000-0000-0000-0000000000ee"


@pytest.fixture
def host(
    tmp_path: Path, customer: Customer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Host]:
    running = customer.azure.serve(estate())
    # azure-identity asks this address instead of http://169.254.169.254.
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", running.url)
    sign_in._sessions.clear()
    yield Host(tmp_path, customer, settings)
    sign_in._sessions.clear()


@pytest.fixture
def host_directory(customer: Customer, host: Host) -> Directory:
    return factories.directory(
        customer.tenant, directory_id=DIRECTORY, cloud="custom", cloud_settings=customer.azure.cloud()
    )


@pytest.fixture
def admin(customer: Customer) -> Person:
    return factories.member(Role.ORGANIZATION_ADMINISTRATOR, customer.tenant.organization)


def tried(customer: Customer, host_directory: Directory, by: Person, client_id: str) -> Attempt:
    with tenant_scope(customer.tenant.pk):
        directory = Directory.objects.select_related("tenant").get(pk=host_directory.pk)
        attempt = request_attempt(
            by=by, directory=directory, client_id=client_id, identity=f"host-{client_id[-4:]}"
        )
    work()
    ended = latest_attempt(customer.tenant.pk, attempt.id)
    assert ended is not None
    assert ended.ended_at is not None
    return ended


def principals(customer: Customer) -> list[ServicePrincipal]:
    with tenant_scope(customer.tenant.pk):
        return list(ServicePrincipal.objects.select_related("directory__tenant"))


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize(
    ("client_id", "kind"),
    [(FEDERATED, "federated"), (SYSTEM, "managed_identity"), (USER, "managed_identity")],
    ids=["federated", "system-assigned", "user-assigned"],
)
def test_a_customer_is_assessed_without_a_secret(
    customer: Customer, host_directory: Directory, admin: Person, client_id: str, kind: str
) -> None:
    attempt = tried(customer, host_directory, admin, client_id)
    assert (attempt.error_code, attempt.subscriptions) == ("", 2)
    (principal,) = principals(customer)
    assert (principal.kind, principal.expires_at, principal.thumbprint) == (kind, None, "")
    customer.start()
    work()
    with tenant_scope(customer.tenant.pk):
        assert Finding.objects.exclude(outcome="unknown").exists()


@pytest.mark.parametrize(
    ("claims", "code", "message"),
    [
        ({"iss": "https://other.example.com"}, "AADSTS700211", "has the issuer of the token"),
        ({"sub": "system:serviceaccount:other:worker"}, "AADSTS700213", "has the subject of the token"),
        ({"key": STRANGE}, "AADSTS50013", "could not verify the token"),
        ({"aud": "https://kubernetes.default.svc"}, "token_audience", f"for the audience {AUDIENCE}"),
        ({"exp": 1}, "token_expired", "check that its issuer renews the file"),
    ],
    ids=["issuer", "subject", "signature", "audience", "expired"],
)
def test_a_token_that_does_not_fit_is_explained_and_stores_nothing(
    customer: Customer,
    host_directory: Directory,
    admin: Person,
    host: Host,
    claims: Any,
    code: str,
    message: str,
) -> None:
    host.issue(**claims)
    attempt = tried(customer, host_directory, admin, FEDERATED)
    assert (attempt.error_code, message in attempt.error) == (code, True)
    assert principals(customer) == []
    assert host.token.read_text() not in attempt.error


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "token_file_unreadable"), (b"", "token_file_invalid"), (b"a.b.c", "token_file_invalid"),
     (b"\xff\xfe", "token_file_invalid"), (b"e30.W10.x", "token_file_invalid"), (b"x" * 70_000, "token_file_invalid")],
)  # fmt: skip
def test_an_unusable_token_file_is_explained(
    customer: Customer, host_directory: Directory, admin: Person, host: Host, content: bytes | None, code: str
) -> None:
    host.token.unlink() if content is None else host.token.write_bytes(content)
    attempt = tried(customer, host_directory, admin, FEDERATED)
    assert attempt.error_code == code
    assert "The operator must" in attempt.error


def test_a_host_without_metadata_service_is_explained(
    customer: Customer, host_directory: Directory, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9")
    attempt = tried(customer, host_directory, admin, SYSTEM)
    assert (attempt.error_code, "169.254.169.254" in attempt.error) == ("imds_unreachable", True)


def test_a_managed_identity_that_is_not_assigned_is_explained(
    customer: Customer, host_directory: Directory, admin: Person, host: Host
) -> None:
    host.allow(host.entry(USER, client_id=FEDERATED, name="host-fed0"))
    attempt = tried(customer, host_directory, admin, FEDERATED)
    assert (attempt.error_code, "Assign one" in attempt.error) == ("managed_identity_missing", True)


def test_the_data_of_another_managed_identity_is_not_read(
    customer: Customer, host_directory: Directory, admin: Person, host: Host
) -> None:
    """The host has a system-assigned identity, but not the identity that was registered."""
    host.allow(host.entry(SYSTEM, client_id=FEDERATED, name="host-fed0"))
    attempt = tried(customer, host_directory, admin, FEDERATED)
    assert (attempt.error_code, attempt.subscriptions) == ("other_identity", None)


# Attacks: an administrator who wants the host's identity to read or to reveal more than the operator allows.


def test_without_a_setting_nobody_can_use_an_identity_of_the_host(
    customer: Customer, host_directory: Directory, admin: Person, settings: Any
) -> None:
    settings.SURETY_HOST_IDENTITIES = ""
    with pytest.raises(InvalidInput, match="does not allow this host identity"):
        tried(customer, host_directory, admin, FEDERATED)


@pytest.mark.parametrize(
    "other",
    [{"organization": str(uuid4())}, {"directory_id": ELSEWHERE}, {"client_id": USER}],
    ids=["organization", "directory", "client"],
)
def test_an_entry_holds_for_its_organization_directory_and_application_alone(
    customer: Customer, host_directory: Directory, admin: Person, host: Host, other: dict[str, str]
) -> None:
    host.allow(host.entry(FEDERATED, **other))
    with pytest.raises(InvalidInput, match="does not allow this host identity"):
        tried(customer, host_directory, admin, FEDERATED)


@pytest.mark.slow(seconds=1)
def test_no_token_of_the_host_is_sent_to_endpoints_that_a_customer_chose(
    tmp_path: Path, customer: Customer, host_directory: Directory, admin: Person, host: Host
) -> None:
    tried(customer, host_directory, admin, FEDERATED)
    (principal,) = principals(customer)
    attackers = Azure(tmp_path / "attacker")
    (tmp_path / "attacker").mkdir()
    try:
        attackers.serve(estate())
        with tenant_scope(customer.tenant.pk):
            Directory.objects.update(cloud_settings=attackers.cloud())
        (principal,) = principals(customer)
        with tenant_scope(customer.tenant.pk), pytest.raises(SuretyError) as refused:
            credentials.credential_of(principal)
    finally:
        attackers.close()
    assert refused.value.code == "host_identity_not_allowed"


def test_a_customers_administrator_cannot_use_an_identity_that_all_customers_share(
    customer: Customer, host_directory: Directory
) -> None:
    own = factories.member(Role.TENANT_ADMINISTRATOR, customer.tenant)
    attempt = tried(customer, host_directory, own, FEDERATED)
    assert (attempt.error_code, "register customers" in attempt.error) == ("permission_denied", True)
    assert attempt.subscriptions is None
    assert principals(customer) == []


@pytest.mark.slow(seconds=1)
def test_a_removed_entry_ends_the_permission_at_once(
    customer: Customer, host_directory: Directory, admin: Person, host: Host
) -> None:
    tried(customer, host_directory, admin, FEDERATED)
    host.allow()
    (principal,) = principals(customer)
    result = credentials.check(principal)
    assert (result.error_code, result.is_refusal) == ("host_identity_not_allowed", True)


@pytest.mark.slow(seconds=1)
def test_the_name_of_the_identity_is_sealed_and_not_in_the_journal(
    customer: Customer, host_directory: Directory, admin: Person
) -> None:
    tried(customer, host_directory, admin, FEDERATED)
    (principal,) = principals(customer)
    assert b"host-fed0" not in bytes(principal.credential)
    with tenant_scope(customer.tenant.pk):
        added = JournalEntry.objects.get(action="service_principal.added")
    assert added.details["kind"] == "federated"
    assert "token" not in str(added.details)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[identity", "cannot be read"),
        ("identity = 1", "[[identity]] tables"),
        ("[[identity]]\nname = 'a'\nsecret = 'b'", "unknown key secret"),
        ("[[identity]]\nname = 'a'\nkind = 'secret'", "kind must be"),
        ("[[identity]]\nname = 'a'\nkind = 'federated'\norganization = 'x'", "must be a GUID"),
    ],
)
def test_an_invalid_file_allows_nothing_and_says_why(
    host: Host, host_directory: Directory, text: str, problem: str
) -> None:
    host.file.write_text(text, encoding="utf-8")
    assert problem in host_identities.problem()
    with (
        tenant_scope(host_directory.tenant_id),
        pytest.raises(SuretyError, match="SURETY_HOST_IDENTITIES is invalid"),
    ):
        host_identities.allowed(Directory.objects.select_related("tenant").get(pk=host_directory.pk))


def test_a_file_that_others_can_write_allows_nothing(host: Host) -> None:
    host.file.chmod(0o666)
    assert "chmod go-w" in host_identities.problem()


def test_the_operator_lists_organizations_entries_and_unreadable_token_files(
    customer: Customer, host: Host
) -> None:
    def listed() -> str:
        out = io.StringIO()
        call_command("host_identities", stdout=out)
        return out.getvalue()

    assert str(customer.tenant.organization_id) in listed()
    assert f"host-fed0 (Federated identity, client ID {FEDERATED}), directory {DIRECTORY}\n" in listed()
    host.token.unlink()
    assert f"{host.token} cannot be read" in listed()
    host.file.write_text("[[identity", encoding="utf-8")
    with pytest.raises(CommandError, match="SURETY_HOST_IDENTITIES is invalid"):
        listed()


@pytest.mark.parametrize("more", [{"token_file": "relative/token"}, {"token_file": ""}, {"assigned": "user"}])
def test_an_entry_with_parts_that_do_not_fit_is_refused(host: Host, more: dict[str, str]) -> None:
    host.allow(host.entry(FEDERATED, **more))
    assert (
        "and must be absent for other kinds" in host_identities.problem()
        or "for a managed identity, and only for that kind" in (host_identities.problem())
    )
