"""Read the roles and application permissions of the service principal of a session. Nothing else is read.

- Microsoft Graph returns the id and the application permissions of the service principal. `Application.Read.All` is the
  documented least privilege: https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignments
- Azure Resource Manager, with the filter `assignedTo`, lists the role assignments of the service principal and of its
  groups: https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest . The role Reader
  suffices.
- Microsoft Graph lists the directory roles that are assigned to the service principal itself. Roles that the service
  principal has as a member of a group are not read.
  https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from typing import Any, Final

from assessments.collect.errors import BadAnswer
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.session import Session, path_of
from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.gaps import Reason
from assessments.estate.identity.principal_roles import (
    ApplicationRole,
    AzureRole,
    DirectoryRole,
    PrincipalRoles,
    Unread,
)
from tenants.ids import canonical_guid

THREADS: Final = 8
OWN_ID: Final = Collection(
    name="own_service_principal",
    path="servicePrincipals(appId='{scope}')",
    permission="Application.Read.All",
    title="Own service principal",
    source=Source.GRAPH,
    shape=Shape.SINGLE,
    query={"$select": "id"},
)
OWN_PERMISSIONS: Final = Collection(
    name="own_application_permissions",
    path="servicePrincipals/{scope}/appRoleAssignments",
    permission="Application.Read.All",
    title="Own application permissions",
    source=Source.GRAPH,
)
# The names of an API's permissions. These names are requested only if the principal has a permission of the API.
API_PERMISSIONS: Final = Collection(
    name="permissions_of_api",
    path="servicePrincipals/{scope}",
    permission="Application.Read.All",
    title="Permissions of an API",
    source=Source.GRAPH,
    shape=Shape.SINGLE,
    query={"$select": "displayName,appRoles"},
)
OWN_ASSIGNMENTS: Final = Collection(
    name="own_role_assignments",
    path="{scope}/providers/Microsoft.Authorization/roleAssignments",
    permission="Microsoft.Authorization/roleAssignments/read",
    title="Own role assignments",
    api_version="2022-04-01",
    oldest_version="2015-07-01",
    resource_type="Microsoft.Authorization/roleAssignments",
    # `{principal}` is the object id of the service principal.
    query={"$filter": "assignedTo('{principal}')"},
)
OWN_ROLE: Final = Collection(
    name="own_role_definition",
    # `{role}` is the GUID of the definition.
    path="{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}",
    permission="Microsoft.Authorization/roleDefinitions/read",
    title="Own role definition",
    api_version="2022-04-01",
    oldest_version="2015-07-01",
    resource_type="Microsoft.Authorization/roleDefinitions",
    shape=Shape.SINGLE,
)
OWN_DIRECTORY_ROLES: Final = Collection(
    name="own_directory_roles",
    path="roleManagement/directory/roleAssignments",
    permission="RoleManagement.Read.Directory",
    title="Own directory roles",
    source=Source.GRAPH,
    # `{principal}` is the object id of the service principal.
    query={"$filter": "principalId eq '{principal}'", "$expand": "roleDefinition"},
)
REQUESTS: Final = (
    OWN_ID,
    OWN_PERMISSIONS,
    API_PERMISSIONS,
    OWN_ASSIGNMENTS,
    OWN_ROLE,
    OWN_DIRECTORY_ROLES,
)
"""All requests of this module, for docs/azure-requests.md."""


def read_roles(
    session: Session, client_id: str, subscriptions: Sequence[str], seconds: float | None = None
) -> PrincipalRoles:
    """Return the roles that the service principal of the application `client_id` has: application permissions,
    directory roles, and Azure roles on `subscriptions` (GUIDs).

    Errors of requests are not raised; the result lists them. A request that is not answered after `seconds` counts as a
    timeout.
    """
    try:
        own = _guid(_only(session, OWN_ID, client_id), "id")
    except EXPECTED as error:
        unread = _unread(error, OWN_ID, client_id)
        # Without the object id, no role assignment can be requested.
        return PrincipalRoles(azure_unread=(unread,), applications_unread=unread, directory_unread=unread)
    found: list[ApplicationRole] = []
    problem: Unread | None = None
    try:
        found = _application_roles(session, own)
    except EXPECTED as error:
        problem = _unread(error, OWN_PERMISSIONS, own)
    held: list[DirectoryRole] = []
    hidden: Unread | None = None
    try:
        held = _directory_roles(session, own)
    except EXPECTED as error:
        hidden = _unread(error, OWN_DIRECTORY_ROLES, "")
    azure, unread_scopes = _azure_roles(session, own, subscriptions, seconds)
    return PrincipalRoles(tuple(azure), tuple(unread_scopes), tuple(found), problem, tuple(held), hidden)


def _application_roles(session: Session, own: str) -> list[ApplicationRole]:
    granted: dict[str, set[str]] = {}
    for document in _documents(session, OWN_PERMISSIONS, own):
        granted.setdefault(_guid(document, "resourceId"), set()).add(_guid(document, "appRoleId"))
    found = []
    for resource, ids in granted.items():
        api = _only(session, API_PERMISSIONS, resource)
        names = {
            str(row.get("id")).casefold(): _text(row.get("value") or "") for row in _rows(api, "appRoles")
        }
        title = _text(api.get("displayName") or resource)
        found += [ApplicationRole(names.get(one) or one, title) for one in ids]
    return sorted(found, key=lambda role: (role.resource, role.permission))


def _directory_roles(session: Session, own: str) -> list[DirectoryRole]:
    asked = replace(
        OWN_DIRECTORY_ROLES, query={**OWN_DIRECTORY_ROLES.query, "$filter": f"principalId eq '{own}'"}
    )
    found = []
    for document in _documents(session, asked, ""):
        if _guid(document, "principalId") != own:
            continue
        role, definition = _guid(document, "roleDefinitionId"), document.get("roleDefinition") or {}
        if not isinstance(definition, Mapping):
            raise BadAnswer("`roleDefinition` is not an object")
        scope = _text(document.get("directoryScopeId") or "/")
        name = _text(definition.get("displayName") or "")
        found.append(DirectoryRole(name, role, scope, _only_reads(definition)))
    return sorted(found, key=lambda one: (one.role, one.role_id, one.scope))


def _only_reads(definition: Mapping[str, Any]) -> bool:
    """Return whether a directory role certainly permits reading only. This holds for a built-in role if its name ends
    with Reader or Readers, and for a custom role if all its actions end with `/read`.

    https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
    """
    if definition.get("isBuiltIn") is True:
        return str(definition.get("displayName")).endswith(("Reader", "Readers"))
    actions = [
        str(action)
        for permission in _rows(definition, "rolePermissions")
        for action in permission.get("allowedResourceActions") or []
    ]
    return bool(actions) and all(action.casefold().endswith("/read") for action in actions)


def _azure_roles(
    session: Session, own: str, subscriptions: Sequence[str], seconds: float | None
) -> tuple[list[AzureRole], list[Unread]]:
    asked = replace(OWN_ASSIGNMENTS, query={"$filter": f"assignedTo('{own}')"})
    scopes = [f"/subscriptions/{guid}" for guid in sorted({guid.casefold() for guid in subscriptions})]
    answers = _at_once([partial(_answer, session, asked, scope) for scope in scopes], seconds)
    documents: dict[str, Mapping[str, Any]] = {}
    unread = []
    for scope, answer in zip(scopes, answers, strict=True):
        if isinstance(answer, Unread):
            unread.append(answer)
        elif answer is None:
            unread.append(Unread(scope, Reason.TIMEOUT, asked.permission))
        else:
            # Azure lists the assignments of a management group at each subscription below it. So keep each assignment
            # once.
            documents |= {str(one.get("id")).casefold(): one for one in answer}
    assigned = sorted({_assignment(document, own) for document in documents.values()})
    roles = sorted({role for role, _, _ in assigned})
    named = dict(
        zip(roles, _at_once([partial(_name, session, r, scopes) for r in roles], seconds), strict=True)
    )
    found = []
    for role, scope, through_group in assigned:
        name, is_custom = named[role] or ("", False)
        found.append(AzureRole(name, role, scope, is_custom, through_group))
    return found, unread


def _answer(session: Session, collection: Collection, scope: str) -> list[Mapping[str, Any]] | Unread:
    try:
        found = _documents(session, collection, scope)
        for document in found:
            _assignment(document, "")
    except EXPECTED as error:
        return _unread(error, collection, scope)
    return found


def _assignment(document: Mapping[str, Any], own: str) -> tuple[str, str, bool]:
    """Return the GUID of the role in a role assignment, the scope of the assignment, and whether the principal has the
    role through a group. Raise BadAnswer if the role or the scope is missing.
    """
    properties = document.get("properties")
    if not isinstance(properties, Mapping):
        raise BadAnswer("A role assignment has no properties")
    scope, role = properties.get("scope"), str(properties.get("roleDefinitionId")).rpartition("/")[2]
    if not isinstance(scope, str) or not scope or canonical_guid(role) is None:
        raise BadAnswer("A role assignment has no scope or no valid role")
    holder = canonical_guid(properties.get("principalId")) or ""
    return canonical_guid(role) or "", _text(scope), holder != own


def _name(session: Session, role: str, scopes: Sequence[str]) -> tuple[str, bool]:
    """Return the name of a role (empty if the role cannot be read), and whether the role is a custom role."""
    asked = replace(OWN_ROLE, path=OWN_ROLE.path.replace("{role}", role))
    for scope in scopes:
        try:
            properties = _only(session, asked, scope).get("properties")
        except EXPECTED:
            # A custom role can be read only at scopes where it can be assigned, so try the next scope.
            continue
        if isinstance(properties, Mapping) and isinstance(name := properties.get("roleName"), str):
            return _text(name), properties.get("type") == "CustomRole"
    return "", False


def _at_once[T](calls: Iterable[Callable[[], T]], seconds: float | None) -> list[T | None]:
    """Run the calls at the same time, and return their results in order. If a call has no result after `seconds`,
    its result is None.
    """
    pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="roles")
    try:
        futures = [pool.submit(call) for call in calls]
        wait(futures, timeout=seconds)
        return [future.result() if future.done() else None for future in futures]
    finally:
        # Do not wait for requests that are still running.
        pool.shutdown(wait=seconds is None, cancel_futures=True)


def _documents(session: Session, collection: Collection, scope: str) -> list[Mapping[str, Any]]:
    return [document for page in session.pages(collection, scope) for document in page]


def _only(session: Session, collection: Collection, scope: str) -> Mapping[str, Any]:
    documents = _documents(session, collection, scope)
    if len(documents) != 1:
        raise BadAnswer(f"{collection.title}: the answer is not one object")
    return documents[0]


def _rows(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = document.get(key) or []
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise BadAnswer(f"`{key}` is not a list of objects")
    return rows


def _text(value: object) -> str:
    """Return a text that the database can store, of at most 500 characters."""
    return str(value).replace("\x00", "\ufffd").encode(errors="replace").decode()[:500]


def _guid(document: Mapping[str, Any], key: str) -> str:
    found = canonical_guid(document.get(key))
    if found is None:
        raise BadAnswer(f"`{key}` is not a GUID")
    return found


def _unread(error: BaseException, collection: Collection, scope: str) -> Unread:
    gap = gap_of(error, collection, scope, path_of(collection, scope))
    at = scope if scope.startswith("/") else ""
    if gap is None:
        return Unread(at, Reason.NOT_FOUND, collection.permission)
    return Unread(at, gap.reason, collection.permission)
