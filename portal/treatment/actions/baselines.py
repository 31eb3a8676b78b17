"""Create, change and delete baselines, and apply them again to customers that deviate.

When a baseline changes, a customer gets the new value if its present value is the baseline's previous value. If no
baseline had a value before, a customer gets the new value if its present value is the product's default. Customers with
another value keep their value, and are listed as deviating.

Each action first takes all locks that its changes need (`_locked`), and reads baselines and customers afterwards. So
two people who change baselines of one organization wait for each other, and neither overwrites the other's change.

`expected` is the part of the baseline that the person saw (`portal.treatment.selectors.baseline_parts`). If the part
has changed since then, the action changes nothing and raises Conflict (changed_meanwhile), unless the new values are
already stored. Without `expected`, the present values are replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from assessments.actions.schedules import lock_schedules, normalized
from assessments.controls.registry import UnknownControl, control
from portal.notify.actions.channels import (
    clean_channel_name,
    clean_kinds,
    displayable_host,
    lock_channels,
)
from portal.notify.models import Channel
from portal.notify.signing import new_secret
from portal.treatment.actions._text import clean_text
from portal.treatment.actions.baseline_retention import changed_periods, check_may_set
from portal.treatment.actions.baseline_values import apply_value, default_of
from portal.treatment.actions.rules import check_conditions
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Baseline, BaselineChannel, OwnerRule
from portal.treatment.selectors.baseline_parts import (
    channel_part,
    parameters_part,
    policy_part,
    rule_part,
    versions,
)
from portal.treatment.selectors.baselines import (
    Deviation,
    OwnValues,
    baselines,
    complete,
    current,
    deviations,
    is_met,
    rule_value,
    settings_of,
    wanted,
    wanted_among,
)
from portal.treatment.selectors.owners import owners_everywhere
from tenants import journal
from tenants.actions.organizations import MAX_DAYS, clean_labels, lock_settings
from tenants.actors import Actor
from tenants.errors import Conflict, InvalidInput, PermissionDenied, invalid
from tenants.meanwhile import REMOVED, Part, check_unchanged
from tenants.models import Organization, Person, Tenant
from tenants.secrets import seal

log = structlog.get_logger(__name__)

MAX_BASELINE_RULES: Final = 50
MAX_BASELINE_CHANNELS: Final = 10
MAX_NAME: Final = 120
MAX_BASELINES: Final = 100
RENAMED: Final = (
    "Customers' {what} belong to the baseline by name, so the name cannot change. Reload the page. If you need another"
    " name, remove {this} from the baseline and add a new one."
)


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of setting customers to their baselines: the number of changed settings, and what was refused."""

    changed: int
    refused: list[tuple[Deviation, str]]
    """Each deviation that stays, with the reason as a sentence that begins with the customer's name."""


@transaction.atomic
def save_baseline(
    *,
    organization: Organization,
    by: Person,
    tenants: Sequence[Tenant],
    baseline: Baseline | None = None,
    name: str,
    label: str,
    due_days: Mapping[str, int],
    exception_cap_days: int | None,
    schedule: str = "",
    retention: Mapping[str, str] | None = None,
    expected: Part | None = None,
) -> Baseline:
    """Create or change a baseline's name, label, policy, schedule and retention periods. Customers that follow the
    baseline get the new values.

    `tenants` are all customers of the organization. `schedule` is “off”, “default” or a timetable; if it is empty,
    each customer has its own. `retention` is {kind of data: days, “keep” or “default”}; each customer sets the periods
    of other kinds. Raises InvalidInput for an empty name, a label that another baseline has, a schedule that cannot be
    understood, or days out of range; PermissionDenied for changed periods of somebody who may not change how long data
    is kept; and Conflict if a customer cannot get a value, or if somebody has deleted the baseline.
    """
    tenants = _locked(organization, tenants)
    before = _wanted_by_all(organization, tenants)
    row = _current(baseline) if baseline else Baseline(organization=organization)
    present = policy_part(row)
    row.name = clean_text("name", name, MAX_NAME, required=True)
    row.label = clean_labels([label])[0] if label.strip() else ""
    others = Baseline.objects.filter(organization=organization).exclude(pk=row.pk)
    if others.filter(label__iexact=row.label).exists():
        raise invalid(
            "label",
            "Another baseline already applies to these customers. Change that baseline.",
            code="taken",
        )
    if others.count() >= MAX_BASELINES:
        raise invalid(
            "name",
            f"An organization has at most {MAX_BASELINES} baselines. Delete one first.",
            code="too_many",
        )
    row.due_days = {severity: _days("due_days", days) for severity, days in due_days.items()}
    row.exception_cap_days = (
        None if exception_cap_days is None else _days("exception_cap_days", exception_cap_days)
    )
    row.schedule = normalized(schedule) if schedule.strip() else ""
    row.retention = changed_periods(row, retention or {})
    check_unchanged(expected, present, policy_part(row))
    return _save(row, by, tenants, before, "baseline.changed" if baseline else "baseline.created")


