"""Concurrent calls, each with its own database connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

import psycopg
from django.db import connection, connections

from tenants.locks import Lock
from tenants.models import Tenant
from tenants.scope import tenant_scope


def run_concurrently(
    *calls: Callable[[], Any], tenant: Tenant | None = None, caught: tuple[type[Exception], ...] = ()
) -> list[Any]:
    """Run the calls at the same time. If `tenant` is given, each call runs in the tenant's scope.

    Returns the result of each call, or its exception if `caught` lists the exception's class.
    """
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            with tenant_scope(tenant.pk) if tenant else nullcontext():
                barrier.wait(10)
                return call()
        except caught as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@contextmanager
def held_elsewhere(which: Lock, *names: str) -> Iterator[None]:
    """Let another connection hold these locks during the block."""
    settings = connection.get_connection_params()
    given = {key: settings[key] for key in ("dbname", "user", "password", "host", "port") if key in settings}
    with psycopg.connect(**given) as other:
        for name in names:
            statement = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"
            other.execute(statement, [which.key(name), which.seed])
        yield


def run_in_the_middle(
    first: Callable[[Callable[[], None]], Any], second: Callable[[], Any]
) -> tuple[Any, Any]:
    """Run `second` while `first` is in the middle of its transaction, and return the results of both.

    `first` gets a function, and calls it in its transaction. The function starts `second`, and returns as soon as
    `second` has ended or waits for a lock of the database. Errors of both, such as deadlocks, are raised.
    """
    with ThreadPoolExecutor(2) as pool:
        started: list[Future[Any]] = []

        def let_second_run() -> None:
            if not started:
                started.append(pool.submit(_and_close, second))
                deadline = time.monotonic() + 10
                while not started[0].done() and not _is_blocking():
                    assert time.monotonic() < deadline
                    time.sleep(0.02)

        result = pool.submit(_and_close, lambda: first(let_second_run)).result(30)
        return result, started[0].result(30)


def _and_close(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connections.close_all()


def _is_blocking() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
