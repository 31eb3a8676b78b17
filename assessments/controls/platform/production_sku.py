"""The control platform-production-sku: Production does not run on basic, free or consumption SKUs.

The list of resources contains the SKU of most resources in `sku`
(https://learn.microsoft.com/rest/api/resources/resources/list). Virtual network gateways and instances of Azure Cache
for Redis state their SKU in their own `properties` instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Answer, Parameter, per_scope
from assessments.controls.references import Partly, References
from assessments.controls.shared.defender_plans import complete_resources
from assessments.controls.verdict import Severity, Verdict, manual, not_applicable, passed
from assessments.estate.collections.redis import REDIS_CACHES
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.collections.vpn import VPN_GATEWAYS
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice

# A SKU is low if the first word of its name or tier is in `_LOW` or `_SIZES`, or if its name or tier contains
# `_CONSUMPTION`. Dynamic is the tier of the consumption plan of function apps.
_LOW: Final = frozenset({"basic", "free", "shared", "developer", "dynamic"})
# Sizes of App Service plans in the tiers Free, Shared and Basic, and of consumption plans. The list also has the free
# SKU of Azure AI services, for which Azure states no tier.
# https://learn.microsoft.com/azure/app-service/overview-hosting-plans
_SIZES: Final = frozenset({"b1", "b2", "b3", "d1", "f0", "f1", "fc1", "y1"})
_CONSUMPTION: Final = "consumption"
_WORDS: Final = re.compile(r"[_ ]")
_NAMES: Final = ("name", "tier")
# (collection, fields of the SKU) for each collection of resources that state their SKU in `properties`. In the SKU of
# Azure Cache for Redis, there is no tier.
_WITH_OWN_SKU: Final = ((VPN_GATEWAYS, _NAMES), (REDIS_CACHES, ("name",)))

TEST_TAGS: Final = Parameter(
    "test_tags",
    "environment",
    "Names of the tags that say what a resource is for, separated by `;`",
    label="Tags that name the purpose",
)
TEST_VALUES: Final = Parameter(
    "test_values",
    "dev;test",
    "Values of the tags in `test_tags` that mark resources outside production, separated by `;`",
    label="Tag values outside production",
)


@per_scope(
    needs=(RESOURCES, VPN_GATEWAYS, REDIS_CACHES),
    severity=Severity.LOW,
    labels={"lowSkus": "Resources with basic or free SKUs"},
    references=References(
        c2="5.5",
        c3="6.5",
        c4="7.1.5",
        c5="6.1.5",
        c6="6.1.5",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "Which resources are in production is a judgement; the control knows only tags",
            ),
        ),
    ),
    fix=Fix(
        advice("Move the resources of production to a SKU with a service level agreement."),
        advice(
            "If no resource of the finding is in production, attest in Surety that none is in production."
        ),
        portal="Azure portal › App Services › the app › App Service plan › Scale up",
        portal_source="https://learn.microsoft.com/azure/app-service/manage-scale-up",
        cost="Higher SKUs are billed at a higher price.",
    ),
    parameters=(TEST_TAGS, TEST_VALUES),
    is_manual=True,
    answer=Answer(days=365),
)
def production_sku(ctx: Context) -> Verdict:
    """Production does not run on basic, free or consumption SKUs.

    Problem: Basic or free SKUs not confirmed to be outside production
    Expected: No resource has a basic, free, shared, developer or consumption SKU; otherwise, an attestation, at most a
    year old, says that the resources with such a SKU are not in production
    Judged: The SKU of each resource that has one, of virtual network gateways and of Azure Cache for Redis. Passes if
    no name or tier is Basic, Free, Shared, Developer or Consumption. Otherwise the control needs an attestation, and
    the finding lists the resources. Resources whose tag in `test_tags` has a value in `test_values` are left out; case
    does not matter.
    Why: Many of these SKUs have no service level agreement, and their logs and protection are limited.
    """
    low: list[str] = []
    left_out, judged = 0, 0
    problem: Unreadable | None = None
    for resource, holder, fields in _resources(ctx):
        try:
            sku = holder.object("sku")
            names = [sku.text(name, default="") for name in fields]
            if not any(names):
                raise holder.unreadable("sku.name", "absent")
            judged += 1
            if not any(map(_is_low, names)):
                continue
            if _is_for_tests(resource, ctx):
                left_out += 1
            else:
                low.append(resource.id)
        except Unreadable as error:
            problem = problem or error
    remarks = [f"Resources left out because of a tag: {left_out:,}"] if left_out else []
    if low:
        return manual(
            "Attest that the resources with basic or free SKUs are not in production",
            remarks=remarks,
            lowSkus=sorted(low, key=str.casefold),
        )
    if problem is not None:
        raise problem
    complete_resources(ctx)
    if not judged:
        return not_applicable("No resource has a SKU")
    return passed("No resource of production has a basic or free SKU", remarks=remarks, lowSkus=[])


def _resources(ctx: Context) -> Iterator[tuple[View, View, tuple[str, ...]]]:
    """Yield (resource, the view that contains `sku`, the fields of the SKU to judge) for each resource with a SKU.

    Raise CollectionUnavailable if needed data could not be read.
    """
    for resource in ctx.partial(RESOURCES)[0]:
        if resource.has("sku"):
            yield resource, resource, _NAMES
    for collection, names in _WITH_OWN_SKU:
        for resource in ctx.documents(collection):
            properties = resource.object("properties", default={})
            if properties.has("sku"):
                yield resource, properties, names


def _is_low(name: str) -> bool:
    first = _WORDS.split(name.casefold())[0]
    return first in _LOW or first in _SIZES or _CONSUMPTION in name.casefold()


def _is_for_tests(resource: View, ctx: Context) -> bool:
    names, values = (
        {text.strip().casefold() for text in str(ctx.params[parameter.name]).split(";")} - {""}
        for parameter in (TEST_TAGS, TEST_VALUES)
    )
    tags = resource.object("tags", default={})
    return any(
        name.casefold() in names and str(value).strip().casefold() in values
        for name, value in tags.body.items()
    )
