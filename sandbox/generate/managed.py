"""Generate resource groups that Azure created for another resource (managed resource groups). In some of them, a deny
assignment refuses changes.

Format: Microsoft.Authorization/denyAssignments 2022-04-01 (example GetDenyAssignmentByNameId). The controls give
resources in managed groups the same verdicts as other resources. A deny assignment adds a remark to failures.
"""

from __future__ import annotations

from sandbox.generate.accounts import write_account
from sandbox.generate.families.databricks import write_workspace
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_TYPE = "Microsoft.Authorization/denyAssignments"
_EVERYONE: Json = {
    "id": "00000000-0000-0000-0000-000000000000",
    "displayName": "All Principals",
    "type": "SystemDefined",
}
# Forms of deny assignments. The forms in REFUSING refuse changes of the storage account in the managed group. The forms
# in PERMITTING do not refuse such changes.
REFUSING = ("group", "subscription")
PERMITTING = ("none", "some principals", "machines only", "not below", "other group")


def write_managed_group(sub: Subscription) -> None:
    """Rarely, write a Databricks workspace and its managed resource group, which has a storage account and usually a
    deny assignment.

    https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
    """
    with sub.branch("managed resource group"):
        rng = sub.rng
        if not rng.rare():
            return
        group, region, tags = sub.group("analytics")
        number = sub.next_number("workspace of Databricks")
        with sub.branch("workspace"):
            workspace = write_workspace(sub, group, region, tags, f"dbw-{number:02d}")
        sub.managed_by = workspace
        account = write_account(sub)
        sub.managed_by = ""
        form = rng.pick(REFUSING if rng.chance(0.6) else PERMITTING)
        if form != "none":
            _deny(sub, form, account.id.partition("/providers/")[0], group)


def _deny(sub: Subscription, form: str, managed: str, group: str) -> None:
    rng = sub.rng
    scope = {"subscription": sub.id, "other group": f"{sub.id}/resourceGroups/{group}"}.get(form, managed)
    some = {"id": rng.guid(), "displayName": "Interns", "type": "Group"}
    name = rng.guid()
    actions = ["Microsoft.Compute/*"] if form == "machines only" else ["*"]
    properties: Json = {
        "denyAssignmentName": f"System deny assignment {form}",
        "description": "Prevents changes of managed resources",
        "permissions": [
            {"actions": actions, "notActions": ["*/read"], "dataActions": [], "notDataActions": []}
        ],
        "scope": scope,
        "doNotApplyToChildScopes": form == "not below",
        "principals": [some if form == "some principals" else _EVERYONE],
        "excludePrincipals": [
            {"id": rng.guid(), "displayName": "Azure Databricks", "type": "ServicePrincipal"}
        ],
        "isSystemProtected": True,
    }
    identifier = f"{scope}/providers/{_TYPE}/{name}"
    sub.out.document({"id": identifier, "name": name, "type": _TYPE, "properties": properties})
