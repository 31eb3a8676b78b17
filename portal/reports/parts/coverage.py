"""The part “Population and coverage”, which shows resources by type, the data that was read, gaps, and verdicts by
control.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from unicodedata import combining, normalize

from django.db.models import Count
from django.db.models.functions import Lower
from django.utils.translation import gettext_noop

from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason
from assessments.models import Resource, Unit
from assessments.models.resource_count import first_spelling
from assessments.selectors import ledger
from portal.reports.facts.presentation import OUTCOME_LABELS, truncate
from portal.reports.facts.source import ReportSource
from portal.reports.facts.units import distinct_names
from portal.reports.parts import results, scope
from portal.reports.parts.part import Part, ReportFacts, in_schema
from portal.reports.wording.languages import value_in_language
from tenants.models import Tenant

MAX_GAPS: Final = 60
MAX_TYPES: Final = 40


@dataclass(frozen=True, slots=True)
class GapFact:
    """Requests that failed for the same reason in a subscription or directory.

    `places` is the number of these requests. `permission` is the permission that the requests need.
    """

    unit: str
    collection: str
    reason: str
    code: str
    permission: str
    places: int = field(metadata=in_schema("Number of requests"))


@dataclass(frozen=True, slots=True)
class CoverageFacts:
    """The facts for the part of a report on coverage.

    `resource_types` are pairs (ARM type, number of resources), most frequent first. `collections` are from
    `assessments.selectors.ledger`. `not_covered` is {kind of resource: number of resources} for kinds that a control
    does not judge, although it judges a similar kind.
    """

    gaps: tuple[GapFact, ...]
    resource_types: tuple[tuple[str, int], ...] = field(
        metadata=in_schema("For each resource type of Azure Resource Manager, the number of resources")
    )
    collections: Mapping[str, Mapping[str, Any]] = field(
        metadata=in_schema(
            "For each requested collection, how completely the collection was read",
            additionalProperties={
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "permission": {"type": "string"},
                    "expected": {"type": "integer", "minimum": 0, "description": "Scopes to read"},
                    "reached": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "Scopes that were read completely",
                    },
                    "documents": {"type": "integer", "minimum": 0},
                    "gaps": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
                },
                "required": ["documents", "expected", "gaps", "permission", "reached", "title"],
                "additionalProperties": False,
            },
        )
    )
    not_covered: Mapping[str, int] = field(
        default_factory=dict,
        metadata=in_schema(
            "For each kind of resource, the number of resources that no control judges, although controls"
            " judge similar resources"
        ),
    )


def _gather(source: ReportSource) -> CoverageFacts:
    found = ledger(source.units)
    return CoverageFacts(
        gaps=tuple(_gaps(source.units)),
        resource_types=tuple(_resource_types(source.tenant, [unit.scope_id for unit in source.units])),
        collections=found["collections"],
        not_covered=_not_covered(found["controls"]),
    )


def _not_covered(controls: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Return {kind of resource: number of resources}. The kinds are those that controls do not judge, although they
    judge a similar kind. If several controls state a number for the same kind, use the largest.
    """
    total: dict[str, int] = {}
    for row in controls.values():
        for what, number in row.get("not_covered", {}).items():
            total[what] = max(total.get(what, 0), int(number))
    return dict(sorted(total.items()))


def _gaps(units: list[Unit]) -> list[GapFact]:
    names = distinct_names(units)
    places: Counter[tuple[str, str, str, str, str]] = Counter()
    for unit in units:
        for gap in unit.gaps:
            code = " ".join(str(part) for part in (gap.get("status") or "", gap.get("code") or "") if part)
            collection = ALL.get(gap["collection"])
            title = collection.title if collection else gap["collection"]
            reason = _reason_label(gap["reason"])
            places[names[unit.scope_id], title, reason, code, gap.get("permission") or ""] += 1
    return [GapFact(*key, places=count) for key, count in sorted(places.items())]


def _reason_label(reason: str) -> str:
    return Reason(reason).label if reason in Reason else reason


def _resource_types(tenant: Tenant, scope_ids: Sequence[str]) -> list[tuple[str, int]]:
    """Return (ARM type, number of resources) in these subscriptions and directories.

    `scope_ids` are needed because the inventory also has the resources of subscriptions that were excluded later. Azure
    spells a type in several ways, such as "microsoft.insights/components" and "Microsoft.Insights/components". All
    spellings of a type are counted together.
    """
    rows = Resource.objects.filter(tenant=tenant, unit__in=scope_ids, gone_at__isnull=True)
    counted = rows.values(folded=Lower("type")).annotate(spelling=first_spelling("type"), count=Count("id"))
    found = counted.order_by("-count", "folded").values_list("spelling", "count")
    return [(str(name), int(count)) for name, count in found]


def _sort_key(collection: Mapping[str, Any]) -> str:
    """Return the key for sorting collections by their title in the report's language. “Ä” is sorted like “A”."""
    title = normalize("NFKD", value_in_language(collection["title"]).casefold())
    return "".join(character for character in title if not combining(character))


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    verdicts, coverage = facts.of(results.PART), facts.of(PART)
    types, types_more = truncate(coverage.resource_types, MAX_TYPES)
    gaps, gaps_more = truncate(coverage.gaps, MAX_GAPS)
    rows, units = coverage.collections.values(), facts.of(scope.PART).units
    return {
        "types": types,
        "types_more": types_more,
        "resources_total": sum(number for _, number in coverage.resource_types),
        "requested": sorted((row for row in rows if row["expected"]), key=_sort_key),
        "not_requested": sum(not row["expected"] for row in rows),
        "not_covered": coverage.not_covered.items(),
        "gaps": gaps,
        "gaps_more": gaps_more,
        "is_old": any(unit.reached == "not at all" for unit in units),
        # `gaps` does not show whether everything was read: a subscription or directory of which nothing could be read
        # may have no gaps.
        "is_all_read": bool(units) and all(unit.reached == "completely" for unit in units),
        "statuses": [
            (key, label, verdicts.statuses[key])
            for key, label in OUTCOME_LABELS.items()
            if verdicts.statuses[key]
        ],
        "labels": OUTCOME_LABELS,
        "controls_total": len(verdicts.controls),
    }


PART = Part(
    "coverage",
    gettext_noop("Population and coverage"),
    gather=_gather,
    context=_context,
    kinds=("full", "period"),
    position=140,
)
