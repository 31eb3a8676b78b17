"""Connect, change and delete ticket systems, and turn them on or off.

Credentials are stored encrypted, and no page shows them again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal.notify.addresses import parse
from portal.tickets.actions.mails import mail_new_destination, mail_new_projects
from portal.tickets.actions.records import record
from portal.tickets.connectors import CONNECTORS, Connector
from portal.tickets.models import Ticket, TicketPlace, TicketSystem
from portal.tickets.task_names import SEND
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict, InvalidInput, invalid
from tenants.models import Organization, Person, Tenant
from tenants.secrets import seal
from tenants.turns import take_turn
from tenants.values.names import require_letter_or_digit
from tenants.values.stale_values import Part, check_unchanged
from tenants.values.unique_names import unique_name

_NAME_CONSTRAINT: Final = "tickets_ticketsystem_name"
MAX_SYSTEMS: Final = 20
MAX_VALUE: Final = 2000


@transaction.atomic
def add_system(
    *,
    organization: Organization,
    by: Actor,
    kind: str,
    name: str,
    address: str,
    project: str,
    values: Mapping[str, str],
) -> TicketSystem:
    """Connect a ticket system. `values` is {name of an input of the connector: entered value}.

    If secret values are missing, the system gets no requests until a person enters them. All administrators of the
    organization get a mail.

    Raises RefusedAddress if Surety may not reach the address, and InvalidInput with the field if a value is invalid.
    Raises Conflict if the name is taken or there are too many systems.
    """
    if kind not in CONNECTORS:
        raise invalid("kind", f"Choose one of {', '.join(one.label for one in CONNECTORS.values())}.")
    take_turn(organization)
    if TicketSystem.objects.filter(organization=organization).count() >= MAX_SYSTEMS:
        raise Conflict(
            f"An organization can have at most {MAX_SYSTEMS} ticket systems. Delete a ticket system that is not used."
        )
    row = TicketSystem(
        organization=organization, kind=kind, created_by=by if isinstance(by, Person) else None
    )
    _set(row, name=name, address=address, project=project, values=values)
    with unique_name(_NAME_CONSTRAINT, "ticket system"):
        row.save(force_insert=True)
    record(row, by, "ticket_system.added", **described(row))
    mail_new_destination(row, by)
    return row


@transaction.atomic
def change_system(
    *,
    system: TicketSystem,
    by: Actor,
    name: str,
    address: str,
    project: str,
    values: Mapping[str, str],
    expected: Part | None = None,
) -> TicketSystem:
    """Change a system. The kind cannot be changed. Once a ticket was opened, the address cannot be changed either.
    `expected` are the values that the person saw (`system_part`). Raises Conflict if somebody else has changed them.

    If `values` has no secret values, the stored secret values are kept. A new address requires new secret values, so
    that nobody can send the stored secret values to another server. If address, project or credentials change, all
    administrators of the organization get a mail.
    """
    row = locked_system(system)
    before, present = described(row), system_part(row)
    moved = _clean_address(address) != row.address
    if moved and Ticket.objects.filter(system=row).exclude(remote_id="").exists():
        raise _invalid_address(
            "The address cannot be changed, because Surety has opened tickets at the present address. Add the new"
            " address as another ticket system."
        )
    replaced = _set(row, name=name, address=address, project=project, values=values)
    check_unchanged(expected, present, system_part(row))
    after = described(row)
    if before == after and not replaced:
        return row
    row.paused_until, row.problem, row.read_problem = None, "", ""
    with unique_name(_NAME_CONSTRAINT, "ticket system"):
        row.save()
    record(row, by, "ticket_system.changed", before=before, after=after, credentials_replaced=replaced)
    names = {"address": "the address", "project": "the project"}
    changed = [text for name, text in names.items() if before[name] != after[name]]
    # Send the mail even if only the credentials have changed, because they can belong to another account.
    if changed := [*changed, *(["the credentials"] if replaced else [])]:
        mail_new_destination(row, by, changed)
    return row


@transaction.atomic
def switch_system(*, system: TicketSystem, by: Actor, enabled: bool) -> TicketSystem:
    """Turn a system on or off. While the system is off, its tickets do not change."""
    row = locked_system(system)
    if row.enabled == enabled:
        return row
    row.enabled, row.paused_until, row.problem, row.read_problem = enabled, None, "", ""
    row.save(update_fields=["enabled", "paused_until", "problem", "read_problem"])
    record(row, by, "ticket_system.enabled" if enabled else "ticket_system.disabled", name=row.name)
    return row


@transaction.atomic
def delete_system(*, system: TicketSystem, by: Actor) -> None:
    """Delete a system with its rules, and the data that Surety has stored about its tickets. The tickets themselves
    remain in the ticket system.
    """
    row = locked_system(system)
    tickets = Ticket.objects.filter(system=row).exclude(remote_id="").count()
    record(row, by, "ticket_system.deleted", **described(row), tickets=tickets)
    row.delete()


@transaction.atomic
def set_places(*, system: TicketSystem, by: Actor, projects: Sequence[tuple[Tenant, str | None]]) -> None:
    """Set the projects in which customers' tickets are opened.

    `projects` has the name of a project for each customer. If the name is empty, the customer gets no tickets. If it is
    None, the customer's tickets are opened in the project of the system.

    Tickets that are already opened remain in their projects. All administrators of the organization get one mail about
    new projects. Raises InvalidInput for a name that no project can have.
    """
    row = locked_system(system)
    present = dict(
        TicketPlace.objects.filter(system=row, tenant__in=[tenant for tenant, _ in projects]).values_list(
            "tenant_id", "project"
        )
    )
    moved: list[tuple[str, str]] = []
    for tenant, project in projects:
        wanted = None if project is None else clean_project(CONNECTORS[row.kind], project)
        if present.get(tenant.pk) == wanted:
            continue
        _set_place(row, tenant, wanted)
        record(
            row, by, "ticket_system.customer_changed", name=row.name, customer=str(tenant.pk), project=wanted
        )
        if wanted:
            moved.append((tenant.name, wanted))
    if moved:
        mail_new_projects(row, by, moved)


def _set_place(row: TicketSystem, tenant: Tenant, project: str | None) -> None:
    if project is None:
        TicketPlace.objects.filter(system=row, tenant=tenant).delete()
    else:
        TicketPlace.objects.update_or_create(
            system=row, tenant=tenant, defaults={"organization_id": row.organization_id, "project": project}
        )


@transaction.atomic
def retry_ticket(*, ticket: Ticket, by: Actor) -> None:
    """Send a failed ticket again; its attempts are counted from zero. The content of the ticket is generated again."""
    row = _locked_dead_ticket(ticket)
    row.work, row.attempts, row.due_at, row.error, row.status = Ticket.Work.WAITING, 0, timezone.now(), "", ""
    row.save(update_fields=["work", "attempts", "due_at", "error", "status"])
    _journal_ticket(row, by, "ticket.retried")
    enqueue(SEND, row.organization_id)


@transaction.atomic
def drop_ticket(*, ticket: Ticket, by: Actor) -> None:
    """Discard a failed change of a ticket: Surety does not try this change again. Later changes of the ticket are sent,
    for example when its findings are fixed.
    """
    row = _locked_dead_ticket(ticket)
    row.work = Ticket.Work.DROPPED
    row.save(update_fields=["work"])
    _journal_ticket(row, by, "ticket.dropped")


def clean_project(connector: Connector, project: str) -> str:
    """Return the name of a project without spaces at both ends.

    An empty name is valid. Raises InvalidInput if a name that is not empty does not match the connector's
    `project_pattern`.
    """
    cleaned = project.strip()
    if cleaned and not re.fullmatch(connector.project_pattern, cleaned):
        raise invalid(
            "project", f"Enter a valid {connector.project.lower()}, such as {connector.project_example}."
        )
    return cleaned


def described(row: TicketSystem) -> dict[str, Any]:
    """Return the values of a system for the journal: everything except secret values."""
    return {
        "name": row.name,
        "kind": row.kind,
        "address": row.address,
        "project": row.project,
        "fields": dict(row.fields),
    }


def system_part(row: TicketSystem) -> Part:
    """Return the stored values of a system, by the names of the fields of its form, without secret values."""
    return {"name": row.name, "address": row.address, "project": row.project, **row.fields}


def locked_system(system: TicketSystem) -> TicketSystem:
    """Lock a system until the transaction ends. Raises Conflict if somebody has deleted the system."""
    rows = TicketSystem.objects.select_for_update(no_key=True, of=("self",)).select_related("organization")
    row = rows.filter(pk=system.pk).first()
    if row is None:
        raise Conflict(
            "Somebody else has deleted this ticket system. Open the list of ticket systems.", code="removed"
        )
    return row


def _set(row: TicketSystem, *, name: str, address: str, project: str, values: Mapping[str, str]) -> bool:
    """Check the entered values, and set them on the row without saving the row. Return whether the credentials were
    replaced.
    """
    connector = CONNECTORS[row.kind]
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 120 or not cleaned.isprintable():
        raise invalid("name", "Enter a name of 1 to 120 characters.")
    require_letter_or_digit(cleaned, present=row.name)
    moved = bool(row.address) and row.address != _clean_address(address)
    row.name, row.address = cleaned, _clean_address(address)
    row.project = clean_project(connector, project)
    fields, secrets = {}, {}
    for one in connector.inputs:
        value = values.get(one.name, "").strip()
        if len(value) > MAX_VALUE or not value.isprintable():
            raise invalid(one.name, f"Enter a single line of at most {MAX_VALUE} characters.")
        if one.secret:
            secrets[one.name] = value
        elif not value and not one.initial:
            raise invalid(one.name, "Fill in this field.")
        else:
            fields[one.name] = value or one.initial
    row.fields = fields
    if not any(secrets.values()):
        if moved and row.has_secrets:
            names = [one.name for one in connector.inputs if one.secret]
            raise invalid(names[0], "The address has changed. Enter the credentials for the new address.")
        return False
    if missing := [name for name, value in secrets.items() if not value]:
        raise invalid(missing[0], "Fill in all credentials, or leave all of them empty.")
    seal(row, "secrets", json.dumps(secrets))
    return True


def _clean_address(address: str) -> str:
    """Return the address without a slash at its end. Raises RefusedAddress for an address that Surety may not reach."""
    cleaned = address.strip().rstrip("/")
    target = parse(cleaned)
    if "?" in target.path:
        raise _invalid_address("Remove “?” and the text after it.")
    if len(cleaned) > 300:
        raise _invalid_address("Use at most 300 characters.")
    return cleaned


def _invalid_address(message: str) -> InvalidInput:
    return invalid("address", message)


def _locked_dead_ticket(ticket: Ticket) -> Ticket:
    row = Ticket.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=ticket.pk)
    if row.work != Ticket.Work.DEAD:
        raise Conflict(
            "Only failed tickets can be retried or discarded. Reload the page.", code="wrong_state"
        )
    return row


def _journal_ticket(row: Ticket, by: Actor, action: str) -> None:
    journal.record(
        tenant=row.tenant,
        actor=by,
        action=action,
        target=f"ticket:{row.pk}",
        details={"about": row.key, "project": row.project},
    )
