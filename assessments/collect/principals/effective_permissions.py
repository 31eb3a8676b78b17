"""Read the permissions that a principal has on a whole subscription. These permissions decide which lists of the
subscription count as complete, and which data of a delegated subscription may be read.

If a principal has roles only on some resource groups, Azure Resource Manager answers with status 200 and lists only the
resources in these groups. Nothing shows that the list is incomplete, so alert rules in other groups, for example, would
seem not to exist. If a role on the whole subscription lacks the action that reads a type, the list of the type can be
empty in the same way: https://github.com/Azure/enterprise-azure-policy-as-code/issues/545
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assessments.collect.delegated_errors import for_customer
from assessments.collect.errors import BadAnswer
from assessments.collect.failures import EXPECTED, gap_of
from assessments.collect.session import Session, path_of
from assessments.estate.collection import Collection, Source
from assessments.estate.gaps import Gap, Reason
from assessments.estate.identity.roles import covered
from assessments.estate.ids import fold

Permissions = Sequence[tuple[list[str], list[str]]]
"""(actions, notActions) of each role."""

# Microsoft documents this list of permissions only for resource groups and resources, but Azure returns it for
# subscriptions too. https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
EFFECTIVE = Collection(
    name="effective_permissions",
    path="{scope}/providers/Microsoft.Authorization/permissions",
    permission="Microsoft.Authorization/permissions/read",
    title="Effective permissions",
    api_version="2022-04-01",
    resource_type="Microsoft.Authorization/permissions",
    # The first api-version with this list: authorization-RoleDefinitionsCalls.json in
    # authorization/resource-manager/Microsoft.Authorization/stable/2015-07-01 of the REST API specifications.
    oldest_version="2015-07-01",
)


def ask_permissions(session: Session, scope: str) -> tuple[Permissions, Gap | None]:
    """Return the principal's permissions at `/subscriptions/<guid>`, or the gap that says why they could not be
    read."""
    try:
        rows = [row for page in session.pages(EFFECTIVE, scope) for row in page]
        return [(_texts(row, "actions"), _texts(row, "notActions")) for row in rows], None
    except EXPECTED as error:
        gap = gap_of(error, EFFECTIVE, scope, path_of(EFFECTIVE, scope))
        if gap is not None:
            return (), for_customer(gap, error, session)
        return (), Gap(EFFECTIVE.name, scope, Reason.NOT_FOUND, permission=EFFECTIVE.permission)


def is_permitted(collection: Collection, permissions: Permissions) -> bool:
    """Return whether the permissions contain an action that suffices to read the collection."""
    return any(
        covered(action, allowed) and not covered(action, taken)
        for action in collection.permissions
        for allowed, taken in permissions
    )


def has_role(session: Session, subscription_id: str) -> bool | None:
    """Return whether the principal has a role on the whole subscription, not only on resource groups. Return None if
    Azure does not say.
    """
    return DelegatedRights(*ask_permissions(session, f"/subscriptions/{subscription_id}")).has_role


@dataclass(frozen=True, slots=True)
class DelegatedRights:
    """The permissions of a principal on a whole subscription. If the permissions could not be read, `gap` says why, and
    nothing of a delegated subscription may be read.
    """

    permissions: Permissions = ()
    gap: Gap | None = None

    @classmethod
    def of(cls, session: Session) -> DelegatedRights | None:
        """Read the permissions from Azure. Return None if the session does not read a delegated subscription."""
        if not session.delegated_subscription:
            return None
        return cls(*ask_permissions(session, f"/subscriptions/{session.delegated_subscription}"))

    def refusal(self, collection: Collection, scope: str) -> Gap | None:
        """If the principal may not read the collection on the whole subscription, or if Azure Lighthouse hides the
        collection, return the gap. Otherwise, and for Microsoft Graph, return None.
        """
        if collection.source is Source.GRAPH:
            # Microsoft Graph is not delegated, so the session itself refuses the request.
            return None
        if is_permitted(collection, self.permissions):
            if collection.hidden_by_lighthouse:
                return Gap(collection.name, scope, Reason.NOT_DELEGATED, permission=collection.permission)
            return None
        partly = Gap(collection.name, scope, Reason.PARTLY_DELEGATED, permission=collection.permission)
        if self.gap is None:
            return partly
        found = replace(self.gap, collection=collection.name, scope=scope, permission=collection.permission)
        return replace(found, reason=partly.reason) if self.has_role is False else found

    @property
    def has_role(self) -> bool | None:
        """Whether a role is delegated for the whole subscription; None if Azure has not answered."""
        if self.gap is not None:
            # The role Reader permits reading one's own permissions. So a refusal means that not even Reader is
            # delegated, and counts as no role.
            return False if self.gap.reason is Reason.FORBIDDEN else None
        return any(allowed for allowed, _ in self.permissions)


@dataclass(slots=True)
class _Read:
    """The permissions on one subscription. With `lock`, only one thread requests them from Azure."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    rights: DelegatedRights | None = None


class OwnRights:
    """The permissions of a customer's own principal on whole subscriptions. The class is thread-safe.

    The permissions on a subscription are requested once, when `shortened` is first called for this subscription.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._known: dict[str, _Read] = {}

    def shortened(self, collection: Collection, scope: str) -> Gap | None:
        """Return a gap if the list of a collection in a subscription may be incomplete, although Azure returned no
        error. Otherwise, and for all other requests, return None.

        A list may be incomplete if the principal has no permission to read the collection on the whole subscription. If
        Azure refused to list the principal's permissions, return a gap. If the permissions could not be read for
        another reason, return None.
        """
        if collection.source is not Source.ARM or not _is_subscription(scope):
            return None
        rights = self._of(scope)
        if rights.has_role is None or is_permitted(collection, rights.permissions):
            return None
        # If Azure refused to list the principal's permissions, the principal may still have the permission for the
        # collection. Only the permission of EFFECTIVE is certainly missing, so `rights.gap` names it.
        found = rights.gap or Gap(collection.name, scope, Reason.FORBIDDEN, permission=collection.permission)
        return replace(
            found,
            collection=collection.name,
            path=path_of(collection, scope),
            api_version=collection.api_version,
        )

    def _of(self, scope: str) -> DelegatedRights:
        with self._lock:
            read = self._known.setdefault(fold(scope), _Read())
        with read.lock:
            if read.rights is None:
                read.rights = DelegatedRights(*ask_permissions(self._session, scope))
            return read.rights


def _is_subscription(scope: str) -> bool:
    return fold(scope).startswith("/subscriptions/") and scope.count("/") == 2


def _texts(row: Mapping[str, Any], key: str) -> list[str]:
    """Return the action patterns. Raise BadAnswer if a pattern is not a string: leaving it out could add or remove
    permissions.
    """
    patterns = row.get(key) or []
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise BadAnswer(f"`{key}` of the effective permissions is not a list of strings")
    return patterns
