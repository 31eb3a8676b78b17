"""Factories of directories, service principals with real certificates, subscriptions and delegations."""

import datetime as dt
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.utils import timezone

from tenants import actions
from tenants.actions.managing_principals import (
    store_managing_credential,
    unsaved_principal,
    validate_managing_credential,
)
from tenants.azure.credentials import DiscoveredSubscription
from tenants.models import (
    Delegation,
    Directory,
    ManagingPrincipal,
    Organization,
    ServicePrincipal,
    Subscription,
    Tenant,
)
from tenants.scope import organization_scope, tenant_scope
from tests.factories.places import BY
from tests.factories.places import organization as make_organization
from tests.factories.places import tenant as make_tenant

type PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def directory(tenant: Tenant | None = None, **given: Any) -> Directory:
    tenant = tenant or make_tenant()
    given = {"directory_id": str(uuid4()), "name": "Directory", **given}
    with tenant_scope(tenant.pk):
        return actions.add_directory(by=BY, tenant=tenant, **given)


def service_principal(place: Directory | None = None, **given: Any) -> ServicePrincipal:
    """Create a principal with a client secret, or with `certificate` if it is passed."""
    place = place or directory()
    if "certificate" not in given:
        given.setdefault("secret", "s3cret~value.of-a-test")
    given.setdefault("client_id", str(uuid4()))
    with tenant_scope(place.tenant_id):
        return actions.add_service_principal(by=BY, directory=place, **given)


def subscription(principal: ServicePrincipal | None = None, name: str = "Production") -> Subscription:
    principal = principal or service_principal()
    identifier = str(uuid4())
    with tenant_scope(principal.tenant_id):
        seen = [
            DiscoveredSubscription(row.subscription_id, row.display_name, row.state)
            for row in Subscription.objects.filter(service_principal=principal)
        ]
        seen.append(DiscoveredSubscription(identifier, name, "Enabled"))
        actions.sync_subscriptions(by=BY, service_principal=principal, discovered=seen)
        return Subscription.objects.get(subscription_id=identifier)


def foreign_subscription(
    principal: ServicePrincipal, home: str = "", name: str = "Delegated", **given: Any
) -> Subscription:
    """Create a subscription that the principal sees, but that belongs to the directory `home`, by default an unknown
    directory.
    """
    given = {"subscription_id": str(uuid4()), "state": "Enabled", **given}
    with tenant_scope(principal.tenant_id):
        now = timezone.now()
        return Subscription.objects.create(
            tenant_id=principal.tenant_id,
            directory=principal.directory,
            service_principal=principal,
            display_name=name,
            home_directory_id=home or str(uuid4()),
            discovered_at=now,
            last_seen_at=now,
            **given,
        )


def managing_principal(owner: Organization | None = None, **given: Any) -> ManagingPrincipal:
    """Create a principal of an organization with a client secret. `given` are arguments of `unsaved_principal`."""
    owner = owner or make_organization()
    given = {"directory_id": str(uuid4()), "client_id": str(uuid4()), **given}
    secret = given.pop("secret", "s3cret~value.of-a-test")
    with organization_scope(owner):
        principal = unsaved_principal(organization=owner, **given)
        new = validate_managing_credential(principal, secret=secret)
        return store_managing_credential(by=BY, principal=principal, new=new)


def delegation(
    principal: ManagingPrincipal | None = None, home: str = "", name: str = "Delegated", **given: Any
) -> Delegation:
    """Create the delegation of a subscription of the directory `home`. Nobody has decided about it yet."""
    principal = principal or managing_principal()
    given = {"subscription_id": str(uuid4()), "state": "Enabled", "is_managed": True, **given}
    with organization_scope(principal.organization_id):
        now = timezone.now()
        return Delegation.objects.create(
            organization_id=principal.organization_id,
            principal=principal,
            display_name=name,
            home_directory_id=home or str(uuid4()),
            discovered_at=now,
            last_seen_at=now,
            **given,
        )


def certificate_pem(
    *,
    key: PrivateKey | None = None,
    signed_for: PrivateKey | None = None,
    start: dt.timedelta = dt.timedelta(days=-1),
    end: dt.timedelta = dt.timedelta(days=90),
    passphrase: bytes | None = None,
) -> str:
    """Return PEM text with a key and a self-signed certificate. If the key `signed_for` is passed, the certificate is
    for this key, and so does not match the key in the text.
    """
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    own = signed_for or key
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "surety test")])
    now = timezone.now()
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=own.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now + start,
        not_valid_after=now + end,
    )
    algorithm = None if isinstance(own, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.sign(own, algorithm)
    lock: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def certificate_pair(days: float) -> tuple[str, bytes]:
    """Return a self-signed certificate that expires in `days`: (PEM without its key, PEM with its key)."""
    end = dt.timedelta(days=days)
    pem = certificate_pem(start=end - dt.timedelta(days=30), end=end)
    return pem[pem.index("-----BEGIN CERTIFICATE") :], pem.encode()
