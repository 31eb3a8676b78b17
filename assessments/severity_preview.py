"""Count the findings whose severity would change under other severity rules (`assessments.context_severity`). Nothing
is written.

The preview uses the newest stored configurations, so the next assessment can differ.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any, Final

from django.utils import timezone

from assessments.context_severity import SEVERITY_RULES, ContextSeverity
from assessments.controls.registry import known_controls
from assessments.controls.verdict import Severity
from assessments.estate.collections import CONFIGURATIONS
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.ids import fold
from assessments.evaluate import digest
from assessments.models import Finding, Resource, ResourceVersion
from assessments.resource_versions import read_newest
from tenants.models import Tenant

MAX_RESOURCES: Final = 5_000
MAX_SECONDS: Final = 10.0
_BATCH: Final = 200
# The number of slashes in the id of a resource in a resource group. The id of a child resource has more slashes.
_SLASHES: Final = 8


@dataclass(slots=True)
class SeverityPreview:
    """The result of a preview. `changes` is {(present severity, new severity): number of failing findings}.

    `compared` is the number of findings that were compared. `incomplete` says why some findings were not compared, or
    is empty.
    """

    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    compared: int = 0
    incomplete: str = ""

    @property
    def changed(self) -> int:
        """The number of findings whose severity would change."""
        return self.changes.total()

    def rows(self) -> list[tuple[str, str, int]]:
        """Return (present severity, new severity, number of findings), the highest new severity first."""
        order = {str(severity): place for place, severity in enumerate(Severity)}
        found = sorted(self.changes.items(), key=lambda one: (order[one[0][1]], order[one[0][0]]))
        return [(before, after, number) for (before, after), number in found]


type _Failing = tuple[str, str, str]
"""Control, subject and present severity of a finding."""


def preview_severities(tenant: Tenant, rules: Sequence[Mapping[str, Any]]) -> SeverityPreview:
    """Compare the present severities of failing findings with the severities under `rules`. `rules` is a result of
    `assessments.actions.profiles.checked_severity_rules`.
    """
    found = SeverityPreview()
    deadline = time.monotonic() + MAX_SECONDS
    by_resource: dict[str, list[_Failing]] = defaultdict(list)
    rows = Finding.objects.filter(tenant=tenant, outcome=Finding.Outcome.FAIL, gone_at__isnull=True)
    for row in rows.order_by("subject_key", "pk").values_list("control", "subject", "severity").iterator():
        by_resource["/".join(fold(row[1]).split("/")[: _SLASHES + 1])].append(row)
    for done, resources in enumerate(batched(by_resource, _BATCH)):
        if done * _BATCH >= MAX_RESOURCES:
            found.incomplete = f"Only the findings of {MAX_RESOURCES:,} resources were compared."
            break
        if time.monotonic() > deadline:
            found.incomplete = (
                f"The preview ended after {MAX_SECONDS:.0f} seconds, before all findings were compared."
            )
            break
        failing = [row for resource in resources for row in by_resource[resource]]
        _compare(tenant, rules, failing, found)
    return found


def _compare(
    tenant: Tenant, rules: Sequence[Mapping[str, Any]], failing: Sequence[_Failing], found: SeverityPreview
) -> None:
    estate = Estate(kind=UnitKind.SUBSCRIPTION, unit_id="", subscriptions=[], now=timezone.now())
    for name, body in _configurations(tenant, failing):
        estate.add_documents(name, "", [body])
    context = ContextSeverity(estate, {SEVERITY_RULES: {"rules": list(rules)}})
    for control, subject, before in failing:
        known = known_controls().get(control)
        if known is None:
            continue
        found.compared += 1
        after = context.of(known.severity, subject, None).severity
        if after != before:
            found.changes[before, str(after)] += 1


def _configurations(tenant: Tenant, failing: Sequence[_Failing]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """For each resource that a finding is about, and for its parent resources, yield (collection, newest stored
    configuration).
    """
    keys = {digest(identifier) for _, subject, _ in failing for identifier in _around(fold(subject))}
    rows = Resource.objects.filter(tenant=tenant, key__in=keys, gone_at__isnull=True)
    collections = _collections()
    for batch in batched(rows.values_list("pk", "type", "sha256"), _BATCH):
        newest = read_newest(
            ResourceVersion.objects.all(), tenant_id=tenant.pk, resources=[pk for pk, *_ in batch]
        )
        for pk, kind, sha256 in batch:
            name, version = collections.get(fold(kind)), newest.get(pk)
            if name is not None and version is not None and version.sha256 == sha256:
                yield name, version.document


def _around(identifier: str) -> Iterator[str]:
    while identifier.count("/") >= _SLASHES:
        yield identifier
        identifier = identifier.rpartition("/")[0]


def _collections() -> dict[str, str]:
    """Return {resource type in lower case: collection that has the configurations of resources of this type}."""
    return {fold(found.resource_type): name for name, found in CONFIGURATIONS.items() if found.resource_type}
