"""The control defender-policy-all-recommendations: No recommendation of the security policy is disabled."""

from __future__ import annotations

from collections.abc import Mapping

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_scope
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.resources import (
    POLICY_ASSIGNMENTS,
    POLICY_EXEMPTIONS,
    POLICY_MANAGEMENT_GROUPS,
    POLICY_SET_DEFINITIONS,
)
from assessments.estate.gap_texts import describe_gap
from assessments.estate.governance.policy_initiatives import BENCHMARKS, disabled_by_default, disables
from assessments.estate.identity.roles import scope_kind
from assessments.estate.ids import fold, name_of
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import EXAMPLE_GUID, Variable

# The kinds of overrides that a policy assignment can have:
# https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure#overrides
_OVERRIDES = {"policyeffect", "definitionversion"}


# The problem with each mode of enforcement, or an empty text if there is none. Do not reword these texts: they are part
# of `observed`, and approved exceptions are bound to the hash of `observed`.
# https://learn.microsoft.com/rest/api/policy/policy-assignments/list (EnforcementMode)
_MODES = {
    "default": "",
    "donotenforce": "the assignment is not enforced",
    "enroll": "the assignment is enforced for enrolled resources only",
}


def _unenforced_assignments(facts: Facts) -> list[dict[str, str]]:
    """Return the name and scope of each assignment that is not enforced, or is enforced only for some resources."""
    found = facts.observed.get("assignments")
    rows = found if isinstance(found, Mapping) else {}
    return [
        {"assignment": name_of(identifier), "assignment_scope": identifier.rpartition("/providers/")[0]}
        for identifier, problems in rows.items()
        if any(problem in problems for problem in _MODES.values() if problem)
    ]


FIX = Fix(
    command(
        "az policy assignment create --name surety-mcsb --scope /subscriptions/{subscription}"
        " --policy-set-definition 1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
        "If the Microsoft cloud security benchmark is not assigned, assign it. Then, in the portal, switch on"
        " the recommendations that the benchmark disables by default: set their effects to a value other than"
        " Disabled.",
        when=lambda facts: not facts.observed.get("assignments"),
    ),
    command(
        "az policy assignment update --name {assignment} --scope {assignment_scope} --enforcement-mode Default",
        "If an assignment is not enforced, enforce it.",
        when=lambda facts: bool(_unenforced_assignments(facts)),
        each=_unenforced_assignments,
    ),
    advice(
        "If a recommendation is disabled, set its effect to Audit in the portal, or remove its parameter from the"
        " assignment. If a recommendation is disabled by default, set its effect to a value other than Disabled"
        " in the portal, because the assignment has no value for this effect. If the subscription is excluded, remove"
        " it from the exclusions of the assignment.",
        when=lambda facts: bool(facts.observed.get("assignments")),
    ),
    portal="Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Security"
    " policies › Microsoft cloud security benchmark › … › Manage recommendations ›"
    " the recommendation › … › Manage effect and parameters",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/manage-mcsb",
    effects="More recommendations appear, and the secure score changes.",
    variables=[
        Variable("assignment", "Name of the policy assignment", "SecurityCenterBuiltIn"),
        Variable("assignment_scope", "Scope of the policy assignment", f"/subscriptions/{EXAMPLE_GUID}"),
    ],
)


