"""Upload a file of customers, start or cancel its import, and delete files that nobody imported.

`portal.imports.run` imports the lines.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from portal.files.csv_input import Line, read
from portal.imports import columns as c
from portal.imports.lines import LineError, Values, check
from portal.imports.models import CustomerImport, CustomerImportLine
from portal.imports.plan import Registered, plan
from portal.imports.task_names import IMPORT_CUSTOMERS
from tenants import journal, secrets
from tenants.actors import Actor, System
from tenants.dispatch import enqueue
from tenants.errors import Conflict
from tenants.models import Organization, Person
from tenants.scope import organization_scope

State = CustomerImport.State
LineState = CustomerImportLine.State
# Files that were uploaded but not imported are deleted after this time, with their sealed secrets.
PREVIEW_KEPT: Final = timedelta(days=1)
# A running import that has finished no line for this time can be started again, because its worker or message was
# probably lost.
STALLED_AFTER: Final = timedelta(minutes=2)
OPERATOR: Final = System("operator's import")


@transaction.atomic
def upload(*, organization: Organization, by: Actor, file_name: str, content: bytes) -> CustomerImport:
    """Read a file, seal its secrets, and store what each line would do. Nothing is registered or changed yet.

    Raise InvalidInput if the file cannot be read. Lines with errors are stored with the error's message.
    """
    parsed = read(content, c.LAYOUT)
    row = CustomerImport.objects.create(
        organization=organization,
        file_name=_file_name(file_name),
        file_sha256=hashlib.sha256(content).hexdigest(),
        notes=parsed.notes,
        requested_by=by if isinstance(by, Person) else None,
    )
    checked = [(line, _checked(line)) for line in parsed.lines]
    registered = Registered.load(
        organization, [values for _, values in checked if isinstance(values, Values)]
    )
    seen: dict[str, int] = {}
    names: dict[str, int] = {}
    CustomerImportLine.objects.bulk_create(
        _line(row, line, _outcome(line, values, registered, seen, names)) for line, values in checked
    )
    return row


@transaction.atomic
def start_import(*, customer_import: CustomerImport, by: Actor, signs_in: bool = False) -> CustomerImport:
    """Let a worker import the lines that have no error. If `signs_in` is set, a worker signs in with each new
    credential before importing its line.

    A stalled import continues, with the value of `signs_in` from its first start. Raise Conflict if the import is
    running or has ended, or if another import of the organization is running.
    """
    row = lock_import(customer_import)
    if row.state == State.RUNNING and is_stalled(row):
        enqueue(IMPORT_CUSTOMERS, row.organization_id, row.pk)
        return row
    begin(row, by, signs_in=signs_in)
    enqueue(IMPORT_CUSTOMERS, row.organization_id, row.pk)
    return row


def begin(row: CustomerImport, by: Actor, *, signs_in: bool = False) -> None:
    """Change the state of an import from preview to running, and record this in the journal.

    Raise Conflict if the import was already started, or if another import of the organization is running.
    """
    if row.state != State.PREVIEW:
        raise Conflict("This import was already started. Reload the page.", code="already_started")
    row.state, row.started_at = State.RUNNING, timezone.now()
    row.worked_at = row.started_at
    row.signs_in = signs_in
    row.requested_by = by if isinstance(by, Person) else None
    try:
        with transaction.atomic():
            row.save(update_fields=["state", "started_at", "worked_at", "requested_by", "signs_in"])
    except IntegrityError:
        raise Conflict(
            "Another import is running. Start this import when the other import has ended or was cancelled.",
            code="busy",
        ) from None
    journal.record(
        organization=row.organization,
        actor=by,
        action="customers.import_started",
        target=f"customer_import:{row.pk}",
        details={
            "file": row.file_name,
            "sha256": row.file_sha256,
            "lines": counts(row),
            "signs_in": signs_in,
        },
    )


@transaction.atomic
def cancel_import(*, customer_import: CustomerImport, by: Actor) -> CustomerImport:
    """Discard a preview, or stop a running import after the line that is being imported. Lines that were already
    imported stay imported.
    """
    row = lock_import(customer_import)
    if row.state not in (State.PREVIEW, State.RUNNING):
        raise Conflict("This import has already ended. Reload the page.", code="already_ended")
    end_import(row, State.CANCELLED, by)
    return row


def delete_old_previews(*, organization_id: UUID) -> int:
    """Delete old uploaded files that nobody imported, and the sealed secrets of these files. Return the number of
    deleted files.
    """
    with organization_scope(organization_id):
        old = CustomerImport.objects.filter(
            organization=organization_id, state=State.PREVIEW, created_at__lt=timezone.now() - PREVIEW_KEPT
        )
        return old.delete()[1].get(CustomerImport._meta.label, 0)


def counts(row: CustomerImport) -> dict[str, int]:
    """Return the number of lines by state."""
    rows = CustomerImportLine.objects.filter(customer_import=row).order_by().values_list("state")
    return dict(rows.annotate(number=Count("pk")))


def is_stalled(row: CustomerImport) -> bool:
    """Return whether a running import has finished no line for longer than STALLED_AFTER."""
    return row.state == State.RUNNING and (
        row.worked_at is None or timezone.now() - row.worked_at > STALLED_AFTER
    )


def _checked(line: Line) -> Values | str:
    try:
        return check(line)
    except LineError as error:
        return str(error)


def _outcome(
    line: Line, values: Values | str, registered: Registered, seen: dict[str, int], names: dict[str, int]
) -> tuple[CustomerImportLine.State, str, str]:
    """Return the state and message of a line, and the short name of its customer.

    `seen` has the numbers of the earlier lines by directory id. `names` has the numbers of the earlier lines that
    register a customer, by short name or, if there is none, by name. This function adds this line to `seen` and, if
    the line registers a customer, to `names`.
    """
    if isinstance(values, str):
        return LineState.ERROR, values, ""
    first = seen.setdefault(values.directory_id, line.number)
    if first != line.number:
        return LineState.ERROR, f"Line {first} has the same directory. Remove one of the two lines.", ""
    try:
        step = plan(values, registered, has_secret=c.CLIENT_SECRET in line.cells)
    except LineError as error:
        return LineState.ERROR, str(error), ""
    if step.tenant is None:
        key = values.short_name or values.name.casefold()
        same = names.setdefault(key, line.number)
        if same != line.number:
            what = "short name" if values.short_name else "name"
            text = (
                f"Line {same} has the same {what}. If this line is about another customer, change the {what}. If this"
                f" line is about a second directory of the same customer, import line {same} first. Then enter"
                " the customer’s short name in “short_name” of this line."
            )
            return LineState.ERROR, text, ""
    return step.state, step.message, step.tenant.slug if step.tenant else ""


def _line(
    row: CustomerImport, line: Line, outcome: tuple[CustomerImportLine.State, str, str]
) -> CustomerImportLine:
    state, message, slug = outcome
    values = {name: cell for name, cell in line.cells.items() if name != c.CLIENT_SECRET}
    found = CustomerImportLine(
        organization=row.organization,
        customer_import=row,
        number=line.number,
        values=values,
        state=state,
        message=message,
        customer_slug=slug,
    )
    if c.CLIENT_SECRET in line.cells and state in CustomerImportLine.WAITING:
        secrets.seal(found, "secret", line.cells[c.CLIENT_SECRET])
    return found


def lock_import(customer_import: CustomerImport) -> CustomerImport:
    """Lock the import until the transaction ends, and return its present row."""
    rows = CustomerImport.objects.select_for_update(of=("self",)).select_related("organization")
    return rows.get(pk=customer_import.pk)


def end_import(row: CustomerImport, state: CustomerImport.State, by: Actor) -> None:
    """End an import and delete the secrets that are left."""
    was_running = row.state == State.RUNNING
    row.state, row.ended_at = state, timezone.now()
    row.save(update_fields=["state", "ended_at"])
    row.lines.filter(secret__isnull=False).update(secret=None)
    if was_running:
        journal.record(
            organization=row.organization,
            actor=by,
            action="customers.import_ended",
            target=f"customer_import:{row.pk}",
            details={"file": row.file_name, "state": row.state, "lines": counts(row)},
        )


def _file_name(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:200] or "customers.csv"


def summary(found: Counter[str] | dict[str, int]) -> str:
    """Return how many lines have each state, in words: “198 new customers, 1 change, 1 line with an error”."""
    words = {
        LineState.NEW: ("new customer", "new customers"),
        LineState.CHANGE: ("change", "changes"),
        LineState.SAME: ("line without a change", "lines without a change"),
        LineState.ERROR: ("line with an error", "lines with an error"),
        LineState.CREATED: ("registered", "registered"),
        LineState.CHANGED: ("changed", "changed"),
        LineState.FAILED: ("failed", "failed"),
    }
    parts = [f"{found[key]} {words[key][found[key] != 1]}" for key in words if found.get(key)]
    return ", ".join(parts) or "no lines"
