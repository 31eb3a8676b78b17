"""Virtual machines, their disks, extensions and machine configuration."""

from __future__ import annotations

from assessments.estate.collections.declare import IN_SCOPE, arm, child

VIRTUAL_MACHINES = arm(
    "virtual_machines",
    IN_SCOPE + "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/virtualMachines/read",
    "2026-04-01",
    "Virtual machines",
)
VM_STATUSES = arm(
    "virtual_machine_statuses",
    IN_SCOPE + "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/virtualMachines/read",
    "2026-04-01",
    "Run-time status of virtual machines",
    query={"statusOnly": "true"},
)
VM_EXTENSIONS = child(
    "virtual_machines",
    "virtual_machine_extensions",
    "{scope}/extensions",
    "Microsoft.Compute/virtualMachines/extensions/read",
    "2026-04-01",
    "VM extensions",
)
DISKS = arm(
    "disks",
    IN_SCOPE + "Microsoft.Compute/disks",
    "Microsoft.Compute/disks/read",
    "2026-03-02",
    "Managed disks",
)
GUEST_CONFIGURATION = arm(
    "guest_configuration",
    IN_SCOPE + "Microsoft.GuestConfiguration/guestConfigurationAssignments",
    "Microsoft.GuestConfiguration/guestConfigurationAssignments/read",
    "2022-01-25",
    "Machine configuration assignments",
)
