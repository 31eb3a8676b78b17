"""Controls of Unity Catalog, users, groups, tokens and the encryption between workers, which people set in Databricks
itself. Azure shows only whether Unity Catalog is on. A person attests the other settings.

Properties: databricks/resource-manager/Microsoft.Databricks/Databricks/stable/2026-01-01/openapi.json
(WorkspaceProperties, EnhancedSecurityComplianceDefinition)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.databricks._variables import DATABRICKS, LEARN, NONE
from assessments.controls.declare import Answer
from assessments.controls.references import Partly, References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.details import of_details
from assessments.controls.verdict import Severity, Verdict, failed, manual, passed
from assessments.estate.collections.databricks import DATABRICKS_DETAILS, DATABRICKS_WORKSPACES
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice

_WORKSPACE: Final = "Azure portal › Azure Databricks › {databricks} › Launch Workspace"
_SETTINGS: Final = f"{_WORKSPACE} › Settings"
_ANSWER: Final = Answer(days=180)
_ATTESTED: Final = "The control does not check the setting: a person attests that the requirement is met"
_NOT_VISIBLE: Final = (
    "Each Azure Databricks workspace needs an attestation, because only Databricks’ own API shows"
)


def _worker_encryption(workspace: View, ctx: Context) -> Verdict:
    properties = workspace.object("properties")
    profile = properties.object("enhancedSecurityCompliance", default={}).object(
        "complianceSecurityProfile", default={}
    )
    return manual(
        "Attest that the traffic between the workers of clusters is encrypted",
        computeMode=properties.raw("computeMode"),
        complianceSecurityProfile=profile.raw("value"),
    )


def _unity_catalog(workspace: View, ctx: Context) -> Verdict:
    if workspace.object("properties").flag("isUcEnabled"):
        return passed("Unity Catalog is on", isUcEnabled=True)
    return failed("Unity Catalog is off", isUcEnabled=False)


CONTROLS = declare_settings(
    __name__,
    DATABRICKS_WORKSPACES,
    SettingControl(
        "databricks-unity-catalog",
        title="Unity Catalog is on in Databricks workspaces",
        problem="Databricks workspace without Unity Catalog",
        expected="The workspace has a metastore of Unity Catalog",
        judged="`isUcEnabled` of each Azure Databricks workspace. If the property is absent, the verdict is unknown."
        " Catalogs, and who may read them, are not visible in Azure.",
        why="Without Unity Catalog, each workspace decides on its own who may read which data.",
        severity=Severity.LOW,
        labels={"isUcEnabled": "Unity Catalog"},
        empty_reason=NONE,
        judge=of_details(DATABRICKS_DETAILS)(_unity_catalog),
        needs=(DATABRICKS_DETAILS,),
        references=References(
            c4="3.1.5",
            c5="2.1.5",
            c6="2.1.5",
            mcsb="PA-7*",
            nist="AC-3*",
            partly=(
                Partly(
                    "c4 c5 c6",
                    "Azure shows whether the workspace has a metastore, not how the catalogs are set up",
                ),
            ),
        ),
        fix=Fix(
            advice(
                "Assign a metastore of Unity Catalog to the workspace in the account console of Databricks."
            ),
            portal=f"{_WORKSPACE} › Manage account › Catalog › the metastore › Workspaces › Assign to workspace",
            portal_source=f"{LEARN}/data-governance/unity-catalog/enable-workspaces",
            effects="Data in the old metastore of the workspace stays there until somebody moves it.",
            variables=[DATABRICKS],
        ),
    ),
    SettingControl(
        "databricks-worker-encryption",
        title="Traffic between workers of Databricks clusters is encrypted",
        problem="Encryption between Databricks workers not confirmed",
        expected="An attestation, at most 180 days old, that clusters encrypt the traffic between their workers",
        judged=f"{_NOT_VISIBLE} the start scripts and settings of clusters. The finding shows the compute mode and"
        " whether the compliance security profile is on.",
        why="Workers send each other the data that they process, by default without encryption.",
        severity=Severity.LOW,
        empty_reason=NONE,
        judge=of_details(DATABRICKS_DETAILS)(_worker_encryption),
        needs=(DATABRICKS_DETAILS,),
        is_manual=True,
        answer=_ANSWER,
        references=References(
            c4="3.1.3",
            c5="2.1.3",
            c6="2.1.3",
            mcsb="DP-3*",
            nist="SC-8*",
            partly=(Partly("c4 c5 c6", _ATTESTED),),
        ),
        fix=Fix(
            advice(
                "Encrypt the traffic with a start script of the clusters. Then attest in Surety that the traffic"
                " is encrypted."
            ),
            portal=f"{_WORKSPACE} › Compute › the cluster › Advanced › Init scripts",
            portal_source=f"{LEARN}/security/keys/encrypt-otw",
            effects="Encryption makes queries slower. Clusters restart.",
            variables=[DATABRICKS],
        ),
    ),
    SettingControl(
        "databricks-scim",
        title="Databricks takes users and groups from Entra ID",
        problem="Source of Databricks users not confirmed",
        expected="An attestation, at most 180 days old, that users and groups come from Microsoft Entra ID",
        judged=f"{_NOT_VISIBLE} where its users and groups come from.",
        why="A user whom only Databricks knows keeps access after leaving the organization.",
        severity=Severity.LOW,
        empty_reason=NONE,
        judge=lambda workspace, _: manual("Attest that users and groups come from Microsoft Entra ID"),
        is_manual=True,
        answer=_ANSWER,
        references=References(
            c4="3.1.4",
            c5="2.1.4",
            c6="2.1.4",
            mcsb="IM-1*",
            nist="AC-2*",
            partly=(Partly("c4 c5 c6", _ATTESTED),),
        ),
        fix=Fix(
            advice(
                "Synchronize users and groups from Microsoft Entra ID. Then attest in Surety that they come from"
                " Microsoft Entra ID."
            ),
            portal=f"{_WORKSPACE} › Manage account › Security › User provisioning",
            portal_source=f"{LEARN}/admin/users-groups/automatic-identity-management",
            effects="Users who are not in Microsoft Entra ID can no longer be added.",
            variables=[DATABRICKS],
        ),
    ),
    SettingControl(
        "databricks-tokens",
        title="Databricks access tokens are restricted and expire",
        problem="Rules for Databricks tokens not confirmed",
        expected="An attestation, at most 180 days old, that few people may create personal access tokens, and that"
        " tokens expire",
        judged=f"{_NOT_VISIBLE} its tokens and their rules.",
        why="Anyone who has a token can use Databricks as its owner, without MFA, until the token expires.",
        severity=Severity.LOW,
        empty_reason=NONE,
        judge=lambda workspace, _: manual("Attest that personal access tokens are restricted and expire"),
        is_manual=True,
        answer=_ANSWER,
        references=References(
            c4="3.1.6",
            c5="2.1.6",
            c6="2.1.6",
            mcsb="IM-8*",
            nist="IA-5*",
            partly=(Partly("c4 c5 c6", _ATTESTED),),
        ),
        fix=Fix(
            advice(
                "Limit who may create personal access tokens, set their maximum lifetime, and revoke old tokens."
                " Then attest in Surety that tokens are restricted and expire."
            ),
            portal=f"{_SETTINGS} › Advanced › Access Control › Personal Access Tokens",
            portal_source=f"{LEARN}/admin/access-control/tokens",
            effects="Programs that use a revoked token no longer reach Databricks.",
            variables=[DATABRICKS],
        ),
    ),
    SettingControl(
        "databricks-groups-review",
        title="Databricks groups are reviewed",
        problem="Databricks groups not reviewed",
        expected="An attestation, at most 180 days old, that the groups and their rights were reviewed",
        judged=f"{_NOT_VISIBLE} its groups and their rights.",
        why="Members whose tasks have changed keep access to data that they no longer need.",
        severity=Severity.LOW,
        empty_reason=NONE,
        judge=lambda workspace, _: manual("Attest that the groups of Databricks were reviewed"),
        is_manual=True,
        answer=_ANSWER,
        references=References(
            c6="2.1.12", mcsb="PA-4*", nist="AC-2* AC-6(7)*", partly=(Partly("c6", _ATTESTED),)
        ),
        fix=Fix(
            advice(
                "Review the groups, their members and their rights. Then attest in Surety that the groups were"
                " reviewed."
            ),
            portal=f"{_SETTINGS} › Identity and access › Groups › Manage",
            portal_source=f"{LEARN}/admin/users-groups/groups",
            effects="Members who are removed lose the rights of the group.",
            variables=[DATABRICKS],
        ),
    ),
)
