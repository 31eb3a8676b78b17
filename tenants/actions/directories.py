"""Adding the Entra directories of a tenant."""

from collections.abc import Mapping

from django.db import transaction

from tenants import clouds, journal
from tenants.actions._inputs import once, validate_fields, validate_name
from tenants.actors import Actor
from tenants.errors import invalid
from tenants.ids import parse_uuid
from tenants.models import Directory, Tenant


def guid(field: str, value: str) -> str:
    """A GUID in lower case with hyphens. InvalidInput about `field` for anything else."""
    parsed = parse_uuid(value.strip())
    if parsed is None or len(value.strip()) != 36:
        raise invalid(field, "Give a GUID such as 72f988bf-86f1-41af-91ab-2d7cd011db47.", code="guid_invalid")
    return str(parsed)


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
    """Add a directory by its GUID (Entra's tenant id). A custom cloud gives its endpoints; see `clouds`."""
    chosen = clouds.cloud_from(cloud, cloud_settings)
    directory = Directory(
        tenant=tenant,
        directory_id=guid("directory_id", directory_id),
        name=validate_name(name),
        cloud_name=chosen.name,
        cloud_settings=clouds.settings_of(chosen),
    )
    validate_fields(directory)
    with once("tenants_directory_once", "directory_id", "This tenant already has that directory."):
        directory.save(force_insert=True)
    journal.record(
        tenant=tenant,
        actor=by,
        action="directory.added",
        target=directory,
        details={"directory_id": directory.directory_id, "cloud": chosen.name, "arm": chosen.arm},
    )
    return directory
