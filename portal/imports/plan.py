"""Plan what importing a line would do: compare the values of the line with the registered customers.

The key of a customer is the ID of its directory, so importing a file twice creates no customer twice. If no customer
has the directory yet, a line finds its customer only by the short name, because names are not unique.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower

from assessments.actions.schedules import wanted_of
from assessments.models import Schedule
from assessments.timing.schedules import DEFAULT
from portal.imports.lines import DEFAULT_CLOUD, LineError, Values
from portal.imports.models import CustomerImportLine
from tenants.azure import host_identities
from tenants.azure.host_identities import HostIdentity
from tenants.errors import SuretyError
from tenants.models import Directory, Organization, ServicePrincipal, Tenant

State = CustomerImportLine.State


@dataclass(frozen=True, slots=True)
class Step:
    """The change to make for a line. `tenant` and `directory` are None if the import creates them.

    `changes` are arguments of `change_tenant`. `schedule` is empty if the schedule does not change. `message` says what
    the import would do, `done` says what it has done.
    """

    state: CustomerImportLine.State
    message: str
    done: str
    values: Values
    tenant: Tenant | None = None
    directory: Directory | None = None
    changes: dict[str, object] = field(default_factory=dict)
    schedule: str = ""
    adds_principal: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """The registered customers that lines may be about, loaded with a fixed number of queries."""

    by_slug: dict[str, Tenant]
    by_name: dict[str, Tenant]
    directories: dict[str, list[Directory]]
    principals: dict[tuple[UUID, str], ServicePrincipal]
    schedules: dict[UUID, str]
    organization: Organization

    @classmethod
    def load(cls, organization: Organization, values: Sequence[Values]) -> Registered:
        """Load the registered customers for these lines. Call this in the open scope of the organization."""
        directories: dict[str, list[Directory]] = {}
        rows = Directory.objects.filter(
            tenant__organization=organization, directory_id__in={one.directory_id for one in values}
        )
        for row in rows.select_related("tenant"):
            directories.setdefault(row.directory_id, []).append(row)
        ids = {row.tenant_id for found in directories.values() for row in found}
        tenants = list(
            Tenant.objects.filter(organization=organization)
            .alias(lower_name=Lower("name"))
            .filter(
                Q(pk__in=ids)
                | Q(slug__in={one.short_name for one in values})
                | Q(lower_name__in={one.name.lower() for one in values})
            )
        )
        principals = ServicePrincipal.objects.filter(
            directory__directory_id__in=directories, tenant__in=ids
        ).defer("credential")
        schedules = Schedule.objects.filter(tenant__in=[tenant.pk for tenant in tenants])
        return cls(
            by_slug={tenant.slug: tenant for tenant in tenants},
            by_name={tenant.name.casefold(): tenant for tenant in tenants},
            directories=directories,
            principals={(row.directory_id, row.client_id): row for row in principals},
            schedules={row.tenant_id: wanted_of(row) for row in schedules},
            organization=organization,
        )


def plan(values: Values, registered: Registered, *, has_secret: bool) -> Step:
    """Return what importing a line would do. Raise LineError if the line contradicts the registered customers."""
    tenant, directory = _found(values, registered)
    principal = registered.principals.get((directory.pk, values.client_id)) if directory else None
    adds_principal = bool(values.client_id) and principal is None
    if adds_principal and not (has_secret or values.host_identity):
        raise LineError(
            "“client_id” needs “client_secret” or “host_identity”. Fill in one of the two, or leave all three cells"
            " empty."
        )
    if directory is not None and values.cloud and directory.cloud_name != values.cloud:
        raise LineError(
            f"The directory is registered in the cloud {directory.cloud_name}. Correct the cell “cloud”."
        )
    if tenant is not None and tenant.is_archived and adds_principal:
        raise LineError(
            f"{tenant.name} is archived, so it can get no service principal. Restore the customer under Settings ›"
            " Leaving, or leave “client_id” and “client_secret” empty."
        )
    if adds_principal and values.host_identity:
        host_identity(values, directory or new_directory(values, registered.organization))
    keyless = f", which signs in with {values.host_identity}" if values.host_identity else ""
    added = [f"service principal {values.client_id}{keyless}"] if adds_principal else []
    if tenant is None:
        parts = [*added, *([f"schedule {values.schedule}"] if values.schedule else [])]
        text, done = (f"{verb} the customer{_with(parts)}." for verb in ("Registers", "Registered"))
        return Step(State.NEW, text, done, values, schedule=values.schedule, adds_principal=adds_principal)
    changes, texts = _changes(values, tenant)
    added = [*([f"directory {values.directory_id}"] if directory is None else []), *added]
    present = registered.schedules.get(tenant.pk, DEFAULT)
    schedule = values.schedule if values.schedule not in ("", present) else ""
    if schedule:
        texts.append(f"schedule: {present} → {schedule}")
    note = (
        " An import does not replace the secret of a registered service principal. Replace the secret under Settings."
        if has_secret and not adds_principal
        else ""
    )
    if not texts and not added:
        text, done = (f"Nothing {verb}.{note}" for verb in ("to change", "was changed"))
        return Step(State.SAME, text, done, values, tenant, directory)
    text, done = (
        "; ".join([*texts, *(f"{verb} the {part}" for part in added)]) for verb in ("adds", "added")
    )
    return Step(
        State.CHANGE,
        f"{text[:1].upper()}{text[1:]}.{note}",
        f"{done[:1].upper()}{done[1:]}.{note}",
        values,
        tenant,
        directory,
        changes,
        schedule,
        adds_principal,
    )


def new_directory(values: Values, organization: Organization) -> Directory:
    """Return the directory that importing a line would register, as an unsaved object, so that its credential can be
    tested by signing in.
    """
    return Directory(
        tenant=Tenant(organization=organization, name=values.name),
        directory_id=values.directory_id,
        name=values.directory_name or values.name,
        cloud_name=values.cloud or DEFAULT_CLOUD,
    )


def host_identity(values: Values, directory: Directory) -> HostIdentity:
    """Return the host identity that a line names as its credential. Raise LineError if the operator does not
    allow it.
    """
    try:
        allowed = host_identities.allowed(directory)
    except SuretyError as error:
        raise LineError(error.message) from None
    for identity in allowed:
        if (identity.name, identity.client_id) == (values.host_identity, values.client_id):
            return identity
    raise LineError(
        f"The operator of this installation does not allow the host identity “{values.host_identity[:60]}” for this"
        " directory and this “client_id”. Ask the operator to allow it, or fill in “client_secret”."
    )


def _found(values: Values, registered: Registered) -> tuple[Tenant | None, Directory | None]:
    directories = registered.directories.get(values.directory_id, [])
    named = registered.by_slug.get(values.short_name) if values.short_name else None
    if len(directories) > 1:
        directories = [row for row in directories if named is not None and row.tenant_id == named.pk]
        if not directories:
            raise LineError(
                "Several customers have this directory. Fill in “short_name” with the short name of one of them."
            )
    if directories:
        (directory,) = directories
        if values.short_name and directory.tenant.slug != values.short_name:
            raise LineError(
                f"This directory belongs to the customer {directory.tenant.name} ({directory.tenant.slug}), not to"
                f" “{values.short_name}”. Correct “short_name” or “directory_id”."
            )
        return directory.tenant, directory
    if named is None:
        same = registered.by_name.get(values.name.casefold())
        if same is not None and not values.short_name:
            raise LineError(
                "A customer with this name already exists, but without this directory. To add the directory to this"
                f" customer, fill in “short_name” with {same.slug}. To register another customer, change the"
                " name."
            )
    return named, None


def _changes(values: Values, tenant: Tenant) -> tuple[dict[str, object], list[str]]:
    changes: dict[str, object] = {}
    texts = []
    if values.name != tenant.name:
        changes["name"] = values.name
        texts.append(f"name: {tenant.name} → {values.name}")
    if values.time_zone and values.time_zone != tenant.timezone:
        changes["timezone"] = values.time_zone
        texts.append(f"time zone: {tenant.timezone} → {values.time_zone}")
    if values.labels is not None and list(values.labels) != tenant.labels:
        changes["labels"] = list(values.labels)
        texts.append(f"labels: {', '.join(tenant.labels) or 'none'} → {', '.join(values.labels)}")
    return changes, texts


def _with(parts: list[str]) -> str:
    return f", with {' and '.join(parts)}" if parts else ""
