"""Measure how fast many findings are assigned, acknowledged, restored by undo, and assigned by owner rules.

`python -m benchmarks.treatment_bulk [--findings N] [--rounds N]` creates a tenant with N failing findings (half of them
of high severity, half of low severity) in a temporary installation and measures the actions that pages call. Each
action includes its transaction with journal entry, timeline lines and notices, on the embedded PostgreSQL of the same
machine.
The aim: 10,000 findings assigned in less than 5 s.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.shared.bulk import Timings, run

if TYPE_CHECKING:
    from tenants.models import Person


def run_round(timings: Timings, engineer: Person, owner: Person) -> None:
    """Measure these actions in this order: assign, undo the assignment, acknowledge, undo the acknowledgement, assign
    by an owner rule, and unassign.
    """
    from assessments.models import Finding
    from portal.treatment.actions.acknowledge import acknowledge
    from portal.treatment.actions.owners.assign import assign
    from portal.treatment.actions.owners.rules import apply_rules, create_rule, delete_rule
    from portal.treatment.actions.restore import restore_acknowledgements, restore_owners
    from portal.treatment.actions.undo import undo
    from tenants.scope import tenant_scope

    tenant, timed = timings.tenant, timings.timed
    everything = Finding.objects.none
    with tenant_scope(tenant.pk):
        everything = Finding.objects.filter(tenant=tenant, state="open").all
    assigned = timed("assign", lambda: assign(tenant=tenant, findings=everything(), owner=owner, by=engineer))
    timed("undo of assign", partial(undo, batch=assigned, by=engineer, restore=restore_owners))
    taken_on = timed(
        "acknowledge",
        lambda: acknowledge(tenant=tenant, findings=everything(), by=engineer, plan="Soon"),
    )
    timed("undo of acknowledge", partial(undo, batch=taken_on, by=engineer, restore=restore_acknowledgements))
    with tenant_scope(tenant.pk):
        rule = create_rule(tenant=tenant, by=engineer, name="Rule", owner=owner, resource_group="rg-*")
    timed("apply owner rules", lambda: apply_rules(tenant=tenant, by=engineer))
    timed("apply again, nothing changed", lambda: apply_rules(tenant=tenant, by=engineer))
    with tenant_scope(tenant.pk):
        delete_rule(rule=rule, by=engineer)
    timed(
        "unassign a rule's owner",
        lambda: assign(tenant=tenant, findings=everything(), owner=None, by=engineer),
    )


if __name__ == "__main__":
    run(__doc__, run_round)
