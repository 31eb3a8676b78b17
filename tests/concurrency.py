"""Concurrent calls, each with its own database connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

from django.db import connections

from tenants.models import Tenant
from tenants.scope import tenant_scope


def run_concurrently(
    *calls: Callable[[], Any], tenant: Tenant | None = None, caught: tuple[type[Exception], ...] = ()
) -> list[Any]:
    """Run the calls at the same time, in the tenant's scope if given.

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
