"""Virtual machines, their disks, extensions and machine configuration."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import OPTIONAL, SINGLE, arm, child, listed, since
from assessments.estate.documented_codes import COMPUTE, GENERAL
from assessments.estate.machines.baselines import unlisted_reports
from assessments.estate.machines.instance_views import only_instance_view
from assessments.estate.machines.scale_sets import without_secrets
from assessments.estate.machines.virtual_machines import without_other_settings, without_scripts
from assessments.estate.sdk_operation import Library, of_resource, of_subscription

_LIBRARY = "azure-mgmt-guestconfig 1.0.0b2"

VIRTUAL_MACHINES = arm(
    "virtual_machines",
    "Microsoft.Compute/virtualMachines@2026-04-01",
    "Virtual machines",
    operation=of_subscription(Library.COMPUTE, "virtual_machines", "list_all"),
    prepare=without_scripts,
    inventory=Inventory.CONFIGURATION,
    error_codes=COMPUTE,
    **since("2021-11-01", "compute/resource-manager/Microsoft.Compute/stable/2021-11-01/compute.json"),
)
VM_SCALE_SETS = listed(
    "vm_scale_sets",
    "Microsoft.Compute/virtualMachineScaleSets@2026-04-01",
    "Virtual machine scale sets",
    operation=of_subscription(Library.COMPUTE, "virtual_machine_scale_sets", "list_all"),
    prepare=without_secrets,
    inventory=Inventory.CONFIGURATION,
    error_codes=COMPUTE,
    **since("2021-11-01", "compute/resource-manager/Microsoft.Compute/stable/2021-11-01/compute.json"),
)
VM_STATUSES = arm(
    "virtual_machine_statuses",
    "Microsoft.Compute/virtualMachines@2026-04-01",
    "Run-time status of virtual machines",
    query={"statusOnly": "true"},
    operation=of_subscription(Library.COMPUTE, "virtual_machines", "list_all"),
    prepare=only_instance_view,
    error_codes=COMPUTE,
    **since("2021-11-01", "compute/resource-manager/Microsoft.Compute/stable/2021-11-01/compute.json"),
)
VM_INSTANCE_VIEWS = child(
    "virtual_machines",
    "virtual_machine_instance_views",
    "Microsoft.Compute/virtualMachines@2026-04-01",
    "Agent and patches of running virtual machines",
    path="{scope}",
    after=("virtual_machines", "virtual_machine_statuses"),
    targets=t.running_machines,
    query={"$expand": "instanceView"},
    prepare=only_instance_view,
    **SINGLE,
    error_codes=COMPUTE,
    **since("2021-11-01", "compute/resource-manager/Microsoft.Compute/stable/2021-11-01/compute.json"),
    definition=Definition("azure.mgmt.compute.models:VirtualMachine"),
)
VM_EXTENSIONS = child(
    "virtual_machines",
    "virtual_machine_extensions",
    "Microsoft.Compute/virtualMachines/extensions@2026-04-01",
    "VM extensions",
    operation=of_resource(Library.COMPUTE, "virtual_machine_extensions", "list"),
    prepare=without_other_settings,
    error_codes=COMPUTE,
    **since("2021-11-01", "compute/resource-manager/Microsoft.Compute/stable/2021-11-01/compute.json"),
    definition=Definition("azure.mgmt.compute.models:VirtualMachineExtension"),
)
DISKS = arm(
    "disks",
    "Microsoft.Compute/disks@2026-03-02",
    "Managed disks",
    operation=of_subscription(Library.COMPUTE, "disks"),
    inventory=Inventory.CONFIGURATION,
    error_codes=COMPUTE,
    **since("2021-12-01", "compute/resource-manager/Microsoft.Compute/stable/2021-12-01/disk.json"),
)
SNAPSHOTS = listed(
    "snapshots",
    "Microsoft.Compute/snapshots@2026-03-02",
    "Snapshots",
    operation=of_subscription(Library.COMPUTE, "snapshots"),
    inventory=Inventory.CONFIGURATION,
    error_codes=COMPUTE,
    **since("2021-12-01", "compute/resource-manager/Microsoft.Compute/stable/2021-12-01/disk.json"),
)
GUEST_CONFIGURATION = arm(
    "guest_configuration",
    "Microsoft.GuestConfiguration/guestConfigurationAssignments@2022-01-25",
    "Machine configuration assignments",
    spans_scopes=True,
    no_content_is_none=True,
    error_codes=GENERAL,
    **since(
        "2020-06-25",
        "guestconfiguration/resource-manager/Microsoft.GuestConfiguration/stable/2020-06-25/guestconfiguration.json",
    ),
    definition=Definition("azure.mgmt.guestconfig.models:GuestConfigurationAssignment", library=_LIBRARY),
)
GUEST_REPORTS = arm(
    "guest_configuration_reports",
    "Microsoft.GuestConfiguration/guestConfigurationAssignments/reports@2022-01-25",
    "Machine configuration reports",
    path="{scope}",
    after=("virtual_machines", "guest_configuration"),
    targets=unlisted_reports,
    **OPTIONAL,
    error_codes=GENERAL,
    **since(
        "2020-06-25",
        "guestconfiguration/resource-manager/Microsoft.GuestConfiguration/stable/2020-06-25/guestconfiguration.json",
    ),
    definition=Definition(
        "azure.mgmt.guestconfig.models:GuestConfigurationAssignmentReport", library=_LIBRARY
    ),
)
