"""The order in which the tables of a customer are emptied. A table is emptied before the tables to which it refers."""

from __future__ import annotations

from functools import cache
from graphlib import TopologicalSorter

from portal.offboarding.tables import tenant_models
from tenants.models import TenantKey


@cache
def deletion_order() -> tuple[str, ...]:
    """Return the names of the customer's tables, in the order in which they are emptied. The table of TenantKey is left
    out, because an earlier step of the erasure deletes the customer's key.
    """
    tables = {model._meta.db_table: model for model in tenant_models() if model is not TenantKey}
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(tables, ()))
    for table, model in sorted(tables.items()):
        for field in model._meta.concrete_fields:
            remote = getattr(field, "remote_field", None)
            target = remote.model._meta.db_table if remote is not None else table
            if target != table and target in tables:
                sorter.add(target, table)
    return tuple(sorter.static_order())
