"""An attempt is a sign-in that a person requests to test a credential. Its result stays in the cache for an hour, so
that pages can show it.

The owner of an attempt is the customer or, for an organization's own service principals, the organization. The cache
key of an attempt contains the id of the owner, but not whether the owner is a customer or an organization. This
suffices, because no customer has the same id as an organization.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from assessments.actions import sealed_cache
from assessments.actions.hourly_limit import count_in_this_hour
from assessments.version import VERSION
from tenants.azure.credentials import CredentialResult
from tenants.errors import Conflict
from tenants.models import Person

LOST_AFTER: Final = 120
"""Seconds after which an attempt without a result counts as lost."""
MAX_PER_HOUR: Final = 60
"""Maximum number of sign-ins that can be requested in an hour for one customer, or for one organization."""
_PENDING_SECONDS: Final = 600
_RESULT_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Attempt:
    """A requested sign-in.

    - `principal_id`: the key of the stored principal; None if the principal is new and not stored yet
    - `directory_id`: the key of the customer's stored directory; None if the directory is new and not stored yet, or if
      the principal belongs to an organization, which has no stored directories
    - `assessment_id`: the assessment that was started after the sign-in, if one was requested
    - `error`: a sentence that says what to do, if the sign-in was refused
    - `subscriptions`: how many subscriptions the principal sees; None if they could not be listed
    - `requested_by`: the id of the person who requested the sign-in, for the journal. Workers read this id from the
      sealed cache and not from the message that starts the task, because such a message could be forged
    """

    id: UUID
    at: datetime
    requested_by: UUID
    directory_id: UUID | None
    principal_id: UUID | None = None
    client_id: str = ""
    has_new_credential: bool = False
    ended_at: datetime | None = None
    error_code: str = ""
    error: str = ""
    subscriptions: int | None = None
    assessment_id: UUID | None = None

    @property
    def is_lost(self) -> bool:
        """Whether the attempt was requested so long ago that no worker can still be running it."""
        return self.ended_at is None and (timezone.now() - self.at).total_seconds() > LOST_AFTER

    @property
    def is_waiting(self) -> bool:
        """Whether a worker is running the attempt, or will run it."""
        return self.ended_at is None and not self.is_lost

    @property
    def has_succeeded(self) -> bool:
        """Whether the sign-in succeeded. If so, and if the attempt had a new credential, this credential was stored."""
        return self.ended_at is not None and not self.error_code


def new_attempt(
    by: Person,
    client_id: str,
    *,
    directory_id: UUID | None = None,
    principal_id: UUID | None = None,
    has_new_credential: bool = False,
) -> Attempt:
    """Return a new attempt with the present time as its time of request. The attempt is not stored yet."""
    return Attempt(
        id=uuid4(),
        at=timezone.now(),
        requested_by=by.pk,
        directory_id=directory_id,
        principal_id=principal_id,
        client_id=client_id,
        has_new_credential=has_new_credential,
    )


def count_sign_in(owner_id: UUID) -> None:
    """Count a requested sign-in. Raise Conflict if the owner has already requested `MAX_PER_HOUR` sign-ins in this
    hour.
    """
    if count_in_this_hour("sign-ins", owner_id) > MAX_PER_HOUR:
        raise Conflict(
            f"At most {MAX_PER_HOUR} test sign-ins are allowed per hour. Try again in the next hour.",
            code="too_many_sign_ins",
        )


def waiting_attempt(owner_id: UUID, attempt_id: UUID) -> tuple[Attempt, Mapping[str, str] | None] | None:
    """Return an attempt for the worker that signs in, and its new credential (None if a stored credential is tested).

    Return None if the attempt already has a result, or was requested too long ago. In the second case, the page tells
    the person that the attempt has not finished, so its credential must not be stored. Raise RuntimeError if called
    inside a transaction, which would stay open during the requests to Azure.
    """
    if connection.in_atomic_block:
        raise RuntimeError(
            "A sign-in attempt sends requests to Azure. Run it outside any scope and transaction."
        )
    record = sealed_cache.load(attempt_key(owner_id, attempt_id))
    attempt = attempt_from(record) if record else None
    if record is None or attempt is None or not attempt.is_waiting:
        return None
    return attempt, record.get("credential")


def latest_attempt(owner_id: UUID, attempt_id: UUID | None) -> Attempt | None:
    """Return the owner's attempt with this id. Return None if the cache no longer contains it: a waiting attempt stays
    in the cache for ten minutes, and its result for an hour.
    """
    record = sealed_cache.load(attempt_key(owner_id, attempt_id)) if attempt_id else None
    return attempt_from(record) if record else None


def end_attempt(owner_id: UUID, attempt: Attempt, result: CredentialResult) -> None:
    """Replace the cached attempt by a record that has the result but not the credential."""
    seen = result.subscriptions
    ended = replace(
        attempt,
        ended_at=timezone.now(),
        error_code=result.error_code,
        error=result.error,
        subscriptions=None if seen is None else len(seen),
    )
    store_attempt(owner_id, ended)


def attempt_key(owner_id: UUID, attempt_id: UUID) -> str:
    """Return the key of the attempt in the cache."""
    # The key contains Surety's version, because another version may not understand the cached value.
    return f"credential:{VERSION}:{owner_id}:{attempt_id}"


def store_attempt(owner_id: UUID, attempt: Attempt, credential: Mapping[str, str] | None = None) -> None:
    """Store the attempt in the cache. Until the attempt has ended, the record also holds the new credential."""
    record = {
        "id": str(attempt.id),
        "at": attempt.at.isoformat(),
        "requested_by": str(attempt.requested_by),
        "directory_id": str(attempt.directory_id or ""),
        "principal_id": str(attempt.principal_id or ""),
        "client_id": attempt.client_id,
        "has_new_credential": attempt.has_new_credential,
        "ended_at": attempt.ended_at.isoformat() if attempt.ended_at else "",
        "error_code": attempt.error_code,
        "error": attempt.error,
        "subscriptions": attempt.subscriptions,
        "assessment_id": str(attempt.assessment_id or ""),
        "credential": dict(credential) if credential else None,
    }
    seconds = _RESULT_SECONDS if attempt.ended_at else _PENDING_SECONDS
    sealed_cache.store(attempt_key(owner_id, attempt.id), record, seconds)


def attempt_from(record: Mapping[str, Any]) -> Attempt:
    """Return the attempt that `store_attempt` stored in this record."""
    return Attempt(
        id=UUID(record["id"]),
        at=datetime.fromisoformat(record["at"]),
        requested_by=UUID(record["requested_by"]),
        directory_id=UUID(record["directory_id"]) if record["directory_id"] else None,
        principal_id=UUID(record["principal_id"]) if record["principal_id"] else None,
        client_id=record["client_id"],
        has_new_credential=record["has_new_credential"],
        ended_at=datetime.fromisoformat(record["ended_at"]) if record["ended_at"] else None,
        error_code=record["error_code"],
        error=record["error"],
        subscriptions=record["subscriptions"],
        assessment_id=UUID(record["assessment_id"]) if record["assessment_id"] else None,
    )
