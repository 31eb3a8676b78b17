"""Check the permissions of imported service principals, and describe the result in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from assessments.actions.credentials.preflight import Requested, latest_preflight, request_preflight
from assessments.permissions.readiness import describe_right
from portal.imports import columns as c
from portal.imports.models import CustomerImportLine
from tenants.models import Organization, Person, ServicePrincipal, Subscription

if TYPE_CHECKING:
    from assessments.permissions.readiness import PreflightReport

# The maximum number of subscriptions that a check covers. Each subscription takes about forty requests, so a check of
# more subscriptions would exceed the time limit of a pre-flight.
MAX_SUBSCRIPTIONS: Final = 100
_IMPORTED: Final = (CustomerImportLine.State.CREATED, CustomerImportLine.State.CHANGED)
_LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class Permissions:
    """The check of a line's service principal. `text` is the result in words, `role` the CSS class that colours it."""

    principal: ServicePrincipal
    text: str
    role: str
    is_waiting: bool = False


def request_check(principal: ServicePrincipal, by: Person) -> None:
    """Request a pre-flight of a new service principal, in the subscriptions that it can read."""
    rows = Subscription.objects.filter(~Subscription.excluded(), service_principal=principal).order_by("pk")
    guids = rows.values_list("subscription_id", flat=True)[:MAX_SUBSCRIPTIONS]
    request_preflight(by=by, service_principal=principal, subscriptions=list(guids))


def principals_of(
    organization: Organization, lines: Iterable[CustomerImportLine]
) -> dict[CustomerImportLine, ServicePrincipal]:
    """Return the service principals of imported lines, with one query."""
    wanted = {line: _key(line) for line in lines if line.state in _IMPORTED and line.values.get(c.CLIENT_ID)}
    rows = ServicePrincipal.objects.filter(
        directory__tenant__organization=organization,
        client_id__in={client for _, client in wanted.values()},
        directory__directory_id__in={directory for directory, _ in wanted.values()},
    )
    found = {
        (row.directory.directory_id.lower(), row.client_id.lower()): row
        for row in rows.select_related("directory__tenant").defer("credential")
    }
    return {line: found[key] for line, key in wanted.items() if key in found}


def checks(
    organization: Organization, lines: Iterable[CustomerImportLine]
) -> dict[CustomerImportLine, Permissions]:
    """Return the newest checks of imported lines. Checks are kept for a day."""
    found = {}
    for line, principal in principals_of(organization, lines).items():
        newest = latest_preflight(principal)
        if newest is not None:
            found[line] = _permissions(principal, newest)
    return found


def _permissions(principal: ServicePrincipal, newest: Requested) -> Permissions:
    if newest.report is not None:
        text, role = in_words(newest.report)
        return Permissions(principal, text, role)
    if newest.is_lost:
        return Permissions(
            principal,
            "The check of the permissions did not finish. Open the page Permissions, and check the permissions"
            " again.",
            "role-warn",
        )
    return Permissions(principal, "The permissions are being checked.", "", is_waiting=True)


def in_words(report: PreflightReport) -> tuple[str, str]:
    """Return the result of a pre-flight in a few sentences, and the CSS class that colours them."""
    if report.error:
        return f"The sign-in was refused: {report.error}", "role-fail"
    parts = [f"{len(report.judged)} of {len(report.controls)} controls can be assessed."]
    missing = sorted(
        {one.permission.replace("|", " or ") for row in report.not_judged for one in row.missing}
    )
    if missing:
        more = f" and {len(missing) - _LISTED} more" if len(missing) > _LISTED else ""
        parts.append(f"Missing: {', '.join(missing[:_LISTED])}{more}.")
    if report.excessive:
        rights = sorted({describe_right(place, right) for place, right in report.excessive})
        parts.append(
            f"The service principal has excessive permissions: {', '.join(rights[:_LISTED])}. Remove these"
            " permissions, because Surety needs only the role Reader and application permissions for reading."
        )
    return " ".join(parts), "role-warn" if missing or report.excessive else "role-pass"


def _key(line: CustomerImportLine) -> tuple[str, str]:
    return line.values.get(c.DIRECTORY_ID, "").lower(), line.values.get(c.CLIENT_ID, "").lower()
