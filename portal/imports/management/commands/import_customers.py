"""Register and change customers from a CSV file on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from assessments.actions.credentials.preflight import run_preflight
from portal.imports.actions import OPERATOR, begin, cancel_import, counts, summary, upload
from portal.imports.columns import COLUMNS
from portal.imports.models import CustomerImport, CustomerImportLine
from portal.imports.permissions import in_words, principals_of
from portal.imports.run import run_import
from tenants import selectors
from tenants.errors import SuretyError
from tenants.models import Organization, ServicePrincipal
from tenants.scope import organization_scope

State = CustomerImportLine.State


class Command(BaseCommand):
    help = (
        "Register the customers of a CSV file, or change registered customers. A file can be imported again, because"
        " the ID of a directory identifies the customer. Columns: "
        + "; ".join(f"{column.name}: {column.help}" for column in COLUMNS)
        + ". If a line has an error, nothing is imported, unless --skip-errors is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument(
            "--organization",
            default="",
            help="short name of the organization, required if there are several organizations",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show what each line would do, and change nothing"
        )
        parser.add_argument(
            "--sign-in",
            action="store_true",
            help="sign in with each new credential first; a line whose credential is refused is not imported",
        )
        parser.add_argument(
            "--check-permissions",
            action="store_true",
            help="afterwards, check the permissions of each imported service principal, and print missing and"
            " excessive permissions",
        )
        parser.add_argument("--skip-errors", action="store_true", help="import the lines without errors")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}. Check the path.") from None
        organization_id = self._organization(options["organization"])
        try:
            with organization_scope(organization_id), transaction.atomic():
                organization = Organization.objects.get(pk=organization_id)
                row = upload(organization=organization, by=OPERATOR, file_name=path.name, content=content)
                errors = self._show_lines(row)
                self.stdout.write(f"{' '.join(row.notes)} {summary(counts(row))}.")
                if options["dry_run"] or (errors and not options["skip_errors"]):
                    cancel_import(customer_import=row, by=OPERATOR)
                    row.delete()
                else:
                    waiting = row.lines.filter(state__in=CustomerImportLine.WAITING).count()
                    begin(row, OPERATOR, signs_in=options["sign_in"])
        except SuretyError as error:
            raise CommandError(error.message) from None
        if errors and not options["skip_errors"]:
            raise CommandError(
                "Nothing was imported. Correct the lines with errors. To import only the other lines, use"
                " --skip-errors."
            )
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was changed.")
            return
        run_import(organization_id=organization_id, import_id=row.pk, on_line=self._progress(waiting))
        with organization_scope(organization_id):
            row = CustomerImport.objects.select_related("organization").get(pk=row.pk)
            failed = row.lines.filter(state=State.FAILED).exists()
            self.stdout.write(f"Import {row.get_state_display().lower()}: {summary(counts(row))}.")
            principals = principals_of(row.organization, row.lines.all())
        if options["check_permissions"]:
            self._check_permissions(principals)
        if failed:
            raise CommandError("Some lines failed (see above). Correct them, then import the file again.")

    def _progress(self, waiting: int) -> Callable[[CustomerImportLine], None]:
        """Return a function that prints the result of a waiting line as soon as the result is stored."""
        numbers = count(1)

        def show(line: CustomerImportLine) -> None:
            out = self.stderr if line.state == State.FAILED else self.stdout
            result = line.get_state_display().lower()
            if line.state == State.FAILED:
                result += f": {line.message}"
            name = line.values.get("name", "")
            out.write(f"{next(numbers)} of {waiting}: line {line.number}: {name}: {result}")
            out.flush()

        return show

    def _check_permissions(self, principals: Mapping[CustomerImportLine, ServicePrincipal]) -> None:
        """Check the service principals one after the other. Print the permissions that each of them lacks or
        should not have.
        """
        for line, principal in principals.items():
            report = run_preflight(
                by=OPERATOR, tenant_id=principal.tenant_id, service_principal_id=principal.pk
            )
            self.stdout.write(f"line {line.number}: {line.values.get('name', '')}: {in_words(report)[0]}")

    def _organization(self, slug: str) -> Any:
        found: dict[str, Any] = {}
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                found[Organization.objects.get(pk=organization_id).slug] = organization_id
        if not found:
            raise CommandError("No organization is registered yet.")
        if slug:
            if slug not in found:
                raise CommandError(
                    f"There is no organization “{slug}”. Choose one of: {', '.join(sorted(found))}."
                )
            return found[slug]
        if len(found) > 1:
            raise CommandError(f"Choose an organization with --organization: {', '.join(sorted(found))}.")
        return next(iter(found.values()))

    def _show_lines(self, row: CustomerImport) -> int:
        """Print what each line does. Return the number of lines with errors."""
        errors = 0
        for line in row.lines.all():
            name = line.values.get("name", "")
            if line.state == State.ERROR:
                errors += 1
                self.stderr.write(f"line {line.number}: {name}: {line.message}")
            else:
                self.stdout.write(f"line {line.number}: {name}: {line.message}")
        return errors
