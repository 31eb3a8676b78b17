"""Store the numbers of a tenant's findings by control, severity and state. Each snapshot of the tenant updates the
numbers.
"""

from typing import Final

from django.db import models

from tenants.models import TenantOwned
from tenants.protection import Protection

# The columns that count findings by their stored state (`Finding.State`), except the state “gone”.
STATES: Final = ("open", "resolved", "passing", "manual", "unknown", "not_applicable")
# {stored state of a finding: outcome of its verdict}
OUTCOME_OF_STATE: Final = {
    "open": "fail",
    "resolved": "pass",
    "passing": "pass",
    "manual": "manual",
    "unknown": "unknown",
    "not_applicable": "not_applicable",
}
# {shown state: stored state of these findings}, for the shown states that come from a treatment. `ControlCount` has a
# column with the name of each of these shown states.
TREATED: Final = {
    "acknowledged": "open",
    "excepted": "open",
    "attested": "manual",
    "not_met": "manual",
    "lapsed": "manual",
}
# The columns that count findings without an owner, overdue findings, and overdue findings without an owner. The keys of
# each dictionary are shown states.
UNASSIGNED: Final = {state: f"unassigned_{state}" for state in (*STATES, *TREATED)}
OVERDUE: Final = {state: f"overdue_{state}" for state in ("open", "acknowledged")}
UNASSIGNED_OVERDUE: Final = {state: f"unassigned_{column}" for state, column in OVERDUE.items()}


class ControlCount(TenantOwned):
    """The numbers of one tenant, control and severity. Each snapshot of the tenant updates the rows.

    Lists over many customers sum these numbers, because counting findings would take too long.

    `portal.treatment.selectors.valid_snapshots` defines how long each column is correct:

    - `STATES`: findings by stored state. Correct while `up_to_date_snapshots` returns the tenant's snapshot.
    - `TREATED`: findings whose shown state differs from their stored state; `STATES` counts these findings too. Correct
      while `valid_shown_counts` returns the snapshot.
    - `UNASSIGNED`, `OVERDUE`, `UNASSIGNED_OVERDUE`: findings by shown state. Correct while `valid_owner_counts` returns
      the snapshot.
    """

    protection = Protection.CONFIDENTIAL

    control = models.CharField(max_length=80)
    section = models.CharField(max_length=40)
    severity = models.CharField(max_length=20)
    open = models.PositiveIntegerField(default=0)
    resolved = models.PositiveIntegerField(default=0)
    passing = models.PositiveIntegerField(default=0)
    manual = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    not_applicable = models.PositiveIntegerField(default=0)
    acknowledged = models.PositiveIntegerField(default=0)
    excepted = models.PositiveIntegerField(default=0)
    attested = models.PositiveIntegerField(default=0)
    not_met = models.PositiveIntegerField(default=0)
    lapsed = models.PositiveIntegerField(default=0)
    unassigned_open = models.PositiveIntegerField(default=0)
    unassigned_resolved = models.PositiveIntegerField(default=0)
    unassigned_passing = models.PositiveIntegerField(default=0)
    unassigned_manual = models.PositiveIntegerField(default=0)
    unassigned_unknown = models.PositiveIntegerField(default=0)
    unassigned_not_applicable = models.PositiveIntegerField(default=0)
    unassigned_acknowledged = models.PositiveIntegerField(default=0)
    unassigned_excepted = models.PositiveIntegerField(default=0)
    unassigned_attested = models.PositiveIntegerField(default=0)
    unassigned_not_met = models.PositiveIntegerField(default=0)
    unassigned_lapsed = models.PositiveIntegerField(default=0)
    overdue_open = models.PositiveIntegerField(default=0)
    overdue_acknowledged = models.PositiveIntegerField(default=0)
    unassigned_overdue_open = models.PositiveIntegerField(default=0)
    unassigned_overdue_acknowledged = models.PositiveIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "control", "severity"], name="treatment_control_count_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.control}, {self.severity}"
