<<<<<<< HEAD
"""Revoking reports for good, also those whose row the retention or an erasure deleted. The signed files never change.

revoke_report(report=..., reason=..., by=...)                    a report that is listed
revoke_deleted_report(tenant=..., sha256=..., reason=..., by=...)  a report that the retention deleted
revoke_by_hash(sha256, reason=..., by=...)                       any file of this installation, for the operator
=======
"""Certificates of a signature and of its time stamps: whether none of them was revoked when they were used.

    validate_chains(chains, data) -> None      raises ChainRefused
    minimal(chains, data) -> ValidationData    the answers and lists that the chains need, each in its only form
    surplus(chains, data) -> str               why the data are more than the chains need, or in another form

pyhanko-certvalidator validates the paths, the OCSP answers (RFC 6960) and the CRLs (RFC 5280), each at the time of a
time stamp.
>>>>>>> 102dd3da (Sign reports at the levels PAdES B-LT and B-LTA)
"""

from __future__ import annotations

<<<<<<< HEAD
import re
from typing import Final
from uuid import UUID

import structlog
from django.db import connections, transaction

from portal import links
from portal.notify.publish import Event, publish
from portal.owner_db import allow_owner
from portal.reports.errors import CannotRevoke
from portal.reports.models import DeletedReport, RegisterEntry, Report, SignedReport
from portal.reports.register import standing
from portal.reports.report_identity import report_anywhere
from tenants import journal
from tenants.actors import Actor, System
from tenants.errors import NotFound, invalid
from tenants.models import Tenant
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.scope import organization_scope
from tenants.selectors import organization_ids, people_with_role

log = structlog.get_logger(__name__)

MAX_REASON: Final = 500
# The event of `portal.notify.kinds`.
REVOKED: Final = "report_revoked"
_READERS: Final = tuple(role for role in Role if Capability.READ_REPORTS in CAPABILITIES[role])


@transaction.atomic
def revoke_report(*, report: Report, reason: str, by: Actor) -> RegisterEntry:
    """Revoke a report for good, and notify the people who may read it. Raises CannotRevoke or InvalidInput.

    Everybody who has the file can read the reason, so it must not contain the customer's name.
    """
    reason = _checked(reason, report.tenant)
    # Only one of two people revokes the report.
    locked = Report.objects.select_for_update(of=("self",), no_key=True).get(pk=report.pk)
    if locked.state != Report.State.READY:
        raise CannotRevoke("This report has no signed file, so it cannot be revoked.")
    path = links.report(report.tenant.slug, report.number)
    return _enter(report.tenant, report.pk, report.number, report.sha256, reason, by, path)


@transaction.atomic
def revoke_deleted_report(*, tenant: Tenant, sha256: str, reason: str, by: Actor) -> RegisterEntry:
    """Revoke a report of the customer that the retention deleted, inside the customer's scope.

    Raises CannotRevoke or InvalidInput. A file that was not a report of this customer is InvalidInput.
    """
    reason = _checked(reason, tenant)
    row = DeletedReport.objects.filter(tenant=tenant, sha256=sha256).first()
    if row is None:
        raise invalid(
            "sha256",
            f"No deleted report of {tenant.name} has this SHA-256. Compare it with the list, or open the report’s page"
            " if the report still exists.",
        )
    return _enter(tenant, row.report, row.number, sha256, reason, by, links.deleted_reports(tenant.slug))


def revoke_by_hash(sha256: str, *, reason: str, by: System) -> RegisterEntry:
    """Revoke the file with this SHA-256, of whichever customer, for a command of the operator.

    Raises NotFound if this installation has no record of the file, CannotRevoke if it was revoked, and InvalidInput for
    the reason. A file without a customer (the customer was erased, or the file certifies an erasure) needs the role of
    the connection `owner`; without it, CannotRevoke is raised.
    """
    record = SignedReport.objects.filter(sha256=sha256).first()
    if record is None:
        raise NotFound(
            "This installation has no record of a file with this SHA-256, so nothing was revoked. Compute the SHA-256"
            " of the unchanged file, and run the command on the installation that signed it. If the database was"
            " restored from a backup that is older than the report, distrust the certificate instead:"
            " manage.py signing_certificates distrust."
        )
    report = report_anywhere(sha256)
    if report is not None:
        with organization_scope(report.tenant.organization_id):
            return revoke_report(report=report, reason=reason, by=by)
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            deleted = (
                DeletedReport.objects.filter(sha256=sha256).select_related("tenant__organization").first()
            )
            if deleted is not None:
                return revoke_deleted_report(tenant=deleted.tenant, sha256=sha256, reason=reason, by=by)
    return _enter_as_owner(record, _checked(reason))


def _enter_as_owner(record: SignedReport, reason: str) -> RegisterEntry:
    """Enter a revocation of a file that belongs to no customer any more: only the owner of the tables may."""
    if standing(record.report).revoked_at is not None:
        raise CannotRevoke("This file was already revoked.")
    if connections["owner"].settings_dict["USER"] == connections["default"].settings_dict["USER"]:
        raise CannotRevoke(
            "No customer has this file any more, so only the owner of the tables can enter the revocation. Run the"
            " command where DATABASE_OWNER_URL is set."
        )
    with allow_owner(), transaction.atomic(using="owner"):
        entry = RegisterEntry.objects.using("owner").create(
            report=record.report, state=RegisterEntry.State.REVOKED, reason=reason
        )
    log.warning("report_revoked_without_customer", report=str(record.report), sha256=record.sha256)
    return entry


def _checked(reason: str, tenant: Tenant | None = None) -> str:
    """Return the reason without superfluous white space. Raises InvalidInput."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON:
        raise invalid("reason", f"Enter a reason of 1 to {MAX_REASON} characters.")
    if tenant is not None and _names(reason, tenant):
        raise invalid(
            "reason",
            "Leave out the customer’s name: everybody who verifies the file without an account can read the reason.",
        )
    return reason


