"""The controls synapse-pna (no access from public networks) and synapse-pe (private endpoints).

Properties: synapse/resource-manager/Microsoft.Synapse/stable/2021-06-01/workspace.json (WorkspaceProperties). Public
network access: https://learn.microsoft.com/azure/synapse-analytics/security/connectivity-settings. Private
endpoints that Synapse itself creates:
https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-managed-private-endpoints
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings, with_remarks
from assessments.controls.shared.details import of_details
from assessments.controls.shared.rules import (
    ACCEPT_PERIMETER,
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    judge_connections,
    private_endpoint_steps,
    private_endpoint_variables,
    public_access_off,
)
from assessments.controls.synapse._variables import LEARN, NONE, PORTAL, SYNAPSE
from assessments.controls.verdict import Outcome, Severity, Verdict, failed
from assessments.estate.collections.synapse import SYNAPSE_DETAILS, SYNAPSE_WORKSPACES
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command

_OF_DETAILS: Final = of_details(SYNAPSE_DETAILS)
_CLOSED: Final = public_access_off(
    failed("Public network access is on, because the setting is absent", publicNetworkAccess=None)
)


_ONLY_OWN: Final = Remark(
    "The private endpoints that Synapse created for its managed virtual network do not count",
    lambda workspace, _: any(
        _is_of_workspace(connection, workspace) for connection in _connections(workspace)
    ),
)
_UNMANAGED: Final = Remark(
    "Only a workspace with a managed virtual network can switch public network access off",
    lambda workspace, _: not workspace.raw("properties.managedVirtualNetwork"),
)


def _public_access(workspace: View, ctx: Context) -> Verdict:
    verdict = _CLOSED(workspace, ctx)
    if verdict.outcome is Outcome.FAIL and _UNMANAGED.when(workspace, ctx):
        return replace(verdict, remarks=(*verdict.remarks, _UNMANAGED.text))
    return verdict


def _connections(workspace: View) -> list[View]:
    return workspace.object("properties").items("privateEndpointConnections", default=[])


def _endpoint(workspace: View, ctx: Context) -> Verdict:
    counted: list[View] = []
    problem: Unreadable | None = None
    for connection in _connections(workspace):
        try:
            if not _is_of_workspace(connection, workspace):
                counted.append(connection)
        except Unreadable as error:
            problem = problem or error
    verdict = judge_connections(counted)
    if verdict.outcome is Outcome.PASS:
        return verdict
    if problem is not None:
        raise problem
    return with_remarks(verdict, (_ONLY_OWN,), workspace, ctx)


def _is_of_workspace(connection: View, workspace: View) -> bool:
    """Return whether a connection belongs to a private endpoint that Synapse itself created for the managed virtual
    network of the workspace. Raise Unreadable if a needed property cannot be read.

    Azure names such connections `WORKSPACE.synapse-ws-sql--WORKSPACE-GUID` and
    `WORKSPACE.synapse-ws-sqlOnDemand--WORKSPACE-GUID`.
    """
    return fold(connection.text("name")).startswith(fold(f"{workspace.name}.synapse-ws-sql"))


CONTROLS = declare_settings(
    __name__,
    SYNAPSE_WORKSPACES,
    SettingControl(
        "synapse-pna",
        title="Synapse workspaces refuse public networks",
        problem="Synapse workspace reachable from public networks",
        expected="Public network access is off",
        judged="`publicNetworkAccess` of each Azure Synapse workspace. If the property is absent, it counts as on."
        " SecuredByPerimeter passes with a remark, or fails if `accept_perimeter` is off. The rules of the firewall"
        " are judged by synapse-firewall.",
        why="If public network access is on, anyone on the Internet can try to sign in to the workspace, for example"
        " with a stolen password.",
        severity=Severity.MEDIUM,
        empty_reason=NONE,
        judge=_OF_DETAILS(_public_access),
        needs=(SYNAPSE_DETAILS,),
        parameters=(ACCEPT_PERIMETER,),
        references=References(mcsb2="NS-2", nist="AC-4*"),
        fix=Fix(
            command(
                "az rest --method patch --url {id} --url-parameters api-version=2021-06-01 --body {body}",
                "First create a private endpoint, and make sure that all clients use it.",
                bodies={"body": {"properties": {"publicNetworkAccess": "Disabled"}}},
                when=lambda facts: _UNMANAGED.text not in facts.remarks,
            ),
            advice(
                "A workspace gets a managed virtual network only when it is created. Without one, first create a"
                " private endpoint. Then delete the firewall rules, so that no public address gets in, and request an"
                " exception.",
                when=lambda facts: _UNMANAGED.text in facts.remarks,
            ),
            portal=f"{PORTAL} Networking › Disabled",
            portal_source=f"{LEARN}/security/connectivity-settings",
            effects="Clients that do not use a private endpoint can no longer connect, and Synapse Studio cannot"
            " publish from public networks.",
            variables=[SYNAPSE],
        ),
    ),
    SettingControl(
        "synapse-pe",
        title="Synapse workspaces are used over private endpoints",
        problem="Synapse workspace without a private endpoint",
        expected="A private endpoint is approved",
        judged="`privateEndpointConnections` of each Azure Synapse workspace. Passes if one connection is approved and"
        " usable. The two private endpoints that Synapse itself creates for a managed virtual network do not count,"
        " because only the workspace uses them.",
        why="Without a private endpoint, clients reach the workspace at a public address, where"
        " attackers can try stolen passwords.",
        severity=Severity.LOW,
        empty_reason=NONE,
        judge=_OF_DETAILS(_endpoint),
        needs=(SYNAPSE_DETAILS,),
        references=References(mcsb2="NS-2", nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)"),
        fix=Fix(
            *private_endpoint_steps("Sql, SqlOnDemand or Dev"),
            portal=f"{PORTAL} Security › Private endpoint connection › Private endpoint",
            portal_source=f"{LEARN}/security/how-to-connect-to-workspace-with-private-links",
            cost=PRIVATE_ENDPOINT_COST,
            effects=PRIVATE_ENDPOINT_EFFECTS,
            variables=[SYNAPSE, *private_endpoint_variables("Sql")],
        ),
    ),
)
