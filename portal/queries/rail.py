"""The numbers beside the entries of a customer in the sidebar, with one query."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from assessments.models import Finding
from portal.treatment.models import FindingException
from portal.treatment.selectors.scores import valid_shown_counts
from portal.treatment.states import CHANGES_SHOWN_STATE, ShownState, shown_state
from tenants.models import Person, Tenant
from tenants.service_accounts import made_by


class RailNumbers(NamedTuple):
    """Numbers of one customer: open findings, exceptions that wait for somebody, and exceptions that the person can
    decide. 0 shows no number.
    """

    open: int = 0
    waiting: int = 0
    to_decide: int = 0


def rail_numbers(tenant: Tenant, now: datetime, decided_by: Person | None = None) -> RailNumbers:
    """Return the numbers of the tenant; the caller checks that the person may see all its findings.

    `decided_by` is the person, if the person may decide exceptions. Then the exceptions to decide are all waiting ones
    except the person's own requests. The number of open findings comes from the newest snapshot. If anything has
    changed it since, failures are counted by an index, and the acknowledged and excepted ones, which are few, are
    subtracted.
    """
    waiting = FindingException.objects.filter(tenant=tenant, state__in=FindingException.PENDING)
    if decided_by is not None:
        waiting = waiting.exclude(made_by(decided_by, "requested_by"))
    failing = Finding.objects.filter(tenant=tenant, state=Finding.State.OPEN)
    treated = failing.filter(CHANGES_SHOWN_STATE).annotate(shown=shown_state(now))
    parts = (
        waiting.values("pk"),
        valid_shown_counts([tenant.pk], now).values("shown"),
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
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, params in queries for value in params])
        open_, pending = cursor.fetchone()
    number = max(0, int(open_))
    return RailNumbers(number, to_decide=pending) if decided_by else RailNumbers(number, waiting=pending)
