"""The certificate of an erasure: a PDF that is rendered and signed like a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone

from assessments.version import VERSION
from portal.offboarding.models import Erasure
from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import SigningIdentity, ensure_signing_identity
from portal.reports.models import SignedReport
from portal.reports.records.known_certificates import refuse_distrusted, remember_certificate
from portal.reports.render import render_document
from portal.reports.signatures.stamps import pinned_authorities_pem, planned_level
from portal.reports.signing.sign import sign
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import verify_signature
from tenants.models import Organization, Person, Tenant

KEPT_FOR: Final = timedelta(days=30)
"""The time for which the certificate of an erasure can be downloaded. It is limited, because the certificate names the
customer.
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """The statements of the certificate."""

    erasure: Erasure
    customer: str
    slug: str
    tenant_id: UUID
    provider: str
    requested_by: str
    confirmed_by: str
    certified_at: datetime

    @classmethod
    def of(cls, erasure: Erasure, tenant: Tenant, organization: Organization) -> Self:
        return cls(
            erasure=erasure,
            customer=tenant.name,
            slug=tenant.slug,
            tenant_id=tenant.pk,
            provider=organization.name,
            requested_by=_person(erasure.requested_by),
            confirmed_by=_person(erasure.confirmed_by),
            certified_at=timezone.now(),
        )

    @property
    def tables(self) -> Sequence[tuple[str, int]]:
        return sorted(self.erasure.rows.items())


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """A signed certificate, and the results of verifying it."""

    content: bytes
    sha256: str
    level: str
    signed_at: datetime
    identity: SigningIdentity


def sign_certificate(facts: Facts) -> SignedCertificate:
    """Render and sign the certificate. Raise SigningUnavailable if the signing certificate or the time-stamp authority
    cannot be used.
    """
    identity = ensure_signing_identity()
    refuse_distrusted(identity.certificate)
    context = {"facts": facts, "erasure": facts.erasure, "version": VERSION, "kept_days": KEPT_FOR.days}
    level = planned_level()
    # `leaving/certificate.html` includes a template of reports that reads the variable `report`.
    report = {"self_made": identity.self_signed, "level": level}
    context |= {"signer": identity, "level": level, "report": report}
    with timezone.override(UTC):
        html = render_to_string("leaving/certificate.html", context)
    rendered = render_document(html, created=facts.certified_at)
    number = str(facts.erasure.pk)
    reason = f"Certificate of erasure {number} as created by Surety {VERSION}"
    content = sign(rendered.content, identity, reason=reason, report=number)
    check = verify_signature(content, Trust(certificates=frozenset({identity.fingerprint})))
    if not check.valid or check.signed_at is None:
        raise SigningUnavailable(
            "Surety signed the certificate of the erasure, but could not verify the signature:"
            f" {' '.join(check.problems)} Check the certificate of the signer and the time-stamp authority."
        )
    return SignedCertificate(content, check.sha256, check.level, check.signed_at, identity)


def record_certificate(erasure_id: UUID, signed: SignedCertificate) -> None:
    """Record the signed file, so that everybody can verify the file later. The record names no customer."""
    remember_certificate(signed.identity.certificate)
    SignedReport.objects.create(
        report=erasure_id,
        kind=SignedReport.Kind.ERASURE,
        sha256=signed.sha256,
        level=signed.level,
        certificate=signed.identity.fingerprint,
        time_stamp_authorities=pinned_authorities_pem(),
        signed_at=signed.signed_at,
    )


def _person(who: Person | None) -> str:
    return f"{who.get_full_name()} <{who.email}>" if who is not None else "The operator of Surety"
