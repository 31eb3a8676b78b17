"""Select the databases, servers and managed instances whose encryption or vulnerability assessment Surety reads. Pure
functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.estate.estate import Estate
from assessments.estate.ids import fold
from assessments.estate.view import View

# According to the specification, Azure never returns these keys (`x-ms-secret`). If Azure returns them nevertheless,
# they must not be stored.
_KEYS = frozenset({"storageContainerSasKey", "storageAccountAccessKey"})


def without_keys(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a vulnerability assessment without the keys of its storage account."""
    properties = body.get("properties")
    if not isinstance(properties, Mapping) or not _KEYS & properties.keys():
        return body
    return {**body, "properties": {key: value for key, value in properties.items() if key not in _KEYS}}


def is_user_database(database: View) -> bool:
    """Return whether a database of a server is a user database, not a system database."""
    kind = database.raw("kind")
    is_system = isinstance(kind, str) and "system" in kind.casefold()
    return database.name.casefold() != "master" and not is_system


def user_databases(estate: Estate) -> Iterable[str]:
    """Return the ids of the user databases of servers."""
    return [view.id for view in estate.documents("sql_databases") if view.id and is_user_database(view)]


def instances_without_classic_assessment(estate: Estate) -> Iterable[str]:
    """Return the ids of the managed instances without the classic configuration of vulnerability assessment. Only such
    instances can have the express configuration.
    """
    on = set()
    for answer in estate.answers("managed_instance_assessments"):
        for view in answer.documents:
            if (
                view.raw("properties.storageContainerPath")
                or view.raw("properties.recurringScans.isEnabled") is True
            ):
                on.add(fold(answer.scope))
    return [view.id for view in estate.documents("managed_instances") if view.id and fold(view.id) not in on]


def servers_without_express_assessment(estate: Estate) -> Iterable[str]:
    """Return the ids of the servers without the express configuration of vulnerability assessment. Only such servers
    can have the classic configuration.
    """
    on = set()
    for answer in estate.answers("sql_express_assessments"):
        if any(str(view.raw("properties.state")).casefold() == "enabled" for view in answer.documents):
            on.add(fold(answer.scope))
    return [view.id for view in estate.documents("sql_servers") if view.id and fold(view.id) not in on]
