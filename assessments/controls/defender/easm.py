"""The control defender-easm: The external attack surface is known."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import Answer, per_scope
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, manual
from assessments.estate.collections.defender import EASM_WORKSPACES
from assessments.estate.collections.directory import AUTHORIZATION_POLICY
from assessments.estate.gap_texts import describe_gap
from assessments.fixes.declare import Fix, advice


@per_scope(
    # Every control must name at least one collection in `needs`. Other controls read the authorization policy anyway,
    # so naming it here costs no further request.
    needs=(AUTHORIZATION_POLICY,),
    optional=(EASM_WORKSPACES,),
    severity=Severity.LOW,
    references=References(
        c3="3.1.15",
        c4="9.1.16",
        c5="8.1.16",
        c6="8.1.16",
        partly=(
            Partly(
                "c3 c4 c5 c6",
                "A person attests that the requirement is met; the control only lists workspaces of Defender EASM",
            ),
        ),
    ),
    fix=Fix(
        advice(
            "Create a workspace, and look through the assets that it discovers. Then attest in Surety that somebody"
            " looks through them."
        ),
        portal="Azure portal › Microsoft Defender EASM › Create",
        portal_source="https://learn.microsoft.com/azure/external-attack-surface-management"
        "/deploying-the-defender-easm-azure-resource",
        cost="After a trial of 30 days, Azure bills each asset for each day.",
    ),
    is_manual=True,
    answer=Answer(days=180),
)
def easm(ctx: Context) -> Verdict:
    """The external attack surface is known.

    Problem: External attack surface not confirmed as known
    Expected: An attestation, at most 180 days old, that somebody looks through what is reachable from the Internet
    Judged: Needs an attestation. For reference, the finding lists the workspaces of Defender External Attack Surface
    Management in all subscriptions that are read. Another product that finds exposed assets is also accepted.
    Why: Attackers find a forgotten server before its owner does.
    """
    workspaces, gaps = ctx.partial(EASM_WORKSPACES)
    none = not workspaces and not gaps
    return manual(
        "Attest that somebody looks through the assets that are reachable from the Internet",
        remarks=["No subscription has a workspace of Defender External Attack Surface Management"]
        if none
        else [describe_gap(gap) for gap in gaps[:1]],
        workspaces=sorted(view.id for view in workspaces),
    )
