"""Erase a customer step by step, after the erasure was confirmed. Another worker can continue after each step and each
page of rows.

1. Delete the portfolio reports that name the customer. A legal hold of another customer can prevent this, so this step
   is the first.
2. Close the customer: remember the last entry of its journal, and remove its key, so that nobody can open its scope.
3. Delete the customer's files. Without a mail server, mail is written to files: delete the mail about the customer too.
4. Pseudonymise people who had access to this customer only.
5. Redact the customer's names in journals and tables of the organization and its other customers. End the ticket rules
   that apply to no other customer.
6. Delete the customer's rows, table by table. Tables that refer to other tables come first.
7. Delete the customer's entries in the cache, and mail about the customer that was written since step 3.
8. Sign the certificate, and delete the customer itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from portal.offboarding.erasures import erase_files, erase_mails, erase_names
from portal.offboarding.erasures.all_organizations import continue_elsewhere
from portal.offboarding.erasures.certificate import KEPT_FOR, Facts, record_certificate, sign_certificate
from portal.offboarding.erasures.checks import REGAINED, refuse_start
from portal.offboarding.erasures.order import deletion_order
from portal.offboarding.erasures.requests import withdraw_erasure
from portal.offboarding.erasures.shared_reports import ReportsOnHold, refuse_held_reports
from portal.offboarding.models import Erasure
from portal.offboarding.models.erasure import LOST_AFTER
from portal.offboarding.people.other_organizations import lock_person
from portal.offboarding.people.pseudonymise import (
    addresses_of,
    disable_account,
    new_pseudonym,
    people_of,
    pseudonymise,
)
from portal.offboarding.people.redactions import record_redactions
from portal.offboarding.task_names import ANNOUNCE_DONE
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.retention import delete_of_erased
from portal.tickets.actions.erasure import forget_customer
from tenants import journal
from tenants.actors import System
from tenants.dispatch import enqueue
from tenants.errors import Conflict
from tenants.locks import Lock, lock
from tenants.models import Invitation, Organization, Person, Tenant, TenantKey
from tenants.scope import erasure_scope, organization_scope

log = structlog.get_logger(__name__)

WORKER: Final = System("erasure worker")
PAGE: Final = 2000


class _Stopped(Exception):
    """Another worker has taken over the erasure."""


@dataclass(slots=True)
class _Work:
    """An erasure that this worker has claimed. `subject` is the id of the customer or person to erase."""

    organization_id: UUID
    erasure_id: UUID
    attempt: int
    subject: UUID
    is_customer: bool

    @contextmanager
    def transaction(self) -> Iterator[Erasure]:
        """Open a transaction, lock the row of the erasure, and yield the row.

        To erase a customer, the scope contains the organization and this customer. To pseudonymise a person, the scope
        contains only the organization, and the person is locked before the row.

        Raise _Stopped if another worker has taken over the erasure.
        """
        place = self.organization_id
        with erasure_scope(place, self.subject) if self.is_customer else organization_scope(place):
            if not self.is_customer:
                lock_person(self.subject)
            rows = Erasure.objects.select_for_update(of=("self",))
            row = rows.filter(pk=self.erasure_id, attempt=self.attempt, state=Erasure.State.RUNNING).first()
            if row is None:
                raise _Stopped
            row.worked_at = timezone.now()
            yield row

    def call(self, function: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Call a database function, which runs with the rights of the owner of the tables. Return its rows."""
        values = [self.organization_id, self.erasure_id, *arguments]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {function}({', '.join(['%s'] * len(values))})", values)  # noqa: S608
            return list(cursor.fetchall())


def run_erasure(*, organization_id: UUID, erasure_id: UUID) -> None:
    """Erase the customer or pseudonymise the person, unless another worker is doing this. Call this function without an
    open scope.
    """
    row = _claimed(organization_id, erasure_id)
    if row is None or row.subject is None:
        return
    work = _Work(organization_id, erasure_id, row.attempt, row.subject, row.is_customer)
    try:
        (_erase if row.is_customer else _pseudonymise)(work)
    except _Stopped:
        log.info("erasure_taken_over", erasure=str(erasure_id))
    except (erase_files.NotDeleted, ReportsOnHold) as error:
        _report(work, f"{error} Surety tries again every ten minutes.")
    except Exception as error:
        # An unexpected error means a defect or a full disk. Show it on the page, and raise it again for the log.
        _report(
            work,
            f"The erasure was interrupted ({type(error).__name__}). Surety continues it within ten minutes.",
        )
        raise


def due() -> Q:
    """Return the condition for erasures that a worker may take: confirmed erasures that are due, and running erasures
    whose worker has died.
    """
    now = timezone.now()
    waiting = Q(state=Erasure.State.CONFIRMED, not_before__lte=now)
    return waiting | Q(state=Erasure.State.RUNNING, worked_at__lt=now - LOST_AFTER)


