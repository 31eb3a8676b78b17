"""Determine which permissions a service principal lacks, and build the az commands that grant them. Pure functions.

In Azure Resource Manager, the role Reader on the subscription permits all reads of Surety, except reading the
collections in AT_MANAGEMENT_GROUPS and ABOVE_SUBSCRIPTIONS. In Microsoft Graph, each application permission is added to
the application, and an administrator consents. The ids of the application permissions (`appRoles`) are the same in
every directory. They come from permissions/new/provisioningInfo.json of August 2026 in
https://github.com/microsoftgraph/microsoft-graph-devx-content; `az ad sp show --id
00000003-0000-0000-c000-000000000000 --query appRoles` lists them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from assessments.controls.declare import Control
from assessments.controls.registry import catalogue
from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.collections.logging import MANAGEMENT_GROUP_LOG_SETTINGS
from assessments.estate.collections.tenant import (
    ENTRA_LOG_SETTINGS,
    INTUNE_LOG_SETTINGS,
    SUBSCRIPTION_POLICY,
)
from assessments.estate.gaps import Reason
from assessments.estate.retired import Feature
from assessments.fixes.variables import EXAMPLE_GUID
from tenants.cloud_table import CLOUDS, Cloud
from tenants.values.command_values import checked_guid

SUBSCRIPTION_PLACEHOLDER = "<id>"
"""Stands for a subscription whose id is not known. In commands, `reader_commands` writes a variable in its place."""
GRAPH = "00000003-0000-0000-c000-000000000000"
APP_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
        "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
        "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
        "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
        "RoleManagement.Read.Directory": "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
        "RoleEligibilitySchedule.Read.Directory": "ff278e11-4a33-4d0c-83d2-d01dc58929a5",
        "Domain.Read.All": "dbb9058a-0e50-45d7-ae91-66909b5d4664",
        "CrossTenantInformation.ReadBasic.All": "cac88765-0581-4025-9725-5ebc13f729ee",
        "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup": "edb419d6-7edc-42a3-9345-509bfdf5d87c",
        "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
        "GroupSettings.Read.All": "f3c4f514-c65a-43f5-bfce-1735872258dd",
        "Policy.Read.DeviceConfiguration": "bdba4817-6ba1-4a7c-8a01-be9bc7c242dd",
        "Policy.Read.PermissionGrant": "9e640839-a198-48fb-8b9a-013fd6f6cbcd",
        "Domain-InternalFederation.Read.All": "c0e5a7b0-e8b7-40a7-b8e0-8249e6ea81d5",
        # If this permission is missing, no request fails. But Graph then lists no members of groups with a hidden
        # membership.
        "Member.Read.Hidden": "658aa5d8-239f-45c4-aa12-864f4fc7e490",
    }
)

AT_MANAGEMENT_GROUPS = frozenset({MANAGEMENT_GROUP_LOG_SETTINGS.name})
"""Collections that need a permission on management groups. Reader on the subscription is not sufficient."""

MANAGEMENT_GROUP = "management group"

ABOVE_SUBSCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        ENTRA_LOG_SETTINGS.name: "/providers/Microsoft.aadiam",
        INTUNE_LOG_SETTINGS.name: "/providers/Microsoft.Intune",
        SUBSCRIPTION_POLICY.name: "/",
    }
)
"""{name of a collection: scope}, for collections that belong to a directory but are read from Azure Resource Manager.

The role Reader at the scope permits reading the collection. Reader on a subscription or a management group is not
sufficient. For the policy on moving subscriptions, the role may be unnecessary: every user can read this policy, but
Microsoft does not document whether a service principal without a role can read it.
https://learn.microsoft.com/azure/cost-management-billing/manage/manage-azure-subscription-policy
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """A missing permission, the slugs of the controls that need it, and the Azure CLI commands that grant it. The
    commands are a list: a command can contain line breaks, so a script with all commands could not be split again.
    """

    permission: str
    controls: tuple[str, ...]
    commands: tuple[str, ...]

    @property
    def command(self) -> str:
        """The commands as a script."""
        return "\n".join(self.commands)


