"""Marks of tenants whose treatments have changed since the last snapshot, written by triggers."""

from django.db import models

from tenants.models import TenantOwned


class TreatmentChange(TenantOwned):
    """A transaction that changed the shown state or the owner of findings.

    The next snapshot of the tenant deletes the row.

    While a tenant has a row, its stored numbers by owner are out of date, and pages count the findings instead. The
    same is true of its numbers by shown state, except if `only_owner` is set. Rows are only inserted and deleted,
    so that writers of treatments never wait for each other here. `transaction` is PostgreSQL's id of the
    transaction. Each transaction inserts at most one row of each kind.
    """

    transaction = models.BigIntegerField()
    only_owner = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "transaction"], name="treatment_change_tenant")]

    def __str__(self) -> str:
        return str(self.transaction)
