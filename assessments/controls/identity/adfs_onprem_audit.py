"""The control identity-adfs-onprem-audit: On-premises Active Directory behind AD FS is audited."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta

from cryptography import x509

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, per_scope
from assessments.controls.references import References
from assessments.controls.shared.directory import is_federated, without_documents
from assessments.controls.verdict import Severity, Verdict, manual, not_applicable
from assessments.estate.collections.directory import DOMAINS, FEDERATION
from assessments.estate.gap_texts import describe_gap
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, graph
from assessments.fixes.variables import Variable

_EXPIRY_WARNING = timedelta(days=30)
# With these values, Entra ID accepts MFA that the federation server reports. Only with `rejectMfaByFederatedIdp` does
# Entra ID always perform MFA itself:
# https://learn.microsoft.com/graph/api/resources/internaldomainfederation#federatedidpmfabehavior-values
_ACCEPTS_MFA = frozenset({"acceptifmfadonebyfederatedidp", "enforcemfabyfederatedidp"})


FIX = Fix(
    advice("Have AD DS and AD FS audited. Then attest in Surety that they are audited."),
    # Converting a federated domain to a managed domain needs both Domain.ReadWrite.All and Directory.AccessAsUser.All:
    # https://learn.microsoft.com/entra/identity/hybrid/connect/migrate-from-federation-to-cloud-authentication
    # Source of the roles in `intro`: https://learn.microsoft.com/graph/api/domain-update
    graph(
        "PATCH",
        "/v1.0/domains/{domain}",
        "Domain.ReadWrite.All",
        "Directory.AccessAsUser.All",
        intro="Alternatively, move the domain to managed authentication, which needs no AD FS. Sign in with the role"
        " External Identity Provider Administrator, Domain Name Administrator or Security Administrator.",
        body={"authenticationType": "Managed"},
        each=lambda facts: [{"domain": domain} for domain in facts.texts("federatedDomains")],
    ),
    portal="Entra admin center › Entra ID › Entra Connect › Connect Sync",
    portal_source="https://learn.microsoft.com/entra/identity/hybrid/connect/migrate-from-federation-to-cloud-authentication",
    effects="Users of a managed domain sign in at Microsoft Entra ID. Set up password hash synchronization or"
    " pass-through authentication before you switch.",
    variables=[Variable("domain", "Name of the federated domain", "corp.example.com")],
)


@per_scope(
    needs=(DOMAINS, FEDERATION),
    fix=FIX,
    severity=Severity.HIGH,
    references=References(mcsb="PV-5* LT-1*", nist="RA-5 CA-7* SI-4*"),
    is_manual=True,
    answer=Answer(days=365),
)
def adfs_onprem_audit(ctx: Context) -> Verdict:
    """On-premises Active Directory behind AD FS is audited.

    Problem: On-premises Active Directory without a confirmed audit
    Expected: No federated domain, or an attested vulnerability assessment and monitoring of AD DS and AD FS
    Judged: Not applicable without a verified federated domain. Otherwise needs an attestation. It must state the date
    of the last vulnerability assessment, the monitoring tool and the evidence, and confirm that the AD DS and AD FS
    servers are covered. A remark says if Entra ID accepts MFA that the federation server reports
    (`federatedIdpMfaBehavior` is not `rejectMfaByFederatedIdp`), if the signing certificate of the federation expires
    within 30 days, or if the domain has no federation settings.
    Why: Anyone who controls the federation server can sign in as any user.
    """
    listed = ctx.documents(DOMAINS)
    if verdict := without_documents(DOMAINS, listed):
        return verdict
    federated = [domain for domain in listed if is_federated(domain) and domain.flag("isVerified")]
    if not federated:
        return not_applicable("No verified domain is federated")
    remarks: list[str] = []
    for domain in federated:
        remarks += _federation_remarks(domain, ctx)
    domains = sorted(domain.id for domain in federated)
    text = f"Attest that the on-premises directory behind {', '.join(domains)} is audited"
    return manual(text, remarks=remarks, federatedDomains=domains)


def _federation_remarks(domain: View, ctx: Context) -> list[str]:
    """Return remarks on the federation of one domain. If its settings could not be read, a remark says so."""
    try:
        remarks = []
        found = ctx.documents_at(FEDERATION, domain.id)
        for settings in found:
            remarks += _mfa_remarks(domain.id, settings.text("federatedIdpMfaBehavior", default=""))
            remarks += _certificate_remarks(domain.id, settings.text("signingCertificate", default=""), ctx)
        return remarks if found else [f"{domain.id}: Entra ID has no federation settings for the domain"]
    except CollectionUnavailable as error:
        return [f"{domain.id}: {describe_gap(error.gap)}"]
    except Unreadable as error:
        return [f"{domain.id}: {error}"]


def _mfa_remarks(domain: str, behavior: str) -> list[str]:
    if behavior.casefold() in _ACCEPTS_MFA:
        return [f"{domain}: Entra ID accepts MFA that the federation server reports"]
    if not behavior:
        text = (
            "federatedIdpMfaBehavior is not set, so Entra ID accepts MFA that the federation server reports"
        )
        return [f"{domain}: {text}, unless the older setting SupportsMfa forbids it"]
    return []


def _certificate_remarks(domain: str, encoded: str, ctx: Context) -> list[str]:
    if not encoded:
        return [f"{domain}: no signing certificate is set"]
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        return [f"{domain}: the signing certificate could not be read"]
    if certificate.not_valid_after_utc - ctx.now < _EXPIRY_WARNING:
        return [f"{domain}: the signing certificate expires within 30 days"]
    return []
