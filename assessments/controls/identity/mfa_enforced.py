"""identity-mfa-enforced."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, References, per_scope
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.directory import CA_POLICIES, SECURITY_DEFAULTS
from assessments.estate.conditional_access import Demand, Reach, mfa_demand
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Gap, Reason
from assessments.estate.view import Unreadable


@per_scope(
    needs=(SECURITY_DEFAULTS, CA_POLICIES),
    problem="Multifactor sign-in not enforced for all users",
    severity=Severity.HIGH,
    expected="security defaults, or a Conditional Access policy that demands MFA of all users everywhere",
    unit=UnitKind.DIRECTORY,
    references=References(
        c2="1.1.1 1.2.3 1.2.4 1.2.6", c3="2.1.1 2.2.4 2.2.5 2.2.7", c4="6.1.1 6.2.4 6.2.6",
        c5="5.1.1 5.2.4 5.2.6", c6="5.1.1", mcsb="IM-6* IM-7*", nist="IA-2(1) IA-2(2)*",
    ),
    parameters=(
        Parameter("max_excluded_users", 2, "Users that a policy may exclude without a remark", minimum=0),
    ),
)  # fmt: skip
def mfa_enforced(ctx: Context) -> Verdict:
    """MFA is enforced for all users.

    Judged: security defaults are on, or one enabled Conditional Access policy includes all users and
    all applications and demands `mfa` or an authentication strength, and nothing weaker instead.
    Remarks: a compliant or joined device accepted instead, excluded groups, roles, guests, locations,
    applications or more than `max_excluded_users` users; a policy for administrators or for the
    management of Azure alone. Report-only policies enforce nothing. Without a licence for Conditional
    Access security defaults alone decide.
    Why: a registered second factor protects only where it is asked for.
    Fix: az rest --method patch --body '{"isEnabled":true}' --url
    https://graph.microsoft.com/v1.0/policies/identitySecurityDefaultsEnforcementPolicy
    """
    defaults, no_defaults = _defaults(ctx)
    if defaults:
        return passed("security defaults are on", securityDefaults=True)
    try:
        policies = ctx.documents(CA_POLICIES)
    except CollectionUnavailable as error:
        if error.gap.reason is not Reason.LICENCE_MISSING:
            raise
        if no_defaults is not None:
            raise no_defaults from None
        return failed(
            "security defaults are off, and there is no licence for Conditional Access",
            securityDefaults=False,
        )
    demands: list[tuple[str, Demand]] = []
    unreadable: Unreadable | None = None
    for policy in policies:
        try:
            demands.append(
                (policy.id, mfa_demand(policy, max_excluded_users=int(ctx.params["max_excluded_users"])))
            )
        except Unreadable as error:
            unreadable = unreadable or error
    for reach in (Reach.ALL, Reach.PARTIAL):
        fitting = [(name, demand) for name, demand in demands if demand.reach is reach]
        if fitting:
            # The policy with the fewest reservations speaks for the directory.
            name, best = min(fitting, key=lambda item: (len(item[1].remarks), item[0]))
            whom = "of all users for all applications" if reach is Reach.ALL else "of a part of the directory"
            return passed(
                f"a Conditional Access policy demands MFA {whom}", remarks=best.remarks, policy=name,
                securityDefaults=None if no_defaults else False,
            )  # fmt: skip
    if unreadable is not None:
        raise unreadable
    if no_defaults is not None:
        raise no_defaults
    return failed(
        "security defaults are off, and no Conditional Access policy demands MFA of all users",
        securityDefaults=False, policies={name: demand.why for name, demand in sorted(demands)},
    )  # fmt: skip


def _defaults(ctx: Context) -> tuple[bool, CollectionUnavailable | Unreadable | None]:
    """(whether security defaults are clearly on, why that could not be read)."""
    try:
        policy = ctx.single(SECURITY_DEFAULTS, "")
        if policy is None:
            raise CollectionUnavailable(
                Gap(SECURITY_DEFAULTS.name, "", Reason.NOT_FOUND, permission=SECURITY_DEFAULTS.permission)
            )
        return policy.flag("isEnabled"), None
    except (CollectionUnavailable, Unreadable) as error:
        return False, error
