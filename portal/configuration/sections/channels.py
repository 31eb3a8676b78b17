"""Compare the channels of a file with the channels of a customer.

A channel's URL is a secret, so a channel that a file adds has no URL. The channel is off until a person enters the URL
and turns the channel on. The plan lists these two steps as things to do on the page **Channels**, unless the file turns
the channel off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from portal.configuration.schema import SECRET
from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from portal.notify.actions.channels import (
    add_channel_without_address,
    change_channel,
    delete_channel,
    switch_channel,
)
from portal.notify.kinds import KINDS
from portal.notify.models import Channel
from tenants.actors import Actor
from tenants.models import Tenant


def channel_data(row: Channel) -> dict[str, Any]:
    """Return a channel as a file contains it, without its URL and secret."""
    return {
        "name": row.name,
        "kind": row.kind,
        "events": [key for key in row.kinds if key in KINDS],
        "enabled": row.enabled,
        "address": SECRET,
    }


def plan_channels(
    draft: Draft,
    channels: Sequence[Channel],
    tenant: Tenant,
    entries: Sequence[Mapping[str, Any]],
    path: Path,
) -> None:
    """Plan steps that make a customer's channels equal to those in the file.

    Channels that the file does not list are deleted.
    """
    stored = {row.name: row for row in channels}
    wanted = draft.named(entries, path, "channel", "Remove one of the two channels.")
    # Channels are deleted first, so that a customer with the maximum number of channels can replace some.
    for name, row in stored.items():
        if name not in wanted:
            text = f"Channel “{name}”: deletes the channel, its address and its posts"
            draft.add(tenant.name, path, Kind.REMOVE, text, partial(_delete, row), rows=(row,))
    for name, (here, entry) in wanted.items():
        if name in stored:
            _compare(draft, tenant, stored[name], entry, here)
        else:
            events = ", ".join(_events(entry))
            text = f"Channel “{name}”: adds the channel without an address and turned off; events: {events}"
            run = partial(_add, tenant, name, entry["kind"], _events(entry))
            draft.add(tenant.name, here, Kind.ADD, text, run)
            _address_to_do(draft, tenant, name, entry, here)


def _compare(draft: Draft, tenant: Tenant, row: Channel, entry: Mapping[str, Any], path: Path) -> None:
    if entry["kind"] != row.kind:
        draft.problem(
            (*path, "kind"),
            f"The channel “{row.name}” is of the kind {row.kind}, which cannot be changed. Add a new channel on the"
            " page Channels.",
        )
        return
    wanted = _events(entry)
    added = [key for key in wanted if key not in row.kinds]
    dropped = [key for key in row.kinds if key not in wanted]
    if added or dropped:
        words = [f"adds {', '.join(added)}"] if added else []
        words += [f"removes {', '.join(dropped)}"] if dropped else []
        text = f"Events of the channel “{row.name}”: {'; '.join(words)}"
        draft.add(tenant.name, path, Kind.CHANGE, text, partial(_change, row, wanted), rows=(row,))
    enabled = entry.get("enabled", True)
    if not row.has_address:
        _address_to_do(draft, tenant, row.name, entry, path)
    elif enabled != row.enabled:
        text = f"Channel “{row.name}”: turns the channel {'on' if enabled else 'off'}"
        draft.add(tenant.name, path, Kind.CHANGE, text, partial(_switch, row, enabled), rows=(row,))


def _address_to_do(draft: Draft, tenant: Tenant, name: str, entry: Mapping[str, Any], path: Path) -> None:
    """Plan a step that tells people to enter the URL of a new channel, and to turn the channel on. Plan no step if the
    file turns the channel off.
    """
    if not entry.get("enabled", True):
        return
    secret = (
        " Replace its secret, and enter the new secret at the receiver." if entry["kind"] == "webhook" else ""
    )
    text = f"Channel “{name}”: enter its address under Settings, Channels.{secret} Then turn the channel on."
    draft.add(tenant.name, path, Kind.TODO, text, None)


def _events(entry: Mapping[str, Any]) -> list[str]:
    return [key for key in KINDS if key in entry["events"]]


def _add(tenant: Tenant, name: str, kind: str, kinds: list[str], by: Actor) -> None:
    add_channel_without_address(tenant=tenant, by=by, name=name, kind=kind, kinds=kinds)


def _change(row: Channel, kinds: list[str], by: Actor) -> None:
    change_channel(channel=row, by=by, name=row.name, kinds=kinds)


def _switch(row: Channel, enabled: bool, by: Actor) -> None:
    switch_channel(channel=row, by=by, enabled=enabled)


def _delete(row: Channel, by: Actor) -> None:
    delete_channel(channel=row, by=by)
