"""Customers of an organization that follow a baseline or deviate from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.treatment.actions.baselines import (
    Applied,
    apply_baselines,
    save_baseline,
)
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import baselines, deviations
from tenants.models import (
    Organization,
    Person,
    Tenant,
)


@dataclass
class LabelledCustomers:
    """The customers of an organization: `plain` has no label, and `gold` has the label gold."""

    organization: Organization
    by: Person
    plain: Tenant
    gold: Tenant

    def tenants(self) -> list[Tenant]:
        return list(Tenant.objects.filter(organization=self.organization).order_by("name"))

    def save(self, baseline: Baseline | None = None, **given: Any) -> Baseline:
        values = {"name": "All", "label": "", "due_days": {}, "exception_cap_days": None, **given}
        return save_baseline(
            organization=self.organization, by=self.by, tenants=self.tenants(), baseline=baseline, **values
        )

    def deviating(self) -> set[tuple[str, str]]:
        found = deviations(self.tenants(), baselines(self.organization))
        return {(one.tenant.name, one.setting) for one in found}

    def apply_all(self) -> Applied:
        found = deviations(self.tenants(), baselines(self.organization))
        chosen = {(one.tenant.pk, one.setting) for one in found}
        return apply_baselines(
            organization=self.organization, by=self.by, tenants=self.tenants(), chosen=chosen
        )

    def bring_back(self) -> int:
        applied = self.apply_all()
        assert applied.refused == []
        return applied.changed


@dataclass
class BaselineCustomers(LabelledCustomers):
    """`plain` has the default policy, `gold` the label gold, `own` a policy of its own."""

    own: Tenant

    def caps(self) -> list[int]:
        pks = (self.plain.pk, self.gold.pk, self.own.pk)
        found = dict(Tenant.objects.values_list("pk", "exception_cap_days"))
        return [found[pk] for pk in pks]

    def due(self, *severities: str) -> list[tuple[int, ...]]:
        pks = (self.plain.pk, self.gold.pk, self.own.pk)
        found = dict(Tenant.objects.values_list("pk", "due_days"))
        return [tuple(found[pk][severity] for severity in severities) for pk in pks]
