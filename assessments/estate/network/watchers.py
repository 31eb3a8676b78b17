"""Find the regions that need a network watcher, and the regions in which Azure offers network watchers. Pure functions.

Source: https://learn.microsoft.com/rest/api/resources/providers/get (`resourceTypes[].locations`, which are names
such as West Europe)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.estate.estate import Estate
from assessments.estate.view import View

_TYPE = "networkwatchers"


def subscription_with_unwatched_region(estate: Estate) -> Iterable[str]:
    """Yield the unit's subscription if it has resources in a region without a provisioned network watcher."""
    watched = {
        view.location
        for view in estate.documents("network_watchers")
        if str(view.raw("properties.provisioningState")).casefold() == "succeeded"
    }
    used = {view.location for name in ("resources", "virtual_networks") for view in estate.documents(name)}
    if used - watched - {"", "global"}:
        yield estate.scope_id


def only_watchers(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document of the provider Microsoft.Network with only one of its resource types: network watchers."""
    types = body.get("resourceTypes")
    if not isinstance(types, list):
        return body
    kept = [
        {key: kind[key] for key in ("resourceType", "locations") if key in kind}
        for kind in types
        if isinstance(kind, Mapping) and str(kind.get("resourceType")).casefold() == _TYPE
    ]
    slim = {key: body[key] for key in ("id", "namespace", "registrationState") if key in body}
    return {**slim, "resourceTypes": kept}


def watcher_regions(provider: View) -> set[str]:
    """Return the regions in which Azure offers network watchers, in the spelling of `location` (`westeurope`). Raise
    Unreadable if a property is missing or invalid.
    """
    for kind in provider.items("resourceTypes"):
        if kind.text("resourceType").casefold() == _TYPE:
            return {name.replace(" ", "").casefold() for name in kind.texts("locations")}
    raise provider.unreadable("resourceTypes.networkWatchers", "absent")
