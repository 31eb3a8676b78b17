"""Virtual machines, their disks, extensions and machine configuration."""

from __future__ import annotations

from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import arm, child
from assessments.estate.sdk_operation import Library, of_resource, of_subscription

VIRTUAL_MACHINES = arm(
    "virtual_machines",
    "Microsoft.Compute/virtualMachines@2026-04-01",
    "Virtual machines",
    operation=of_subscription(Library.COMPUTE, "virtual_machines", "list_all"),
    inventory=Inventory.CONFIGURATION,
)
VM_STATUSES = arm(
    "virtual_machine_statuses",
    "Microsoft.Compute/virtualMachines@2026-04-01",
    "Run-time status of virtual machines",
    query={"statusOnly": "true"},
    operation=of_subscription(Library.COMPUTE, "virtual_machines", "list_all"),
)
VM_EXTENSIONS = child(
    "virtual_machines",
    "virtual_machine_extensions",
    "Microsoft.Compute/virtualMachines/extensions@2026-04-01",
    "VM extensions",
    operation=of_resource(Library.COMPUTE, "virtual_machine_extensions", "list"),
)
DISKS = arm(
    "disks",
    "Microsoft.Compute/disks@2026-03-02",
    "Managed disks",
    operation=of_subscription(Library.COMPUTE, "disks"),
    inventory=Inventory.CONFIGURATION,
)
GUEST_CONFIGURATION = arm(
    "guest_configuration",
    "Microsoft.GuestConfiguration/guestConfigurationAssignments@2022-01-25",
    "Machine configuration assignments",
    spans_scopes=True,
)
