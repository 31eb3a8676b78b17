"""Controls of Conditional Access policies that require MFA for the management of Azure and in the admin portals.

Source: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Control, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.identity._policies import (
    MAX_EXCLUDED,
    POLICIES,
    POLICIES_PAGE,
    WIDE_EXCLUSIONS,
    WITH_LOCATIONS,
    judge_policies,
)
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.identity.conditional_access import (
    ADMIN_PORTALS,
    AZURE_MANAGEMENT_APP,
    azure_management_app,
    mfa_for,
)
from assessments.fixes.conditional_access import (
    CONDITIONAL_ACCESS_COST,
    EITHER_DEFAULTS_OR_POLICIES,
    MFA_VARIABLES,
    require_mfa,
    with_management_app,
)
from assessments.fixes.declare import Fix


def _mfa_of_app(
    slug: str,
    app: Callable[[str], str],
    doc: Doc,
    found: Verdict,
    missing: Verdict,
    fix: Fix,
    severity: Severity,
    references: References,
) -> Control:
    """Declare a control of the Conditional Access policies for one application.

    `app` is called with the name of a cloud, and returns the application's id in this cloud. `found` is the verdict if
    a policy suffices. `missing` is the verdict if no policy suffices.
    """

    def rule(ctx: Context) -> Verdict:
        return judge_policies(
            ctx,
            lambda policy: mfa_for(policy, app(ctx.estate.cloud)),
            found=found,
            missing=missing,
            defaults=passed(
                "Security defaults are on",
                remarks=["Security defaults require MFA in the portals and for the management of Azure"],
            ),
            unlicensed=failed(
                "Security defaults are off, and the directory has no licence for Conditional Access"
            ),
        )

    rule.__module__ = __name__
    return per_scope(
        needs=WITH_LOCATIONS,
        slug=slug,
        doc=doc,
        fix=fix,
        severity=severity,
        references=references,
        parameters=(MAX_EXCLUDED,),
    )(rule)


_JUDGED_MFA: Final = (
    "Passes with security defaults, or with an enabled Conditional Access policy that applies to all users and to {},"
    f" on all platforms, and that requires `mfa` or an authentication strength. {WIDE_EXCLUSIONS} Remarks"
    " name excluded groups, guests and locations, more than `max_excluded_users` excluded users, and a"
    " compliant or joined device as an alternative to MFA. Any other alternative fails. An exclusion does not"
    " count if another policy without exclusions covers the excluded users. Report-only policies do not count. Without"
    " a licence for Conditional Access and without security defaults, the control fails. MFA that Microsoft itself"
    " enforces for changes of resources does not count."
)


_PARTLY_MFA: Final = (
    "The control also accepts security defaults, and policies that exclude some users or locations"
)


CA_MFA_ARM = _mfa_of_app(
    "identity-ca-mfa-arm",
    azure_management_app,
    Doc(
        "MFA is required of everybody who manages Azure",
        "Management of Azure without MFA",
        "Security defaults are on, or a Conditional Access policy requires MFA of all users who manage Azure",
        _JUDGED_MFA.format(
            "Windows Azure Service Management API (in Azure Government: to Azure Government Cloud Management API) or to"
            " all applications"
        ),
        "Anyone who signs in to the portal or the Azure CLI with a stolen password can change all resources of the"
        " user.",
    ),
    passed("A Conditional Access policy requires MFA of everybody who manages Azure"),
    failed("No Conditional Access policy requires MFA of everybody who manages Azure"),
    Fix(
        *require_mfa(
            "Require multifactor authentication for Azure management",
            users={"includeUsers": ["All"]},
            applications=[AZURE_MANAGEMENT_APP],
            adapt=with_management_app,
            intro="Require MFA of all users for the Windows Azure Service Management API (in Azure Government: for the"
            " Azure Government Cloud Management API).",
        ),
        portal="Entra admin center › Entra ID › Conditional Access › Create new policy from templates › Require"
        " multifactor authentication for Azure management",
        portal_source=POLICIES_PAGE,
        cost=CONDITIONAL_ACCESS_COST,
        effects=f"Scripts that sign in as a user must use a service principal. {EITHER_DEFAULTS_OR_POLICIES}",
        variables=MFA_VARIABLES,
    ),
    Severity.HIGH,
    References(
        c2="1.2.6",
        c3="2.2.7",
        c4="6.2.6",
        c5="5.2.6",
        mcsb="IM-6*",
        nist="IA-2(1) IA-2(2)*",
        partly=(Partly("c2 c3 c4 c5", _PARTLY_MFA),),
    ),
)


CA_MFA_PORTALS = _mfa_of_app(
    "identity-ca-mfa-portals",
    lambda cloud: ADMIN_PORTALS,
    Doc(
        "MFA is required in Microsoft’s admin portals",
        "Admin portals without MFA",
        "Security defaults are on, or a Conditional Access policy requires MFA of all users in the Microsoft admin"
        " portals",
        _JUDGED_MFA.format("Microsoft Admin Portals (or to all applications)"),
        "An attacker in an admin portal can read the settings of the organization, and change them with the rights of"
        " the user.",
    ),
    passed("A Conditional Access policy requires MFA of all users in the admin portals"),
    failed("No Conditional Access policy requires MFA of all users in the admin portals"),
    Fix(
        *require_mfa(
            "Require multifactor authentication for Microsoft admin portals",
            users={"includeUsers": ["All"]},
            applications=["MicrosoftAdminPortals"],
            intro="Require MFA of all users for Microsoft Admin Portals.",
        ),
        portal=POLICIES,
        portal_source=POLICIES_PAGE,
        cost=CONDITIONAL_ACCESS_COST,
        effects=f"Users without a registered method cannot open the portals. {EITHER_DEFAULTS_OR_POLICIES}",
        variables=MFA_VARIABLES,
    ),
    Severity.MEDIUM,
    References(
        c3="2.2.8",
        c4="6.2.7",
        c5="5.2.7",
        mcsb="IM-6*",
        nist="IA-2(1) IA-2(2)*",
        partly=(Partly("c3 c4 c5", _PARTLY_MFA),),
    ),
)

CONTROLS = (CA_MFA_ARM, CA_MFA_PORTALS)