@transaction.atomic
def set_baseline_rule(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    position: int | None = None,
    name: str,
    owner: Person,
    enabled: bool = True,
    expected: Part | None = None,
    **conditions: str,
) -> Baseline:
    """Add an owner rule to a baseline or, with `position` (the first is 0), replace the rule there, which must have the
    same name.

    Customers without a rule of this name get the rule. The rule is for many customers. So its owner must be able to own
    findings of all customers, and a subscription or directory cannot be one of its conditions. Raises InvalidInput with
    the field, and Conflict for too many rules, for another name than that of the present rule, or if a customer cannot
    get the rule.
    """
    tenants = _locked(baseline.organization, tenants)
    baseline = _current(baseline)
    before = _wanted_by_all(baseline.organization, tenants)
    rule = OwnerRule(
        name=" ".join(clean_text("name", name, MAX_NAME, required=True).split()), enabled=enabled
    )
    for field, value in conditions.items():
        setattr(rule, field, value.replace("\x00", "\ufffd").strip())
    if rule.unit:
        raise invalid("unit", "A baseline is for many customers. Leave the subscription or directory empty.")
    check_conditions(rule)
    if owner not in owners_everywhere(baseline.organization):
        raise invalid(
            "owner", f"{owner} cannot own findings of all customers. Choose somebody of the organization."
        )
    others = [one for number, one in enumerate(baseline.owner_rules) if number != position]
    if position is not None and (
        position >= len(baseline.owner_rules) or baseline.owner_rules[position]["name"] != rule.name
    ):
        raise Conflict(RENAMED.format(what="rules", this="this rule"), code="renamed")
    if any(one["name"].casefold() == rule.name.casefold() for one in others):
        raise invalid("name", "The baseline has a rule with this name. Choose another name.", code="taken")
    if len(others) >= MAX_BASELINE_RULES:
        raise Conflict(
            f"A baseline has at most {MAX_BASELINE_RULES} owner rules. Combine some with a pattern."
        )
    rule.owner = owner
    stored = {"name": rule.name, **rule_value(rule)}
    check_unchanged(expected, rule_part(baseline, rule.name), stored)
    rules = list(baseline.owner_rules)
    if position is None:
        rules.append(stored)
    else:
        rules[position] = stored
    baseline.owner_rules = rules
    return _save(baseline, by, tenants, before, "baseline.changed")


@transaction.atomic
def remove_baseline_rule(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    name: str,
    expected: Part | None = None,
) -> Baseline:
    """Remove the owner rule of this name from a baseline. Customers keep their rules."""
    tenants = _locked(baseline.organization, tenants)
    baseline = _current(baseline)
    before = _wanted_by_all(baseline.organization, tenants)
    check_unchanged(expected, rule_part(baseline, name), {})
    baseline.owner_rules = [one for one in baseline.owner_rules if one["name"] != name]
    return _save(baseline, by, tenants, before, "baseline.changed")


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
    """Add a channel to a baseline or change it; customers without a channel of this name get the channel.

    An existing channel keeps its kind and name, and keeps its address if `address` is empty. Return the channel with
    the signing secret of a new webhook, which cannot be read again; otherwise the secret is empty. Raises
    RefusedAddress, InvalidInput, or Conflict, also for another name than that of the present channel.
    """
    cleaned = clean_channel_name(name)
    tenants = _locked(baseline.organization, tenants, {cleaned})
    baseline = _current(baseline)
    before = _wanted_by_all(baseline.organization, tenants)
    row = BaselineChannel(organization=baseline.organization, baseline=baseline, kind=kind, name=cleaned)
    if channel is not None:
        row = _current_channel(channel)
        if row.name != cleaned:
            raise Conflict(RENAMED.format(what="channels", this="this channel"), code="renamed")
    if row.kind not in Channel.Kind.values:
        raise invalid("kind", f"Choose one of {', '.join(Channel.Kind.labels)}.")
    if channel is not None:
        after = {**channel_part(row), "kinds": sorted(clean_kinds(kinds))}
        if address.strip():
            after["address"] = (
                ""  # An entered address counts as a change, even if it equals the present address.
            )
        check_unchanged(expected, channel_part(row), after)
    row.kinds = clean_kinds(kinds)
    others = BaselineChannel.objects.filter(baseline=baseline).exclude(pk=row.pk)
    if others.filter(name=row.name).exists():
        raise invalid("name", "The baseline has a channel with this name. Choose another name.", code="taken")
    if others.count() >= MAX_BASELINE_CHANNELS:
        raise Conflict(
            f"A baseline has at most {MAX_BASELINE_CHANNELS} channels. Remove an unused one first."
        )
    secret = ""
    if channel is None or address.strip():
        row.host = displayable_host(address)
        seal(row, "address", address.strip())
    if channel is None and row.kind == Channel.Kind.WEBHOOK:
        secret = new_secret()
        seal(row, "secret", secret)
    row.save()
    _save(baseline, by, tenants, before, "baseline.changed")
    return row, secret


