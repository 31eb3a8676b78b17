"""Save and remove the branding of reports."""

from __future__ import annotations

from typing import Any, Final, TypedDict

from django.db import transaction

from portal.reports.branding.colours import DEFAULT_ACCENT, clean_accent
from portal.reports.branding.logos import Logo
from portal.reports.branding.retention import delete_old_versions
from portal.reports.branding.selectors import current, current_brandings, newest_version
from portal.reports.models import ReportBranding
from tenants import journal
from tenants.actions.organizations import clean_labels
from tenants.actors import Actor
from tenants.errors import Conflict, invalid
from tenants.models import Organization
from tenants.values.names import has_control_characters

MAX_NAME: Final = 80
MAX_CONTACT: Final = 200
MAX_COVER_TEXT: Final = 500
MAX_LABELS: Final = 50
TEXTS: Final = {"name": MAX_NAME, "contact": MAX_CONTACT, "cover_text": MAX_COVER_TEXT}
_NAMES: Final = {"name": "name", "contact": "contact", "cover_text": "cover text"}


class Look(TypedDict, total=False):
    """Values of a branding to save. If a value is missing, the stored value does not change. None as `logo` removes the
    logo.
    """

    name: str
    contact: str
    cover_text: str
    accent: str
    logo: Logo | None


@transaction.atomic
def save_branding(
    *, organization: Organization, by: Actor, look: Look, label: str = "", expected_version: int | None = None
) -> ReportBranding:
    """Save how new reports look. If `look` changes something, store and return a new version; otherwise, return the
    present version.

    If `label` is not empty, the branding is for the customers with this label. Otherwise, it is the default branding.
    `expected_version` is the version that the person saw, 0 if none. Raise InvalidInput for invalid values. Raise
    Conflict (changed_meanwhile) if the present version is another one.
    """
    label = clean_label(label)
    wanted = clean_look(look)
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    _refuse_changed(organization, label, expected_version)
    before = current(organization, label)
    if label and before is None and _number_of_labels(organization) >= MAX_LABELS:
        raise invalid(
            "label",
            f"{MAX_LABELS} labels already have a branding, which is the maximum. Remove a branding first.",
        )
    row = ReportBranding(
        organization=organization,
        label=label,
        version=newest_version(organization, label) + 1,
        accent=DEFAULT_ACCENT,
    )
    if before is not None:
        for name in (*TEXTS, "accent", "logo", "logo_kind", "logo_sha256", "logo_width", "logo_height"):
            setattr(row, name, getattr(before, name))
    for name in (*TEXTS, "accent"):
        if name in wanted:
            setattr(row, name, wanted[name])
    if "logo" in look:
        _set_logo(row, look["logo"])
    changes = _changes(before, row)
    if not changes and before is not None:
        return before
    row.save()
    delete_old_versions(organization, label)
    journal.record(
        organization=organization,
        actor=by,
        action="organization.report_branding_changed",
        target=organization,
        details={"label": label, "version": row.version, **changes},
    )
    return row


@transaction.atomic
def remove_branding(
    *, organization: Organization, by: Actor, label: str = "", expected_version: int | None = None
) -> None:
    """Remove the branding from new reports. Existing reports do not change."""
    label = clean_label(label)
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    _refuse_changed(organization, label, expected_version)
    if current(organization, label) is None:
        return
    row = ReportBranding.objects.create(
        organization=organization,
        label=label,
        version=newest_version(organization, label) + 1,
        removed=True,
        accent=DEFAULT_ACCENT,
    )
    delete_old_versions(organization, label)
    journal.record(
        organization=organization,
        actor=by,
        action="organization.report_branding_removed",
        target=organization,
        details={"label": label, "version": row.version},
    )


def clean_label(label: str) -> str:
    """Return a label in the form in which customers store it. Return an empty text if the label is blank."""
    return clean_labels([label])[0] if label.strip() else ""


def clean_look(look: Look) -> dict[str, str]:
    """Check and normalize the texts and the colour, and return them. Raise InvalidInput if a text or the colour is not
    allowed.
    """
    found = {}
    for name, maximum in TEXTS.items():
        if name not in look:
            continue
        text = " ".join(str(look[name]).split())  # type: ignore[literal-required]
        if has_control_characters(text):
            raise invalid(
                name,
                f"The {_NAMES[name]} contains an invisible control character. Type the {_NAMES[name]} again.",
            )
        if len(text) > maximum:
            raise invalid(name, f"The {_NAMES[name]} has {len(text)} characters. Use at most {maximum}.")
        found[name] = text
    if "accent" in look:
        found["accent"] = clean_accent(look["accent"])
    return found


def _refuse_changed(organization: Organization, label: str, expected: int | None) -> None:
    if expected is not None and newest_version(organization, label) != expected:
        raise Conflict(
            "Somebody else has changed this branding in the meantime. Reload the page and enter your changes again.",
            code="changed_meanwhile",
        )


def _number_of_labels(organization: Organization) -> int:
    return sum(1 for row in current_brandings(organization) if row.label)


def _set_logo(row: ReportBranding, logo: Logo | None) -> None:
    row.logo = logo.content if logo else None
    row.logo_kind = logo.kind if logo else ""
    row.logo_sha256 = logo.sha256 if logo else ""
    row.logo_width, row.logo_height = (logo.width, logo.height) if logo else (0, 0)


def _changes(before: ReportBranding | None, row: ReportBranding) -> dict[str, Any]:
    """Return the differences between two versions, as {field: {from, to}}. Logos are compared by their SHA-256."""
    empty = ReportBranding(accent=DEFAULT_ACCENT)
    return {
        name: {"from": getattr(before or empty, name), "to": getattr(row, name)}
        for name in (*TEXTS, "accent", "logo_sha256")
        if getattr(before or empty, name) != getattr(row, name)
    }
