"""The register of reports: which signed reports were revoked or superseded. Entries do not change the signed files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from portal.reports.models import RegisterEntry, RenewedFile, Report, SignedReport
from portal.reports.records.signed_files import record_of
from portal.reports.signed_build import SignedBuild
from tenants import journal
from tenants.actors import Actor


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a report in the register. If the register has no entry about the report, `revoked_at` and
    `superseded_at` are None.

    `reason` says why the report was revoked. `number` is the number of the report that supersedes it, and
    `replacement_revoked_at` the time at which the superseding report was revoked.
    """

    revoked_at: datetime | None = None
    reason: str = ""
    superseded_at: datetime | None = None
    number: int | None = None
    replacement_revoked_at: datetime | None = None

    @property
    def entered(self) -> bool:
        """Whether the register has an entry about the report."""
        return self.revoked_at is not None or self.superseded_at is not None

    @property
    def sentences(self) -> list[str]:
        """The entries as sentences for people, the revocation first."""
        found = []
        if self.revoked_at is not None:
            found.append(f"Revoked on {_day(self.revoked_at)} because: {self.reason}")
        if self.superseded_at is not None:
            text = f"Superseded by report {self.number} of {_day(self.superseded_at)}"
            if self.replacement_revoked_at is not None:
                text += f", which was revoked on {_day(self.replacement_revoked_at)}"
            found.append(f"{text}.")
        return found

    @property
    def text(self) -> str:
        """The entries as the end of a sentence, such as “revoked on 2026-03-01 because: …”. The text is empty if there
        are no entries.
        """
        return " and ".join(f"{text[0].lower()}{text[1:].rstrip('.')}" for text in self.sentences)


@dataclass(frozen=True, slots=True)
class Registered:
    """A file that this installation signed: its record, and what the register says about it."""

    record: SignedReport
    standing: Standing
    renewals: Sequence[RenewedFile] = ()
    """The copies of the report that got a further archive time stamp, the oldest first."""


def find_by_hash(sha256: str) -> Registered | None:
    """Return the record of the file with this SHA-256 (lower-case hex), or None if this installation did not sign it.

    The record names no customer, so the caller needs no scope (`tenants.scope`).
    """
    record = record_of(sha256)
    if record is None:
        return None
    renewals = RenewedFile.objects.filter(report=record.report).order_by("renewed_at", "pk")
    return Registered(record, standing(record.report), list(renewals))


def standing(report: UUID) -> Standing:
    """Return what the register says about the report. The caller needs no scope (`tenants.scope`)."""
    return standings([report])[report]


def standings(reports: Iterable[UUID]) -> dict[UUID, Standing]:
    """Return {report: what the register says about it}, read with one query."""
    wanted = list(reports)
    entries: dict[UUID, dict[str, RegisterEntry]] = {pk: {} for pk in wanted}
    replacement_revoked: dict[UUID, datetime] = {}
    revoked = RegisterEntry.objects.filter(report=OuterRef("replacement"), state=RegisterEntry.State.REVOKED)
    rows = RegisterEntry.objects.filter(report__in=wanted)
    for entry in rows.annotate(replacement_revoked_at=Subquery(revoked.values("entered_at"))):
        entries[entry.report][entry.state] = entry
        if entry.replacement_revoked_at is not None:
            replacement_revoked[entry.report] = entry.replacement_revoked_at
    return {pk: _standing(found, replacement_revoked.get(pk)) for pk, found in entries.items()}


def _standing(entries: dict[str, RegisterEntry], replacement_revoked_at: datetime | None) -> Standing:
    revoked = entries.get(RegisterEntry.State.REVOKED)
    superseded = entries.get(RegisterEntry.State.SUPERSEDED)
    return Standing(
        revoked_at=revoked.entered_at if revoked else None,
        reason=revoked.reason if revoked else "",
        superseded_at=superseded.entered_at if superseded else None,
        number=superseded.number if superseded else None,
        replacement_revoked_at=replacement_revoked_at,
    )


def superseded_report(report: Report) -> Report | None:
    """Return the earlier report that this report supersedes. Return None if there is none, or if it was deleted."""
    if report.supersedes_number is None:
        return None
    return Report.objects.filter(tenant=report.tenant, number=report.supersedes_number).first()


def supersede(report: Report, by: Actor) -> None:
    """Record that a finished report supersedes the earlier report with the number `supersedes_number`.

    Do nothing if the earlier report was deleted, or if another report already supersedes it.
    """
    old = superseded_report(report)
    if old is not None and enter_supersession(old, report):
        journal.record(
            tenant=report.tenant,
            actor=by,
            action="report.superseded",
            target=f"report:{old.number}",
            details={"report": old.pk, "sha256": old.sha256, "superseded_by": report.number},
        )


def enter_supersession(old: SignedBuild, new: SignedBuild) -> bool:
    """Enter in the register that `new` supersedes `old`. Return False if another report already supersedes `old`."""
    if standing(old.pk).superseded_at is not None:
        return False
    RegisterEntry.objects.create(
        report=old.pk,
        state=RegisterEntry.State.SUPERSEDED,
        replacement=new.pk,
        number=new.number,
    )
    return True


def can_be_superseded[T: SignedBuild](reports: QuerySet[T]) -> QuerySet[T]:
    """Return the reports that are ready, and neither revoked nor superseded, the newest first."""
    entries = RegisterEntry.objects.filter(report=OuterRef("pk"))
    return reports.filter(~Exists(entries), state=SignedBuild.State.READY).order_by("-number")


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}"
