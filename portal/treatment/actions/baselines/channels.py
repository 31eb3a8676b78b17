"""Add, change and remove the channels of a baseline."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from django.db import transaction

from portal.notify.actions.channels import (
    clean_channel_name,
    clean_kinds,
    displayable_host,
)
from portal.notify.models import Channel
from portal.notify.selectors import channel_part
from portal.notify.signing import new_secret
from portal.treatment.actions.baselines.change import RENAMED, changed_baseline
from portal.treatment.models import Baseline, BaselineChannel
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant
from tenants.secrets import seal
from tenants.values.stale_values import REMOVED, Part, check_unchanged

MAX_BASELINE_CHANNELS: Final = 10


@transaction.atomic
def set_baseline_channel(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    channel: BaselineChannel | None = None,
    name: str,
    kind: str,
    address: str,
    kinds: Collection[str],
    expected: Part | None = None,
) -> tuple[BaselineChannel, str]:
    """Add a channel to a baseline, or change a channel of the baseline. Customers that have no channel of this name get
    the channel.

    An existing channel keeps its kind and name. If `address` is empty, it also keeps its URL. Return the channel and a
    text: the signing secret of a new webhook, which cannot be read again, or an empty text.

    Raises RefusedAddress if Surety may not reach the address, and InvalidInput if a value is invalid. Raises Conflict
    if the channel cannot be stored, for example if `name` is not the name of the existing channel.
    """
    cleaned = clean_channel_name(name, channel.name if channel else "")
    with changed_baseline(baseline, by, tenants, {cleaned}) as baseline:
        row = BaselineChannel(organization=baseline.organization, baseline=baseline, kind=kind, name=cleaned)
        if channel is not None:
            row = current_channel(channel)
            if row.name != cleaned:
                raise Conflict(RENAMED.format(what="channels", this="this channel"), code="renamed")
        if row.kind not in Channel.Kind.values:
            raise invalid("kind", f"Choose one of {', '.join(Channel.Kind.labels)}.")
        if channel is not None:
            after = {**channel_part(row), "kinds": sorted(clean_kinds(kinds))}
            if address.strip():
                # `channel_part` has a digest of the stored address. The empty text here differs from every digest. So
                # each entered address counts as a change, even if it equals the stored address.
                after["address"] = ""
            check_unchanged(expected, channel_part(row), after)
        row.kinds = clean_kinds(kinds)
        others = BaselineChannel.objects.filter(baseline=baseline).exclude(pk=row.pk)
        if others.filter(name=row.name).exists():
            raise invalid(
                "name",
                "The baseline already has a channel with this name. Choose another name.",
                code="taken",
            )
        if others.count() >= MAX_BASELINE_CHANNELS:
            raise Conflict(
                f"A baseline can have at most {MAX_BASELINE_CHANNELS} channels. Remove an unused channel first."
            )
        secret = ""
        if channel is None or address.strip():
            row.host = displayable_host(address)
            seal(row, "address", address.strip())
        if channel is None and row.kind == Channel.Kind.WEBHOOK:
            secret = new_secret()
            seal(row, "secret", secret)
        row.save()
    return row, secret


@transaction.atomic
def remove_baseline_channel(
    *, channel: BaselineChannel, by: Person, tenants: Sequence[Tenant], expected: Part | None = None
) -> Baseline:
    """Remove a channel from its baseline. Customers keep their channels."""
    with changed_baseline(channel.baseline, by, tenants) as baseline:
        row = current_channel(channel)
        check_unchanged(expected, channel_part(row), {})
        row.delete()
    return baseline


def current_channel(channel: BaselineChannel) -> BaselineChannel:
    """Read a channel again. Call this function after `lock_baselines`.

    Raises Conflict if somebody else has removed the channel.
    """
    row = BaselineChannel.objects.filter(pk=channel.pk).first()
    if row is None:
        raise Conflict("Somebody else has removed this channel. Open the baseline again.", code=REMOVED)
    return row