@transaction.atomic
def remove_baseline_channel(
    *, channel: BaselineChannel, by: Person, tenants: Sequence[Tenant], expected: Part | None = None
) -> Baseline:
    """Remove a channel from its baseline. Customers keep their channels."""
    organization = channel.baseline.organization
    tenants = _locked(organization, tenants)
    baseline = _current(channel.baseline)
    before = _wanted_by_all(organization, tenants)
    row = _current_channel(channel)
    check_unchanged(expected, channel_part(row), {})
    row.delete()
    return _save(baseline, by, tenants, before, "baseline.changed")


@transaction.atomic
def set_baseline_parameters(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    slug: str,
    values: Mapping[str, Any] | None,
    expected: Part | None = None,
) -> Baseline:
    """Set the parameters of one control in a baseline, or remove them (`values` None)."""
    tenants = _locked(baseline.organization, tenants)
    baseline = _current(baseline)
    before = _wanted_by_all(baseline.organization, tenants)
    present = parameters_part(baseline, slug)
    if values is None:
        baseline.parameters.pop(slug, None)
    else:
        try:
            control(slug).values(values)
        except (UnknownControl, ValueError) as error:
            raise invalid("values", str(error).strip("'\"")) from None
        baseline.parameters[slug] = complete(slug, values)
    check_unchanged(expected, present, parameters_part(baseline, slug))
    return _save(baseline, by, tenants, before, "baseline.changed")


@transaction.atomic
def delete_baseline(*, baseline: Baseline, by: Person, expected: Part | None = None) -> None:
    """Delete a baseline. Customers keep their current values. Raises Conflict if somebody else has deleted it.

    `expected` is the baseline's version (`baseline_parts.versions`).
    """
    _locked(baseline.organization, [])
    baseline = _current(baseline)
    check_unchanged(expected, versions([baseline]), {})
    journal.record(
        organization=baseline.organization, actor=by, action="baseline.deleted", target=_target(baseline)
    )
    baseline.delete()


@transaction.atomic
def apply_baselines(
    *,
    organization: Organization,
    by: Person,
    tenants: Sequence[Tenant],
    chosen: Collection[tuple[UUID, str]],
    expected: Part | None = None,
) -> Applied:
    """Set the chosen settings, {(id of the customer, setting)}, to the present values of their baselines.

    Settings that no longer deviate are not changed. If a customer cannot have one of the values, the other settings are
    still set. `expected` are the versions of all baselines of the organization (`baseline_parts.versions`).
    """
    tenants = _locked(organization, tenants)
    check_unchanged(expected, versions(baselines(organization)), {})
    changed, refused = 0, []
    for deviation in deviations(tenants, baselines(organization)):
        if (deviation.tenant.pk, deviation.setting) not in chosen:
            continue
        try:
            check_may_set(organization, deviation.setting)
            with transaction.atomic():
                apply_value(deviation.tenant, by, deviation.setting, deviation.wanted, deviation.baseline)
            changed += 1
        except (InvalidInput, Conflict, PermissionDenied) as error:
            refused.append((deviation, error.message))
    return Applied(changed, refused)


