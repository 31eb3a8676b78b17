"""Judge Conditional Access policies. The controls of these policies share this code.

Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter
from assessments.controls.shared.directory import read_security_defaults
from assessments.controls.shared.role_holders import SYNCHRONISATION_ROLES
from assessments.controls.verdict import Verdict
from assessments.estate.collections.directory import CA_POLICIES, NAMED_LOCATIONS, SECURITY_DEFAULTS
from assessments.estate.gaps import Reason
from assessments.estate.identity.combined_policies import covered_together, exclusion_remarks, uncovered
from assessments.estate.identity.conditional_access import Demand
from assessments.estate.identity.named_locations import Excluded, excluded_addresses
from assessments.estate.quantities import counted
from assessments.estate.view import Unreadable, View

POLICIES: Final = "Entra admin center › Entra ID › Conditional Access › Policies"
POLICIES_PAGE: Final = (
    "https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policy-common"
)
MAX_EXCLUDED: Final = Parameter(
    "max_excluded_users",
    2,
    "Number of users that a policy may exclude without a remark",
    label="Maximum number of excluded users",
    minimum=0,
)
CA_NEEDS: Final = (SECURITY_DEFAULTS, CA_POLICIES)
WITH_LOCATIONS: Final = (*CA_NEEDS, NAMED_LOCATIONS)
"""The collections that a control needs if its policies may exclude locations."""
EXCLUDED_ROLES: Final = (
    "A policy that excludes a role fails, unless another policy covers the role, or the role is that of the account"
    " that synchronises the directory."
)
WIDE_EXCLUSIONS: Final = (
    "A policy fails if the locations that it excludes contain more public addresses than a /8 of IPv4 or a /29 of IPv6,"
    f" or all addresses in a country. {EXCLUDED_ROLES}"
)
"""Sentences for the documentation of controls of Conditional Access policies."""


type _Rule = Callable[[View], Demand]


def _policies(ctx: Context) -> list[View] | None:
    """Return the Conditional Access policies, or None if the directory has no licence for them."""
    try:
        return ctx.documents(CA_POLICIES)
    except CollectionUnavailable as error:
        if error.gap.reason is not Reason.LICENCE_MISSING:
            raise
        return None


def _judged(
    ctx: Context, policies: list[View], rule: _Rule
) -> tuple[dict[str, list[str]], dict[str, str], CollectionUnavailable | Unreadable | None]:
    """Judge each Conditional Access policy with `rule`, which returns a Demand. `Demand.why` is the reason why the
    policy is not sufficient, or empty if `rule` found no such reason. Excluded locations and roles can make the policy
    insufficient too.

    Return three values: {policy id: remarks} of the sufficient policies, {policy id: reason} of the policies that are
    not sufficient, and the first error that occurred while reading.
    """
    demands: dict[str, Demand] = {}
    first_error: CollectionUnavailable | Unreadable | None = None
    for policy in policies:
        try:
            demands[policy.id] = rule(policy)
        except Unreadable as error:
            first_error = first_error or error
    covered = covered_together(demands.values())
    sufficient: dict[str, list[str]] = {}
    insufficient: dict[str, str] = {}
    for name, demand in sorted(demands.items()):
        try:
            locations = _locations(ctx, name, demand)
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
            continue
        by_kind = uncovered(demand.excluded, covered)
        if why := demand.why or locations.problem or _excluded_roles(by_kind):
            insufficient[name] = why
        else:
            sufficient[name] = [*demand.remarks, *locations.remarks, *_exclusions(ctx, by_kind)]
    return sufficient, insufficient, first_error


def _locations(ctx: Context, policy: str, demand: Demand) -> Excluded:
    """Return the addresses and countries of the locations that a policy excludes. If the policy is insufficient anyway,
    return an empty result without reading locations, so that unreadable ones do not matter. Raise
    CollectionUnavailable or Unreadable if needed data could not be read.
    """
    if demand.why or not demand.locations:
        return Excluded()
    return excluded_addresses(ctx.documents(NAMED_LOCATIONS), demand.locations, policy)


def _excluded_roles(by_kind: Mapping[str, list[str]]) -> str:
    """Return the reason why the excluded roles make a policy insufficient, or an empty text if they do not. Excluding a
    role exempts everybody who has the role, and administrators need the protection most.
    """
    number = sum(role not in SYNCHRONISATION_ROLES for role in by_kind.get("role", []))
    return f"it excludes {counted(number, 'role')}" if number else ""


def _exclusions(ctx: Context, by_kind: Mapping[str, list[str]]) -> list[str]:
    """Return remarks on the users, groups, roles, guests and applications that the policy excludes and that no other
    policy covers. `by_kind` contains their ids, by kind.
    """
    many = len(by_kind.get("user", [])) > ctx.params[MAX_EXCLUDED.name]
    return [*(["The policy excludes many users"] if many else []), *exclusion_remarks(by_kind)]


def judge_policies(
    ctx: Context,
    rule: _Rule,
    *,
    found: Verdict,
    missing: Verdict,
    defaults: Verdict,
    unlicensed: Verdict,
) -> Verdict:
    """Judge the policies with `rule`. The other arguments are the verdicts for these cases:

    - `found`: a policy suffices
    - `missing`: no policy suffices
    - `defaults`: security defaults are on
    - `unlicensed`: the directory has no licence for Conditional Access
    """
    is_on, defaults_error = read_security_defaults(ctx)
    if is_on:
        return _with(defaults, securityDefaults=True)
    policies = _policies(ctx)
    if policies is None:
        if defaults_error is not None:
            raise defaults_error
        return _with(unlicensed, securityDefaults=False)
    sufficient, why_not, first_error = _judged(ctx, policies, rule)
    if sufficient:
        # If several policies suffice, the verdict names the policy with the fewest remarks.
        name, remarks = min(sufficient.items(), key=lambda item: (len(item[1]), item[0]))
        return _with(found, remarks, policy=name)
    if (error := first_error or defaults_error) is not None:
        raise error
    return _with(missing, securityDefaults=False, policies=why_not)


def _with(verdict: Verdict, remarks: list[str] | None = None, **observed: Any) -> Verdict:
    return replace(
        verdict,
        observed={**verdict.observed, **observed},
        remarks=(*verdict.remarks, *(remarks or [])),
    )