@per_scope(
    needs=(POLICY_ASSIGNMENTS, POLICY_EXEMPTIONS, POLICY_SET_DEFINITIONS, POLICY_MANAGEMENT_GROUPS),
    fix=FIX,
    severity=Severity.MEDIUM,
    feature=Feature.DEFENDER,
    references=References(
        c2="2.1.14",
        c3="3.1.11",
        c4="9.1.11",
        c5="8.1.11",
        c6="8.1.11",
        mcsb="PV-2*",
        nist="CM-6* CA-7*",
    ),
)
def policy_all_recommendations(ctx: Context) -> Verdict:
    """No recommendation of the security policy is disabled.

    Problem: Security recommendations switched off
    Expected: The Microsoft cloud security benchmark is assigned and enforced, with no recommendation
    disabled
    Judged: Passes if the Microsoft cloud security benchmark is assigned at the subscription or at a management group
    above it, and is enforced. The assignment must not exclude the subscription or a management group above it, set an
    effect to Disabled, or have an override that disables effects.

    An effect is a parameter whose allowed values include Disabled; deprecated parameters do not count. If the
    assignment has no value for an effect, the default of the initiative counts. The defaults disable about a dozen
    current recommendations, such as those on the expiry of keys and secrets and on customer-managed keys. Remarks name
    exemptions in force, excluded resource groups and resources, and resource selectors.
    Why: If a recommendation is disabled, nobody learns which resources have the weakness that it describes.
    """
    assignments, gaps = ctx.partial(POLICY_ASSIGNMENTS)
    problems: dict[str, list[str]] = {}
    first_error: CollectionUnavailable | Unreadable | None = None
    for assignment in assignments:
        try:
            if not _is_benchmark(assignment):
                continue
            found = _find_problems(assignment, ctx)
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
            continue
        if not found:
            remarks = _exemption_remarks(assignment, ctx)
            remarks += _exclusion_remarks(assignment, ctx)
            if assignment.items("properties.resourceSelectors", default=[]):
                remarks.append("Resource selectors limit the assignment to some resources")
            return passed("Every recommendation is enabled", remarks=remarks, assignment=assignment.id)
        problems[assignment.id] = found
    if first_error is not None:
        raise first_error
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if not problems:
        return failed("The Microsoft cloud security benchmark is not assigned", assignments={})
    first = problems[min(problems)]
    text = first[0] + (f" and {len(first) - 1:,} more" if len(first) > 1 else "")
    return failed(f"Recommendations are disabled: {text}", assignments=dict(sorted(problems.items())))


def _is_benchmark(assignment: View) -> bool:
    if fold(name_of(_initiative(assignment))) not in BENCHMARKS:
        return False
    return scope_kind(assignment.text("properties.scope")) in {"subscription", "management group", "root"}


def _find_problems(assignment: View, ctx: Context) -> list[str]:
    # Do not reword the texts in `found`: they are part of `observed`, and approved exceptions are bound to the hash of
    # `observed`.
    found = []
    if problem := _MODES[assignment.choice("properties.enforcementMode", _MODES, "default")]:
        found.append(problem)
    excluded, unclear = _excludes_subscription(assignment, ctx)
    if excluded:
        found.append("the subscription is excluded")
    parameters = assignment.object("properties.parameters", default={})
    names = sorted(parameters.body, key=str.casefold)
    found += [f"{name} is Disabled" for name in names if _is_disabled(assignment, parameters, name, ctx)]
    enabling = False
    for override in assignment.items("properties.overrides", default=[]):
        try:
            if override.choice("kind", _OVERRIDES) != "policyeffect":
                continue
        except Unreadable as error:
            # Surety does not know what this kind of override does. It may enable recommendations that the initiative
            # disables by default, so do not report these recommendations as disabled.
            unclear = unclear or error
            enabling = True
            continue
        if override.text("value").casefold() == "disabled":
            found.append("an override disables effects")
        else:
            enabling = True
    try:
        by_default = _disabled_by_default(assignment, parameters, ctx)
    except (CollectionUnavailable, Unreadable) as error:
        by_default, unclear = [], unclear or error
    if by_default and enabling:
        reason = "An override may enable recommendations that the initiative disables by default"
        unclear = unclear or Unreadable(assignment.id, "properties.overrides", "undecided", reason)
    else:
        found += [f"{name} is Disabled by default" for name in by_default]
    if not found and unclear is not None:
        raise unclear
    return found


def _disabled_by_default(assignment: View, parameters: View, ctx: Context) -> list[str]:
    """Return the recommendations that the initiative disables by default and for which the assignment sets no effect.

    An unset parameter has its default:
    https://learn.microsoft.com/azure/governance/policy/concepts/initiative-definition-structure
    """
    set_here = {name.casefold() for name in parameters.body if parameters.object(name).has("value")}
    names = disabled_by_default(_definition(assignment, ctx))
    return [name for name in names if name.casefold() not in set_here]


