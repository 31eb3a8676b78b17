"""Set customers' settings to the values of their baselines, without changing a baseline."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import transaction

from portal.treatment.actions.baselines.change import lock_baselines
from portal.treatment.actions.baselines.retention import check_may_set
from portal.treatment.actions.baselines.values import apply_value
from portal.treatment.selectors.baseline_parts import versions
from portal.treatment.selectors.baselines import (
    Deviation,
    OwnValues,
    baselines,
    current,
    deviations,
    is_met,
    wanted,
)
from tenants.actors import Actor
from tenants.errors import Conflict, InvalidInput, PermissionDenied
from tenants.models import Organization, Person, Tenant
from tenants.values.stale_values import Part, check_unchanged

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of applying baselines to customers: the number of changed settings, and the settings that could not be
    changed.
    """

    changed: int
    refused: list[tuple[Deviation, str]]
    """Each setting that could not be changed, with the reason as a sentence."""


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

    Settings that no longer deviate are skipped. If a customer cannot have a value, or the person may not change a
    setting, the setting is in `Applied.refused`. `expected` has the versions of all baselines of the organization as
    the person saw them (`baseline_parts.versions`).
    """
    tenants = lock_baselines(organization, tenants)
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
    """Set a new customer's settings to the values of the baselines that apply to the customer.

    The registration of a customer calls this function (setting `SURETY_ON_REGISTRATION`) in the scope of the
    organization. If the customer cannot have one of the values, for example because the owner of an owner rule has lost
    access, the customer is registered nevertheless, and listed as deviating.
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
