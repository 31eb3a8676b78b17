"""Add Entra directories to a tenant."""

from collections.abc import Mapping

from django.db import transaction

from tenants import clouds, journal
from tenants.actions._inputs import validate_fields, validate_name
from tenants.actors import Actor
from tenants.errors import invalid
from tenants.ids import canonical_guid
from tenants.models import Directory, Tenant
from tenants.values.unique_names import unique_or_conflict


def guid(field: str, value: str) -> str:
    """Return the GUID in lower case with hyphens. Raise InvalidInput for `field` if the value is not a GUID."""
    found = canonical_guid(value)
    if found is None:
        raise invalid(
            field, "Enter a GUID, such as 72f988bf-86f1-41af-91ab-2d7cd011db47.", code="guid_invalid"
        )
    return found


@transaction.atomic
def add_directory(
    *,
    by: Actor,
    tenant: Tenant,
    directory_id: str,
    name: str,
    cloud: str = "AzureCloud",
    cloud_settings: Mapping[str, str] | None = None,
) -> Directory:
    """Add a directory by its GUID, which Entra calls the tenant ID.

    `cloud_settings` holds the endpoints of a custom cloud: see `tenants.clouds`.
    """
    chosen = clouds.cloud_from(cloud, cloud_settings)
    directory = Directory(
        tenant=tenant,
        directory_id=guid("directory_id", directory_id),
        name=validate_name(name),
        cloud_name=chosen.name,
        cloud_settings=clouds.settings_of(chosen),
    )
    validate_fields(directory)
    with unique_or_conflict(
        "tenants_directory_once", "directory_id", "This customer already has this directory."
    ):
        directory.save(force_insert=True)
    journal.record(
        tenant=tenant,
        actor=by,
        action="directory.added",
        target=directory,
        details={"directory_id": directory.directory_id, "cloud": chosen.name, "arm": chosen.arm},
    )
    return directory