def _excludes_subscription(
    assignment: View, ctx: Context
) -> tuple[bool, CollectionUnavailable | Unreadable | None]:
    """Return whether an assignment excludes the subscription, and the error if this could not be determined.

    `notScopes` may also name a management group above the subscription.
    """
    excluded = {fold(scope) for scope in assignment.texts("properties.notScopes", default=[])}
    if fold(ctx.scope_id) in excluded:
        return True, None
    # An assignment of the subscription itself can exclude only scopes inside the subscription, not management groups.
    at = fold(assignment.text("properties.scope"))
    groups = {scope for scope in excluded if scope_kind(scope) == "management group"}
    if not groups or scope_kind(at) == "subscription":
        return False, None
    above = _groups_above(ctx)
    if groups & above:
        return True, None
    documents, gaps = ctx.partial(POLICY_MANAGEMENT_GROUPS)
    read = {_group_id(group.name) for group in documents}
    # The permission to read a management group also permits reading the groups below it. So if the assignment's
    # management group was read, `above` has all groups between that group and the subscription, none of them excluded.
    if at in read:
        return False, None
    if gaps:
        return False, CollectionUnavailable(gaps[0])
    names = ", ".join(sorted(name_of(group) for group in groups))
    reason = f"It is not known whether an excluded management group ({names}) is above the subscription"
    return False, Unreadable(assignment.id, "properties.notScopes", "undecided", reason)


def _exclusion_remarks(assignment: View, ctx: Context) -> list[str]:
    """Return a remark about the resource groups and resources of the subscription that the assignment excludes."""
    inside = fold(ctx.scope_id) + "/"
    excluded = sorted(
        name_of(scope)
        for scope in assignment.texts("properties.notScopes", default=[])
        if fold(scope).startswith(inside)
    )
    if not excluded:
        return []
    more = f" and {len(excluded) - 3:,} more" if len(excluded) > 3 else ""
    return [f"Excluded from the assignment: {', '.join(excluded[:3])}{more}"]


def _groups_above(ctx: Context) -> set[str]:
    """Return the ids of the management groups that Surety knows to be above the subscription.

    Azure lists assignments of management groups only if these groups are above the subscription.
    """
    scopes = {fold(str(one.raw("properties.scope"))) for one in ctx.partial(POLICY_ASSIGNMENTS)[0]}
    assigned = {scope for scope in scopes if scope_kind(scope) == "management group"}
    return assigned | {_group_id(group.name) for group in ctx.partial(POLICY_MANAGEMENT_GROUPS)[0]}


def _group_id(name: str) -> str:
    return fold(f"/providers/Microsoft.Management/managementGroups/{name}")


def _is_disabled(assignment: View, parameters: View, name: str, ctx: Context) -> bool:
    """Return whether a parameter of an assignment switches a recommendation off."""
    value = parameters.object(name).raw("value")
    if value is None or (isinstance(value, str) and value.casefold() != "disabled"):
        return False
    if not isinstance(value, str) and "effect" not in name.casefold():
        return False  # An effect is always text, so this parameter sets no effect.
    return disables(_definition(assignment, ctx), name, value)


def _definition(assignment: View, ctx: Context) -> View:
    definition = ctx.single(POLICY_SET_DEFINITIONS, fold(name_of(_initiative(assignment))))
    if definition is None:
        raise assignment.unreadable("properties.policyDefinitionId", "not the id of an initiative")
    return definition


def _initiative(assignment: View) -> str:
    return assignment.text("properties.policyDefinitionId")


def _exemption_remarks(assignment: View, ctx: Context) -> list[str]:
    documents, gaps = ctx.partial(POLICY_EXEMPTIONS)
    remarks = [describe_gap(gaps[0])] if gaps else []
    in_force = []
    for exemption in documents:
        try:
            if fold(exemption.text("properties.policyAssignmentId")) != fold(assignment.id):
                continue
            if not exemption.has("properties.expiresOn") or exemption.time("properties.expiresOn") > ctx.now:
                in_force.append(exemption.name)
        except Unreadable as error:
            remarks.append(str(error))
    if in_force:
        remarks.append(f"Exemptions in force: {', '.join(sorted(in_force))}")
    return remarks
