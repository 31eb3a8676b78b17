"""The control identity-mfa-enforced: MFA is enforced for all users."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, per_scope
from assessments.controls.references import Partly, References
from assessments.controls.shared.directory import read_security_defaults
from assessments.controls.shared.role_holders import (
    HIDDEN_MEMBERS,
    SYNCHRONISATION_ROLES,
    WITHOUT_MFA,
    hides_members,
)
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.directory import (
    CA_POLICIES,
    EXCLUDED_GROUP_MEMBERS,
    EXCLUDED_GROUP_VISIBILITY,
    NAMED_LOCATIONS,
    SECURITY_DEFAULTS,
)
from assessments.estate.gaps import Gap, Reason
from assessments.estate.identity.combined_policies import (
    covered_together,
    exclusion_remarks,
    uncovered,
    with_legacy_blocks,
)
from assessments.estate.identity.conditional_access import (
    ADMIN_PORTALS,
    LOCATIONS_EXCLUDED,
    OFFICE_365,
    OFFICE_365_APPS,
    Demand,
    LegacyBlock,
    azure_management_app,
    legacy_block,
    mfa_demand,
)
from assessments.estate.identity.named_locations import Excluded, excluded_addresses
from assessments.estate.ids import fold
from assessments.estate.quantities import counted
from assessments.estate.view import Unreadable
from assessments.fixes.conditional_access import (
    ALL_USERS,
    CONDITIONAL_ACCESS_COST,
    EITHER_DEFAULTS_OR_POLICIES,
    MFA_VARIABLES,
    SYNCHRONISATION_EXCLUDED,
    require_mfa,
)
from assessments.fixes.declare import Fix, graph

# A policy must not exclude these applications, to which people sign in most often. `_broad_exclusions` adds Azure's
# management application, whose id depends on the cloud.
# https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-cloud-apps
_BROAD_APPLICATIONS = {
    OFFICE_365: "Office 365",
    **OFFICE_365_APPS,
    ADMIN_PORTALS: "the Microsoft admin portals",
}


FIX = Fix(
    graph(
        "PATCH",
        "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy",
        "Policy.Read.All",
        "Policy.ReadWrite.SecurityDefaults",
        intro="Without a licence for Conditional Access: switch security defaults on.",
        body={"isEnabled": True},
    ),
    *require_mfa(
        "Require multifactor authentication for all users",
        users=ALL_USERS,
        applications=["All"],
        intro="With Microsoft Entra ID P1, create a Conditional Access policy instead. Security defaults must be off.",
    ),
    portal="Entra admin center › Entra ID › Overview › Properties › Manage security defaults,"
    " or Entra ID › Conditional Access › Policies",
    portal_source="https://learn.microsoft.com/entra/fundamentals/security-defaults",
    cost=CONDITIONAL_ACCESS_COST,
    effects=f"Every user must register a method and use it. {SYNCHRONISATION_EXCLUDED} {EITHER_DEFAULTS_OR_POLICIES}",
    variables=MFA_VARIABLES,
)


@per_scope(
    needs=(
        SECURITY_DEFAULTS,
        CA_POLICIES,
        NAMED_LOCATIONS,
        EXCLUDED_GROUP_MEMBERS,
        EXCLUDED_GROUP_VISIBILITY,
    ),
    fix=FIX,
    severity=Severity.HIGH,
    references=References(
        c2="1.1.1 1.2.3 1.2.4 1.2.6",
        c3="2.1.1 2.2.4 2.2.5 2.2.7",
        c4="6.1.1 6.2.4 6.2.6",
        c5="5.1.1 5.2.4 5.2.6",
        c6="5.1.1",
        mcsb="IM-6* IM-7*",
        nist="IA-2(1) IA-2(2)*",
        partly=(
            Partly(
                "c2:1.1.1 c3:2.1.1 c4:6.1.1 c5:5.1.1 c6",
                (
                    "The requirement asks for security defaults; the control also accepts a Conditional"
                    " Access policy for all users"
                ),
            ),
            Partly(
                "c2:1.2.3 c2:1.2.4 c2:1.2.6 c3:2.2.4 c3:2.2.5 c3:2.2.7 c4:6.2.4 c4:6.2.6 c5:5.2.4 c5:5.2.6",
                (
                    "The requirement asks for a Conditional Access policy; the control also accepts"
                    " security defaults, and policies that exclude users or locations"
                ),
            ),
        ),
    ),
    parameters=(
        Parameter(
            "max_excluded_users",
            2,
            "Number of users that a policy may exclude",
            label="Maximum number of excluded users",
            minimum=0,
        ),
        Parameter(
            "excluded_locations",
            "remark",
            "What happens if a policy excludes locations, for example trusted networks",
            choices=("remark", "fail"),
        ),
    ),
)
def mfa_enforced(ctx: Context) -> Verdict:
    """MFA is enforced for all users.

    Problem: Multifactor sign-in not enforced for all users
    Expected: Security defaults are on, or a Conditional Access policy requires MFA for all users and
    applications
    Judged: Passes if security defaults are on, or if one enabled Conditional Access policy covers all users and all
    applications. The policy must require `mfa` or an authentication strength. A compliant or joined device is the only
    alternative that the policy may accept instead, and adds a remark.

    The policy may exclude up to `max_excluded_users` users. The members of excluded groups, and of the groups inside
    them, are counted too. Users and groups that another policy covers, and members that are accounts of agents, are not
    counted. A deleted group has no members. If the members of an excluded group cannot be read, the verdict is unknown.

    A policy fails if it excludes Office 365, Exchange Online, SharePoint Online, Teams, the Microsoft admin portals or
    the management of Azure, unless another policy covers them. The same applies to an excluded role, except the role of
    the account that synchronises the directory. A policy that excludes device platforms fails, because a client can
    state another platform. A policy with a filter for devices fails, even if the filter leaves out only compliant
    devices.

    Legacy authentication (Exchange ActiveSync and other clients) cannot use MFA. A policy that does not apply to it
    fails, unless other policies block it for all users and applications. What these other policies exclude then counts
    as excluded too.

    Groups, guests and other applications that the policy excludes add a remark, unless another policy covers them. If
    the other policy applies only to the guests of some directories, it does not count as covering the excluded guests.

    Excluded locations add a remark; if `excluded_locations` is `fail`, the policy fails. A policy always fails if its
    excluded locations contain all addresses in a country, or more public addresses than one organization usually holds
    (a /8 of IPv4 or a /29 of IPv6). Trusted IP addresses in the former MFA settings cannot be read and do not count;
    excluding them adds a remark.

    A policy that covers only a part of the users or applications, such as administrators or the management of Azure,
    fails. Report-only policies do not count, nor does per-user MFA, which cannot be read. Without a licence for
    Conditional Access, only security defaults count.
    Why: A registered second factor protects only if sign-in asks for it.
    """
    defaults, defaults_error = read_security_defaults(ctx)
    if defaults:
        return passed("Security defaults are on", securityDefaults=True)
    try:
        policies = ctx.documents(CA_POLICIES)
    except CollectionUnavailable as error:
        if error.gap.reason is not Reason.LICENCE_MISSING:
            raise
        if defaults_error is not None:
            raise defaults_error from None
        return failed(
            "Security defaults are off, and the directory has no licence for Conditional Access",
            securityDefaults=False,
        )
    found: dict[str, Demand] = {}
    blocks: list[LegacyBlock] = []
    unreadable: Unreadable | None = None
    for policy in policies:
        try:
            found[policy.id] = mfa_demand(policy, azure_management_app(ctx.estate.cloud))
            if (block := legacy_block(policy)) is not None:
                blocks.append(block)
        except Unreadable as error:
            unreadable = unreadable or error
    demands = {name: with_legacy_blocks(demand, blocks) for name, demand in found.items()}
    sufficient, too_wide, exclusion_error = _sufficient(ctx, demands)
    if sufficient:
        # If several policies are sufficient, name the policy with the fewest remarks.
        name, remarks = min(sufficient.items(), key=lambda item: (len(item[1]), item[0]))
        return passed(
            "A Conditional Access policy requires MFA for all users and applications",
            remarks=remarks,
            policy=name,
            securityDefaults=None if defaults_error else False,
        )
    if (first_error := unreadable or exclusion_error) is not None:
        raise first_error
    if defaults_error is not None:
        raise defaults_error
    covered = sorted({demands[name][0].covers for name in demands} - {""})
    only = f"; policies cover only {', '.join(covered)}" if covered else ""
    if too_wide:
        only = f": {too_wide[min(too_wide)]}"
    return failed(
        f"Security defaults are off, and no Conditional Access policy requires MFA for all users{only}",
        remarks=["MFA that is set for each user (per-user MFA) cannot be read, so it does not count"],
        securityDefaults=False,
        policies={name: too_wide.get(name) or _why(demand) for name, (demand, *_) in sorted(demands.items())},
    )


def _sufficient(
    ctx: Context, demands: dict[str, list[Demand]]
) -> tuple[dict[str, list[str]], dict[str, str], CollectionUnavailable | Unreadable | None]:
    """Judge the exclusions of the policies that otherwise enforce MFA for all users and applications.

    Return three values:

    - {policy id: remarks} of the sufficient policies
    - {policy id: problem} of the policies whose exclusions are too wide
    - the first error that occurred while reading

    Exclusions are too wide if they contain too many users, a role, an important application, or too many network
    addresses. If the parameter `excluded_locations` is `fail`, they must not contain any location.

    `demands` is {policy id: result of `with_legacy_blocks`}. If a policy does not apply to legacy authentication, its
    result has one demand for each combination of other policies that together block legacy authentication.
    """
    covered = covered_together(demand for choices in demands.values() for demand in choices)
    sufficient: dict[str, list[str]] = {}
    too_wide: dict[str, str] = {}
    first_error: CollectionUnavailable | Unreadable | None = None
    for name, choices in demands.items():
        for demand in choices:
            if demand.why:
                continue
            by_kind = uncovered(demand.excluded, covered)
            try:
                problem, location_remarks = _problem(ctx, name, demand, by_kind)
            except (CollectionUnavailable, Unreadable) as error:
                first_error = first_error or error
                continue
            remarks = [*demand.remarks, *location_remarks, *exclusion_remarks(by_kind)]
            if problem:
                too_wide.setdefault(name, problem)
            elif name not in sufficient or len(remarks) < len(sufficient[name]):
                sufficient[name] = remarks
    return sufficient, too_wide, first_error


def _problem(
    ctx: Context, policy: str, demand: Demand, by_kind: dict[str, list[str]]
) -> tuple[str, list[str]]:
    """Return the problem with the exclusions of a policy, and remarks on the locations that the policy excludes. If the
    exclusions are not too wide, the problem is an empty text.

    The exclusions in `demand` and `by_kind` include those of policies that block legacy authentication in place of this
    policy. Raise CollectionUnavailable or Unreadable if the result depends on data that could not be read.
    """
    if broad := _broad_exclusions(by_kind, azure_management_app(ctx.estate.cloud)):
        return f"it excludes {' and '.join(broad)}", []
    if LOCATIONS_EXCLUDED in demand.remarks and ctx.params["excluded_locations"] == "fail":
        return "it excludes locations", []
    locations = Excluded()
    unreadable: CollectionUnavailable | Unreadable | None = None
    try:
        if demand.locations:
            locations = excluded_addresses(ctx.documents(NAMED_LOCATIONS), demand.locations, policy)
    except (CollectionUnavailable, Unreadable) as error:
        unreadable = error
    if locations.problem:
        return locations.problem, []
    count = _excluded_users(ctx, by_kind)
    if count > ctx.params["max_excluded_users"]:
        more = " or more" if "group" in by_kind else ""
        return f"it excludes {counted(count, 'user')}{more}", []
    if unreadable is not None:
        raise unreadable
    return "", locations.remarks


def _broad_exclusions(by_kind: dict[str, list[str]], management_app: str) -> list[str]:
    """Return the roles and important applications that a policy excludes, such as `["2 roles", "Office 365"]`. If there
    are any, the policy is not sufficient, however few users are concerned. SYNCHRONISATION_ROLES do not count.
    `management_app` is the id of the application for the management of Azure.
    """
    important = {**_BROAD_APPLICATIONS, management_app: "the management of Azure"}
    roles = sum(role not in SYNCHRONISATION_ROLES for role in by_kind.get("role", []))
    found = [f"{roles} role{'s' if roles > 1 else ''}"] if roles else []
    return found + [important[app] for app in by_kind.get("app", []) if app in important]


def _excluded_users(ctx: Context, by_kind: dict[str, list[str]]) -> int:
    """Return the number of users that a policy excludes, by name or as members of groups.

    If some members could not be read, raise CollectionUnavailable or Unreadable, unless the known users are already
    more than `max_excluded_users`.
    """
    users = set(by_kind.get("user", []))
    first_error: CollectionUnavailable | Unreadable | None = None
    for group in by_kind.get("group", []):
        members, gap = ctx.partial_at(EXCLUDED_GROUP_MEMBERS, group)
        try:
            if gap is None and not members:
                gap = _hidden_members(ctx, group)
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
        if gap is not None:
            first_error = first_error or CollectionUnavailable(gap)
        for member in members:
            try:
                kind = member.text("@odata.type").rpartition(".")[2].casefold()
                if kind == "user":
                    users.add(fold(member.text("id")))
                elif kind not in WITHOUT_MFA:
                    first_error = first_error or member.unreadable(
                        "@odata.type", "not a known kind of member"
                    )
            except Unreadable as error:
                first_error = first_error or error
    if len(users) <= ctx.params["max_excluded_users"] and first_error is not None:
        raise first_error
    return len(users)


def _hidden_members(ctx: Context, group: str) -> Gap | None:
    """Return a gap if the group appears to be empty because the service principal lacks HIDDEN_MEMBERS, the permission
    to read hidden memberships.

    Raise CollectionUnavailable or Unreadable if Surety cannot tell whether the membership is hidden.
    """
    group_itself = ctx.single(EXCLUDED_GROUP_VISIBILITY, group)
    if group_itself is None or not hides_members(group_itself):
        return None
    return Gap(EXCLUDED_GROUP_MEMBERS.name, group, Reason.FORBIDDEN, permission=HIDDEN_MEMBERS)


def _why(demand: Demand) -> str:
    return f"it covers only {demand.covers}" if demand.covers else demand.why
