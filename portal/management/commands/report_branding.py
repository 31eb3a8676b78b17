"""``manage.py report_branding``: show, change and preview how the reports of an organization's customers look."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.reports.branding.actions import Look, remove_branding, save_branding
from portal.reports.branding.logos import MAX_UPLOAD, read_logo
from portal.reports.branding.selectors import current, current_brandings, fact_of, logo_of
from portal.reports.cover_preview import cover_preview
from portal.reports.models import ReportBranding
from portal.reports.signatures.visible import visible
from tenants import selectors
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.models import Organization
from tenants.scope import organization_scope

_TEXTS = ("name", "contact", "cover_text", "accent")


class Command(BaseCommand):
    help = (
        "Show or change the logo, accent colour, name, contact and cover text of new reports. If you leave"
        " out an option, its value does not change. Existing reports do not change either."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", help="short name of an organization")
        parser.add_argument("--label", default="", help="only for customers with this label")
        parser.add_argument("--name", help="name on the cover")
        parser.add_argument("--contact", help="contact for questions about the report")
        parser.add_argument("--cover-text", help="a paragraph on the cover")
        parser.add_argument("--accent", help="accent colour, such as #3350c8")
        logo = parser.add_mutually_exclusive_group()
        logo.add_argument("--logo", type=Path, metavar="FILE", help="a PNG or SVG file")
        logo.add_argument("--no-logo", action="store_true", help="remove the logo")
        parser.add_argument("--remove", action="store_true", help="remove the branding")
        parser.add_argument(
            "--preview", type=Path, metavar="FILE", help="write the cover with this branding as PNG"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                organization = Organization.objects.get(pk=organization_id)
                if organization.slug != options["organization"]:
                    continue
                try:
                    self._change(organization, options)
                except SuretyError as error:
                    raise CommandError(visible(error.message)) from None
                return
        raise CommandError(
            f"There is no organization “{visible(options['organization'])}”. {selectors.organization_choices()}"
        )

    def _change(self, organization: Organization, options: dict[str, Any]) -> None:
        by, label = operator(), options["label"]
        look = cast("Look", {name: options[name] for name in _TEXTS if options[name] is not None})
        if options["logo"] is not None:
            look["logo"] = read_logo(_content(options["logo"]))
        elif options["no_logo"]:
            look["logo"] = None
        if options["remove"]:
            if look:
                raise CommandError("Pass either --remove or new values, not both.")
            remove_branding(organization=organization, by=by, label=label)
        elif look:
            save_branding(organization=organization, by=by, look=look, label=label)
        rows = current_brandings(organization)
        for row in rows:
            self.stdout.write(visible(_line(row)))
        if not rows:
            self.stdout.write("No branding is set, so reports name Surety and the organization.")
        if options["preview"] is not None:
            shown = current(organization, label)
            if shown is None:
                raise CommandError(
                    "There is no branding to preview. Pass an option with a value, such as --name."
                )
            _write(options["preview"], cover_preview(organization, fact_of(shown), logo_of(shown)))
            self.stdout.write(visible(f"Wrote {options['preview']}"))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(
            visible(f"{path} cannot be written: {error.strerror}. Choose another file. Nothing was changed.")
        ) from None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_UPLOAD + 1)
    except OSError as error:
        raise CommandError(visible(f"Cannot read {path}: {error.strerror}. Check the path.")) from None


def _line(row: ReportBranding) -> str:
    place = f"customers with label {row.label}" if row.label else "all other customers"
    logo = f"{row.get_logo_kind_display()} {row.logo_sha256[:12]}" if row.logo_kind else "none"
    return (
        f"{place}: version {row.version}; name: {row.name or 'none'}; accent {row.accent}; logo: {logo};"
        f" contact: {row.contact or 'none'}; cover text: {row.cover_text or 'none'}"
    )
