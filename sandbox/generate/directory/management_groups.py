"""Generate the management groups above all subscriptions of a directory, with settings that the subscriptions inherit.

Formats: Microsoft.Authorization/roleAssignments 2022-04-01 and policyAssignments 2023-04-01,
Microsoft.Insights/diagnosticSettings 2021-05-01-preview (example listManagementGroupDiagnosticSettings).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sandbox.generate.directory.people import Directory, Person
from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource

_PROVIDER = "/providers/Microsoft.Management/managementGroups"
# Ids of built-in roles.
_OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
_READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
EXPORTED = frozenset({"Administrative", "Policy"})
"""The only categories of a subscription's events that a diagnostic setting of a management group exports, even if the
setting has the category group `allLogs`.
"""


@dataclass
class ManagementGroups:
    """The root management group and the group below it, which contains all subscriptions.

    - `exports`: whether a diagnostic setting of the lower group exports the activity log
    - `policy`: how the Microsoft cloud security benchmark is assigned to the root group. `good` satisfies the control
      defender-policy-all-recommendations. An empty text means that the benchmark is not assigned
    - `excluded`: the ids of subscriptions that the assignment excludes
    """

    root: str
    name: str
    display_name: str
    exports: bool
    policy: Literal["good", "not enforced", "effect off", "group excluded", ""]
    excluded: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{_PROVIDER}/{self.name}"

    def write_ancestors(self, out: Output, subscription: str) -> None:
        """Write the management groups above a subscription. Queries of Azure Resource Graph return them."""
        for name, label in ((self.root, "Tenant Root Group"), (self.name, self.display_name)):
            out.document(
                {
                    "id": f"{subscription}{_PROVIDER}/{name}",
                    "name": name,
                    "type": "Microsoft.Management/managementGroups",
                    "properties": {"displayName": label},
                }
            )


def choose_groups(rng: RandomSource, people: Directory, name: str) -> ManagementGroups | None:
    """Rarely, return management groups with random settings. Usually, the directory has no management groups, so return
    None.
    """
    if not rng.rare():
        return None
    policy: Literal["good", "not enforced", "effect off", "group excluded", ""] = ""
    if rng.chance(0.6):
        policy = rng.pick(("not enforced", "effect off", "group excluded")) if rng.faulty() else "good"
    return ManagementGroups(people.guid, "mg-landing-zones", f"{name} landing zones", rng.chance(0.7), policy)


def write_roles_and_export(
    out: Output, rng: RandomSource, groups: ManagementGroups, people: Directory
) -> None:
    """Write the role assignments and the diagnostic setting of the management groups.

    Also mark the people who can change resources, because their expected verdicts depend on this right.
    """
    for person in rng.sample(people.active_members, 2):
        role = rng.pick((_OWNER, _CONTRIBUTOR, _READER))
        _assign(out, rng, groups.id, person, role)
        if role != _READER:
            person.writes_azure = True
    guests = [guest for guest in people.guests if guest.enabled and guest.mfa_capable]
    if guests and rng.faulty():
        guest = rng.pick(guests)
        _assign(out, rng, groups.id, guest, _OWNER)
        guest.writes_azure = guest.owns_azure = True
    if not groups.exports:
        return
    logs: list[Json] = [{"category": name, "enabled": True} for name in sorted(EXPORTED)]
    if rng.chance(0.5):
        logs = [{"categoryGroup": "allLogs", "enabled": True}]
    namespace = (
        f"/subscriptions/{rng.guid()}/resourceGroups/rg-siem/providers/Microsoft.EventHub/namespaces/evh-siem"
    )
    properties: Json = {
        "storageAccountId": None,
        "workspaceId": None,
        "eventHubAuthorizationRuleId": f"{namespace}/authorizationRules/RootManageSharedAccessKey",
        "eventHubName": "activity",
        "logs": logs,
    }
    kind = "Microsoft.Insights/diagnosticSettings"
    identifier = f"{groups.id}/providers/{kind}/to-siem"
    out.document({"id": identifier, "name": "to-siem", "type": kind, "properties": properties})


def _assign(out: Output, rng: RandomSource, scope: str, person: Person, role: str) -> None:
    kind, name = "Microsoft.Authorization/roleAssignments", rng.guid()
    moment = rng.arm_timestamp(100, 900)
    properties: Json = {
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "principalId": person.id,
        "principalType": "User",
        "scope": scope,
        "condition": None,
        "conditionVersion": None,
        "createdOn": moment,
        "updatedOn": moment,
        "createdBy": rng.guid(),
        "updatedBy": rng.guid(),
    }
    out.document(
        {"id": f"{scope}/providers/{kind}/{name}", "type": kind, "name": name, "properties": properties}
    )


def write_policy(out: Output, groups: ManagementGroups, definition: str, effect: str, required: Json) -> None:
    """Write the assignment of an initiative to the root management group.

    Call this after all subscriptions have been written, because the assignment can exclude some of them. `definition`
    is the id of the initiative. `effect` is the name of a parameter. If `groups.policy` is `effect off`, the assignment
    sets this parameter to Disabled. `required` are the parameters that every assignment must set, because the policies
    of these parameters are off by default.
    """
    if not groups.policy:
        return
    scope = f"{_PROVIDER}/{groups.root}"
    not_scopes = [groups.id] if groups.policy == "group excluded" else list(groups.excluded)
    off = {effect: {"value": "Disabled"}} if groups.policy == "effect off" else {}
    properties: Json = {
        "displayName": "Microsoft cloud security benchmark",
        "policyDefinitionId": definition,
        "scope": scope,
        "notScopes": not_scopes,
        "parameters": {**required, **off},
        "enforcementMode": "DoNotEnforce" if groups.policy == "not enforced" else "Default",
    }
    kind = "Microsoft.Authorization/policyAssignments"
    identifier = f"{scope}/providers/{kind}/mcsb-root"
    out.document({"id": identifier, "name": "mcsb-root", "type": kind, "properties": properties})
