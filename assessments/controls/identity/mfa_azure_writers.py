"""identity-mfa-azure-writers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, judgements, unknown_from
from assessments.controls.mfa import MFA_NEEDS, MFA_OPTIONAL, judge_mfa
from assessments.controls.role_holders import AZURE_ROLES, Level, azure_roles, user_subject, users_by_id
from assessments.controls.verdict import Judgement, Outcome, Severity, failed
from assessments.estate.collections.access import CLASSIC_ADMINISTRATORS
from assessments.estate.estate import UnitKind
from assessments.estate.view import Unreadable, View

_OF_THE_SUBSCRIPTION = frozenset({"serviceadministrator", "accountadministrator"})
"""Classic roles that every subscription had and that Azure still lists for billing; they no longer give access."""


@judgements(
    needs=(*MFA_NEEDS, *AZURE_ROLES, CLASSIC_ADMINISTRATORS),
    optional=MFA_OPTIONAL,
    problem="Users who can change Azure resources without multifactor sign-in",
    severity=Severity.HIGH,
    expected="isMfaCapable is true for every enabled user with an Azure role that changes resources",
    subject_type="Entra user",
    empty_reason="no user can create or change Azure resources",
    unit=UnitKind.DIRECTORY,
    references=References(
        c2="1.1.2 1.1.3",
        c3="2.1.2 2.1.3",
        c4="6.1.2",
        c5="5.1.2",
        mcsb="IM-6* IM-2",
        nist="IA-2(1) IA-2(2)* AC-6*",
    ),
)
def mfa_azure_writers(ctx: Context) -> Iterator[Judgement]:
    """Every user able to create or change Azure resources has MFA.

    Judged: each enabled user with a role on any subscription of the directory, active, eligible (PIM)
    or through a group, whose actions hold a pattern that does not end in `/read` and is not taken off
    by notActions: `isMfaCapable` must be true. Guests and directories without Entra ID P1 are judged
    as in identity-mfa-privileged. An assignment whose user or group is gone is a remark; the members
    of another directory's group cannot be read. Azure demands MFA for changes itself by now, but
    directories can have it postponed and users must have registered. Classic administrators were retired
    in August 2024: an entry that is left fails, unless it is the service or account administrator's.
    Why: a stolen password of one such user is enough to change, delete or ransom resources.
    Fix: require MFA for the app "Windows Azure Service Management API" by Conditional Access.
    az rest --method post --url
    https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies --body @mfa-azure.json
    """
    yield from _classic_administrators(ctx)
    holdings = azure_roles(ctx)
    yield from holdings.problems
    for user in sorted(holdings.users):
        trace = ctx.fresh_trace()
        view = users_by_id(ctx).get(user)
        grants = holdings.ordered(user)
        writing = [grant for grant in grants if grant.level >= Level.WRITE]
        undecided = next((grant.error for grant in grants if grant.error is not None), None)
        shown = [grant.observed() for grant in writing or grants]
        try:
            verdict = judge_mfa(ctx, user, view, trace, assignments=shown)
        except (CollectionUnavailable, Unreadable) as error:
            verdict = unknown_from(error)
        if not writing and undecided is not None and verdict.outcome is not Outcome.UNKNOWN:
            # Whether the user can change anything hangs on a role that could not be read.
            verdict = replace(unknown_from(undecided), observed=verdict.observed)
        subject = user_subject(ctx, view.id if view else user)
        yield Judgement(subject, verdict, tuple(entry[0] for entry in trace.reads.values()))


def _classic_administrators(ctx: Context) -> Iterator[Judgement]:
    """A failure for each co-administrator that is left; what could not be read is unknown."""
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
        if left := sorted(roles - _OF_THE_SUBSCRIPTION):
            text = "a classic administrator is left; such administrators were retired in August 2024"
            yield Judgement(view.id or ctx.scope_id, failed(text, classicRoles=left), (view,))


def _classic_roles(entry: View) -> set[str]:
    """`ServiceAdministrator;AccountAdministrator` in parts, in lower case."""
    roles = {role.strip().casefold() for role in entry.text("properties.role").split(";")} - {""}
    if not roles:
        raise entry.unreadable("properties.role", "empty")
    return roles
