"""Run-time status of a virtual machine: the bulk status list, else what the machine's document holds."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.estate.collections.vm import VM_STATUSES
from assessments.estate.view import View

_OFF = {"deallocated", "deallocating", "stopped", "stopping"}


def instance_view(machine: View, ctx: Context) -> View:
    """Return the instance view of a machine. Raise CollectionUnavailable or Unreadable."""
    status = ctx.find(VM_STATUSES, machine.id)
    if status is not None and status.has("properties.instanceView"):
        return status.object("properties.instanceView")
    if machine.has("properties.instanceView"):
        return machine.object("properties.instanceView")
    for answer in ctx.estate.answers(VM_STATUSES.name):
        if answer.gap is not None:
            raise CollectionUnavailable(answer.gap)
    raise machine.unreadable("properties.instanceView", "absent")


def power_state(view: View) -> str:
    """Return the power state of an instance view in lower case, such as `running`. Raise Unreadable."""
    for status in view.items("statuses"):
        kind, _, state = status.text("code").partition("/")
        if kind.casefold() == "powerstate":
            return state.casefold()
    raise view.unreadable("statuses", "without a power state")


def is_off(state: str) -> bool:
    """Whether the machine is stopped or being stopped."""
    return state in _OFF


def os_configuration(machine: View) -> View | None:
    """Return a machine's Windows or Linux configuration; None if it was created from an existing disk."""
    profile = machine.object("properties.osProfile", default={})
    for name in ("windowsConfiguration", "linuxConfiguration"):
        if profile.has(name):
            return profile.object(name)
    return None
