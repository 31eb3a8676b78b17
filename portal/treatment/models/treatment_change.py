"""Record which tenants' treatments have changed since the last snapshot. Database triggers write these records."""

from django.db import models

from tenants.models import TenantOwned
from tenants.protection import Protection


class TreatmentChange(TenantOwned):
    """A transaction that changed the shown state or the owner of findings. The next snapshot of the tenant deletes the
    row.

    Until then, the stored numbers by owner are out of date. If `only_owner` is False, the numbers by shown state are
    out of date too. `transaction` is PostgreSQL's id of the transaction. A transaction inserts at most two rows for a
    tenant: one with `only_owner`, and one without. Rows are only inserted and deleted, so writers never wait for each
    other.
    """

    protection = Protection.CONFIDENTIAL

    transaction = models.BigIntegerField()
    only_owner = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "transaction"], name="treatment_change_tenant")]

    def __str__(self) -> str:
        return str(self.transaction)
