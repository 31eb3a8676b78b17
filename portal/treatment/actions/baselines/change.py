"""Define the steps that all changes of a baseline share.

The steps are: lock, read the baseline again, store and record the change, and set the new values at the customers that
do not deviate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.utils import timezone

from assessments.actions.schedules import lock_schedules
from portal.notify.actions.channels import lock_channels
from portal.treatment.actions.baselines.retention import check_may_set
from portal.treatment.actions.baselines.values import apply_value, default_of
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Baseline, BaselineChannel
from portal.treatment.selectors.baselines import (
    DUE_DAYS,
    OwnValues,
    baselines,
    current,
    is_met,
    settings_of,
    wanted_among,
)
from tenants import journal
from tenants.actions.organizations import lock_settings
from tenants.errors import Conflict
from tenants.models import Organization, Person, Tenant

MAX_NAME: Final = 120
RENAMED: Final = (
    "A baseline finds the {what} of customers by name, so the name of {this} cannot be changed. Reload the page. If"
    " you need another name, remove {this} from the baseline and add a new one."
)


def lock_baselines(
    organization: Organization, tenants: Iterable[Tenant], channel_names: Iterable[str] = ()
) -> list[Tenant]:
    """Take all locks that a change of the organization's baselines needs, in the order of `tenants.locks`.

    Return the customers as they are now in the database, sorted by primary key. Customers that were archived in the
    meantime are left out.
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


@contextmanager
def changed_baseline(
    baseline: Baseline, by: Person, tenants: Iterable[Tenant], channel_names: Iterable[str] = ()
) -> Iterator[Baseline]:
    """Lock a baseline with its customers, and yield the present row of the baseline. The caller changes this row. Then
    store and record the change, and set the new values at the customers that do not deviate.

    Needs a transaction. Raises Conflict if somebody else has deleted the baseline, or if a customer cannot get a value.
    """
    present = lock_baselines(baseline.organization, tenants, channel_names)
    row = current_baseline(baseline)
    before = wanted_by_all(row.organization, present)
    yield row
    save_and_apply(row, by, present, before, "baseline.changed")


def current_baseline(baseline: Baseline) -> Baseline:
    """Read a baseline again. Call this function after `lock_baselines`.

    Raises Conflict if somebody else has deleted the baseline.
    """
    row = Baseline.objects.select_related("organization").filter(pk=baseline.pk).first()
    if row is None:
        raise Conflict("Somebody else has deleted this baseline. Open the list of baselines.", code="deleted")
    return row


def wanted_by_all(
    organization: Organization, tenants: Iterable[Tenant]
) -> dict[Tenant, dict[str, tuple[Any, Baseline]]]:
    ordered = [(baseline, settings_of(baseline)) for baseline in baselines(organization)]
    return {tenant: wanted_among(tenant, ordered) for tenant in tenants}


def save_and_apply(
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
        target=journal_target(row),
        details={
            "name": row.name,
            "label": row.label,
            "due_days": row.due_days,
            "exception_cap_days": row.exception_cap_days,
            "schedule": row.schedule,
            "profile": row.profile,
            "retention": row.retention,
            "owner_rules": row.owner_rules,
            "watch_rules": row.watch_rules,
            "channels": list(channels.order_by("name")),
            # Values are recorded as text, because journal entries cannot contain fractions (tenants.journal).
            "parameters": {
                slug: {name: str(value) for name, value in values.items()}
                for slug, values in row.parameters.items()
            },
        },
    )
    after = wanted_by_all(row.organization, tenants)
    own = OwnValues.load(tenants, baselines(row.organization))
    for tenant in tenants:
        for setting, (value, baseline) in after[tenant].items():
            previous, _ = before[tenant].get(setting, (default_of(setting), None))
            followed = _followed(setting, current(tenant, setting, own), previous, value)
            if followed is not None:
                check_may_set(row.organization, setting)
                apply_value(tenant, by, setting, followed, baseline)
    return row


def _followed(setting: str, present: Any, previous: Any, value: Any) -> Any:
    """Return the value that a customer gets when a baseline changes from `previous` to `value`. Return None if the
    customer deviates from `previous`, or already has `value`.

    Due days are decided separately for each severity, because a baseline may set the days of only some severities, and
    a customer may deviate in only some of them.
    """
    if setting == DUE_DAYS:
        previous = {**default_of(DUE_DAYS), **previous}
        return {
            severity: days
            for severity, days in value.items()
            if present.get(severity) == previous[severity] != days
        } or None
    return value if is_met(setting, present, previous) and not is_met(setting, present, value) else None


def journal_target(baseline: Baseline) -> str:
    return f"baseline:{baseline.pk} {baseline.name}"
