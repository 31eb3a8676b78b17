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
    expected="Security defaults are on, or a Conditional Access policy requires MFA for all users and applications",
    unit=UnitKind.DIRECTORY,
    references=References(
        c2="1.1.1 1.2.3 1.2.4 1.2.6",
        c3="2.1.1 2.2.4 2.2.5 2.2.7",
        c4="6.1.1 6.2.4 6.2.6",
        c5="5.1.1 5.2.4 5.2.6",
        c6="5.1.1",
        mcsb="IM-6* IM-7*",
        nist="IA-2(1) IA-2(2)*",
    ),
    parameters=(
        Parameter(
            "max_excluded_users", 2, "Number of users that a policy may exclude without a remark", minimum=0
        ),
    ),
)
def mfa_enforced(ctx: Context) -> Verdict:
    """MFA is enforced for all users.

    Judged: Passes if security defaults are on, or if one enabled Conditional Access policy covers all
    users and all applications and requires `mfa` or an authentication strength, without a weaker
    alternative. Passes with a remark if the policy accepts a compliant or joined device instead, excludes
    groups, roles, guests, locations, applications or more than `max_excluded_users` users, or covers only
    administrators or only the management of Azure. Report-only policies do not count. Without a licence
    for Conditional Access, only security defaults count.
    Why: A registered second factor protects only if sign-in asks for it.
    Fix: az rest --method patch --body '{"isEnabled":true}' --url
    https://graph.microsoft.com/v1.0/policies/identitySecurityDefaultsEnforcementPolicy
    """
    defaults, defaults_error = _read_security_defaults(ctx)
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
        candidates = [(name, demand) for name, demand in demands if demand.reach is reach]
        if candidates:
            # The policy with the fewest remarks represents the directory.
            name, best = min(candidates, key=lambda item: (len(item[1].remarks), item[0]))
            covered = "all users and applications" if reach is Reach.ALL else "a part of the directory"
            return passed(
                f"A Conditional Access policy requires MFA for {covered}",
                remarks=best.remarks,
                policy=name,
                securityDefaults=None if defaults_error else False,
            )
    if unreadable is not None:
        raise unreadable
    if defaults_error is not None:
        raise defaults_error
    return failed(
        "Security defaults are off, and no Conditional Access policy requires MFA for all users",
        securityDefaults=False,
        policies={name: demand.why for name, demand in sorted(demands)},
    )


def _read_security_defaults(ctx: Context) -> tuple[bool, CollectionUnavailable | Unreadable | None]:
    """Return (whether security defaults are on, the error if that could not be read)."""
    try:
        policy = ctx.single(SECURITY_DEFAULTS, "")
        if policy is None:
            raise CollectionUnavailable(
                Gap(SECURITY_DEFAULTS.name, "", Reason.NOT_FOUND, permission=SECURITY_DEFAULTS.permission)
            )
        return policy.flag("isEnabled"), None
    except (CollectionUnavailable, Unreadable) as error:
        return False, error
