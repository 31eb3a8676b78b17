"""The controls databricks-pna (no access from public networks) and databricks-pe (private endpoints).

Properties: databricks/resource-manager/Microsoft.Databricks/Databricks/stable/2026-01-01/openapi.json
(WorkspaceProperties, PrivateEndpointConnectionProperties)
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.databricks._variables import DATABRICKS, LEARN, NONE
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings, with_remarks
from assessments.controls.shared.details import of_details
from assessments.controls.shared.rules import (
    ACCEPT_PERIMETER,
    ONLY_PRIVATE_ENDPOINT_VARIABLES,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    private_endpoint_for,
    private_endpoint_steps,
    public_access_off,
)
from assessments.controls.verdict import Outcome, Severity, Verdict, failed
from assessments.estate.collections.databricks import DATABRICKS_DETAILS, DATABRICKS_WORKSPACES
from assessments.estate.services.databricks import is_in_managed_network, is_standard
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts

_PORTAL: Final = "Azure portal › Azure Databricks › {databricks} › Settings › Networking"
# A private endpoint must serve this service of the workspace. The other service, browser_authentication, is only for
# sign-in: https://learn.microsoft.com/azure/private-link/private-endpoint-overview
_SERVICE: Final = "databricks_ui_api"
_UPDATE: Final = "az databricks workspace update --resource-group {group} --name {databricks}"
_CLOSE: Final = f"{_UPDATE} --public-network-access Disabled"
_SUBSCRIPTION: Final = " --subscription {subscription}"
_OF_DETAILS: Final = of_details(DATABRICKS_DETAILS)
_CLOSED: Final = public_access_off(
    failed("Public network access is on, because the setting is absent", publicNetworkAccess=None)
)
_ENDPOINT: Final = private_endpoint_for(_SERVICE, "browser_authentication")


# Azure refuses with the error NonVNetInjectedWorkspaceNotSupported:
# https://learn.microsoft.com/azure/databricks/security/network/classic/private-link
_MANAGED: Final = Remark(
    "Azure refuses private endpoints for the workspace, because its clusters run in a network that Databricks manages",
    lambda workspace, _: is_in_managed_network(workspace),
)
# “Public Network Access can only be disabled for SCC workspaces”. SCC is secure cluster connectivity: the cluster nodes
# have no public addresses. Source:
# https://github.com/Azure-Samples/virtual-network-integration-recipes/blob/main/src/az-databricks/README.md
_PUBLIC_NODES: Final = Remark(
    "Azure refuses to switch public network access off, because cluster nodes have public addresses",
    lambda workspace, _: (
        str(workspace.raw("properties.parameters.enableNoPublicIp.value")).casefold() == "false"
    ),
)
_SERVERLESS: Final = Remark(
    "The workspace has only serverless compute",
    lambda workspace, _: str(workspace.raw("properties.computeMode")).casefold() == "serverless",
)


def _is_managed(facts: Facts) -> bool:
    return _MANAGED.text in facts.remarks


def _is_serverless(facts: Facts) -> bool:
    return _SERVERLESS.text in facts.remarks


_OWN_NETWORK: Final = advice(
    "Azure refuses private endpoints for the workspace, because its clusters run in a network that Databricks manages."
    " First move to a workspace in your own network: see databricks-vnet.",
    when=_is_managed,
)
# https://learn.microsoft.com/azure/databricks/security/network/front-end/front-end-private-connect
_SIGN_IN: Final = advice(
    "People in networks without access to the Internet can sign in only through a second private endpoint, for the"
    " service browser_authentication. One such endpoint for each region is enough. Databricks recommends this endpoint"
    " for other networks too.",
    when=lambda facts: not _is_managed(facts),
)
_WITH_RULES: Final = Remark(
    "Clusters still reach Azure Databricks over public addresses, because `requiredNsgRules` is AllRules",
    lambda workspace, _: str(workspace.raw("properties.requiredNsgRules")).casefold() == "allrules",
)


def _public_access(workspace: View, ctx: Context) -> Verdict:
    verdict = _CLOSED(workspace, ctx)
    if verdict.outcome is Outcome.FAIL:
        return with_remarks(verdict, (_MANAGED, _PUBLIC_NODES, _SERVERLESS), workspace, ctx)
    return with_remarks(verdict, (_WITH_RULES,), workspace, ctx)


def _endpoint(workspace: View, ctx: Context) -> Verdict:
    if is_standard(workspace):
        return failed(
            "The workspace has no private endpoint, because the pricing tier Standard does not offer any",
            privateEndpoints=[],
        )
    verdict = _ENDPOINT(workspace, ctx)
    if verdict.outcome is Outcome.FAIL:
        return with_remarks(verdict, (_MANAGED,), workspace, ctx)
    return verdict


CONTROLS = declare_settings(
    __name__,
    DATABRICKS_WORKSPACES,
    SettingControl(
        "databricks-pna",
        title="Databricks workspaces refuse public networks",
        problem="Databricks workspace reachable from public networks",
        expected="Public network access is off",
        judged="`publicNetworkAccess` of each Azure Databricks workspace. If the property is absent, it counts as on."
        " SecuredByPerimeter passes with a remark, or fails if `accept_perimeter` is off. Lists of IP addresses in"
        " the workspace itself are not visible in Azure and not judged. A remark says if Azure refuses private"
        " endpoints for the workspace, because its clusters run in a network that Databricks manages. Another remark"
        " says if Azure refuses to switch public network access off, because cluster nodes have public addresses.",
        why="If every network can reach the workspace, a stolen token is enough to read its data.",
        severity=Severity.HIGH,
        empty_reason=NONE,
        judge=_OF_DETAILS(_public_access),
        needs=(DATABRICKS_DETAILS,),
        parameters=(ACCEPT_PERIMETER,),
        references=References(c5="2.1.10", c6="2.1.10", mcsb="NS-2", nist="AC-4* SC-7*"),
        fix=Fix(
            _OWN_NETWORK,
            advice(
                "If cluster nodes have public addresses, first remove these: see databricks-npip. Otherwise Azure"
                " refuses the change.",
                when=lambda facts: _PUBLIC_NODES.text in facts.remarks and not _is_managed(facts),
            ),
            advice(
                "First create a private endpoint for every network that needs the workspace, including the network of"
                " the clusters.",
                when=lambda facts: not _is_managed(facts),
            ),
            _SIGN_IN,
            command(
                f"{_CLOSE} --required-nsg-rules NoAzureDatabricksRules{_SUBSCRIPTION}",
                "Workspace with clusters:",
                when=lambda facts: not _is_managed(facts) and not _is_serverless(facts),
            ),
            command(f"{_CLOSE}{_SUBSCRIPTION}", "Serverless workspace:", when=_is_serverless),
            portal=f"{_PORTAL} › Public network access",
            portal_source=f"{LEARN}/security/network/classic/private-link",
            cost="Private endpoints need the pricing tier Premium.",
            effects="Only clients that use a private endpoint can still reach the workspace.",
            variables=[DATABRICKS],
        ),
    ),
    SettingControl(
        "databricks-pe",
        title="Databricks workspaces are used over private endpoints",
        problem="Databricks workspace without a private endpoint",
        expected="A private endpoint for the workspace itself is approved",
        judged="`privateEndpointConnections` of each Azure Databricks workspace. Passes if one connection is approved"
        " and usable, and serves databricks_ui_api or names no service; browser_authentication serves only sign-in. The"
        " pricing tier Standard has no private endpoints and fails. A remark says if Azure refuses private endpoints"
        " for the workspace, because its clusters run in a network that Databricks manages.",
        why="Without a private endpoint, people and programs use a public address, where attackers can"
        " try stolen tokens.",
        severity=Severity.MEDIUM,
        empty_reason=NONE,
        judge=_OF_DETAILS(_endpoint),
        needs=(DATABRICKS_DETAILS,),
        references=References(
            c5="2.1.11", c6="2.1.11", mcsb="NS-2", nist="AC-4* AC-17* AC-17(1)* SC-7* SC-7(3)*"
        ),
        fix=Fix(
            _OWN_NETWORK,
            *(
                replace(step, when=lambda facts: not _is_managed(facts))
                for step in private_endpoint_steps(_SERVICE, is_only=True)
            ),
            _SIGN_IN,
            portal=f"{_PORTAL} › Private endpoint connections",
            portal_source=f"{LEARN}/security/network/classic/private-link",
            cost=PRIVATE_ENDPOINT_COST,
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=[DATABRICKS, *ONLY_PRIVATE_ENDPOINT_VARIABLES],
        ),
    ),
)