def _claimed(organization_id: UUID, erasure_id: UUID) -> Erasure | None:
    now = timezone.now()
    with organization_scope(organization_id):
        found = Erasure.objects.filter(pk=erasure_id).defer("certificate").first()
        if found is not None and not found.is_customer and found.subject is not None:
            lock_person(found.subject)
        row = (
            Erasure.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(due(), pk=erasure_id)
            .first()
        )
        if row is None:
            return None
        if row.state == Erasure.State.CONFIRMED:
            # After the confirmation, something can happen that prevents the start, such as a new legal hold. Then the
            # erasure waits, and people can withdraw it.
            if not row.is_customer and row.subject is not None:
                lock(Lock.PSEUDONYMISATION, row.subject)
            try:
                refuse_start(row, confirmed=True)
            except Conflict as error:
                _not_started(row, error)
                return None
        row.state, row.attempt, row.worked_at = Erasure.State.RUNNING, row.attempt + 1, now
        row.started_at = row.started_at or now
        row.problem = ""
        row.save(update_fields=["state", "attempt", "worked_at", "started_at", "problem"])
        return row


def _not_started(row: Erasure, reason: Conflict) -> None:
    """Withdraw the erasure if it can no longer start. Otherwise show why the erasure does not start yet."""
    # The erasure can no longer start: the person got access again, or an earlier version of Surety restored the
    # customer without withdrawing the erasure.
    if reason.code in ("customer_not_archived", REGAINED):
        try:
            withdraw_erasure(erasure=row, by=WORKER)
        except Conflict as refusal:
            reason = refusal
        else:
            return
    message = reason.message
    row.problem = message if reason.code == "waits_for_others" else f"The erasure does not start. {message}"
    row.save(update_fields=["problem"])


def _report(work: _Work, problem: str) -> None:
    """Show the problem on the page of the erasure. Also let the next run of the periodic task (“tick”) continue the
    erasure.
    """
    with organization_scope(work.organization_id):
        mine = Erasure.objects.filter(pk=work.erasure_id, attempt=work.attempt, state=Erasure.State.RUNNING)
        mine.update(problem=problem[:2000], worked_at=timezone.now() - LOST_AFTER)


def _erase(work: _Work) -> None:
    relations = deletion_order()
    steps: list[tuple[str, Callable[[_Work], None]]] = [
        # A legal hold of another customer can prevent this step. So the step is the first: if it is prevented, nothing
        # has been deleted yet.
        ("Portfolio reports", _delete_portfolio_reports),
        ("Closing the customer", _close),
        ("Files", _delete_files),
        # Remove the mail before people are pseudonymised, because the mail is found by their email
        # addresses.
        ("Mail files", _remove_mails),
        ("People who had access only to this customer", _pseudonymise_people),
        ("Entries about the customer in journals of the organization and of other customers", _redact),
        ("Names in the organization", _remove_names),
        *((f"Table {relation}", _deletes(relation)) for relation in relations),
        ("Cache and mail files", _delete_copies),
        ("Certificate", _finish),
    ]
    for number, (label, step) in enumerate(steps):
        with work.transaction() as row:
            row.step, row.steps_done, row.steps_planned = label, number, len(steps)
            row.save(update_fields=["step", "steps_done", "steps_planned", "worked_at"])
        step(work)


def _pseudonymise(work: _Work) -> None:
    """Remove the mail to the person from mail files, disable the account, then pseudonymise the person. Each of the
    three steps has its own transaction.
    """
    with work.transaction():
        erase_mails.remove_mails_to(addresses_of(Person.objects.get(pk=work.subject)))
    # `disable_account` must lock the sessions before the person. `work.transaction` would lock the person first, so do
    # not use it here.
    with organization_scope(work.organization_id):
        disable_account(Person.objects.get(pk=work.subject))
    with work.transaction() as row:
        organization, who = (
            Organization.objects.get(pk=work.organization_id),
            Person.objects.get(pk=work.subject),
        )
        row.organization_head_sequence, row.organization_head_hash = _head(organization)
        row.redacted, row.people = pseudonymise(row, who, row.pseudonym, WORKER), 1
        row.state, row.ended_at, row.reason = Erasure.State.DONE, timezone.now(), ""
        row.save()
        journal.record(
            organization=organization,
            actor=WORKER,
            action="erasure.done",
            target=f"erasure:{row.pk}",
            details={"kind": row.kind, "entries": row.redacted},
        )
    continue_elsewhere(who)


def _close(work: _Work) -> None:
    with work.transaction() as row:
        if row.needles is not None:
            return
        organization = Organization.objects.get(pk=work.organization_id)
        tenant = Tenant.objects.get(pk=work.subject)
        row.organization_head_sequence, row.organization_head_hash = _head(organization)
        journal.record(
            tenant=tenant, actor=WORKER, action="erasure.started", target=f"erasure:{row.pk}", details={}
        )
        row.head_sequence, row.head_hash = _head(tenant)
        row.rows |= {TenantKey._meta.db_table: 1, Tenant._meta.db_table: 1}
        row.save()
        journal.record(
            organization=organization,
            actor=WORKER,
            action="erasure.started",
            target=f"erasure:{row.pk}",
            details={"kind": row.kind, "head": row.head_sequence, "head_hash": row.head_hash},
        )
        work.call("leaving_close_customer")


