"""Export, plan and apply the configuration of an organization on the command line."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.pipeline_commands import Notation, break_commands
from portal.configuration.actions import apply, export
from portal.configuration.plan import plan
from portal.configuration.problems import UnusableFile
from portal.configuration.schema import nearest
from portal.configuration.steps import Kind, Plan
from tenants import selectors
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope

_MARKS = {Kind.ADD: "+", Kind.CHANGE: "~", Kind.REMOVE: "-", Kind.TODO: "!"}


class Command(BaseCommand):
    help = (
        "Export the settings of an organization to a YAML file, or change the settings with such a file. “export”"
        " writes the file. “plan” shows what a file would change. “apply” makes these changes, either all of them or"
        " none. The file never contains secrets. If a file makes a person an approver, a second administrator must"
        " confirm the role."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--organization",
            default="",
            help="short name of the organization, required if there are several organizations",
        )
        actions = parser.add_subparsers(dest="action", required=True)
        exported = actions.add_parser("export", help="write the present settings")
        exported.add_argument(
            "customers",
            nargs="*",
            help="short names of customers; without one, the organization and all customers",
        )
        exported.add_argument("--output", type=Path, help="the file to write; without it, standard output")
        for name, text in (
            ("plan", "show what a file would change, and change nothing"),
            ("apply", "apply a file"),
        ):
            action = actions.add_parser(name, help=text)
            action.add_argument("file", type=Path, help="the YAML file")
            if name == "apply":
                action.add_argument(
                    "--state",
                    default="",
                    help="state that “plan” printed; the file is refused if the settings have changed since",
                )

    def handle(self, *args: Any, **options: Any) -> None:
        organization_id = self._organization(options["organization"])
        try:
            if options["action"] == "export":
                self._export(organization_id, options["customers"], options["output"])
            else:
                self._plan_or_apply(organization_id, options)
        except UnusableFile as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise CommandError("Nothing was changed. Correct the file, then try again.") from None
        except SuretyError as error:
            raise CommandError(error.message) from None

    def _export(self, organization_id: UUID, slugs: list[str], output: Path | None) -> None:
        with organization_scope(organization_id):
            organization = Organization.objects.get(pk=organization_id)
            tenants = list(Tenant.objects.filter(organization=organization).order_by("name", "pk"))
            known = [tenant.slug for tenant in tenants]
            for slug in slugs:
                if slug not in known:
                    raise CommandError(f"There is no customer “{slug}”.{nearest(slug, known)}")
            if slugs:
                tenants = [tenant for tenant in tenants if tenant.slug in slugs]
            text = export(organization=organization, tenants=tenants, whole=not slugs)
            if output is None:
                self.stdout.write(break_commands(text, Notation.JSON), ending="")
                return
            try:
                output.write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(
                    f"{output} cannot be written: {error.strerror}. Choose another file."
                ) from None
        self.stdout.write(f"Wrote {output}.")

    def _plan_or_apply(self, organization_id: UUID, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}. Check the path.") from None
        by = operator()
        with organization_scope(organization_id):
            organization = Organization.objects.get(pk=organization_id)
            if options["action"] == "plan":
                found = plan(content, organization=organization, by=by)
            else:
                found = apply(
                    content,
                    organization=organization,
                    by=by,
                    expected=options["state"],
                    file_name=path.name,
                )
        self._show(found)
        digest = hashlib.sha256(content).hexdigest()
        if options["action"] == "apply":
            self.stdout.write(f"Applied {path.name} (SHA-256 {digest}): {found.summary}.")
        else:
            self.stdout.write(
                f"Plan of {path.name} (SHA-256 {digest}): {found.summary}. Nothing was changed."
            )
            command = (
                f"manage.py configuration --organization {organization.slug} apply {shlex.quote(str(path))}"
            )
            self.stdout.write(f"To apply exactly this plan: {command} --state {found.digest}")

    def _show(self, found: Plan) -> None:
        place = ""
        for step in found.in_file_order:
            if step.place != place:
                place = step.place
                self.stdout.write(place)
            self.stdout.write(f"  {_MARKS[step.kind]} {step.text}")

    def _organization(self, slug: str) -> UUID:
        found: dict[str, UUID] = {}
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                found[Organization.objects.get(pk=organization_id).slug] = organization_id
        if not found:
            raise CommandError("No organization is registered yet.")
        if slug and slug not in found:
            raise CommandError(f"There is no organization “{slug}”.{nearest(slug, found)}")
        if not slug and len(found) > 1:
            raise CommandError(f"Choose an organization with --organization: {', '.join(sorted(found))}.")
        return found[slug] if slug else next(iter(found.values()))
