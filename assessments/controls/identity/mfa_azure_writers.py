"""identity-mfa-azure-writers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assessments.controls.context import Context, Unanswered
from assessments.controls.declare import References, judgements, unknown_from
from assessments.controls.holders import AZURE_ROLES, Level, azure_roles, people, user_subject
from assessments.controls.mfa import MFA, judge_mfa
from assessments.controls.verdict import Judgement, Outcome, Severity
from assessments.estate.estate import UnitKind
from assessments.estate.view import Unreadable


@judgements(
    needs=(*MFA, *AZURE_ROLES),
    severity=Severity.HIGH,
    expected="isMfaCapable is true for every enabled user with an Azure role that changes resources",
    subject_type="Entra user",
    nothing="no user can create or change Azure resources",
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
    directories can have it postponed and users must have registered.
    Why: a stolen password of one such user is enough to change, delete or ransom resources.
    Fix: require MFA for the app "Windows Azure Service Management API" by Conditional Access.
    az rest --method post --url
    https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies --body @mfa-azure.json
    """
    holdings = azure_roles(ctx)
    yield from holdings.problems
    for user in sorted(holdings.users):
        trace = ctx.fresh_trace()
        view = people(ctx).get(user)
        grants = holdings.ordered(user)
        writing = [grant for grant in grants if grant.level >= Level.WRITE]
        undecided = next((grant.error for grant in grants if grant.error is not None), None)
        shown = [grant.observed() for grant in writing or grants]
        try:
            verdict = judge_mfa(ctx, user, view, trace, assignments=shown)
        except (Unanswered, Unreadable) as error:
            verdict = unknown_from(error)
        if not writing and undecided is not None and verdict.outcome is not Outcome.UNKNOWN:
            # Whether the user can change anything hangs on a role that could not be read.
            verdict = replace(unknown_from(undecided), observed=verdict.observed)
        subject = user_subject(ctx, view.id if view else user)
        yield Judgement(subject, verdict, tuple(entry[0] for entry in trace.reads.values()))
