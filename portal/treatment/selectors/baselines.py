"""Find the values that the baselines of an organization set for its customers, and the customers that deviate.

A setting gets its value from the first baseline that has a value for it. The baselines for the customer's labels come
first, in the order of the labels. The baseline for all customers comes last. Each owner rule and each channel is a
setting, identified by its name. Other packages register further settings (`portal.treatment.baseline_settings`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from assessments.actions.schedules import wanted_of
from assessments.controls.profiles import EVERYTHING, known_choice
from assessments.controls.registry import catalogue
from assessments.models import ControlProfile, ControlSetting, Schedule
from assessments.timing.schedules import DEFAULT
from portal.notify.models import Channel
from portal.retention.actions.policy import DEFAULT as DEFAULT_PERIOD
from portal.retention.kinds import CUSTOMER_KINDS
from portal.retention.selectors import chosen_of
from portal.treatment.baseline_settings import registered_kind, registered_settings
from portal.treatment.matching import FIELDS
from portal.treatment.models import Baseline, BaselineChannel, OwnerRule
from tenants.errors import SecretsUnusable
from tenants.models import Organization, Person, Tenant
from tenants.secrets import unseal

# Names of settings
DUE_DAYS: Final = "due_days"
EXCEPTION_CAP: Final = "exception_cap_days"
SCHEDULE: Final = "schedule"
PROFILE: Final = "profile"
# Prefixes of names of settings, with what follows each prefix
PARAMETERS: Final = "parameters:"  # the slug of a control
RETENTION: Final = "retention:"  # a kind of data
OWNER_RULE: Final = "owner_rule:"  # the name of a rule
CHANNEL: Final = "channel:"  # the name of a channel
ALL_CONTROLS: Final[Mapping[str, Any]] = {"profile": EVERYTHING, "controls": []}
"""The profile of controls of a customer that has not chosen a profile."""

type Values = dict[str, Any]
"""{setting: value}. Values of these settings:

- due days: {severity: days}; in a baseline, some severities may be missing
- parameters of a control: all parameters; a parameter that is not set has its default
- profile of controls: the key of the profile and, if this key is “own”, the chosen controls
- retention period: days, “keep” or “default”, as a text
- owner rule: the id of its owner, whether it is on, and its conditions
- channel: its kind, host and events, whether it is on, and the SHA-256 of its address and of its signing secret

The name of an owner rule or channel is a part of the setting. If the customer has no owner rule or channel with this
name, the value is None.
"""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A setting of a customer that differs from the baseline."""

    tenant: Tenant
    baseline: Baseline
    setting: str
    value: Any
    wanted: Any


@dataclass(frozen=True, slots=True)
class SetByBaseline:
    """A setting for which a baseline has a value for a customer. `is_met` says whether the customer has this value."""

    setting: str
    baseline: Baseline
    wanted: Any
    is_met: bool


@dataclass(frozen=True, slots=True)
class OwnValues:
    """The present values of customers' settings, except those that are stored in columns of `Tenant`."""

    parameters: dict[tuple[UUID, str], Values] = field(default_factory=dict)
    schedules: dict[UUID, str] = field(default_factory=dict)
    profiles: dict[UUID, Values] = field(default_factory=dict)
    periods: dict[UUID, dict[str, str]] = field(default_factory=dict)
    """The retention periods by tenant and kind of data. Default periods are not included."""
    named: dict[tuple[UUID, str], Values] = field(default_factory=dict)
    """The owner rules, channels, and settings of other packages (`registered_settings`), by (tenant, setting)."""

    @classmethod
    def load(
        cls, tenants: Iterable[Tenant], ordered: Iterable[Baseline], only: Collection[str] | None = None
    ) -> OwnValues:
        """Load the customers' values of the settings for which a baseline has a value. If `only` is given, skip
        settings that are not in `only`.
        """
        ids = [tenant.pk for tenant in tenants]
        own = cls()
        names = _names(ordered, only)
        if controls := _suffixes(names, PARAMETERS):
            for setting in ControlSetting.objects.filter(tenant_id__any_of=ids, control__in=controls):
                own.parameters[setting.tenant_id, setting.control] = setting.values
        if SCHEDULE in names:
            for row in Schedule.objects.filter(tenant_id__any_of=ids):
                own.schedules[row.tenant_id] = wanted_of(row)
        if PROFILE in names:
            rows = ControlProfile.objects.filter(tenant_id__any_of=ids)
            for pk, profile, slugs in rows.values_list("tenant_id", "profile", "controls"):
                own.profiles[pk] = known_choice(profile, slugs) or {"profile": profile, "controls": slugs}
        if _suffixes(names, RETENTION):
            own.periods.update(chosen_of(ids))
        own.named.update(_named_settings(ids, names))
        return own


