"""Revoke reports permanently, including reports whose row was deleted under the retention policy or by an erasure.

Revoking a report does not change its signed file.
"""

from __future__ import annotations

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
from portal.reports.records.register import standing
from portal.reports.records.report_identity import report_anywhere
from portal.reports.records.signed_files import record_of
from tenants import journal
from tenants.actors import Actor, System
from tenants.errors import NotFound, invalid
from tenants.models import Tenant
from tenants.roles import Capability, roles_with
from tenants.scope import organization_scope
from tenants.selectors import organization_ids, people_with_role
from tenants.values.visible_text import is_blank

log = structlog.get_logger(__name__)

MAX_REASON: Final = 500
# The kind of the event that notifies people of a revocation (`portal.notify.kinds`).
REVOKED: Final = "report_revoked"
_READERS: Final = roles_with(Capability.READ_REPORTS)


@transaction.atomic
def revoke_report(*, report: Report, reason: str, by: Actor) -> RegisterEntry:
    """Revoke a report permanently, and notify the people who may read it.

    Everybody who has the file can read the reason, so it must not name the customer. Raises InvalidInput for an invalid
    reason. Raises CannotRevoke if the report has no signed file or is already revoked.
    """
    reason = _checked(reason, report.tenant)
    # Lock the row, so that only one of two simultaneous requests revokes the report.
    locked = Report.objects.select_for_update(of=("self",), no_key=True).get(pk=report.pk)
    if locked.state != Report.State.READY:
        raise CannotRevoke("This report has no signed file, so it cannot be revoked.")
    path = links.report(report.tenant.slug, report.number)
    return _enter(report.tenant, report.pk, report.number, report.sha256, reason, by, path)


@transaction.atomic
def revoke_deleted_report(*, tenant: Tenant, sha256: str, reason: str, by: Actor) -> RegisterEntry:
    """Revoke a report that was deleted under the customer's retention policy. Call in the scope of the customer.

    Raises CannotRevoke if the report was already revoked. Raises InvalidInput if no deleted report of this customer has
    this SHA-256, or if the reason is invalid.
    """
    reason = _checked(reason, tenant)
    # `sha256` may be the hash of a copy from before a renewal of the time stamp. The row of the deleted report has only
    # the newest hash, so find the report through the records of files.
    record = record_of(sha256)
    row = DeletedReport.objects.filter(tenant=tenant, report=record.report).first() if record else None
    if row is None:
        raise invalid(
            "sha256",
            f"No deleted report of {tenant.name} has this SHA-256. Compare the SHA-256 with those in the list of"
            " deleted reports. If the report still exists, revoke it on its page.",
        )
    return _enter(tenant, row.report, row.number, sha256, reason, by, links.deleted_reports(tenant.slug))


def revoke_by_hash(sha256: str, *, reason: str, by: System) -> RegisterEntry:
    """Revoke the file with this SHA-256, of any customer. Only a command of the operator may use this function.

    Raises NotFound if the file has no record, CannotRevoke if the file is already revoked, and InvalidInput for an
    invalid reason. A file may belong to no customer: the customer was erased, or the file is a certificate of erasure.
    Only the database's owner (DATABASE_OWNER_URL) can revoke such a file. With any other user of the database, the
    function raises CannotRevoke.
    """
    record = record_of(sha256)
    if record is None:
        raise NotFound(
            "This installation has no record of a file with this SHA-256, so nothing was revoked. Compute the"
            " SHA-256 of the unchanged file, and run the command on the installation that signed the file. If"
            " the database was restored from a backup that is older than the report, distrust the signing"
            " certificate instead: manage.py signing_certificates distrust."
        )
    report = report_anywhere(sha256)
    if report is not None:
        with organization_scope(report.tenant.organization_id):
            return revoke_report(report=report, reason=reason, by=by)
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            deleted = (
                DeletedReport.objects.filter(report=record.report)
                .select_related("tenant__organization")
                .first()
            )
            if deleted is not None:
                return revoke_deleted_report(
                    tenant=deleted.tenant, sha256=deleted.sha256, reason=reason, by=by
                )
    return _enter_as_owner(record, _checked(reason))


def _enter_as_owner(record: SignedReport, reason: str) -> RegisterEntry:
    """Enter in the register the revocation of a file that belongs to no customer.

    Connect as the owner of the database, because no other user of the database may write such an entry.
    """
    if standing(record.report).revoked_at is not None:
        raise CannotRevoke("This file was already revoked.")
    if connections["owner"].settings_dict["USER"] == connections["default"].settings_dict["USER"]:
        raise CannotRevoke(
            "This file no longer belongs to a customer, so only the owner of the database can record the revocation."
            " Set DATABASE_OWNER_URL, and run the command again."
        )
    with allow_owner(), transaction.atomic(using="owner"):
        entry = RegisterEntry.objects.using("owner").create(
            report=record.report, state=RegisterEntry.State.REVOKED, reason=reason
        )
    log.warning("report_revoked_without_customer", report=str(record.report), sha256=record.sha256)
    return entry


def _checked(reason: str, tenant: Tenant | None = None) -> str:
    """Return the reason with single spaces. Raises InvalidInput if it is empty, too long, or names the customer."""
    reason = " ".join(reason.split())
    if is_blank(reason) or len(reason) > MAX_REASON:
        raise invalid("reason", f"Enter a reason of 1 to {MAX_REASON} characters.")
    if tenant is not None and _names(reason, tenant):
        raise invalid(
            "reason",
            "Do not name the customer: everybody who verifies the file without an account can read the reason.",
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
                "Do not rely on this report any more, and inform everybody who has a copy.",
            ),
            path=path,
            data={"report": number, "sha256": sha256},
        ),
        subscribers=people_with_role(tenant, _READERS),
        by=by,
    )
    return entry
