"""Import the lines of a file of customers, one by one.

Each line is imported in its own transaction, and stays imported when the import is cancelled or a worker dies. An
import whose worker died can be continued (`start_import`). To import the rest after a cancelled import, import the file
again: directory IDs show which customers exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from assessments.actions.schedules import lock_schedules, set_schedule
from portal.files.csv_input import Line
from portal.imports import columns as c
from portal.imports.actions import OPERATOR, end_import, lock_import
from portal.imports.lines import DEFAULT_CLOUD, LineError, Values, check
from portal.imports.models import CustomerImport, CustomerImportLine
from portal.imports.permissions import request_check
from portal.imports.plan import Registered, Step, host_identity, new_directory, plan
from tenants import secrets
from tenants.actions.directories import add_directory
from tenants.actions.organizations import change_tenant, lock_settings, register_tenant
from tenants.actions.registrations import lock_registrations
from tenants.actions.service_principals import add_service_principal, record_credential_check
from tenants.actions.subscriptions import sync_subscriptions
from tenants.actors import Actor
from tenants.azure import credentials
from tenants.azure.credentials import CredentialResult
from tenants.errors import NotFound, PermissionDenied, SuretyError
from tenants.models import Directory, Organization, Person, ServicePrincipal
from tenants.roles import Capability
from tenants.scope import Scope, organization_scope, person_scope

State = CustomerImport.State
LineState = CustomerImportLine.State


def run_import(
    *, organization_id: UUID, import_id: UUID, on_line: Callable[[CustomerImportLine], None] | None = None
) -> None:
    """Import the waiting lines of a running import, one transaction per line. Call this function without an open scope.

    `on_line` is called with each line after its transaction, outside of any scope. Several workers can run the
    same import: each line is imported only once.
    """
    if connection.in_atomic_block:
        raise RuntimeError(
            "An import opens a scope and a transaction for each line, so it must start outside of any scope."
        )
    while _next_line(organization_id, import_id, on_line):
        pass


@dataclass(frozen=True, slots=True, repr=False)
class _NewCredential:
    """The new credential of a line. A worker tests it by signing in, outside of any transaction."""

    line_id: UUID
    directory: Directory
    client_id: str
    kind: str
    plain: str


def _next_line(
    organization_id: UUID, import_id: UUID, on_line: Callable[[CustomerImportLine], None] | None = None
) -> bool:
    """Import the next waiting line. Return False if the import is no longer running or no line is waiting."""
    with organization_scope(organization_id):
        row = CustomerImport.objects.filter(pk=import_id, state=State.RUNNING).first()
        if row is None:
            return False
        by = row.requested_by
    new: _NewCredential | None = None
    imported: CustomerImportLine | None = None
    with _scope(organization_id, by) as scope:
        with_right = _has_right(scope, organization_id, by)
        if with_right:
            row = _running(import_id)
            if row is None:
                return False
            line = row.lines.filter(state__in=CustomerImportLine.WAITING).order_by("number").first()
            if line is None:
                end_import(row, State.FINISHED, by or OPERATOR)
                return False
            new = _new_credential(row, line) if row.signs_in else None
            if new is None:
                _import_line(row, line, by or OPERATOR)
                imported = line
            else:
                row.worked_at = timezone.now()
                row.save(update_fields=["worked_at"])
    if new is not None:
        result = credentials.check_new(new.directory, client_id=new.client_id, kind=new.kind, plain=new.plain)
        with _scope(organization_id, by) as scope:
            row = _running(import_id)
            with_right = _has_right(scope, organization_id, by)
            if row is not None and with_right:
                # Another worker may have imported the line in the meantime.
                rows = row.lines.filter(pk=new.line_id, state__in=CustomerImportLine.WAITING)
                if (imported := rows.first()) is not None:
                    _import_line(row, imported, by or OPERATOR, result)
    if not with_right:
        with organization_scope(organization_id):
            row = lock_import(CustomerImport.objects.get(pk=import_id))
            if row.state == State.RUNNING:
                row.notes = [
                    *row.notes,
                    "The import was stopped, because the person who started it may no longer register customers.",
                ]
                row.save(update_fields=["notes"])
                end_import(row, State.CANCELLED, OPERATOR)
        return False
    if imported is not None and on_line is not None:
        on_line(imported)
    return True


def _has_right(scope: Scope, organization_id: UUID, by: Person | None) -> bool:
    return by is None or scope.may_in_organization(Capability.REGISTER, organization_id)


def _running(import_id: UUID) -> CustomerImport | None:
    """Lock and return the import, if it is still running."""
    rows = CustomerImport.objects.select_for_update(of=("self",)).select_related("organization")
    return rows.filter(pk=import_id, state=State.RUNNING).first()


def _new_credential(row: CustomerImport, line: CustomerImportLine) -> _NewCredential | None:
    """Return the line's new credential.

    Return None if the line has no new credential, or has an error. `_import_line` later reports the error.
    """
    try:
        values, secret = _read(line)
        step = plan(values, Registered.load(row.organization, [values]), has_secret=bool(secret))
        if not step.adds_principal:
            return None
        directory = step.directory or new_directory(values, row.organization)
        kind: str = ServicePrincipal.Kind.SECRET
        if not secret:
            kind = host_identity(values, directory).kind
    except (LineError, SuretyError):
        return None
    return _NewCredential(line.pk, directory, values.client_id, kind, secret or values.host_identity)


def _read(line: CustomerImportLine) -> tuple[Values, str]:
    """Return the values and the secret of a line. Raise LineError if a value is no longer valid."""
    secret = secrets.unseal(line, "secret").reveal() if line.secret is not None else ""
    return check(Line(line.number, {**line.values, **({c.CLIENT_SECRET: secret} if secret else {})})), secret


@contextmanager
def _scope(organization_id: UUID, by: Person | None) -> Iterator[Scope]:
    """Open the scope of the person who started the import, with the rights that the person has now. So an import cannot
    make changes that the person is no longer permitted to make.

    For an import that the operator started with a command (`by` is None), open the scope of the organization.
    """
    if by is None:
        with organization_scope(organization_id) as scope:
            yield scope
    else:
        with person_scope(by) as scope:
            yield scope


def _import_line(
    row: CustomerImport, line: CustomerImportLine, by: Actor, signed_in: CredentialResult | None = None
) -> None:
    """Import a line, or store why it failed. The line is compared with the customers as they are now, not as they were
    at the preview.

    `signed_in` is the result of a sign-in with the new credential. If Entra refused the credential, nothing of the line
    is imported.
    """
    try:
        with transaction.atomic():
            values, secret = _read(line)
            if signed_in is not None and signed_in.error_code:
                raise LineError(f"{signed_in.error} Nothing of this line was imported.")
            # Wait until nobody else is registering a customer, because that customer could have the same directory as
            # this line.
            lock_registrations(row.organization_id)
            step = plan(values, Registered.load(row.organization, [values]), has_secret=bool(secret))
            line.customer_slug = _apply(row.organization, step, secret, by, signed_in)
            line.message = step.done + _seen(signed_in)
            line.state = {LineState.NEW: LineState.CREATED, LineState.CHANGE: LineState.CHANGED}.get(
                step.state, LineState.SAME
            )
    except LineError as error:
        line.state, line.message = LineState.FAILED, str(error)
    except (NotFound, PermissionDenied):
        line.state = LineState.FAILED
        line.message = "You have no access to this customer. Ask an administrator of the organization."
    except SuretyError as error:
        line.state, line.message = LineState.FAILED, error.message
    line.secret, line.done_at = None, timezone.now()
    line.save()
    row.worked_at = line.done_at
    row.save(update_fields=["worked_at"])


def _seen(signed_in: CredentialResult | None) -> str:
    if signed_in is None:
        return ""
    if signed_in.subscriptions is None:
        return " The sign-in succeeded."
    number = len(signed_in.subscriptions)
    return f" The sign-in succeeded; the service principal sees {number} subscription{'' if number == 1 else 's'}."


def _apply(
    organization: Organization, step: Step, secret: str, by: Actor, signed_in: CredentialResult | None
) -> str:
    """Register or change the customer as the step says. Return the customer's short name."""
    values, tenant, directory = step.values, step.tenant, step.directory
    if tenant is not None:
        lock_settings([tenant])
        lock_schedules([tenant])
    if tenant is None:
        tenant = register_tenant(
            by=by,
            organization=organization,
            name=values.name,
            slug=values.short_name or None,
            timezone=values.time_zone or None,
            labels=values.labels or (),
        )
    elif step.changes:
        tenant = change_tenant(by=by, tenant=tenant, **step.changes)  # type: ignore[arg-type]  # checked by `plan`
    if directory is None:
        directory = add_directory(
            by=by,
            tenant=tenant,
            directory_id=values.directory_id,
            name=values.directory_name or values.name,
            cloud=values.cloud or DEFAULT_CLOUD,
        )
    if step.adds_principal:
        principal = add_service_principal(
            by=by,
            directory=directory,
            client_id=values.client_id,
            secret=secret or None,
            identity=values.host_identity or None,
            expires_at=values.secret_expires,
        )
        if signed_in is not None:
            record_credential_check(by=by, service_principal=principal, result=signed_in)
            if signed_in.subscriptions is not None:
                sync_subscriptions(by=by, service_principal=principal, discovered=signed_in.subscriptions)
        if isinstance(by, Person):
            request_check(principal, by)
    if step.schedule:
        set_schedule(tenant=tenant, by=by, wanted=step.schedule)
    return tenant.slug
