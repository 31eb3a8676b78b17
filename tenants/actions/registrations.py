"""Define the steps of registering a customer. Each step is stored, so that another person can continue the registration
later.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone as clock

from tenants.actions.directories import add_directory, guid
from tenants.actions.organizations import register_tenant
from tenants.errors import Conflict
from tenants.locks import Lock, lock
from tenants.models import Directory, Organization, Person, Registration, Tenant
from tenants.scope import include_new_tenants


@transaction.atomic
def start_registration(
    *,
    by: Person,
    organization: Organization,
    name: str,
    directory_id: str,
    cloud: str = "AzureCloud",
    cloud_settings: Mapping[str, str] | None = None,
    timezone: str | None = None,
) -> Registration:
    """Register the customer and its directory. Nothing is stored if a value is invalid.

    Raise Conflict if a customer of the organization already has the directory, for example from a form that was sent
    twice.
    """
    identifier = guid("directory_id", directory_id)
    lock_registrations(organization.pk)
    known = Directory.objects.filter(tenant__organization=organization, directory_id=identifier)
    if (other := known.select_related("tenant").first()) is not None:
        message = (
            f"{other.tenant.name} already has this directory. Continue with that customer, or add another service"
            " principal in the settings of that customer."
        )
        raise Conflict(message, code="directory_registered", fields={"directory_id": [message]})
    tenant = register_tenant(by=by, organization=organization, name=name, timezone=timezone)
    add_directory(
        by=by,
        tenant=tenant,
        directory_id=identifier,
        name=tenant.name,
        cloud=cloud,
        cloud_settings=cloud_settings,
    )
    return Registration.objects.create(tenant=tenant, started_by=by)


def lock_registrations(organization_id: UUID) -> None:
    """Wait until no other transaction registers customers of the organization. Then add to the open scope the customers
    that were registered after the scope was opened.

    Without the lock, two people who register one directory at the same moment would create two customers.
    """
    lock(Lock.REGISTRATIONS, organization_id)
    include_new_tenants(organization_id)


def choose_commands(
    *,
    registration: Registration,
    reach: Registration.Reach,
    kind: Registration.Kind,
    host_identity: str = "",
) -> Registration:
    """Store the choices that determine the commands on the registration's page.

    The choices are what the service principal will read (`reach`) and how it will sign in (`kind`). `host_identity` is
    the name of a host identity, or empty. The choices grant nothing, so the journal does not record them.
    """
    registration.reach, registration.kind, registration.host_identity = reach, kind, host_identity
    registration.save(update_fields=["reach", "kind", "host_identity"])
    return registration


def advance(*, registration: Registration, step: Registration.Step) -> Registration:
    """Make `step` the next step. Do nothing if the registration is already past this step."""
    steps = Registration.Step.values
    if steps.index(step) > steps.index(registration.step):
        registration.step = step
        registration.save(update_fields=["step"])
    return registration


@transaction.atomic
def finish_registration(*, tenant: Tenant) -> None:
    """End the registration of a customer, if it has not ended yet."""
    Registration.objects.filter(tenant=tenant, finished_at=None).update(finished_at=clock.now())
