"""The control identity-mfa-azure-writers: Every user who can create or change Azure resources has MFA."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import judgements, unknown_from
from assessments.controls.references import Partly, References
from assessments.controls.shared.delegations import Delegation, judge_delegations
from assessments.controls.shared.mfa import MFA_NEEDS, MFA_OPTIONAL, judge_mfa
from assessments.controls.shared.role_holders import (
    AZURE_ROLES,
    Level,
    azure_roles,
    user_subject,
    users_by_id,
)
from assessments.controls.verdict import (
    Judgement,
    Outcome,
    Severity,
    Verdict,
    failed,
    not_applicable,
    unknown,
)
from assessments.estate.collections.access import CLASSIC_ADMINISTRATORS, REGISTRATION_ASSIGNMENTS
from assessments.estate.gaps import Reason
from assessments.estate.identity.conditional_access import AZURE_MANAGEMENT_APP
from assessments.estate.view import Unreadable, View
from assessments.fixes.conditional_access import (
    CONDITIONAL_ACCESS_COST,
    EITHER_DEFAULTS_OR_POLICIES,
    MFA_VARIABLES,
    TEMPLATE_ONLY_REPORTS,
    require_mfa,
    with_management_app,
)
from assessments.fixes.declare import Fix, advice

_BILLING_ROLES = frozenset({"serviceadministrator", "accountadministrator"})
"""Classic roles that Azure still lists in every subscription, for billing. These roles no longer grant access."""


FIX = Fix(
    *require_mfa(
        "Require multifactor authentication for Azure management",
        users={"includeUsers": ["All"]},
        applications=[AZURE_MANAGEMENT_APP],
        adapt=with_management_app,
        intro="Require MFA for the Windows Azure Service Management API (in Azure Government: for the Azure Government"
        " Cloud Management API). Users then have to register a method.",
        when=lambda facts: "classicadministrators" not in facts.subject.casefold(),
    ),
    advice(
        "Remove the classic administrator: Azure portal › Subscriptions › the subscription › Access control (IAM) ›"
        " Classic administrators.",
        when=lambda facts: "classicadministrators" in facts.subject.casefold(),
    ),
    portal="Entra admin center › Entra ID › Conditional Access › Create new policy from templates › Require multifactor"
    " authentication for Azure management",
    portal_source="https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policy-common",
    cost=CONDITIONAL_ACCESS_COST,
    effects=f"Everybody who manages Azure must use MFA, also in scripts. {EITHER_DEFAULTS_OR_POLICIES}"
    f" {TEMPLATE_ONLY_REPORTS}",
    variables=MFA_VARIABLES,
)


@judgements(
    needs=(*MFA_NEEDS, *AZURE_ROLES, CLASSIC_ADMINISTRATORS, REGISTRATION_ASSIGNMENTS),
    optional=MFA_OPTIONAL,
    fix=FIX,
    severity=Severity.HIGH,
    subject_type="Entra user",
    empty_reason="No user can create or change Azure resources",
    references=References(
        c2="1.1.2 1.1.3",
        c3="2.1.2 2.1.3",
        c4="6.1.2",
        c5="5.1.2",
        c6="5.1.3",
        mcsb="IM-6*",
        mcsb2="IM-2",
        nist="IA-2(1) IA-2(2)* AC-6*",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The control checks only users who can change resources, and only whether they can use MFA",
            ),
        ),
    ),
)
def mfa_azure_writers(ctx: Context) -> Iterator[Judgement]:
    """Every user who can create or change Azure resources has MFA.

    Problem: Users who can change Azure resources without multifactor sign-in
    Expected: MFA is registered and usable for every enabled user with an Azure role that can change resources
    Judged: Each enabled user whose role on any subscription of the directory can change resources, whether active,
    eligible (PIM) or held through a group: `isMfaCapable` must be true. A role can change resources if it allows an
    action that does not end in `/read` and that `notActions` does not remove.

    Some actions change no resource and are also in built-in roles for reading or signing in. They do not count: support
    requests, queries of logs, rules of the retired classic alerts, user delegation keys of storage accounts,
    credentials for signing in to machines, and the like. Deployments do not count either, because a user can deploy
    only resources that other actions of the role permit.

    These cases are judged as in identity-mfa-privileged: guests, agents, users whose MFA the registration report does
    not show, and directories without Entra ID P1. The result is unknown for a user or group that was deleted or belongs
    to another directory, and for the members of another directory's group. It is also unknown for an Azure Lighthouse
    delegation of the subscription to another directory, because that directory's registrations cannot be read. A
    delegation whose roles only permit reading is not applicable.

    Azure itself now requires MFA for changes in the public cloud. Since July 2026, a directory can no longer postpone
    this. Users still have to register a method. Classic administrators were retired in August 2024: those
    that remain fail, except the service administrator and the account administrator.
    Why: One stolen password of such a user is enough to change, delete or ransom resources.
    """
    yield from _classic_administrators(ctx)
    yield from judge_delegations(ctx, _judge_delegation)
    holdings = azure_roles(ctx)
    yield from holdings.problems
    for user in sorted(holdings.users):
        trace = ctx.fresh_trace()
        view = users_by_id(ctx).get(user)
        grants = holdings.ordered(user)
        writing = [grant for grant in grants if grant.level >= Level.WRITE]
        undecided = next((grant.error for grant in grants if grant.error is not None), None)
        observed_grants = [grant.observed() for grant in writing or grants]
        try:
            verdict = judge_mfa(ctx, user, view, trace, assignments=observed_grants)
        except (CollectionUnavailable, Unreadable) as error:
            verdict = unknown_from(error)
        if not writing and undecided is not None and verdict.outcome is not Outcome.UNKNOWN:
            # No role that was read lets the user change resources. Whether the user needs MFA depends on the role that
            # could not be read.
            verdict = replace(unknown_from(undecided), observed=verdict.observed)
        subject = user_subject(ctx, view.id if view else user)
        yield Judgement(subject, verdict, tuple(entry[0] for entry in trace.reads.values()))


def _judge_delegation(delegation: Delegation) -> Verdict:
    if delegation.level is Level.READ:
        return not_applicable("The delegation to another directory permits reading only")
    text = (
        f"Principals of the directory {delegation.directory} can change resources through Azure Lighthouse. Surety"
        " cannot read whether these principals use MFA; ask the organization of that directory to confirm that they do"
    )
    return unknown(text, Reason.UNDECIDED)


def _classic_administrators(ctx: Context) -> Iterator[Judgement]:
    """Yield a failure for each classic administrator with a role that is not in `_BILLING_ROLES`, and an unknown
    judgement for each that could not be read.
    """
    entries, gaps = ctx.partial(CLASSIC_ADMINISTRATORS)
    for gap in gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gap)))
    for entry in entries:
        view = entry.bound(ctx.fresh_trace())
        try:
            roles = _classic_roles(view)
        except Unreadable as error:
            yield Judgement(view.id or ctx.scope_id, unknown_from(error), (view,))
            continue
        if remaining := sorted(roles - _BILLING_ROLES):
            text = "Remove this classic administrator; the role was retired in August 2024"
            yield Judgement(view.id or ctx.scope_id, failed(text, classicRoles=remaining), (view,))


def _classic_roles(entry: View) -> set[str]:
    """Return the roles in a text such as `ServiceAdministrator;AccountAdministrator`, in lower case."""
    roles = {role.strip().casefold() for role in entry.text("properties.role").split(";")} - {""}
    if not roles:
        raise entry.unreadable("properties.role", "empty")
    return roles
