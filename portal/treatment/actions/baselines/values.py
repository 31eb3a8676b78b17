"""Set one setting of a customer to the value of a baseline.

The setting may be of a kind that another app registered (`baseline_settings`).
"""

from __future__ import annotations

from typing import Any

from assessments.actions.control_settings import set_control_values
from assessments.actions.schedules import set_schedule
from assessments.timing.schedules import DEFAULT
from portal.notify.actions.channels import add_channel, change_channel, delete_channel, switch_channel
from portal.notify.models import Channel
from portal.retention.actions.policy import DEFAULT as DEFAULT_PERIOD
from portal.retention.actions.policy import set_periods
from portal.treatment.actions.control_switches import change_profile
from portal.treatment.actions.owners.rules import change_rule, create_rule
from portal.treatment.baseline_settings import registered_kind
from portal.treatment.matching import FIELDS
from portal.treatment.models import Baseline, BaselineChannel, OwnerRule
from portal.treatment.selectors.baselines import (
    ALL_CONTROLS,
    CHANNEL,
    DUE_DAYS,
    EXCEPTION_CAP,
    OWNER_RULE,
    PARAMETERS,
    PROFILE,
    RETENTION,
    SCHEDULE,
    Values,
    complete,
)
from portal.treatment.task_names import REFRESH
from tenants.actions.organizations import change_tenant
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict, InvalidInput
from tenants.models import Person, Tenant
from tenants.models.tenant import DUE_DAYS as DEFAULT_DUE_DAYS
from tenants.models.tenant import EXCEPTION_CAP_DAYS
from tenants.secrets import unseal


def apply_value(tenant: Tenant, by: Actor, setting: str, value: Any, baseline: Baseline) -> None:
    """Set a setting of a customer to the value of the baseline.

    Raises Conflict with the customer's name if the customer cannot have the value.
    """
    try:
        _set(tenant, by, setting, value, baseline)
    except (InvalidInput, Conflict) as error:
        raise Conflict(f"{tenant.name}: {error.message}", code=error.code) from error


def _set(tenant: Tenant, by: Actor, setting: str, value: Any, baseline: Baseline) -> None:
    if setting == DUE_DAYS:
        change_tenant(by=by, tenant=tenant, due_days={**DEFAULT_DUE_DAYS, **tenant.due_days, **value})
        enqueue(REFRESH, tenant.pk)
    elif setting == EXCEPTION_CAP:
        change_tenant(by=by, tenant=tenant, exception_cap_days=value)
    elif setting == SCHEDULE:
        set_schedule(tenant=tenant, by=by, wanted=value)
    elif setting == PROFILE:
        change_profile(tenant=tenant, by=by, **value)
    elif setting.startswith(RETENTION):
        set_periods(tenant=tenant, by=by, wanted={setting.removeprefix(RETENTION): value})
    elif setting.startswith(OWNER_RULE):
        _apply_rule(tenant, by, setting.removeprefix(OWNER_RULE), value)
    elif setting.startswith(CHANNEL):
        _apply_channel(tenant, by, baseline.channels.get(name=setting.removeprefix(CHANNEL)))
    elif registered := registered_kind(setting):
        kind, name = registered
        kind.apply(tenant=tenant, by=by, name=name, value=value)
    else:
        set_control_values(tenant=tenant, by=by, slug=setting.removeprefix(PARAMETERS), values=value)


def _apply_rule(tenant: Tenant, by: Actor, name: str, value: Values) -> None:
    owner = Person.objects.get(pk=value["owner"])
    conditions = {field: value.get(field, "") for field in FIELDS}
    rule = OwnerRule.objects.filter(tenant=tenant, name=name).order_by("position").first()
    if rule is None:
        create_rule(tenant=tenant, by=by, name=name, owner=owner, enabled=value["enabled"], **conditions)
    else:
        change_rule(rule=rule, by=by, owner=owner, enabled=value["enabled"], **conditions)
    enqueue(REFRESH, tenant.pk)


def _apply_channel(tenant: Tenant, by: Actor, wanted_channel: BaselineChannel) -> None:
    address = unseal(wanted_channel, "address").reveal()
    values = {"name": wanted_channel.name, "kinds": wanted_channel.kinds, "address": address}
    channel = Channel.objects.filter(tenant=tenant, name=wanted_channel.name).first()
    if channel is not None and channel.kind != wanted_channel.kind:
        # The kind of a stored channel cannot change, so replace the channel.
        delete_channel(channel=channel, by=by)
        channel = None
    secret = unseal(wanted_channel, "secret").reveal() if wanted_channel.secret is not None else ""
    if channel is None:
        add_channel(tenant=tenant, by=by, kind=wanted_channel.kind, secret=secret, **values)
        return
    change_channel(channel=channel, by=by, secret=secret, **values)
    switch_channel(channel=channel, by=by, enabled=True)


def default_of(setting: str) -> Any:
    """Return the product's default for a setting."""
    if setting == DUE_DAYS:
        return dict(DEFAULT_DUE_DAYS)
    if setting == EXCEPTION_CAP:
        return EXCEPTION_CAP_DAYS
    if setting == SCHEDULE:
        return DEFAULT
    if setting == PROFILE:
        return ALL_CONTROLS
    if setting.startswith(RETENTION):
        return DEFAULT_PERIOD
    if setting.startswith((OWNER_RULE, CHANNEL)):
        return None
    if registered := registered_kind(setting):
        kind, name = registered
        return kind.default(name)
    return complete(setting.removeprefix(PARAMETERS), {})