def _names(text: str, tenant: Tenant) -> bool:
    folded = text.casefold()
    slug = re.search(rf"(?<![\w-]){re.escape(tenant.slug.casefold())}(?![\w-])", folded)
    return tenant.name.casefold() in folded or slug is not None


def _enter(
    tenant: Tenant, report: UUID, number: int, sha256: str, reason: str, by: Actor, path: str
) -> RegisterEntry:
    if standing(report).revoked_at is not None:
        raise CannotRevoke(f"Report {number} was already revoked.")
    entry = RegisterEntry.objects.create(report=report, state=RegisterEntry.State.REVOKED, reason=reason)
    journal.record(
        tenant=tenant,
        actor=by,
        action="report.revoked",
        target=f"report:{number}",
        details={"report": report, "sha256": sha256, "reason": reason},
    )
    publish(
        tenant=tenant,
        event=Event(
            kind=REVOKED,
            key=f"report-revoked:{report}",
            title=f"Report {number} of {tenant.name} was revoked",
            lines=(
                f"Reason: {reason}",
                "Do not rely on this report any more, and tell people who have a copy.",
            ),
            path=path,
            data={"report": number, "sha256": sha256},
        ),
        subscribers=people_with_role(tenant, _READERS),
        by=by,
    )
    return entry
=======
import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    CRLValidationError,
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    OCSPValidationError,
    PathError,
    RevokedError,
    ValidationError,
)

from portal.reports.archive_updates import ValidationData
from portal.reports.cms_encoding import signature_algorithm
from portal.reports.der import end_of_element
from portal.reports.pyhanko_thread import run_in_own_thread

MAX_CHAIN: Final = 8
STAMPING: Final = "time_stamping"