@transaction.atomic
def follow_baselines(*, tenant: Tenant, by: Actor) -> None:
    """Set a new customer's settings to the values of the baselines that apply to it.

    Called at the registration (`SURETY_ON_REGISTRATION`), in the scope of the organization. An owner rule or channel
    that the customer cannot have, for example because its owner has lost access, does not prevent the registration: the
    customer is listed as deviating.
    """
    ordered = baselines(tenant.organization)
    own = OwnValues.load([tenant], ordered)
    for setting, (value, baseline) in wanted(tenant, ordered).items():
        if not is_met(setting, current(tenant, setting, own), value):
            try:
                with transaction.atomic():
                    apply_value(tenant, by, setting, value, baseline)
            except (InvalidInput, Conflict) as error:
                log.warning("baseline not applied", tenant=str(tenant.pk), setting=setting, code=error.code)


def _locked(
    organization: Organization, tenants: Iterable[Tenant], channel_names: Iterable[str] = ()
) -> list[Tenant]:
    """Take all locks that a change of the organization's baselines needs, in the order of `tenants.locks`.

    Return the present rows of the customers, by primary key, without customers that somebody has archived meanwhile.
    """
    tenants = sorted(tenants, key=lambda one: one.pk)
    for tenant in tenants:
        lock_treatments(tenant.pk)
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    rows = [row for row in lock_settings(tenants) if not row.is_archived]
    for row in rows:
        row.organization = organization
    lock_schedules(rows)
    names = BaselineChannel.objects.filter(organization=organization).values_list("name", flat=True)
    lock_channels(rows, {*names, *channel_names})
    return rows


def _current(baseline: Baseline) -> Baseline:
    """Read a baseline again, after `_locked`. Raises Conflict if somebody else has deleted the baseline."""
    row = Baseline.objects.select_related("organization").filter(pk=baseline.pk).first()
    if row is None:
        raise Conflict("Somebody else has deleted this baseline. Open the list of baselines.", code="deleted")
    return row


def _current_channel(channel: BaselineChannel) -> BaselineChannel:
    """Read a channel again, after `_locked`. Raises Conflict if somebody else has removed the channel."""
    row = BaselineChannel.objects.filter(pk=channel.pk).first()
    if row is None:
        raise Conflict("Somebody else has removed this channel. Open the baseline again.", code=REMOVED)
    return row


def _wanted_by_all(
    organization: Organization, tenants: Iterable[Tenant]
) -> dict[Tenant, dict[str, tuple[Any, Baseline]]]:
    ordered = [(baseline, settings_of(baseline)) for baseline in baselines(organization)]
    return {tenant: wanted_among(tenant, ordered) for tenant in tenants}


def _save(
    row: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    before: Mapping[Tenant, Mapping[str, tuple[Any, Baseline]]],
    action: str,
) -> Baseline:
    row.changed_by, row.changed_at = by, timezone.now()
    row.save()
    channels = BaselineChannel.objects.filter(baseline=row).values("name", "kind", "host", "kinds")
    journal.record(
        organization=row.organization,
        actor=by,
        action=action,
        target=_target(row),
        details={
            "name": row.name,
            "label": row.label,
            "due_days": row.due_days,
            "exception_cap_days": row.exception_cap_days,
            "schedule": row.schedule,
            "retention": row.retention,
            "owner_rules": row.owner_rules,
            "channels": list(channels.order_by("name")),
            # Fractions are recorded as text, because journal entries cannot contain them (tenants.journal).
            "parameters": {
                slug: {name: str(value) for name, value in values.items()}
                for slug, values in row.parameters.items()
            },
        },
    )
    after = _wanted_by_all(row.organization, tenants)
    own = OwnValues.load(tenants, baselines(row.organization))
    for tenant in tenants:
        for setting, (value, baseline) in after[tenant].items():
            previous, _ = before[tenant].get(setting, (default_of(setting), None))
            present = current(tenant, setting, own)
            if is_met(setting, present, previous) and not is_met(setting, present, value):
                check_may_set(row.organization, setting)
                apply_value(tenant, by, setting, value, baseline)
    return row


def _days(field: str, value: int) -> int:
    if type(value) is not int or not 1 <= value <= MAX_DAYS:
        raise invalid(field, f"Enter a whole number of days from 1 to {MAX_DAYS}.")
    return value


def _target(baseline: Baseline) -> str:
    return f"baseline:{baseline.pk} {baseline.name}"
