"""Renew archive time stamps of stored reports if their certificates expire soon, or if their algorithm counts as weak.

    due_reports(tenant) -> [Report]
    renew(tenant_id=..., report_id=..., by=...) -> Report | None

For portfolio reports, `due` and `renew_file` do the same.

A renewal appends a time stamp to the file. The earlier hashes of the file stay recorded, so copies from before the
renewal remain valid.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from portal.reports.builds import CUSTOMER_BUILDS, Builds
from portal.reports.errors import CannotRenew, SigningUnavailable
from portal.reports.models import RenewedFile, Report
from portal.reports.records.installation_trust import installation_trust
from portal.reports.signatures.stamps import pinned_authorities_pem
from portal.reports.signed_build import SignedBuild
from portal.reports.signed_content import unchanged_file
from portal.reports.signing.archive import last_stamp, renewed
from portal.reports.verification.archive_check import ArchiveStamp
from portal.reports.verification.trust import no_record
from portal.reports.verification.verify import MAX_BYTES, verify_signature
from tenants.actors import Actor
from tenants.models import Tenant

RENEW: Final = "portal.reports.tasks.renew"
"""The name of the Celery task that renews the archive time stamp of a report."""


def due_reports(tenant: Tenant) -> Sequence[Report]:
    """Return a customer's reports whose last archive time stamp must be renewed. Call this in the customer's scope."""
    return due(CUSTOMER_BUILDS, tenant)


def renew(*, tenant_id: UUID | str, report_id: UUID | str, by: Actor) -> Report | None:
    """Append a new archive time stamp to the file of a customer's report, as `renew_file` describes."""
    report: Report | None = renew_file(CUSTOMER_BUILDS, tenant_id, report_id, by)
    return report


def due(builds: Builds, owner: Any) -> list[Any]:
    """Return the owner's reports whose last archive time stamp has to be renewed. Call this in the owner's scope.

    `owner` is a customer, or an organization if `builds` is about portfolio reports.
    """
    until = timezone.now() + timedelta(days=settings.SURETY_TIME_STAMP_RENEWAL_DAYS)
    wanted = Q(archive_until__lte=until) | Q(archive_algorithm__in=settings.SURETY_WEAK_TIME_STAMPS)
    rows = builds.rows().filter(
        wanted, state=SignedBuild.State.READY, archive_until__isnull=False, **{builds.owner: owner}
    )
    return list(rows.select_related(*builds.related).order_by("archive_until"))


def renew_file(builds: Builds, owner_id: UUID | str, report_id: UUID | str, by: Actor) -> Any:
    """Append a new archive time stamp to the report's file. Return the report, or None if the report does not exist any
    more.

    No transaction is open during requests to time-stamp authorities. Raises CannotRenew or SigningUnavailable.
    """
    with builds.open_scope(owner_id):
        rows = builds.rows().filter(pk=report_id, state=SignedBuild.State.READY)
        report = rows.select_related(*builds.related).first()
        if report is None:
            return None
        content = unchanged_file(report, lambda details: builds.record(report, by, "file_refused", details))
        trust = installation_trust()
    if content is None:
        raise CannotRenew(
            f"The file of report {report.number} is missing or was changed. Restore the file from a backup, then try"
            " again."
        )
    check = verify_signature(content, trust)
    if not check.valid:
        raise CannotRenew(f"Report {report.number} is not valid: {' '.join(check.problems)}")
    again = renewed(content)
    if len(again) > MAX_BYTES:
        raise CannotRenew(
            f"With another time stamp, report {report.number} would be too large for Surety to verify it. Build"
            " a new report instead."
        )
    # Verify without the records of signed files, because the new file has no record yet.
    check = verify_signature(again, replace(trust, by_file=no_record, by_report=no_record, has_records=False))
    stamp = last_stamp(again)
    if not check.valid or stamp is None or not again.startswith(content):
        raise SigningUnavailable(
            f"Surety renewed the report, but could not verify the renewed file: {' '.join(check.problems)} Check the "
            "time-stamp authority."
        )
    _refuse_no_gain(report, stamp)
    with builds.open_scope(owner_id):
        return _store(builds, report, again, stamp, by)


def _refuse_no_gain(report: SignedBuild, stamp: ArchiveStamp) -> None:
    """Raise CannotRenew unless the new time stamp is valid for longer than the last one, or replaces a weak algorithm.

    While the authority uses the same certificate, a new time stamp is not valid for longer. Without this check, such a
    useless time stamp would be added every night, and would make the file larger.
    """
    weak = settings.SURETY_WEAK_TIME_STAMPS
    if report.archive_until is None or stamp.valid_until > report.archive_until:
        return
    if report.archive_algorithm in weak and stamp.algorithm not in weak:
        return
    raise CannotRenew(
        f"A new time stamp of report {report.number} would be valid until {stamp.valid_until:%Y-%m-%d}, which is not"
        " later than the end of the present time stamp. Surety tries again every night. If the time-stamp"
        " authority does not replace its certificate in time, configure another authority."
    )


def _store(builds: Builds, report: SignedBuild, content: bytes, stamp: ArchiveStamp, by: Actor) -> Any:
    before, sha256 = report.sha256, hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        locked = builds.rows().select_for_update(of=("self",), no_key=True)
        row = locked.select_related(*builds.related).filter(pk=report.pk).first()
        if row is None:
            return None  # the report was deleted in the meantime
        if row.sha256 != before:
            raise CannotRenew(f"Another process renewed report {row.number} at the same time.")
        old, storage = str(row.file.name), row.file.storage
        row.file.save(row.file_name, ContentFile(content), save=False)
        try:
            row.sha256, row.size = sha256, len(content)
            row.archive_until, row.archive_algorithm = stamp.valid_until, stamp.algorithm
            row.renewal_failed_at, row.renewal_error = None, ""
            # Triggers require that this record is created before the report's row changes, in the same transaction.
            RenewedFile.objects.create(
                sha256=sha256,
                report=row.pk,
                previous_sha256=before,
                time_stamp_authorities=pinned_authorities_pem(),
            )
            row.save()
            _check_record()
            details = {
                "sha256": sha256,
                "previous_sha256": before,
                "authority": stamp.authority,
                "valid_until": stamp.valid_until.isoformat(),
            }
            builds.record(row, by, "time_stamp_renewed", details)
        except BaseException:
            # After the rollback, no row refers to the new file, so delete it.
            storage.delete(str(row.file.name))
            raise
        transaction.on_commit(lambda: storage.delete(old))
    return row


def _check_record() -> None:
    """Let the database check at once whether the new `RenewedFile` agrees with the report's row.

    Without this call, the trigger that makes this check would run at the commit. By then, the scope of the report's
    owner may be closed, so row-level security would hide the row from the trigger.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS reports_renewed_file_is_stored IMMEDIATE")
        cursor.execute("SET CONSTRAINTS reports_renewed_file_is_stored DEFERRED")
