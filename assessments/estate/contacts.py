"""The recipients of the alerts of Defender for Cloud. Pure functions.

Azure returns two shapes: `notificationsSources` (2023-12-01-preview) and the older
`alertNotifications` (2020-01-01-preview).

Source: https://learn.microsoft.com/rest/api/defenderforcloud/security-contacts/list
"""

from __future__ import annotations

import re

from assessments.estate.view import Unreadable, View

_ADDRESS = re.compile(r"[^@\s;,]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_SEVERITIES = frozenset({"low", "medium", "high"})
_SOURCES = frozenset({"alert", "attackpath"})
_STATES = frozenset({"on", "off"})
_OWNER = "owner"
# `Admin` is not in the specification, but Microsoft's example of a list has it beside `Owner`.
_OTHER_ROLES = frozenset({"admin", "serviceadmin", "accountadmin", "contributor"})


def addresses(contact: View) -> list[str]:
    """Return the valid email addresses of a contact, each once. Azure separates addresses by `;`, and omits the
    property if there are none.

    The addresses keep Azure's order. If they were sorted, masked addresses in the evidence would have another order.
    """
    stated = [part.strip() for part in re.split(r"[;,]", contact.text("properties.emails", default=""))]
    return list(dict.fromkeys(part for part in stated if _ADDRESS.fullmatch(part)))


def is_enabled(contact: View) -> bool:
    """Whether the contact is enabled; absent means yes."""
    return contact.flag("properties.isEnabled", default=True)


def sends_alerts(contact: View) -> bool:
    """Whether the contact gets alerts of High severity. Each known minimal severity includes High.

    Raise Unreadable if the contact does not name alerts, but a source that Surety does not know.
    """
    properties = contact.object("properties")
    if properties.has("alertNotifications"):
        return properties.object("alertNotifications").choice("state", _STATES) == "on"
    unknown: Unreadable | None = None
    for source in properties.items("notificationsSources"):
        try:
            kind = source.choice("sourceType", _SOURCES)
        except Unreadable as error:
            unknown = unknown or error
            continue
        if kind == "alert":
            return bool(source.choice("minimalSeverity", _SEVERITIES))
    if unknown is not None:
        raise unknown
    return False


def owners_are_notified(contact: View) -> bool:
    """Whether the subscription's owners are notified because of their role.

    The roles ServiceAdmin and AccountAdmin are other people: classic administrators, which Microsoft retired on 31
    August 2024. https://learn.microsoft.com/azure/role-based-access-control/classic-administrators

    Raise Unreadable if the owners are not named, but a role occurs that neither the specification nor its examples
    contain, because that role may include the owners.
    """
    by_role = contact.object("properties").object("notificationsByRole")
    if by_role.choice("state", _STATES) != "on":
        return False
    roles = {role.casefold() for role in by_role.texts("roles")}
    if _OWNER in roles:
        return True
    by_role.choices("roles", _OTHER_ROLES)
    return False