class ChainRefused(Exception):
    """A certificate cannot be relied on at the time. The message is a sentence for people."""

    def __init__(self, message: str, *, revoked: bool = False, unanswered: bool = False) -> None:
        super().__init__(message)
        self.revoked = revoked
        self.unanswered = unanswered


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate, those above it up to an anchor, the time at which it was used, and its use for the messages.

    The anchor is trusted without revocation information. `usage` is an extended key usage that the certificate needs.
    """

    certificates: tuple[x509.Certificate, ...]
    at: datetime
    name: str
    usage: str = ""

    @property
    def needs_answers(self) -> bool:
        """Whether revocation information exists: not if the certificate is itself the anchor."""
        return len(self.certificates) > 1


def ordered_chain(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificate and those above it among the others, as far as they lead."""
    path = [leaf]
    while len(path) <= MAX_CHAIN and path[-1].issuer.dump() != path[-1].subject.dump():
        issuers = [one for one in others if one.subject.dump() == path[-1].issuer.dump() and one not in path]
        if not issuers:
            break
        path.append(issuers[0])
    return path


def validate_chains(chains: Sequence[Chain], data: ValidationData) -> None:
    """Check each chain with these OCSP answers and CRLs. Raises ChainRefused, ValueError, TypeError or LookupError."""
    run_in_own_thread(lambda: asyncio.run(_validate_all(chains, data)))


async def _validate_all(chains: Sequence[Chain], data: ValidationData) -> None:
    for chain in chains:
        if chain.needs_answers:
            context = ValidationContext(
                trust_roots=[chain.certificates[-1]],
                other_certs=list(chain.certificates[1:-1]),
                moment=chain.at,
                ocsps=[ocsp.OCSPResponse.load(one, strict=True) for one in data.ocsps],
                crls=[crl.CertificateList.load(one, strict=True) for one in data.crls],
                revocation_mode="require",
                retroactive_revinfo=True,
            )
            await validate_chain(chain, context)


async def validate_chain(chain: Chain, context: ValidationContext) -> None:
    """Check a chain in this context. Raises ChainRefused."""
    leaf = chain.certificates[0]
    validator: Any = CertificateValidator(leaf, list(chain.certificates[1:-1]), validation_context=context)
    try:
        if chain.usage:
            await validator.async_validate_usage(set(), {chain.usage}, extended_optional=False)
        else:
            await validator.async_validate_path()
    except RevokedError as error:
        when = f"{error.revocation_dt:%Y-%m-%d %H:%M} UTC"
        raise ChainRefused(
            f"A certificate of {chain.name} had been revoked on {when}, before it was used.", revoked=True
        ) from None
    except (InsufficientRevinfoError, OCSPValidationError, CRLValidationError) as error:
        raise ChainRefused(
            f"No valid revocation information shows that the certificates of {chain.name} had not been revoked: "
            f"{_first_line(error)}",
            unanswered=True,
        ) from None
    except (ExpiredError, NotYetValidError):
        raise ChainRefused(
            f"A certificate of {chain.name} was not valid at {chain.at:%Y-%m-%d %H:%M} UTC, when it was used."
        ) from None
    except (ValidationError, PathError) as error:
        raise ChainRefused(f"The certificates of {chain.name} are not valid: {_first_line(error)}") from None


def minimal(chains: Sequence[Chain], data: ValidationData) -> ValidationData:
    """Return only those OCSP answers and CRLs that the chains need, in their only form. Raises ChainRefused."""
    kept = ValidationData(
        data.certificates,
        tuple(sorted({canonical_ocsp(one, chains) for one in data.ocsps})),
        tuple(sorted({canonical_crl(one) for one in data.crls})),
    )
    validate_chains(chains, kept)
    for less in _each_without_one(kept):
        smaller = ValidationData(
            kept.certificates,
            tuple(one for one in kept.ocsps if one in less.ocsps),
            tuple(one for one in kept.crls if one in less.crls),
        )
        if _are_valid(chains, smaller):
            kept = smaller
    return kept


