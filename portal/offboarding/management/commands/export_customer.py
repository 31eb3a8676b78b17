"""Export everything of a customer on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.management.lookup import add_tenant_argument, find_tenant
from portal.offboarding.exports.actions import record_command_export
from portal.offboarding.exports.archive import Archive
from tenants.actors import operator


class Command(BaseCommand):
    help = "Write everything that Surety stores about a customer, except credentials, to a ZIP archive."

    def add_arguments(self, parser: CommandParser) -> None:
        add_tenant_argument(parser)
        parser.add_argument(
            "file", type=Path, help="the archive to write; an existing file is not overwritten"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        tenant = find_tenant(options["tenant"])
        archive = Archive(tenant.pk, lambda step, done, rows: None)
        try:
            path.touch(mode=0o600, exist_ok=False)
            path.unlink()
            archive.write(path)
            path.chmod(0o600)
        except OSError as error:
            raise CommandError(
                f"{path} could not be written: {error.strerror}. Choose another file."
            ) from None
        sha256 = record_command_export(tenant_id=tenant.pk, by=operator(), path=path, rows=archive.rows)
        self.stdout.write(f"{path}: {archive.rows} rows, SHA-256 {sha256}")
        for problem in archive.problems:
            self.stderr.write(problem)