def is_graph(permission: str) -> bool:
    """Return whether a permission belongs to Microsoft Graph. Unlike ARM actions, permissions of Microsoft Graph
    contain no `/`.
    """
    return "/" not in permission


def cloud_commands(cloud: Cloud, directory_id: str) -> list[str]:
    """Return the commands that sign in to a sovereign cloud. Return no commands for the cloud that the Azure CLI uses
    by default.
    """
    if cloud.is_default or not cloud.cli:
        return []
    return [f"az cloud set --name {cloud.cli}", f"az login --tenant {checked_guid(directory_id)}"]


def reader_commands(client_id: str, subscriptions: Iterable[str]) -> list[str]:
    """Return the commands that grant Reader on subscriptions, one command for each subscription. If a subscription is
    SUBSCRIPTION_PLACEHOLDER, the commands have a variable in which a person enters the GUID.
    """
    lines = []
    for guid in subscriptions:
        if guid == SUBSCRIPTION_PLACEHOLDER:
            lines += [f"# Id of a subscription to assess. Example: {EXAMPLE_GUID}", "SUBSCRIPTION=''"]
            scope = '/subscriptions/"${SUBSCRIPTION:?}"'
        else:
            scope = f"/subscriptions/{checked_guid(guid)}"
        lines.append(_reader(client_id, scope))
    return lines


def group_reader_commands(client_id: str) -> list[str]:
    """Return the command that grants Reader on a management group. Groups and subscriptions below inherit the role."""
    return [
        "# Name of the topmost management group. Example: contoso",
        "MANAGEMENT_GROUP=''",
        _reader(client_id, '/providers/Microsoft.Management/managementGroups/"${MANAGEMENT_GROUP:?}"'),
    ]


def directory_reader_commands(client_id: str, scope: str) -> list[str]:
    """Return the command that grants Reader at a scope above all subscriptions."""
    # https://learn.microsoft.com/azure/role-based-access-control/elevate-access-global-admin
    return [
        "# Only a Global Administrator with elevated access can assign this role",
        _reader(client_id, scope),
    ]


def _reader(client_id: str, scope: str) -> str:
    # Assign by object id, because Azure may not yet find a new service principal by its client id.
    assignee = (
        f'--assignee-object-id "$(az ad sp show --id {checked_guid(client_id)} --query id --output tsv)"'
        " --assignee-principal-type ServicePrincipal"
    )
    return f"az role assignment create {assignee} --role Reader --scope {scope}"


def graph_commands(client_id: str, permissions: Iterable[str], cloud: str = "") -> list[str]:
    """Return the command that adds the permissions to the application, and the command that consents to them."""
    # If permissions are alternatives (`A|B`), add only the first, because it grants the fewest rights.
    roles = [f"{APP_ROLES[permission.split('|')[0]]}=Role" for permission in permissions]
    if not roles:
        return []
    return add_and_consent(checked_guid(client_id), roles, cloud)


def add_and_consent(application: str, roles: Sequence[str], cloud: str) -> list[str]:
    """Return the commands that add app roles to an application and consent to them. `application` is its client id, or
    a Bash variable with the client id.
    """
    # azure-cli 2.91.0 refuses `admin-consent` in sovereign clouds, so a comment says where to consent.
    is_sovereign = cloud in CLOUDS and not CLOUDS[cloud].is_default
    consent = (
        "# Consent in the Entra admin center › Entra ID › App registrations › the application › API permissions"
        if is_sovereign
        else f"az ad app permission admin-consent --id {application}"
    )
    return [
        f"az ad app permission add --id {application} --api {GRAPH} --api-permissions {' '.join(roles)}",
        consent,
    ]


def grant_of(
    permission: str, controls: Iterable[str], client_id: str, subscriptions: Iterable[str], cloud: str = ""
) -> Grant:
    """Return the grant of one missing permission on subscriptions or in Graph."""
    lines = (
        graph_commands(client_id, [permission], cloud)
        if is_graph(permission)
        else reader_commands(client_id, subscriptions)
    )
    return Grant(permission, tuple(controls), tuple(lines))


