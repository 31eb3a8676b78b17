"""List all PostgreSQL advisory locks of Surety, and the order in which a transaction takes them.

Advisory locks make transactions wait where row locks cannot: before a row exists, or for changes of many tables. If all
transactions take the advisory locks in the order of `Lock`, they cannot deadlock. Only PSEUDONYMISATION and DEDUP_KEYS
may be taken out of order, as their docstrings describe.

The function `lock` holds a lock until the transaction ends. After a transaction has waited for a lock, it reads the
data that the other transaction committed (READ COMMITTED). So take the lock before reading the rows on which a decision
depends, and before writing any row.

Only JOURNAL is taken after row locks. An action with several journal entries first locks all its rows, with functions
such as `lock_settings` and `lock_schedules`, in this order:

- organizations, tenants, schedules of assessments
- service principals, directories, subscriptions
- memberships (administrators first), invitations
- channels, report schedules (of organizations first), watch rules
- ticket systems, ticket rules

If other rows have a foreign key to a row, lock the row with `no_key=True`. PostgreSQL checks foreign keys at the
commit, while the transaction holds JOURNAL, and waits for every stronger lock on the row that is referred to. If the
holder of such a lock waits for JOURNAL, the two transactions deadlock.

Source: https://www.postgresql.org/docs/18/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, unique
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection


@unique
class Lock(Enum):
    """One member per lock, in the order in which transactions take the locks. The value is (seed of the hash, prefix of
    the key).

    The text below a member says what the lock is for, and which `name` is passed to the functions of this module.
    Without such a hint, the name is the tenant's id.
    Workers of two versions may run side by side during an update, so a lock keeps its seed and prefix.
    """

    UNIT_SLOT = 11, "surety.units:"
    """One of an organization's slots for running units; each running unit occupies one slot. The name is
    `<organization id>:<number>`. A session-level lock, taken while no transaction is open. Workers never wait for
    it."""

    TICKET_RUN = 53, "surety.tickets:"
    """A run that sends an organization's tickets, reads them back, or tests the connections to ticket systems. The name
    is `<organization id>:<name of the task>`. A session-level lock, taken while no transaction is open. Workers never
    wait for it."""

    BULK_JOB_RUN = 59, "surety.bulk_jobs:"
    """Running the bulk jobs of an organization. The name is the organization's id. A session-level lock, taken while
    no transaction is open. Workers never wait for it."""

    VERIFICATION_SLOT = 31, "surety.verifications:"
    """One of the installation's slots for verifying uploaded reports; each verification occupies one slot. The name is
    `<number>`. Requests never wait for it."""

    DRAWING_SLOT = 43, "surety.drawings:"
    """A slot for drawing a logo or the preview of a report cover. Each drawing occupies the slot of its organization
    (the name is the organization's id) and one of the installation's slots (the name is `<number>`). Requests never
    wait for it."""

    OWN_TRIAL = 73, "surety.own_trials:"
    """Trying an own control; the name is the organization's id. Requests never wait for this lock."""

    PAST_EXPORT = 79, "surety.past_exports:"
    """Exporting the findings of a past day for a customer with very many findings; the name is the organization's id.
    Requests never wait for it."""

    EVENT_POSITIONS = 47, "surety.event_positions"
    """Giving positions in the event feed to committed events; the name is empty. Transactions that do this take
    turns, so that positions become visible in ascending order."""

    FIRST_ORGANIZATION = 29, "surety.first_organization"
    """Registering the installation's first organization; the name is empty."""

    REGISTRATIONS = 37, "surety.registrations:"
    """Deciding whether a directory is new to an organization, and adding it; the name is the organization's id. A
    page and an import of the same directory take turns, so that they do not register two customers."""

    PSEUDONYMISATION = 41, "surety.pseudonymisation:"
    """The start of a person's pseudonymisation; the name is the person's id. For each new role of the person, a trigger
    takes this lock, shared (`portal/offboarding/migrations/0013`). So no role can be added while a worker decides
    whether to start.

    Actions that grant roles to several people do not keep the order of locks: they write a journal entry for the first
    person, and hold JOURNAL when the trigger takes this lock for the second person. A worker can hold the second
    person's lock and wait for JOURNAL, to withdraw the pseudonymisation. PostgreSQL then cancels one of the two
    transactions."""

    IDEMPOTENCY_KEY = 47, "surety.idempotency:"
    """A request of the API with an Idempotency-Key; the name is
    `<tenant or organization id>:<token id>:<operation>:<hash of the key>`. Requests never wait for it."""

    BULK_JOB_START = 61, "surety.bulk_job_starts:"
    """Counting the bulk jobs and results of a customer, and starting another job; the name is the customer's id."""

    SCAN_SLOT = 71, "surety.scan_slots:"
    """One of the installation's slots for reading uploaded files of vulnerability scanners; each upload occupies one
    slot. The name is `<number>`. Requests never wait for it."""

    SCAN_IMPORTS = 67, "surety.scan_imports:"
    """Importing files of vulnerability scanners, and matching their entries again; the name is the customer's id. The
    lock prevents importing one file twice at the same time."""

    VERDICTS = 7, ""
    """Writing a tenant's findings, units or assessments. Take row locks after this lock: first the unit's, then
    the assessment's."""

    TREATMENTS = 13, ""
    """A tenant's exceptions, attestations, acknowledgements, owners and rules: decisions, expiries and the periodic
    refresh happen one after the other. Only the daily snapshot takes this lock while it holds VERDICTS."""

    SNAPSHOTS = 19, ""
    """A tenant's daily snapshot. The lock prevents an older count from overwriting a newer one. Taken while TREATMENTS
    is held."""

    REPORT_NUMBERS = 11, ""
    """Giving a report the next number. The name is the id of the tenant or, for a report on several customers, of the
    organization."""

    DELIVERIES = 17, ""
    """Claiming due mails and posts of a tenant, so that two workers do not split one person's digest."""

    DEDUP_KEYS = 23, ""
    """Deduplication of a tenant's notifications. Pruning deletes an old notice or post of a standing event, and stores
    its deduplication key. Because of this lock, a publisher finds either the notice or post, or its key. A publisher
    may take this lock while it holds any other lock, even JOURNAL. Pruning takes no further lock of this list while it
    holds this one."""

    JOURNAL = 0, "surety.journal:"
    """Appending to one hash chain; the name is `tenant:<id>` or `organization:<id>`. Every action appends its journal
    entry at the end, so it takes this lock last. Only PSEUDONYMISATION and DEDUP_KEYS can be taken after this lock."""

    @property
    def seed(self) -> int:
        """Return the seed, which is the second argument of PostgreSQL's `hashtextextended`."""
        return self.value[0]

    def key(self, name: UUID | str) -> str:
        """Return the text to hash, which is the first argument of PostgreSQL's `hashtextextended`."""
        return f"{self.value[1]}{name}"


def lock(which: Lock, name: UUID | str) -> None:
    """Wait for the lock and hold it until the transaction ends.

    `name` is the tenant's id, unless the member of `Lock` documents another name.
    """
    _call("pg_advisory_xact_lock", which, name)


def lock_all(which: Lock, names: Sequence[str]) -> None:
    """Wait for these locks one after the other, in the given order, with one statement. Hold the locks until the
    transaction ends.
    """
    keys = [which.key(name) for name in names]
    with connection.cursor() as cursor:
        # The inner query returns the keys in the given order, so the outer query takes the locks in this order.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(key, %s)) FROM (SELECT key FROM"
            " unnest(%s::text[]) WITH ORDINALITY AS keys (key, position) ORDER BY position OFFSET 0) AS ordered",
            [which.seed, keys],
        )


def try_lock(which: Lock, name: str) -> bool:
    """Take the lock until the transaction ends, without waiting. Return whether the lock was free."""
    return bool(_call("pg_try_advisory_xact_lock", which, name))


def try_session_lock(which: Lock, name: str) -> bool:
    """Take the lock for this connection, without waiting. Return whether the lock was free.

    The lock ends with `release_session_lock`, or when the connection ends. So a dead worker holds no lock.
    """
    return bool(_call("pg_try_advisory_lock", which, name))


def release_session_lock(which: Lock, name: str) -> None:
    """Release a lock that `try_session_lock` took on the same connection."""
    try:
        _call("pg_advisory_unlock", which, name)
    except (DatabaseError, InterfaceError):
        # The connection was lost, and so PostgreSQL has already released the lock.
        connection.close()


@contextmanager
def session_lock(which: Lock, name: str) -> Iterator[bool]:
    """Take the lock for this connection during the block, without waiting. Yield whether the lock was free."""
    if not try_session_lock(which, name):
        yield False
        return
    try:
        yield True
    finally:
        release_session_lock(which, name)


def _call(function: str, which: Lock, name: UUID | str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, %s))", [which.key(name), which.seed])
        (answer,) = cursor.fetchone()
    return answer
