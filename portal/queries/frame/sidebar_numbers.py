"""Read the numbers beside a customer's entries in the sidebar, with one query."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from assessments.models import Finding
from portal.treatment.models import FindingException
from portal.treatment.selectors.valid_snapshots import valid_shown_counts
from portal.treatment.states import CHANGES_SHOWN_STATE, ShownState, shown_state
from tenants import scope
from tenants.models import Person, Tenant
from tenants.people.service_accounts import made_by


class SidebarNumbers(NamedTuple):
    """Numbers of one customer: open findings, waiting exceptions, and exceptions that the person can decide. The
    sidebar hides numbers that are 0.
    """

    open: int = 0
    waiting: int = 0
    to_decide: int = 0


def sidebar_numbers(tenant: Tenant, now: datetime, decided_by: Person | None = None) -> SidebarNumbers:
    """Return the numbers of the tenant; the caller checks that the person may see all its findings.

    If `decided_by` is given, `to_decide` counts the undecided exceptions, except this person's own requests. Otherwise,
    `waiting` counts all undecided exceptions. `open` comes from the newest snapshot if it is up to date.
    """
    key, decider = scope.current().key, decided_by.pk if decided_by else None
    sql, parameters = _build(tenant.pk, decider) if key is None else _built(tenant.pk, decider, key)
    with connection.cursor() as cursor:
        cursor.execute(sql, [now if value == _NOW else value for value in parameters])
        open_, pending = cursor.fetchone()
    number = max(0, int(open_))
    return (
        SidebarNumbers(number, to_decide=pending) if decided_by else SidebarNumbers(number, waiting=pending)
    )


# A placeholder for the time of the request, in the parameters of a query. The query is built once and sent many times,
# each time with the present time instead of the placeholder.
_NOW: Final = datetime(1, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=512)
def _built(tenant: UUID, decider: UUID | None, _of_scope: tuple[object, ...]) -> tuple[str, list[Any]]:
    """Return the SQL and parameters of `_build` from a cache, because building the SQL for each page would take longer
    than running it. The SQL depends on the open scope, so the key of the scope is a part of the cache key.
    """
    return _build(tenant, decider)


def _build(tenant: UUID, decider: UUID | None) -> tuple[str, list[Any]]:
    """Return the SQL for the open scope, and the parameters of the SQL. `_NOW` stands for the time of the request."""
    waiting = FindingException.objects.filter(tenant=tenant, state__in=FindingException.PENDING)
    if decider is not None:
        waiting = waiting.exclude(made_by(decider, "requested_by"))
    failing = Finding.objects.filter(tenant=tenant, state=Finding.State.OPEN)
    treated = failing.filter(CHANGES_SHOWN_STATE).annotate(shown=shown_state(_NOW))
    parts = (
        waiting.values("pk"),
        valid_shown_counts([tenant], _NOW).values("shown"),
        failing.values("pk"),
        treated.exclude(shown=ShownState.OPEN).values("pk"),
    )
    queries = [part.order_by().query.sql_with_params() for part in parts]
    in_waiting, in_valid, in_failing, in_treated = (sql for sql, _ in queries)
    sql = f"""
    WITH waiting AS ({in_waiting}), valid AS MATERIALIZED ({in_valid})
    SELECT CASE WHEN EXISTS (SELECT FROM valid)
      THEN (SELECT coalesce(sum((one ->> 3)::int), 0)
        FROM valid, jsonb_array_elements(shown) one WHERE one ->> 2 = 'open')
      ELSE (SELECT count(*) FROM ({in_failing}) failing) - (SELECT count(*) FROM ({in_treated}) treated)
    END, (SELECT count(*) FROM waiting)
    """  # noqa: S608 - SQL of the code only
    return sql, [value for _, params in queries for value in params]
