"""A session backend for Django that uses the model `accounts.Session`. Keys are stored as hashes, and data is encrypted
(“sealed”).

A session ends SURETY_SESSION_HOURS after its start, or earlier if it is not used for SURETY_SESSION_IDLE_MINUTES.
Signing in begins a new session, so the hours count from the sign-in.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import Session
from tenants import secrets
from tenants.errors import SecretsUnusable
from tenants.ids import parse_uuid
from tenants.isolation.built_query import BuiltInstances

log = structlog.get_logger(__name__)

# The time of the last request is stored at most once a minute, so that not every page needs a write.
SEEN_EVERY = timedelta(minutes=1)
MAX_BROWSER = 200


def _build_valid(key_hash: str, moment: datetime) -> QuerySet[Session]:
    return Session.objects.filter(key_hash=key_hash, expires_at__gt=moment)


# The query is built once, because each request sends it.
_valid_sessions = BuiltInstances(_build_valid, key_hash="key", moment=datetime(1, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a session: its network address and its browser's `User-Agent`."""

    address: str | None = None
    browser: str = ""


def hash_key(session_key: str) -> str:
    """Return the stored form of a session's key. Keys are random (165 bits), so the hash needs no salt."""
    return hashlib.sha256(session_key.encode("utf-8", "replace")).hexdigest()


def idle_limit() -> timedelta:
    """Return how long a session may be idle (without requests) before it ends."""
    return timedelta(minutes=settings.SURETY_SESSION_IDLE_MINUTES)


class SessionStore(SessionBase):
    """One session. `row` is the stored session, and None before it is loaded or saved.

    `_stored_hash` is the value of the column `key_hash` that this request last read or wrote.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.row: Session | None = None
        self._stored_hash = ""
        self.client = Client()

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        row = next(iter(_valid_sessions(key_hash=hash_key(str(self.session_key)), moment=now)), None)
        if row is None or row.last_seen_at + idle_limit() <= now:
            self._session_key = None
            return {}
        try:
            data: dict[str, Any] = json.loads(secrets.unseal(row, "data").reveal())
        except SecretsUnusable as error:
            # The data cannot be read if the key ring was replaced or the row was changed. The person must sign in
            # again.
            log.warning("session_unreadable", session=str(row.pk), code=error.code)
            self._session_key = None
            return {}
        self._remember(row)
        return data

    def _remember(self, row: Session) -> None:
        self.row, self._stored_hash = row, row.key_hash

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key_hash=hash_key(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # missing in the stubs
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Store the data. Raise UpdateError if the session was ended or got another key since it was loaded.

        If the data were stored in that case, a slow request with the old key would make the old key valid again.
        """
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # missing in the stubs
        key_hash = hash_key(self.session_key)
        if must_create:
            self._remember(self._insert(key_hash, data))
            return
        if self.row is None or self.row.key_hash != key_hash:
            found = Session.objects.filter(key_hash=key_hash).first()
            if found is None:
                raise UpdateError
            self._remember(found)
        row = self.row
        assert row is not None
        self._fill(row, data)
        values = {"data": row.data, "person_id": row.person_id, "key_hash": key_hash}
        if not Session.objects.filter(pk=row.pk, key_hash=self._stored_hash).update(**values):
            raise UpdateError
        self._stored_hash = key_hash

    def replace_key(self) -> None:
        """Give the session a new key, which becomes valid when the session is saved.

        The data and end times of the session do not change. The old key becomes invalid.
        """
        self._get_session()  # type: ignore[attr-defined]  # missing in the stubs
        if self.row is not None:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]  # as above
            self.row.key_hash = hash_key(self._session_key)
            self.modified = True

    def _insert(self, key_hash: str, data: dict[str, Any]) -> Session:
        row = Session(
            key_hash=key_hash,
            expires_at=timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE),
            address=self.client.address,
            browser=self.client.browser[:MAX_BROWSER],
        )
        self._fill(row, data)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise CreateError from None
        return row

    def _fill(self, row: Session, data: dict[str, Any]) -> None:
        secrets.seal(row, "data", json.dumps(data))
        row.person_id = parse_uuid(data.get(SESSION_KEY))

    def delete(self, session_key: str | None = None) -> None:
        session_key = session_key or self.session_key
        if session_key is not None:
            Session.objects.filter(key_hash=hash_key(session_key)).delete()

    def touch(self) -> None:
        """Record the time and the client of the request. If the client has not changed, do so at most once a minute."""
        row, now = self.row, timezone.now()
        if row is None:
            return
        browser = self.client.browser[:MAX_BROWSER]
        if now - row.last_seen_at < SEEN_EVERY and (row.address, row.browser) == (
            self.client.address,
            browser,
        ):
            return
        row.last_seen_at, row.address, row.browser = now, self.client.address, browser
        Session.objects.filter(pk=row.pk).update(last_seen_at=now, address=row.address, browser=browser)

    @classmethod
    def clear_expired(cls) -> None:
        now = timezone.now()
        Session.objects.filter(expires_at__lte=now).delete()
        Session.objects.filter(last_seen_at__lte=now - idle_limit()).delete()
