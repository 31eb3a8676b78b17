"""Time limits for the statements, locks and transactions of web processes, enforced by PostgreSQL.

Without the limits, one slow query or held lock could occupy a thread forever. Only `portal.wsgi` calls
`limit_connections`: workers, migrations and commands may take as long as they need.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

REASONS: Final = {
    "57014": "statement_timeout",
    "55P03": "lock_timeout",
    "25P03": "idle_in_transaction_session_timeout",
}
"""Maps the SQLSTATE of an error to the limit that PostgreSQL enforces with this error. 57014 also occurs when an
operator cancels a statement.
"""


def limit_connections() -> None:
    """Set the limits on each connection that this process opens from now on."""
    connection_created.connect(_limit, dispatch_uid="portal.http.database_limits")


def _limit(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    set_time_limits(
        connection,
        statement=settings.SURETY_WEB_STATEMENT_SECONDS,
        lock=settings.SURETY_WEB_LOCK_SECONDS,
        idle=settings.SURETY_WEB_IDLE_TRANSACTION_SECONDS,
    )


def set_time_limits(connection: BaseDatabaseWrapper, *, statement: float, lock: float, idle: float) -> None:
    """Set the limits of an open connection, in seconds. 0 means no limit.

    `statement` limits one statement, or one part of a streamed export. `lock` limits the wait for one lock. `idle`
    limits the time for which an open transaction waits for its next statement.
    """
    seconds = {
        "statement_timeout": statement,
        "lock_timeout": lock,
        "idle_in_transaction_session_timeout": idle,
    }
    parameters = [part for name, value in seconds.items() for part in (name, str(round(value * 1000)))]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(['set_config(%s, %s, false)'] * len(seconds))}", parameters)


def exceeded_limit(error: BaseException | None) -> str:
    """Return the name of the time limit that caused a database error; an empty text if no limit caused it."""
    if not isinstance(error, OperationalError):
        return ""
    return REASONS.get(str(getattr(error.__cause__, "sqlstate", "")), "")


def is_unreachable(error: BaseException | None) -> bool:
    """Return whether a database error means that PostgreSQL did not accept the connection, or that the connection was
    lost.

    PostgreSQL gives a SQLSTATE to every statement that fails; an error without a SQLSTATE is an error of the
    connection. SQLSTATEs that begin with 08 or 57P, and the SQLSTATE 53300, mean that the server ends the connection or
    accepts no further connection.
    """
    if not isinstance(error, OperationalError) or not isinstance(error.__cause__, psycopg.OperationalError):
        return False
    state = error.__cause__.sqlstate
    return not state or state.startswith(("08", "57P")) or state == "53300"
