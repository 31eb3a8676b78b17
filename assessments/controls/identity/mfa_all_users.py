"""The control identity-mfa-all-users: Ordinary users have registered MFA."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, per_scope
from assessments.controls.references import Partly, References
from assessments.controls.shared.directory import without_documents
from assessments.controls.shared.mfa import (
    EXCLUDED,
    UNREPORTED_NEEDS,
    excluded_by_policy,
    is_agent,
    is_guest,
    may_use_federated_mfa,
    permits_external_mfa,
    registrations,
)
from assessments.controls.shared.role_holders import SYNCHRONISATION_ROLES
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collections.directory import DIRECTORY_ROLE_ASSIGNMENTS, MFA_REGISTRATIONS, USERS
from assessments.estate.gaps import Reason
from assessments.estate.identity.roles import role_key
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View
from assessments.fixes.conditional_access import (
    ALL_USERS,
    CONDITIONAL_ACCESS_COST,
    EITHER_DEFAULTS_OR_POLICIES,
    MFA_VARIABLES,
    SYNCHRONISATION_EXCLUDED,
    TEMPLATE_ONLY_REPORTS,
    require_mfa,
)
from assessments.fixes.declare import Fix

# A registration campaign would not be a fix: a campaign prompts only users who have already signed in with MFA.
# https://learn.microsoft.com/graph/api/resources/authenticationmethodsregistrationcampaign
FIX = Fix(
    *require_mfa(
        "Require multifactor authentication for all users",
        users=ALL_USERS,
        applications=["All"],
        intro="Require MFA for all users, so that they register a method at the next sign-in. Without a licence for"
        " Conditional Access, switch security defaults on instead.",
    ),
    portal="Entra admin center › Entra ID › Conditional Access › Create new policy from templates › Require multifactor"
    " authentication for all users",
    portal_source="https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policy-common",
    cost=CONDITIONAL_ACCESS_COST,
    effects=f"Users without a method must register one before they can work. {SYNCHRONISATION_EXCLUDED}"
    f" {EITHER_DEFAULTS_OR_POLICIES} {TEMPLATE_ONLY_REPORTS}",
    variables=MFA_VARIABLES,
)


@per_scope(
    needs=(MFA_REGISTRATIONS, USERS, DIRECTORY_ROLE_ASSIGNMENTS, *UNREPORTED_NEEDS),
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={
        "capable": "Members who can use MFA",
        "lacking": "Members without MFA",
        "unclear": "Members missing from the registration report",
    },
    references=References(
        c2="1.1.3",
        c3="2.1.3",
        c4="6.1.2",
        c5="5.1.2",
        c6="5.1.3",
        nist="IA-2(2)*",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The control checks whether users can use MFA, not whether MFA is enforced for them, because the state"
                " of per-user MFA cannot be read",
            ),
        ),
    ),
    parameters=(
        Parameter(
            "min_ratio",
            1.0,
            "Share of enabled members who must be able to use MFA (1 = all)",
            label="Minimum share of members",
            minimum=0,
            maximum=1,
        ),
        EXCLUDED,
    ),
)
def mfa_all_users(ctx: Context) -> Verdict:
    """Ordinary users have registered MFA.

    Problem: Too many users without multifactor sign-in
    Expected: At least {min_ratio:percent} of the enabled members can use MFA
    Judged: The share of enabled members with `isMfaCapable` true in the registration report must be at least
    `min_ratio`. Guests and the users named in `excluded` do not count. Accounts of agents and the account that
    synchronises the directory do not count either, because they cannot use MFA.

    If a member is missing from the report, Surety cannot tell whether the member can use MFA. The same applies to a
    member who has no MFA according to the report, but may use MFA that the report does not show: the MFA of a
    federation server or, if the directory permits it, external MFA. If the result depends on such members, it is
    unknown.
    Why: A password alone is guessed, phished or found in a leak, and an intrusion often begins in an ordinary
    mailbox.
    """
    ctx.require_complete(USERS)
    if verdict := without_documents(USERS, ctx.estate.documents(USERS.name)):
        return verdict
    members, left_out, unreadable_users = _members(ctx)
    if not members:
        if unreadable_users:
            raise unreadable_users[0]
        return not_applicable("The directory has no enabled member who needs MFA")
    ctx.require_complete(MFA_REGISTRATIONS)
    external = _may_permit_external_mfa(ctx)
    capable, without_mfa, missing, elsewhere = _by_mfa(ctx, members, external)
    unreported = missing + elsewhere
    required = float(ctx.params["min_ratio"]) * len(members)
    facts: dict[str, Any] = {
        "members": len(members),
        "capable": len(capable),
        "lacking": sorted(without_mfa),
        "unclear": sorted(unreported),
    }
    if left_out:
        facts["leftOut"] = sorted(left_out)
    remarks = (
        [
            (
                "Accounts that are not counted (excluded accounts, accounts of agents, and accounts that synchronise"
                f" the directory): {len(left_out):,}"
            )
        ]
        if left_out
        else []
    )
    counts = f"{len(capable):,} of {len(members):,} enabled members can use MFA"
    # In the best case, all users who could not be read can use MFA, and so can the members in `unreported`: those who
    # are missing from the report, and those whose MFA the report may not show. Fail only if the share is too low even
    # then.
    best_case = len(capable) + len(unreported) + len(unreadable_users)
    if best_case < float(ctx.params["min_ratio"]) * (len(members) + len(unreadable_users)):
        if without_mfa:
            _require_roles(ctx)
        return failed(f"Only {counts}", remarks=remarks, **facts)
    if unreadable_users:
        raise unreadable_users[0]
    if len(capable) >= required:
        return passed(counts, remarks=remarks, **facts)
    _require_known(ctx, members, frozenset(elsewhere))
    if elsewhere and external:
        text = f"{counts}; {len(elsewhere):,} may use external MFA, which cannot be read"
        return unknown(text, Reason.UNDECIDED, **facts)
    if elsewhere:
        text = f"{counts}; {len(elsewhere):,} may use MFA of a federation server, which cannot be read"
        return unknown(text, Reason.UNDECIDED, **facts)
    text = f"{counts}; {len(unreported):,} are missing from the registration report, which is some hours old"
    return unknown(text, Reason.UNDECIDED, **facts)


def _by_mfa(
    ctx: Context, members: list[View], external: bool
) -> tuple[list[str], list[str], list[str], list[str]]:
    """Return the ids of members in four groups: members who can use MFA, members who cannot, members who are missing
    from the registration report, and members who may use MFA that the report does not show.

    `external` is False only if the directory is known not to permit external MFA. Raise Unreadable if a needed property
    cannot be read.
    """
    capable: list[str] = []
    without_mfa: list[str] = []
    missing: list[str] = []
    elsewhere: list[str] = []
    report = registrations(ctx)
    for user in members:
        entry = report.get(fold(user.id))
        if entry is None:
            missing.append(user.id)
        elif entry.flag("isMfaCapable"):
            capable.append(user.id)
        elif external or _may_be_federated(ctx, user):
            elsewhere.append(user.id)
        else:
            # Use the trace only here, so that only the report entries of members without MFA become evidence.
            entry.bound(ctx.trace).flag("isMfaCapable")
            without_mfa.append(user.id)
    return capable, without_mfa, missing, elsewhere


def _require_known(ctx: Context, members: list[View], elsewhere: frozenset[str]) -> None:
    """Raise CollectionUnavailable or Unreadable if members are in `elsewhere` because data could not be read.

    `elsewhere` has the ids of members who perhaps use external or federated MFA, which the report does not show.
    `_by_mfa` also adds members for whom the data about such MFA could not be read.
    """
    if elsewhere and not permits_external_mfa(ctx):
        for user in members:
            if user.id in elsewhere:
                may_use_federated_mfa(ctx, user)


def _may_permit_external_mfa(ctx: Context) -> bool:
    """Return whether the directory permits external MFA. Return True if this could not be determined."""
    try:
        return permits_external_mfa(ctx)
    except (CollectionUnavailable, Unreadable):
        return True


def _may_be_federated(ctx: Context, user: View) -> bool:
    """Return whether the user may use MFA of a federation server. Return True if this could not be determined."""
    try:
        return may_use_federated_mfa(ctx, user)
    except (CollectionUnavailable, Unreadable):
        return True


def _members(ctx: Context) -> tuple[list[View], list[str], list[Unreadable]]:
    """Return three lists: the enabled members who need MFA, the ids of the enabled members who do not, and an error for
    each unreadable user.
    """
    synchronising, _ = _synchronising(ctx)
    members: list[View] = []
    left_out: list[str] = []
    unreadable: list[Unreadable] = []
    for user in ctx.estate.documents(USERS.name):
        try:
            if not user.flag("accountEnabled") or is_guest(user):
                continue
            if fold(user.id) in synchronising or is_agent(user) or excluded_by_policy(ctx, user):
                left_out.append(user.id)
            else:
                members.append(user)
        except Unreadable as error:
            unreadable.append(error)
    return members, left_out, unreadable


def _require_roles(ctx: Context) -> None:
    """Raise CollectionUnavailable or Unreadable if an assignment of a directory role could not be read.

    The account that synchronises the directory needs no MFA, and only its role identifies it. So if an assignment could
    not be read, an account without MFA may be the account that synchronises the directory.
    """
    ctx.require_complete(DIRECTORY_ROLE_ASSIGNMENTS)
    if unreadable := _synchronising(ctx)[1]:
        raise unreadable[0]


def _synchronising(ctx: Context) -> tuple[set[str], list[Unreadable]]:
    """Return the lower-case ids of the accounts with a role for synchronising the directory, and the errors of
    unreadable assignments.
    """
    found = set()
    unreadable = []
    for assignment in ctx.partial(DIRECTORY_ROLE_ASSIGNMENTS)[0]:
        try:
            if role_key(assignment.text("roleDefinitionId")) in SYNCHRONISATION_ROLES:
                found.add(fold(assignment.text("principalId")))
        except Unreadable as error:
            # If the roles of an account are unknown, the account counts as a member who needs MFA. So an unreadable
            # assignment never improves the verdict.
            unreadable.append(error)
    return found, unreadable
