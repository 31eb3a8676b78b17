"""The control identity-subscription-transfer: Subscriptions cannot be moved into or out of the directory.

Source: https://learn.microsoft.com/azure/cost-management-billing/manage/manage-azure-subscription-policy
"""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import per_scope
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.tenant import SUBSCRIPTION_POLICY
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

_MANY = 3
_FIX = Fix(
    command(
        "az rest --method put --url /providers/Microsoft.Subscription/policies/default"
        " --url-parameters api-version=2021-10-01 --body {body}",
        "Run this as a Global Administrator with elevated access. The command replaces the list of exempted users:"
        " enter all users who may still move subscriptions.",
        # The body of the request has these fields at its top level (PutTenantPolicyRequestProperties). In Azure's
        # response, they are in the object `properties`.
        bodies={
            "body": {
                "blockSubscriptionsLeavingTenant": True,
                "blockSubscriptionsIntoTenant": True,
                "exemptedPrincipals": [],
            }
        },
    ),
    portal="Azure portal › Subscriptions › Manage Policies",
    portal_source="https://learn.microsoft.com/azure/cost-management-billing/manage/manage-azure-subscription-policy",
    effects="Owners of subscriptions can no longer move them to another directory, or into this one.",
)


@per_scope(
    needs=(SUBSCRIPTION_POLICY,),
    severity=Severity.MEDIUM,
    labels={
        "blockSubscriptionsIntoTenant": "Subscriptions blocked from entering the directory",
        "blockSubscriptionsLeavingTenant": "Subscriptions blocked from leaving the directory",
    },
    fix=_FIX,
    expects={"blockSubscriptionsLeavingTenant": (True,), "blockSubscriptionsIntoTenant": (True,)},
    references=References(c2="1.25", c3="2.25", c4="6.25", c5="5.25", c6="5.6", nist="CM-5*"),
)
def subscription_transfer(ctx: Context) -> Verdict:
    """Subscriptions cannot be moved into or out of the directory.

    Problem: Subscriptions can be moved into or out of the directory
    Expected: The policy of the directory blocks subscriptions from leaving and from entering
    Judged: The directory's policy for moving subscriptions. Passes if `blockSubscriptionsLeavingTenant` and
    `blockSubscriptionsIntoTenant` are true; if one of them is absent, or nobody ever set the policy, moving is
    permitted. More than three exempted users add a remark; Azure shows exempted users only to Global Administrators.
    Why: An owner who moves a subscription to another directory removes its data from all rules of this directory.
    """
    policy = ctx.single(SUBSCRIPTION_POLICY, "")
    if policy is None:
        return failed(
            "Nobody has set the policy, so every owner can move subscriptions",
            blockSubscriptionsLeavingTenant=None,
            blockSubscriptionsIntoTenant=None,
        )
    properties = policy.object("properties")
    leaving = properties.flag("blockSubscriptionsLeavingTenant", default=False)
    entering = properties.flag("blockSubscriptionsIntoTenant", default=False)
    observed = {
        "blockSubscriptionsLeavingTenant": properties.raw("blockSubscriptionsLeavingTenant"),
        "blockSubscriptionsIntoTenant": properties.raw("blockSubscriptionsIntoTenant"),
    }
    if not leaving:
        return failed("Owners can move subscriptions to another directory", **observed)
    if not entering:
        return failed("Subscriptions of other directories can be moved into this one", **observed)
    return passed(
        "Subscriptions can neither leave nor enter the directory",
        remarks=["More than three users are exempted from the policy"]
        if _exempted(properties) > _MANY
        else [],
        **observed,
    )


def _exempted(properties: View) -> int:
    return len(properties.texts("exemptedPrincipals", default=[]))