def group_grant(permission: str, controls: Iterable[str], client_id: str) -> Grant:
    """Return the grant of one missing permission on a management group."""
    return Grant(permission, tuple(controls), tuple(group_reader_commands(client_id)))


def directory_grant(permission: str, controls: Iterable[str], client_id: str, scope: str) -> Grant:
    """Return the grant of one missing permission at a scope above all subscriptions."""
    return Grant(permission, tuple(controls), tuple(directory_reader_commands(client_id, scope)))


def place_of(collection: str) -> str:
    """Return where the permission to read a collection is granted: MANAGEMENT_GROUP, or a scope above all
    subscriptions. Return an empty text if the permission is granted on subscriptions or in Microsoft Graph.
    """
    if collection in AT_MANAGEMENT_GROUPS:
        return MANAGEMENT_GROUP
    return ABOVE_SUBSCRIPTIONS.get(collection, "")


def grant_at(
    permission: str,
    place: str,
    controls: Iterable[str],
    client_id: str,
    subscriptions: Iterable[str],
    cloud: str = "",
) -> Grant:
    """Return the grant of one missing permission. `place` is the result of `place_of` for the collection that needs the
    permission.
    """
    if place == MANAGEMENT_GROUP:
        return group_grant(permission, controls, client_id)
    if place:
        return directory_grant(permission, controls, client_id, place)
    return grant_of(permission, controls, client_id, subscriptions, cloud)


def commands_of(grants: Sequence[Grant], client_id: str, cloud: str = "") -> list[str]:
    """Return the commands of all grants, each once. One command adds all Graph permissions."""
    arm = [line for grant in grants if not is_graph(grant.permission) for line in grant.commands]
    graph = [grant.permission for grant in grants if is_graph(grant.permission)]
    return [*dict.fromkeys(arm), *graph_commands(client_id, graph, cloud)]


def closure(control: Control, missing: Container[Feature | None] = ()) -> dict[str, Collection]:
    """Return {name: collection} of the collections that a control needs to reach a verdict. If the requests for such a
    collection depend on documents of other collections, the other collections are included.

    Collections that are read only for remarks (`optional`) are not included. `missing` are the features that the cloud
    lacks. If the feature of the control is missing, the result is empty. Collections whose feature is missing are not
    included either.
    """
    found: dict[str, Collection] = {}
    if control.feature in missing:
        return found
    waiting = list(control.needs)
    while waiting:
        collection = waiting.pop()
        if collection.feature in missing:
            continue
        if found.setdefault(collection.name, collection) is collection and collection.targets is not None:
            waiting.extend(ALL[name] for name in collection.after if name not in found)
    return found


def grants_from_ledger(
    ledger: Mapping[str, Mapping[str, Any]], client_id: str, subscriptions: Iterable[str], cloud: str = ""
) -> list[Grant]:
    """Return a grant for each permission that was missing in an assessment, ARM before Graph.

    `ledger` is the result of `selectors.ledger`, or the `coverage` of a unit. `subscriptions` are the GUIDs on which to
    grant Reader. A grant lists the controls with a verdict that is unknown because the permission is missing. Some
    permissions, such as the permission to read hidden memberships, can be missing although no request fails. Such
    permissions are taken from the unknown verdicts, which name the missing permission.
    """
    refused = {
        name: (row["permission"], place_of(name))
        for name, row in ledger.get("collections", {}).items()
        if row.get("gaps", {}).get(str(Reason.FORBIDDEN))
    }
    rows = ledger.get("controls", {})
    waiting: dict[tuple[str, str], list[str]] = {missing: [] for missing in refused.values()}
    for slug, control in catalogue().items():
        if not rows.get(slug, {}).get("unknown", {}).get(str(Reason.FORBIDDEN)):
            continue
        further = {(permission, "") for permission in rows[slug].get("permissions", {})}
        for missing in sorted({refused[name] for name in closure(control) if name in refused} | further):
            waiting.setdefault(missing, []).append(slug)
    scopes = sorted(set(subscriptions))
    order = sorted(waiting, key=lambda missing: (is_graph(missing[0]), missing))
    return [
        grant_at(permission, place, waiting[permission, place], client_id, scopes, cloud)
        for permission, place in order
    ]
