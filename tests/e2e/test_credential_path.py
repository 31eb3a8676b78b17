"""In a browser, a certificate from a PFX file replaces a secret, a federated identity replaces the certificate, and
the server's managed identity is registered as a second service principal.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from django.urls import reverse
from playwright.sync_api import expect

from assessments.models import Finding
from tenants.models import ServicePrincipal
from tenants.roles import Role
from tests import factories
from tests.assessments.collect.azure import DIRECTORY, SECRET
from tests.assessments.lifecycle.host_identities import FEDERATED, SYSTEM, Host, estate
from tests.assessments.sandboxed_customer import Azure, Customer, work
from tests.e2e.conftest import Open, picture, sign_in

pytestmark = pytest.mark.e2e

PASSPHRASE = " correct horse "


def test_certificate_and_federation_replace_a_secret(
    open_page: Open,
    transactional_db: None,
    azure: Azure,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The emulated Azure accepts only the certificate and the server's token, not the secret. The first passphrase that
    the test enters is wrong.
    """
    pem = factories.certificate_pem().encode()
    key, certificate = serialization.load_pem_private_key(pem, None), x509.load_pem_x509_certificate(pem)
    builder = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048)
    lock = builder.hmac_hash(hashes.SHA256()).build(PASSPHRASE.encode())
    file = tmp_path / "surety-reader.pfx"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"surety", key, certificate, None, lock))
    public = certificate.public_bytes(serialization.Encoding.PEM).decode()
    lines = estate()
    lines[0]["directory"]["clients"][0]["certificate"] = public
    sandbox = azure.serve(lines)
    # azure-identity requests tokens of managed identities from this address, instead of http://169.254.169.254.
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", sandbox.url)
    tenant = factories.tenant(name="Contoso Logistics")
    directory = factories.directory(
        tenant, directory_id=DIRECTORY, cloud="custom", cloud_settings=azure.cloud()
    )
    Host(tmp_path, Customer(azure, tenant), settings)
    principal = factories.service_principal(
        directory, client_id=FEDERATED, secret=SECRET, name="surety-reader"
    )

    page = open_page()
    sign_in(page, factories.member(Role.ORGANIZATION_ENGINEER, tenant.organization))
    page.goto(reverse("service-principal", args=[tenant.slug, principal.pk]))
    page.get_by_label("Certificate", exact=True).set_input_files(file)
    page.get_by_label("Passphrase of the PFX file").fill("wrong")
    page.get_by_role("button", name="Sign in and replace").click()
    expect(page.get_by_text("its passphrase is wrong, or the file is damaged")).to_be_visible()
    picture(page, "certificate-passphrase-wrong")
    page.get_by_label("Certificate", exact=True).set_input_files(file)
    page.get_by_label("Passphrase of the PFX file").fill(PASSPHRASE)
    page.get_by_role("button", name="Sign in and replace").click()
    page.wait_for_url(lambda url: "attempt=" in url)
    work()
    expect(page.get_by_text("The credential works and is stored.")).to_be_visible()
    expires = certificate.not_valid_after_utc
    expect(page.get_by_role("main")).to_contain_text(f"{expires:%Y-%m-%d}")
    picture(page, "certificate-stored")
    page.goto(reverse("assessments", args=[tenant.slug]))
    page.get_by_role("button", name="Start assessment").click()
    page.wait_for_url("**/assessments/*/")
    work()
    expect(page.get_by_text("Finished").first).to_be_visible()
    with factories.in_tenant(tenant):
        stored = ServicePrincipal.objects.get()
        assert (stored.kind, stored.expires_at) == (ServicePrincipal.Kind.CERTIFICATE, expires)
        assert Finding.objects.filter(outcome="fail").exists()

    page.goto(reverse("service-principal", args=[tenant.slug, principal.pk]))
    choice = page.get_by_label("Host identity")
    choice.select_option("host-fed0")
    expect(choice.locator("option:checked")).to_have_text(re.compile("^host-fed0 "))
    page.get_by_role("button", name="Sign in and replace").click()
    page.wait_for_url(lambda url: "attempt=" in url)
    work()
    expect(page.get_by_text("The credential works and is stored.")).to_be_visible()
    picture(page, "host-identity-stored")
    with factories.in_tenant(tenant):
        stored = ServicePrincipal.objects.get()
        assert (stored.kind, stored.expires_at) == (ServicePrincipal.Kind.FEDERATED, None)

    page.goto(reverse("service-principal-add", args=[tenant.slug]))
    page.get_by_label("Directory ID").fill(DIRECTORY)
    page.get_by_label("Client ID").fill(SYSTEM)
    page.get_by_label("Start an assessment after the sign-in").uncheck()
    page.get_by_label("Host identity").select_option("host-a1d0")
    page.get_by_role("button", name="Sign in and register").click()
    page.wait_for_url(lambda url: "attempt=" in url)
    work()
    expect(
        page.get_by_text("Service principal registered. Check the permissions of the service principal here.")
    ).to_be_visible()
    picture(page, "managed-identity-registered")
    with factories.in_tenant(tenant):
        assert ServicePrincipal.objects.get(client_id=SYSTEM).kind == ServicePrincipal.Kind.MANAGED_IDENTITY
