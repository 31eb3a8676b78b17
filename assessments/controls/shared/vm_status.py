"""Read the run-time status of a virtual machine: its power state, and the reports of its agent."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.verdict import Verdict, unknown
from assessments.estate.collections.vm import VM_INSTANCE_VIEWS, VM_STATUSES
from assessments.estate.gaps import Reason
from assessments.estate.machines.instance_views import OFF, power_state, provisioned_at
from assessments.estate.view import Unreadable, View

STATUS_NEEDS = (VM_STATUSES, VM_INSTANCE_VIEWS)
"""The collections that `instance_view` reads."""
# The agent of a machine reports some minutes after Azure has started or created the machine. Until then, Azure states
# that the agent is not ready, and does not state its version:
# https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-set-vms/get-instance-view
_FIRST_REPORT: Final = timedelta(minutes=30)


def instance_view(machine: View, ctx: Context) -> View:
    """Return the instance view of a machine. Raise CollectionUnavailable or Unreadable if needed data could not be
    read.

    The instance view of a running machine was read from the machine itself (VM_INSTANCE_VIEWS). The instance view of a
    machine that is off is in the list of statuses (VM_STATUSES).
    """
    for collection in (VM_INSTANCE_VIEWS, VM_STATUSES):
        status = ctx.find(collection, machine.id)
        if status is not None and status.has("properties.instanceView"):
            return status.object("properties.instanceView")
    if machine.has("properties.instanceView"):
        return machine.object("properties.instanceView")
    for collection in (VM_INSTANCE_VIEWS, VM_STATUSES):
        if gaps := ctx.estate.gaps_of(collection.name):
            raise CollectionUnavailable(gaps[0])
    raise machine.unreadable("properties.instanceView", "absent")


def require_agent_report(machine: View, ctx: Context) -> None:
    """Raise CollectionUnavailable or Unreadable if the instance view was not read from the machine itself. An instance
    view from the list of statuses may lack the reports of the agent.
    """
    if machine.has("properties.instanceView"):
        return
    status = ctx.find(VM_INSTANCE_VIEWS, machine.id)
    if status is not None:
        # `status` was read from the machine itself. If it lacks the instance view, the next line raises Unreadable.
        status.object("properties.instanceView")
        return
    gap = ctx.gap_at(VM_INSTANCE_VIEWS, machine.id)
    if gap is not None:
        raise CollectionUnavailable(gap)
    reason = (
        f"Could not check {machine.name}: its instance view was read from a list of machines, and this list may lack"
        " the report of the machine’s agent"
    )
    raise Unreadable(machine.id, "properties.instanceView", "not read from the machine itself", reason)


def awaits_first_report(status: View, ctx: Context) -> Verdict | None:
    """Return an unknown verdict if Azure started, created or changed the machine so recently that its agent may not
    have reported yet. Otherwise, return None. `status` is the machine's instance view. Raise Unreadable if a needed
    property cannot be read.
    """
    is_changing, at = provisioned_at(status)
    if is_changing or (at is not None and ctx.now - at < _FIRST_REPORT):
        return unknown(
            "The machine was started or changed a short time ago, so its agent may not have reported yet",
            Reason.UNDECIDED,
            powerState=power_state(status),
        )
    return None


def is_off(state: str) -> bool:
    """Return whether the machine is stopped or being stopped."""
    return state in OFF


def is_ephemeral(system_disk: View) -> bool:
    """Return whether the system disk of a machine, or of the model of a scale set, is ephemeral. Raise Unreadable if a
    needed property cannot be read.

    Machines with such a disk cannot be stopped and started again, and Azure Backup does not support them:
    https://learn.microsoft.com/azure/virtual-machines/ephemeral-os-disks
    """
    settings = system_disk.object("diffDiskSettings", default={})
    return settings.choice("option", {"local"}, default="") == "local"


def os_configuration(machine: View) -> View | None:
    """Return the Windows or Linux configuration of a machine. Return None if the machine was created from an existing
    disk.
    """
    profile = machine.object("properties.osProfile", default={})
    for name in ("windowsConfiguration", "linuxConfiguration"):
        if profile.has(name):
            return profile.object(name)
    return None
