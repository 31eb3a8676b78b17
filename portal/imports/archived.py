"""Delete the secrets of archived customers from uploaded files that were not imported completely."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.imports import columns as c
from portal.imports.models import CustomerImport, CustomerImportLine
from portal.imports.task_names import DELETE_PREVIEWS
from tenants.dispatch import enqueue
from tenants.ids import parse_uuid
from tenants.models import Directory, Tenant
from tenants.scope import organization_scope

State = CustomerImport.State
LineState = CustomerImportLine.State
MESSAGE: Final = (
    "The customer is archived, so Surety deleted the secret that the file contained. Restore the customer, then"
    " import the file again."
)


def enqueue_wiping(tenant: Tenant) -> None:
    """Let a worker delete the secrets of archived customers from import files. These files belong to the organization,
    and the person who archives a customer may lack the right to change them.
    """
    enqueue(DELETE_PREVIEWS, tenant.organization_id)


def wipe_secrets_of_archived(*, organization_id: UUID) -> int:
    """Delete the secrets of archived customers from files that are not imported yet or are being imported. Return the
    number of lines whose secret was deleted.

    A line belongs to an archived customer if it names the customer's directory or short name.
    """
    with organization_scope(organization_id):
        archived = Tenant.objects.filter(organization=organization_id, archived_at__isnull=False)
        slugs = set(archived.values_list("slug", flat=True))
        if not slugs:
            return 0
        # Leave out a directory if a customer that is not archived has the same directory.
        of_others = Directory.objects.filter(
            tenant__organization=organization_id, tenant__archived_at__isnull=True
        )
        directories = set(
            Directory.objects.filter(tenant__in=archived)
            .exclude(directory_id__in=of_others.values("directory_id"))
            .values_list("directory_id", flat=True)
        )
        imports = CustomerImport.objects.filter(
            organization=organization_id, state__in=(State.PREVIEW, State.RUNNING)
        )
        wiped = 0
        # The lock waits until a worker that is importing a line of the file has finished this line.
        for row in imports.select_for_update(of=("self",)).order_by("pk"):
            lines = [
                line for line in row.lines.filter(secret__isnull=False) if _is_of(line, slugs, directories)
            ]
            is_running = row.state == State.RUNNING
            row.lines.filter(pk__in=[line.pk for line in lines]).update(
                secret=None,
                state=LineState.FAILED if is_running else LineState.ERROR,
                message=MESSAGE,
                done_at=timezone.now() if is_running else None,
            )
            wiped += len(lines)
        return wiped


def _is_of(line: CustomerImportLine, slugs: AbstractSet[str], directories: AbstractSet[str]) -> bool:
    """Return whether a line belongs to one of these customers. The line's values are unparsed texts."""
    directory = parse_uuid(line.values.get(c.DIRECTORY_ID, ""))
    return (
        str(directory) in directories
        or line.values.get(c.SHORT_NAME, "").strip().casefold() in slugs
        or line.customer_slug in slugs
    )
