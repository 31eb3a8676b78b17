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
_LEVELS = _SEVERITIES | {"critical"}
# The specification spells this type `AttackPath`. Microsoft's example of the list of contacts spells it `AttachPath`.
# Accept both.
_ATTACK_PATHS = frozenset({"attackpath", "attachpath"})
_SOURCES = _ATTACK_PATHS | {"alert"}
_STATES = frozenset({"on", "off"})
_OWNER = "owner"
# Accept `Admin` too: the specification lacks this role, but Microsoft's example of the list of contacts has it.
_OTHER_ROLES = frozenset({"admin", "serviceadmin", "accountadmin", "contributor"})


def addresses(contact: View) -> list[str]:
    """Return the valid email addresses of a contact, each once. Azure separates the addresses by `;`, and omits
    `emails` if a contact has no address.

    The addresses keep Azure's order. Sorting them would put the masked addresses of evidence into another order than
    the real addresses, so judging the evidence again would give other observed values.
    """
    stated = [part.strip() for part in re.split(r"[;,]", contact.text("properties.emails", default=""))]
    return list(dict.fromkeys(part for part in stated if _ADDRESS.fullmatch(part)))


def is_enabled(contact: View) -> bool:
    """Return whether the contact is enabled. A contact without `isEnabled` is enabled."""
    return contact.flag("properties.isEnabled", default=True)


def sends_alerts(contact: View) -> bool:
    """Return whether alerts are mailed to the contact. If so, alerts of high severity are always mailed.

    In the newer shape, each source of a contact has a type. Raise Unreadable if no source has the type Alert, but one
    source has a type that Surety does not know: this source may be for alerts.
    """
    properties = contact.object("properties")
    if properties.has("alertNotifications"):
        return properties.object("alertNotifications").choice("state", _STATES) == "on"
    return bool(_least(contact, frozenset({"alert"}), "minimalSeverity", _SEVERITIES))


def least_alert_severity(contact: View) -> str:
    """Return the lowest severity, in lower case, of the alerts that are mailed, or an empty text if no alerts are
    mailed.

    Raise Unreadable if the severity is absent or unknown, or if `sends_alerts` raises Unreadable.
    """
    properties = contact.object("properties")
    if properties.has("alertNotifications"):
        alerts = properties.object("alertNotifications")
        return (
            alerts.choice("minimalSeverity", _SEVERITIES) if alerts.choice("state", _STATES) == "on" else ""
        )
    return _least(contact, frozenset({"alert"}), "minimalSeverity", _SEVERITIES)


def least_attack_path_level(contact: View) -> str:
    """Return the lowest risk level, in lower case, of the attack paths that are mailed, or an empty text if no attack
    paths are mailed.

    Raise Unreadable if the risk level is absent or unknown, or if a source of unknown type may be for attack paths. A
    contact in the older shape never gets attack paths.
    """
    return _least(contact, _ATTACK_PATHS, "minimalRiskLevel", _LEVELS)


def _least(contact: View, kinds: frozenset[str], level: str, levels: frozenset[str]) -> str:
    unknown: Unreadable | None = None
    for source in contact.object("properties").items("notificationsSources"):
        try:
            kind = source.choice("sourceType", _SOURCES)
        except Unreadable as error:
            unknown = unknown or error
            continue
        if kind in kinds:
            return source.choice(level, levels)
    if unknown is not None:
        raise unknown
    return ""


def owners_are_notified(contact: View) -> bool:
    """Return whether the subscription's owners are notified because of their role.

    The roles ServiceAdmin and AccountAdmin do not count: they belong to classic administrators, which Microsoft retired
    on 31 August 2024.
    https://learn.microsoft.com/azure/role-based-access-control/classic-administrators

    Raise Unreadable if the roles lack Owner and contain a role that Surety does not know: the unknown role may include
    the owners.
    """
    by_role = contact.object("properties").object("notificationsByRole")
    if by_role.choice("state", _STATES) != "on":
        return False
    roles = {role.casefold() for role in by_role.texts("roles")}
    if _OWNER in roles:
        return True
    by_role.choices("roles", _OTHER_ROLES)
    return False
