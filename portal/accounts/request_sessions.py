"""Find the session of a request before Django handles it, so that only signed-in people can send large bodies."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections
from django.http import parse_cookie
from django.utils import timezone

from portal.accounts.models import Session
from portal.accounts.sessions import hash_key, idle_limit
from portal.http.request_bodies import Refused

log = structlog.get_logger(__name__)


def is_signed_in(environ: Mapping[str, Any]) -> bool:
    """Return whether the session cookie belongs to a session that has not ended.

    Raise Refused if the database cannot be reached.

    This function sends one query, which uses a unique index. Later, middleware checks the session again, and also
    checks the sign-in policy.
    """
    key = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    now = timezone.now()
    rows = Session.objects.filter(
        key_hash=hash_key(key),
        person__is_active=True,
        expires_at__gt=now,
        last_seen_at__gt=now - idle_limit(),
    )
    close_old_connections()  # Django's request signals, which close old connections, have not been sent yet.
    try:
        return rows.exists()
    except (OperationalError, InterfaceError) as error:
        log.error("session_not_checked", error=type(error).__name__)
        raise Refused(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Surety cannot check your session at the moment, so it did not accept the files. Try again in a minute.",
        ) from None
    finally:
        close_old_connections()