def surplus(chains: Sequence[Chain], data: ValidationData) -> str:
    """Return why the data are not exactly what the chains need, which are valid with them; empty if they are.

    Raises ValueError, TypeError or LookupError if an answer or list cannot be read.
    """
    for one in (*data.ocsps, *data.crls):
        if end_of_element(one) != len(one):
            return "The validation data contain more than an answer about certificates."
    forms = [canonical_ocsp(one, chains) for one in data.ocsps], [canonical_crl(one) for one in data.crls]
    if forms != (list(data.ocsps), list(data.crls)):
        return "The validation data were written in another form."
    if list(data.ocsps) != sorted(set(data.ocsps)) or list(data.crls) != sorted(set(data.crls)):
        return "The validation data were sorted or repeated in another way."
    if any(_are_valid(chains, less) for less in _each_without_one(data)):
        return "The validation data contain answers that no certificate of the report needs."
    return ""


def _each_without_one(data: ValidationData) -> list[ValidationData]:
    return [
        *(replace(data, ocsps=tuple(one for one in data.ocsps if one != left)) for left in data.ocsps),
        *(replace(data, crls=tuple(one for one in data.crls if one != left)) for left in data.crls),
    ]


def _are_valid(chains: Sequence[Chain], data: ValidationData) -> bool:
    try:
        validate_chains(chains, data)
    except ChainRefused:
        return False
    return True


def canonical_ocsp(raw: bytes, chains: Sequence[Chain]) -> bytes:
    """Return the OCSP answer with the certificate of its responder as the only one, unless a chain contains this one.

    Raises ValueError, TypeError or LookupError.
    """
    found = ocsp.OCSPResponse.load(raw, strict=True)
    if found["response_status"].native != "successful":
        raise ValueError("an OCSP answer is not successful")
    basic: Any = found["response_bytes"]["response"].parsed
    content = basic["tbs_response_data"]
    in_chains = {one.dump() for chain in chains for one in chain.certificates}
    certificates = [one for one in basic["certs"] or () if _is_responder(one, content["responder_id"])]
    kept = [one for one in certificates if one.dump() not in in_chains][:1]
    algorithm = basic["signature_algorithm"]
    fields = {
        "tbs_response_data": ocsp.ResponseData.load(content.dump(), strict=True),
        "signature_algorithm": signature_algorithm(algorithm, algorithm.hash_algo),
        "signature": basic["signature"].native,
    }
    if kept:
        fields["certs"] = kept
    encoded: bytes = ocsp.OCSPResponse(
        {
            "response_status": "successful",
            "response_bytes": {
                "response_type": "basic_ocsp_response",
                "response": ocsp.BasicOCSPResponse(fields),
            },
        }
    ).dump()
    return encoded


def _is_responder(certificate: x509.Certificate, responder: ocsp.ResponderId) -> bool:
    if responder.name == "by_name":
        return bool(responder.chosen.dump() == certificate.subject.dump())
    key = bytes(certificate.public_key["public_key"])
    # RFC 6960, 4.2.1: the identifier of a key is its SHA-1.
    return bool(responder.chosen.native == hashlib.sha1(key, usedforsecurity=False).digest())


def canonical_crl(raw: bytes) -> bytes:
    """Return the CRL in its only form. Raises ValueError or TypeError."""
    found = crl.CertificateList.load(raw, strict=True)
    content = crl.TbsCertList.load(found["tbs_cert_list"].dump(), strict=True)
    encoded: bytes = crl.CertificateList(
        {
            "tbs_cert_list": content,
            # The signed part repeats the algorithm.
            "signature_algorithm": content["signature"].copy(),
            "signature": found["signature"].native,
        }
    ).dump()
    return encoded


def _first_line(error: BaseException) -> str:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return text if text.endswith(".") else f"{text}."
>>>>>>> 102dd3da (Sign reports at the levels PAdES B-LT and B-LTA)
