"""Try an own control on the stored configurations of customers before it is published. Nothing is written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any, Final

from django.utils import timezone

from assessments.controls.context import Context
from assessments.estate.collections import ALL
from assessments.estate.estate import Estate, UnitKind
from assessments.models import Resource, ResourceVersion
from assessments.own.control import own_control
from assessments.resource_versions import read_newest
from tenants.errors import Conflict
from tenants.locks import Lock, try_lock
from tenants.models import Tenant

MAX_CUSTOMERS: Final = 20
MAX_RESOURCES: Final = 2_000
MAX_SECONDS: Final = 10.0
MAX_LISTED: Final = 100
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Tried:
    """The verdict that a resource would get from the control."""

    resource: str
    name: str
    outcome: str
    reason: str


@dataclass(slots=True)
class Trial:
    """The result of a trial for one customer. `counts` has the number of resources by outcome. `listed` has the
    first resources that fail or are unknown. `incomplete` says why some resources were not tried, or is empty.
    """

    tenant: Tenant
    counts: Counter[str] = field(default_factory=Counter)
    listed: list[Tried] = field(default_factory=list)
    incomplete: str = ""

    @property
    def more(self) -> int:
        """The number of resources that fail or are unknown, but are not in `listed`."""
        return self.counts["fail"] + self.counts["unknown"] - len(self.listed)


def try_control(definition: Mapping[str, Any], tenants: Sequence[Tenant]) -> list[Trial]:
    """Judge stored configurations by a valid own control. Return one result for each of the first MAX_CUSTOMERS
    customers.

    A trial occupies a processor. So if another trial of the same organization is running, raise Conflict (trial_busy).
    """
    for organization_id in sorted({tenant.organization_id for tenant in tenants}):
        if not try_lock(Lock.OWN_TRIAL, str(organization_id)):
            raise Conflict(
                "Another control is being tried at the moment. Try again in a few seconds.", code="trial_busy"
            )
    deadline = time.monotonic() + MAX_SECONDS
    return [_tried(definition, tenant, deadline) for tenant in tenants[:MAX_CUSTOMERS]]


def _tried(definition: Mapping[str, Any], tenant: Tenant, deadline: float) -> Trial:
    control, trial = own_control(definition), Trial(tenant)
    collection = ALL[definition["subjects"]]
    for number, (identifier, name, body) in enumerate(_configurations(tenant, collection.resource_type)):
        if number >= MAX_RESOURCES:
            trial.incomplete = f"Only the first {MAX_RESOURCES:,} resources were tried"
            break
        if time.monotonic() > deadline:
            trial.incomplete = f"The trial ended after {MAX_SECONDS:.0f} seconds. Choose fewer customers"
            break
        guid = identifier.split("/")[2] if identifier.startswith("/subscriptions/") else ""
        estate = Estate(kind=UnitKind.SUBSCRIPTION, unit_id=guid, subscriptions=[guid], now=timezone.now())
        estate.add_documents(collection.name, f"/subscriptions/{guid}", [body])
        (judgement, *_) = control.run(Context(estate, {}))
        outcome = str(judgement.verdict.outcome)
        trial.counts[outcome] += 1
        if outcome in ("fail", "unknown") and len(trial.listed) < MAX_LISTED:
            trial.listed.append(Tried(identifier, name, outcome, judgement.verdict.reason))
    return trial


def _configurations(tenant: Tenant, kind: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield (id, name, newest configuration) of the existing resources of a type."""
    rows = Resource.objects.filter(tenant=tenant, type__iexact=kind, gone_at__isnull=True)
    listed = rows.order_by("name", "pk").values_list("pk", "resource_id", "name", "sha256")
    for batch in batched(listed[: MAX_RESOURCES + 1].iterator(chunk_size=_BATCH), _BATCH):
        newest = read_newest(
            ResourceVersion.objects.all(), tenant_id=tenant.pk, resources=[pk for pk, *_ in batch]
        )
        for pk, identifier, name, sha256 in batch:
            version = newest.get(pk)
            if version is not None and version.sha256 == sha256:
                yield identifier, name, version.document
