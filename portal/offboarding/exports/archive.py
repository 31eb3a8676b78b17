"""Write the archive of an export. It contains tables as JSON Lines, the journal, files, and a manifest with all
hashes.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.files.storage import Storage
from django.db.models import Model
from django.utils import timezone

from assessments.models import ResourceVersion
from assessments.version import VERSION
from portal.offboarding.tables import (
    LEFT_OUT,
    columns,
    exported_models,
    people_columns,
    plain,
    with_configurations,
    without_other_recipients,
)
from portal.reports.models import Report
from portal.treatment.models import EvidenceFile
from tenants import journal
from tenants.models import JournalEntry, Person, Tenant
from tenants.scope import tenant_scope

PAGE: Final = 1000
_BLOCK: Final = 1024 * 1024
_README: Final = """This archive contains everything that Surety stored about the customer.

manifest.json   All other files with SHA-256, size and number of rows; what was left out, and why; errors of the export
tables/         One file per table, with one JSON object per line (JSON Lines, UTF-8), with the ids of Surety
journal.jsonl   The journal. The page /verify/ of Surety has a program that verifies this file and needs only Python
reports/        The signed reports as PDF
evidence-files/ Files that people attached to exceptions and attestations
people.jsonl    Names and addresses of the people whose ids the tables contain

Credentials, and secrets of links, channels and invitations, are never exported.
"""

# A function that is called with the progress: (step, number of finished steps, number of rows so far). It raises an
# error if the export was stopped.
type Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Archive:
    """An archive that is being written. `problems` are sentences about files that could not be included. `head` is the
    last journal entry in the archive. The journal can get later entries while the archive is written.
    """

    tenant_id: UUID
    progress: Progress
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    people: set[UUID] = field(default_factory=set)
    head: journal.Head = journal.START
    rows: int = 0
    steps: int = 0

    def write(self, path: Path) -> None:
        """Write the archive. Opens a scope for each page of rows, so that no transaction is open for long."""
        with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            self._add(archive, "README.txt", [_README.encode()])
            for model in exported_models():
                self._step(model._meta.label)
                self._add(archive, f"tables/{model._meta.label}.jsonl", self._table(model))
            self._step("people")
            self._add(archive, "people.jsonl", self._people())
            self._step("journal")
            self._add(archive, "journal.jsonl", self._journal())
            self._step("reports")
            self._reports(archive)
            self._step("evidence files")
            self._evidence(archive)
            archive.writestr("manifest.json", json.dumps(self._manifest(), indent=2, ensure_ascii=False))

    def _manifest(self) -> dict[str, Any]:
        with self._scope():
            tenant = Tenant.objects.get(pk=self.tenant_id)
        return {
            "format": "surety-customer-export-1",
            "customer": {"id": str(tenant.pk), "name": tenant.name, "slug": tenant.slug},
            "exported_at": timezone.now().isoformat(),
            "surety_version": VERSION,
            "journal_head": {"sequence": self.head.sequence, "hash": self.head.hash},
            "files": self.files,
            "left_out": dict(LEFT_OUT),
            "problems": self.problems,
        }

    def _step(self, name: str) -> None:
        self.progress(name, self.steps, self.rows)
        self.steps += 1

    def _scope(self) -> AbstractContextManager[object]:
        return tenant_scope(self.tenant_id)

    def _add(self, archive: zipfile.ZipFile, name: str, blocks: Iterable[bytes]) -> str:
        """Add a file, and return its SHA-256."""
        digest, size, before = hashlib.sha256(), 0, self.rows
        with archive.open(name, "w", force_zip64=True) as file:
            for block in blocks:
                file.write(block)
                digest.update(block)
                size += len(block)
        self.files[name] = {"sha256": digest.hexdigest(), "size": size}
        if name.endswith(".jsonl"):
            self.files[name]["rows"] = self.rows - before
        return digest.hexdigest()

    def _table(self, model: type[Model]) -> Iterator[bytes]:
        names, people, last = columns(model), list(people_columns(model)), None
        while True:
            with self._scope():
                manager: Any = model._default_manager
                rows = (
                    manager.filter(pk=self.tenant_id)
                    if model is Tenant
                    else manager.filter(tenant=self.tenant_id)
                )
                page = list(
                    (rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:PAGE].values(*names)
                )
                if model is ResourceVersion:
                    page, problems = with_configurations(self.tenant_id, page)
                    self.problems += problems
            if not page:
                return
            last = page[-1][model._meta.pk.attname]
            self.people |= {row[name] for row in page for name in people if row[name] is not None}
            self.rows += len(page)
            yield _lines(without_other_recipients(model, row) for row in page)
            self.progress(model._meta.label, self.steps, self.rows)

    def _people(self) -> Iterator[bytes]:
        found = Person.objects.filter(pk__in=self.people).order_by("pk").values("id", "name", "email")
        self.rows += len(found)
        yield _lines(dict(row) for row in found)

    def _journal(self) -> Iterator[bytes]:
        last = 0
        while True:
            with self._scope():
                tenant = Tenant.objects.get(pk=self.tenant_id)
                chain = journal.chain_of(tenant)
                page = list(
                    JournalEntry.objects.filter(tenant=tenant, sequence__gt=last).order_by("sequence")[:PAGE]
                )
            if not page:
                return
            last = page[-1].sequence
            self.head = journal.Head(last, page[-1].hash)
            self.rows += len(page)
            lines = [
                journal.canonical_json({**journal.hashed_content(chain, entry), "hash": entry.hash})
                for entry in page
            ]
            yield "".join(f"{line}\n" for line in lines).encode()
            self.progress("journal", self.steps, self.rows)

    def _reports(self, archive: zipfile.ZipFile) -> None:
        with self._scope():
            reports = list(
                Report.objects.filter(tenant=self.tenant_id, state=Report.State.READY).order_by("number")
            )
        for report in reports:
            self._file(
                archive, report.file.storage, report.file.name, f"reports/report-{report.number}.pdf", report
            )

    def _evidence(self, archive: zipfile.ZipFile) -> None:
        with self._scope():
            rows = list(EvidenceFile.objects.filter(tenant=self.tenant_id).order_by("pk"))
        for row in rows:
            name = f"evidence-files/{row.pk}-{_safe(row.name)}"
            self._file(archive, row.file.storage, row.file.name, name, row)

    def _file(
        self,
        archive: zipfile.ZipFile,
        storage: Storage,
        stored: str | None,
        name: str,
        row: Report | EvidenceFile,
    ) -> None:
        """Add a file of the state directory. If the file is missing or was changed, the manifest lists this
        as a problem.
        """
        self.progress(name, self.steps, self.rows)
        try:
            with storage.open(stored or "", "rb") as file:
                found = self._add(archive, name, iter(lambda: file.read(_BLOCK), b""))
        except FileNotFoundError:
            self.problems.append(
                f"{name} is missing in the state directory. According to the database, its SHA-256"
                f" is {row.sha256}."
            )
            return
        if found != row.sha256:
            self.problems.append(
                f"{name} was changed on the disk. According to the database, its SHA-256 is {row.sha256}."
            )


def planned_steps() -> int:
    """Return the number of steps in which an archive is written."""
    return len(exported_models()) + 4


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row, default=plain, ensure_ascii=False)}\n" for row in rows).encode(
        errors="surrogatepass"
    )


def _safe(name: str) -> str:
    """Return a name that is safe as a file's name on every system."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[-100:] or "file"