def _names(ordered: Iterable[Baseline], only: Collection[str] | None) -> set[str]:
    names = {setting for baseline in ordered for setting in settings_of(baseline)}
    return names if only is None else names & {*only}


def _suffixes(names: Iterable[str], prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


def _named_settings(ids: list[UUID], names: set[str]) -> dict[tuple[UUID, str], Values]:
    """Return {(customer, setting): value} of these customers' owner rules, channels, and settings of other packages
    (`registered_settings`).
    """
    named: dict[tuple[UUID, str], Values] = {}
    if rules := _suffixes(names, OWNER_RULE):
        # If several rules have the same name, the first one counts. It is read last, so its value replaces the others.
        for rule in OwnerRule.objects.filter(tenant_id__any_of=ids, name__in=rules).order_by("-position"):
            named[rule.tenant_id, OWNER_RULE + rule.name] = rule_value(rule)
    if channels := _suffixes(names, CHANNEL):
        for channel in Channel.objects.filter(tenant_id__any_of=ids, name__in=channels):
            named[channel.tenant_id, CHANNEL + channel.name] = channel_value(channel)
    for kind in registered_settings():
        if chosen := _suffixes(names, kind.prefix):
            found = kind.of_customers(ids, chosen)
            named.update({(tenant, kind.prefix + name): value for (tenant, name), value in found.items()})
    return named


def baselines(organization: Organization) -> list[Baseline]:
    """Return the baselines of an organization in the order in which they apply, with their channels."""
    rows = Baseline.objects.filter(organization=organization).select_related("changed_by")
    return sorted(rows.prefetch_related("channels"), key=lambda row: (not row.label, row.label.casefold()))


def rules_of_owner(organization: Organization, owner: Person) -> list[tuple[Baseline, int]]:
    """Return the owner rules of baselines that assign findings to this person, as (baseline, position in
    `Baseline.owner_rules`).
    """
    return [
        (baseline, position)
        for baseline in Baseline.objects.filter(organization=organization).order_by("name", "pk")
        for position, rule in enumerate(baseline.owner_rules)
        if rule["owner"] == str(owner.pk)
    ]


def applies_to(baseline: Baseline, tenant: Tenant) -> bool:
    """Return whether the baseline applies to the customer: it has no label, or the customer has this label."""
    labels = {label.casefold() for label in tenant.labels}
    return not baseline.label or baseline.label.casefold() in labels


def settings_of(baseline: Baseline) -> Values:
    """Return the settings for which the baseline has a value. Controls and profiles that this version of Surety does
    not have are left out.
    """
    found: Values = {}
    if baseline.due_days:
        found[DUE_DAYS] = dict(baseline.due_days)
    if baseline.exception_cap_days is not None:
        found[EXCEPTION_CAP] = baseline.exception_cap_days
    if baseline.schedule:
        found[SCHEDULE] = baseline.schedule
    if baseline.profile and (choice := known_choice(**baseline.profile)):
        found[PROFILE] = choice
    for kind in CUSTOMER_KINDS:
        if kind.key in baseline.retention:
            found[RETENTION + kind.key] = baseline.retention[kind.key]
    for control, values in baseline.parameters.items():
        if control in catalogue():
            found[PARAMETERS + control] = complete(control, values)
    for rule in baseline.owner_rules:
        found[OWNER_RULE + rule["name"]] = {key: value for key, value in rule.items() if key != "name"}
    for channel in baseline.channels.all():
        found[CHANNEL + channel.name] = channel_value(channel)
    for registered in registered_settings():
        values_of_kind = registered.of_baseline(baseline)
        found |= {registered.prefix + name: value for name, value in values_of_kind.items()}
    return found


def rule_value(rule: OwnerRule) -> Values:
    """Return the settings of an owner rule in the form in which `Values` has them."""
    conditions = {name: getattr(rule, name) for name in FIELDS if getattr(rule, name)}
    return {"owner": str(rule.owner_id), "enabled": rule.enabled, **conditions}


def channel_value(channel: Channel | BaselineChannel) -> Values:
    """Return the settings of a channel in the form in which `Values` has them. URL and secret are hashed, because they
    are only compared.
    """
    return {
        "kind": channel.kind,
        "host": channel.host,
        "events": sorted(channel.kinds),
        "enabled": channel.enabled if isinstance(channel, Channel) else True,
        "address": _digest(channel, "address"),
        "secret": _digest(channel, "secret"),
    }


def _digest(channel: Channel | BaselineChannel, field: str) -> str:
    """Return the hash of a sealed value. If the key that sealed the value was lost, return a hash that differs from
    those of all other channels. The channel then counts as deviating, so that people can replace the value.
    """
    sealed = getattr(channel, field)
    try:
        plain = unseal(channel, field).reveal() if sealed is not None else ""
    except SecretsUnusable as error:
        if error.code != "key_missing":
            raise
        plain = bytes(sealed).hex()
    return hashlib.sha256(plain.encode()).hexdigest()


def complete(control: str, values: Mapping[str, Any]) -> Values:
    """Return all parameters of a control: the given values, and the defaults of parameters without a given value."""
    return {
        parameter.name: values.get(parameter.name, parameter.default)
        for parameter in catalogue()[control].parameters
    }


def wanted(tenant: Tenant, ordered: Iterable[Baseline]) -> dict[str, tuple[Any, Baseline]]:
    """Return {setting: (value, baseline that sets it)} for a customer: the values that the customer should have."""
    return wanted_among(tenant, [(baseline, settings_of(baseline)) for baseline in ordered])


def wanted_among(
    tenant: Tenant, ordered: Iterable[tuple[Baseline, Values]]
) -> dict[str, tuple[Any, Baseline]]:
    """Return the same as `wanted`, from settings of baselines that the caller has already read."""
    found: dict[str, tuple[Any, Baseline]] = {}
    for baseline, values in ordered:
        if applies_to(baseline, tenant):
            for setting, value in values.items():
                found.setdefault(setting, (value, baseline))
    return found


def current(tenant: Tenant, setting: str, own: OwnValues) -> Any:
    """Return the value that a setting of a customer has now."""
    if setting == DUE_DAYS:
        return dict(tenant.due_days)
    if setting == EXCEPTION_CAP:
        return tenant.exception_cap_days
    if setting == SCHEDULE:
        return own.schedules.get(tenant.pk, DEFAULT)
    if setting == PROFILE:
        return own.profiles.get(tenant.pk, ALL_CONTROLS)
    if setting.startswith(RETENTION):
        return own.periods.get(tenant.pk, {}).get(setting.removeprefix(RETENTION), DEFAULT_PERIOD)
    if setting.startswith((OWNER_RULE, CHANNEL)):
        return own.named.get((tenant.pk, setting))
    if registered := registered_kind(setting):
        kind, name = registered
        return own.named.get((tenant.pk, setting), kind.default(name))
    control = setting.removeprefix(PARAMETERS)
    return complete(control, own.parameters.get((tenant.pk, control), {}))


def is_met(setting: str, value: Any, expected: Any) -> bool:
    """Return whether a value equals the baseline's value.

    For due days, only the severities for which the baseline has a value are compared.
    """
    if setting == DUE_DAYS:
        return all(value.get(severity) == days for severity, days in expected.items())
    return bool(value == expected)


def deviations(tenants: Sequence[Tenant], ordered: Sequence[Baseline]) -> list[Deviation]:
    """Return the settings that deviate from the baselines, by customer."""
    own = OwnValues.load(tenants, ordered)
    values = [(baseline, settings_of(baseline)) for baseline in ordered]
    found = []
    for tenant in tenants:
        for setting, (value, baseline) in wanted_among(tenant, values).items():
            present = current(tenant, setting, own)
            if not is_met(setting, present, value):
                found.append(Deviation(tenant, baseline, setting, present, value))
    return found


def set_by_baselines(tenant: Tenant, settings: Collection[str]) -> list[SetByBaseline]:
    """Return the settings of a customer for which a baseline has a value, in the given order.

    The scope must include the customer's organization, because row-level security hides the baselines otherwise.
    """
    ordered = baselines(tenant.organization)
    found = wanted(tenant, ordered) if ordered else {}
    if not found.keys() & {*settings}:
        return []
    own = OwnValues.load([tenant], ordered, only=settings)
    return [
        SetByBaseline(name, baseline, value, is_met(name, current(tenant, name, own), value))
        for name in settings
        if name in found
        for value, baseline in [found[name]]
    ]
