"""Find the policies that permit users to consent to applications. Pure functions.

The authorization policy lists the ids of these policies, mostly after a prefix: `ManagePermissionGrantsForSelf.{id}` if
users consent for themselves, `ManagePermissionGrantsForOwnedResource.{id}` if owners of a team or chat consent for the
team or chat. https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from assessments.estate.estate import Estate
from assessments.estate.ids import fold

LOW: Final = "microsoft-user-default-low"
LEGACY: Final = "microsoft-user-default-legacy"
_FOR_SELF: Final = "managepermissiongrantsforself."
_OWNED: Final = "managepermissiongrantsforownedresource."
# Ids have letters, digits, underscores and hyphens: https://learn.microsoft.com/graph/api/resources/permissiongrantpolicy
_ID: Final = re.compile(r"[\w-]+", re.ASCII)


def is_about_owned_resources(name: str) -> bool:
    """Return whether the assigned policy `name` concerns only the consent of owners for their teams and chats."""
    return fold(name).startswith(_OWNED)


def consent_policies(names: Iterable[str]) -> list[str]:
    """Return the ids of the assigned policies that permit users to consent, without their prefixes."""
    found = [name.strip() for name in names if name.strip() and not is_about_owned_resources(name)]
    return [name[len(_FOR_SELF) :] if fold(name).startswith(_FOR_SELF) else name for name in found]


def policies_to_read(estate: Estate) -> Iterable[str]:
    """Return the ids of the assigned consent policies that must be read: all except two built-in policies, whose
    conditions Microsoft documents.
    """
    found: set[str] = set()
    for view in estate.documents("authorization_policy"):
        names = view.raw("defaultUserRolePermissions.permissionGrantPoliciesAssigned")
        texts = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
        found |= {name for name in consent_policies(texts) if _ID.fullmatch(name)}
    return sorted(name for name in found if name.casefold() not in (LOW, LEGACY))