def _head(owner: journal.Owner) -> tuple[int, str]:
    lock(Lock.JOURNAL, journal.chain_of(owner))
    head = journal.head(owner)
    return head.sequence, head.hash


def _delete_files(work: _Work) -> None:
    deleted, left = erase_files.delete_files(work.subject)
    with work.transaction() as row:
        row.files += deleted
        row.save(update_fields=["files", "worked_at"])
    if left:
        raise erase_files.NotDeleted(left)


def _redact(work: _Work) -> None:
    with work.transaction() as row:
        changed = work.call("leaving_redact_customer")
        record_redactions(row, changed, WORKER)
        row.redacted += len(changed)
        row.save(update_fields=["redacted", "worked_at"])


def _pseudonymise_people(work: _Work) -> None:
    with work.transaction() as row:
        people = people_of(work.subject)
    for who in people:
        with work.transaction():
            disable_account(who)
        with work.transaction() as row:
            row.redacted += pseudonymise(row, who, new_pseudonym(), WORKER)
            row.people += 1
            row.save(update_fields=["redacted", "people", "worked_at"])


def _delete_portfolio_reports(work: _Work) -> None:
    """Delete the organization's portfolio reports that name the customer."""
    with work.transaction() as row:
        # Check again, because a legal hold may have been placed after the start of the erasure.
        refuse_held_reports(Tenant.objects.get(pk=work.subject), locked=True)
        organization = Organization.objects.get(pk=work.organization_id)
        if number := delete_of_erased(organization, work.erasure_id):
            table = PortfolioReport._meta.db_table
            row.rows[table] = row.rows.get(table, 0) + number
            row.files += number
        row.save(update_fields=["rows", "files", "worked_at"])


def _remove_names(work: _Work) -> None:
    with work.transaction() as row:
        for table, number in erase_names.remove_names(
            work.organization_id, work.subject, row.needles or {}
        ).items():
            row.rows[table] = row.rows.get(table, 0) + number
        organization = Organization.objects.get(pk=work.organization_id)
        forget_customer(organization=organization, tenant_id=work.subject, by=WORKER)
        row.save(update_fields=["rows", "worked_at"])


def _deletes(relation: str) -> Callable[[_Work], None]:
    def delete(work: _Work) -> None:
        deleted = PAGE
        while deleted == PAGE:
            with work.transaction() as row:
                ((deleted,),) = work.call("leaving_delete_rows", relation, PAGE)
                if deleted:
                    row.rows[relation] = row.rows.get(relation, 0) + deleted
                row.save(update_fields=["rows", "worked_at"])

    return delete


def _remove_mails(work: _Work) -> None:
    with work.transaction():
        slug = Tenant.objects.get(pk=work.subject).slug
        people = {who.email for who in people_of(work.subject)}
        invited = set(Invitation.objects.filter(tenant=work.subject).values_list("email", flat=True))
        others = Person.objects.filter(email__in=invited).exclude(email__in=people)
        addresses = people | invited - set(others.values_list("email", flat=True))
    removed = erase_mails.remove_mails(tenant_id=work.subject, slug=slug, addresses=addresses)
    with work.transaction() as row:
        row.files += removed
        row.save(update_fields=["files", "worked_at"])


def _delete_copies(work: _Work) -> None:
    _remove_mails(work)
    erase_files.delete_cached(work.subject)


def _finish(work: _Work) -> None:
    # Repeat earlier steps, because transactions that were already open when the customer's key was removed may have
    # written more rows and files since.
    _delete_files(work)
    _redact(work)
    _delete_portfolio_reports(work)
    _remove_names(work)
    for relation in deletion_order():
        _deletes(relation)(work)
    with work.transaction() as row:
        organization = Organization.objects.get(pk=work.organization_id)
        facts = Facts.of(row, Tenant.objects.get(pk=work.subject), organization)
    signed = sign_certificate(facts)
    with work.transaction() as row:
        row.seal_certificate(signed.content)
        record_certificate(row.pk, signed)
        row.certificate_sha256, row.certificate_until = signed.sha256, timezone.now() + KEPT_FOR
        row.save(update_fields=["certificate", "certificate_sha256", "certificate_until", "worked_at"])
        work.call("leaving_finish_customer")
        row.refresh_from_db()
        row.state, row.ended_at, row.steps_done = Erasure.State.DONE, timezone.now(), row.steps_planned
        row.step = row.problem = ""
        row.save(update_fields=["state", "ended_at", "steps_done", "step", "problem"])
        journal.record(
            organization=Organization.objects.get(pk=work.organization_id),
            actor=WORKER,
            action="erasure.done",
            target=f"erasure:{row.pk}",
            details={
                "kind": row.kind,
                "rows": row.all_rows,
                "files": row.files,
                "certificate": signed.sha256,
            },
        )
        enqueue(ANNOUNCE_DONE, work.organization_id, work.erasure_id)
        transaction.on_commit(lambda: _delete_late_files(work.subject))


def _delete_late_files(subject: UUID) -> None:
    """Delete files that transactions wrote while the customer was being deleted. These transactions failed, but their
    files remained.
    """
    _, left = erase_files.delete_files(subject)
    if left:
        log.error("files_of_erased_customer_left", files=len(left))
