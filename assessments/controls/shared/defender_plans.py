"""Read the Defender plans of a subscription, and the resources that the plans protect.

Source: https://learn.microsoft.com/rest/api/defenderforcloud/pricings (2024-01-01). The properties `inherited` and
`isEnabled` (of an extension) are strings, "True" or "False".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.verdict import Verdict, failed, not_applicable, unknown
from assessments.estate.collections.defender import PRICINGS, SECURITY_SETTINGS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold, type_of
from assessments.estate.view import View
from assessments.fixes.declare import command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import EXAMPLE_GUID, Variable

MACHINES = (
    "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/virtualMachineScaleSets",
    "Microsoft.HybridCompute/machines",
)
"""The resource types that the plan for servers protects."""
# https://learn.microsoft.com/azure/defender-for-cloud/concept-cloud-security-posture-management#azure-billable-resources
POSTURE_BILLED_BY = (
    "server, storage account and database, and for each web app, function app and serverless container if their"
    " components are on"
)
"""The end of a sentence such as “Defender CSPM is billed for each …”."""
# The values of `ResourcesCoverageStatus` in the specification of Microsoft.Security
_COVERAGES = frozenset({"fullycovered", "partiallycovered", "notcovered"})

# The clouds that do not offer the plans in `_NOT_IN_GOVERNMENT`:
# https://learn.microsoft.com/azure/defender-for-cloud/support-matrix-defender-for-cloud#cloud-support
# The plan for Cosmos DB is not in `_NOT_IN_GOVERNMENT`: since September 2026, the page lists it for these clouds.
_GOVERNMENT = frozenset({"AzureUSGovernment", "AzureUSGovernmentDoD"})
_NOT_IN_GOVERNMENT = frozenset({"api", "appservices"})

EXCLUDED_MACHINE = Variable(
    "excluded_machine",
    "Full id of a machine that is excluded from the plan",
    f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/vm-web-1",
)


def excludes_machines(facts: Facts) -> bool:
    """Return whether the finding names machines that are excluded from the plan. A finding names machines only if the
    plan is on for the subscription, but every machine is excluded by a setting of its own.
    """
    return bool(facts.texts("excludedMachines"))


def _each_excluded_machine(facts: Facts) -> list[dict[str, str]]:
    return [{EXCLUDED_MACHINE.name: machine} for machine in facts.texts("excludedMachines")]


# A machine with its own setting inherits the subscription's plan only when this setting is deleted. `az security
# pricing create` changes the subscription only.
# https://learn.microsoft.com/azure/defender-for-cloud/configure-servers-coverage#defender-for-servers-feature-status
INCLUDE_MACHINES = command(
    "az rest --method delete --url {excluded_machine}/providers/Microsoft.Security/pricings/VirtualMachines"
    " --url-parameters api-version=2024-01-01",
    "For each excluded machine, delete the setting that excludes the machine from the plan. The machine then inherits"
    " the plan of the subscription.",
    when=excludes_machines,
    each=_each_excluded_machine,
)
"""The step that corrects a plan for servers if it covers no machine. The fix must declare `EXCLUDED_MACHINE`."""


def plan_id(ctx: Context, name: str) -> str:
    """Return the id of a plan's pricing, the resource that contains the settings of the plan. The id is returned even
    if Azure does not list the plan.
    """
    return f"{ctx.scope_id}/providers/Microsoft.Security/pricings/{name}"


def plan(ctx: Context, name: str) -> View | None:
    """Return a plan's pricing by name, or None if the list was read completely and lacks the plan.

    Raise CollectionUnavailable if needed data could not be read.
    """
    documents, gaps = ctx.partial(PRICINGS)
    for document in documents:
        if document.name.casefold() == name.casefold():
            return document
    if gaps:
        raise CollectionUnavailable(gaps[0])
    return None


def is_never_offered(cloud: str, name: str) -> bool:
    """Return whether a cloud does not offer a plan at all, according to Microsoft's table of clouds and plans.

    The table can be outdated. So callers that judge also look at the plans that Azure lists.
    """
    return cloud in _GOVERNMENT and name.casefold() in _NOT_IN_GOVERNMENT


def not_offered(ctx: Context, name: str, protects: str) -> Verdict | None:
    """Return a not-applicable verdict if the cloud does not offer the plan, and Azure lists other plans but not this
    plan. Otherwise, return None. Raise CollectionUnavailable if needed data could not be read.
    """
    if is_never_offered(ctx.estate.cloud, name) and ctx.documents(PRICINGS) and plan(ctx, name) is None:
        return not_applicable(f"The plan for {protects} is not offered in this cloud")
    return None


def without_plan(ctx: Context, protects: str, **observed: Any) -> Verdict:
    """Judge a plan that Azure did not list.

    If Azure lists no plan at all, Microsoft.Security is not registered, so the plan is off. In every other case, Azure
    should list all plans. So if Azure lists other plans but not this plan, the verdict is unknown.
    """
    if ctx.documents(PRICINGS):
        return unknown(f"Azure did not list the plan for {protects}", Reason.MISSING_FIELD)
    reason = f"Defender for Cloud is not registered in the subscription, so the plan for {protects} is off"
    return failed(reason, pricingTier=None, **observed)


def is_paid(pricing: View) -> bool:
    """Return True if the tier of a plan is Standard (the plan is on), and False if the tier is Free. Raise Unreadable
    for any other tier.
    """
    return pricing.choice("properties.pricingTier", {"standard", "free"}) == "standard"


def covers_no_machine(pricing: View) -> bool:
    """Return whether Azure states `NotCovered`: the plan is off for every resource of the subscription, whatever the
    tier of the plan.
    """
    return _coverage(pricing) == "notcovered"


def covers_every_machine(pricing: View) -> bool:
    """Return whether Azure states `FullyCovered`: the plan is on for every resource of the subscription, whatever the
    tier of the plan.
    """
    return _coverage(pricing) == "fullycovered"


def covers_some_machines(pricing: View) -> bool:
    """Return whether Azure states `PartiallyCovered`: the plan is off for some resources of the subscription."""
    return _coverage(pricing) == "partiallycovered"


def _coverage(pricing: View) -> str:
    """Return the coverage of a plan (such as `fullycovered`), or an empty string if Azure does not state it."""
    return pricing.choice("properties.resourcesCoverageStatus", _COVERAGES, default="")


def sub_plan(pricing: View) -> str:
    """Return the sub-plan of the plan for servers in lower case. Raise Unreadable for an unknown sub-plan.

    The specification of Microsoft.Security/pricings says about `subPlan`: "When not specified, full plan is applied."
    The full plan is Plan 2 (P2).
    """
    return pricing.choice("properties.subPlan", {"p1", "p2"}, default="P2")


def extension_on(pricing: View, name: str) -> bool:
    """Return whether an extension of a plan is on. An extension that is not listed is off."""
    for extension in pricing.items("properties.extensions", default=[]):
        if extension.text("name").casefold() == name.casefold():
            stated = extension.raw("isEnabled")
            if isinstance(stated, bool):
                return stated
            return extension.choice("isEnabled", {"true", "false"}) == "true"
    return False


def setting_is_on(ctx: Context, name: str) -> bool:
    """Return whether a setting of Defender for Cloud is on. A setting that Azure does not list is off.

    Raise CollectionUnavailable or Unreadable if needed data could not be read.
    """
    documents, gaps = ctx.partial(SECURITY_SETTINGS)
    for document in documents:
        if document.name.casefold() == name.casefold():
            return document.flag("properties.enabled")
    if gaps:
        raise CollectionUnavailable(gaps[0])
    return False


def resources_of(ctx: Context, types: Iterable[str]) -> list[str]:
    """Return the sorted ids of the subscription's resources of the given types.

    If there is no such resource and the inventory is incomplete, raise CollectionUnavailable or Unreadable.
    """
    wanted = {fold(kind) for kind in types}
    found = [d for d in ctx.estate.documents(RESOURCES.name) if fold(_type(d) or "") in wanted]
    if not found:
        complete_resources(ctx)
        return []
    # A single resource makes a plan applicable, so a single resource is sufficient evidence.
    found[0].bound(ctx.trace).raw("type")
    return sorted((document.id for document in found), key=str.casefold)


def complete_resources(ctx: Context) -> None:
    """Raise an error if the inventory may lack a resource. Raise CollectionUnavailable if a part was not read, and
    Unreadable if a resource has no type.
    """
    ctx.require_complete(RESOURCES)
    for document in ctx.estate.documents(RESOURCES.name):
        if _type(document) is None:
            raise document.unreadable("type", "absent or not text")


def _type(document: View) -> str | None:
    kind = document.body.get("type") or type_of(document.id)
    return kind if isinstance(kind, str) and kind else None
