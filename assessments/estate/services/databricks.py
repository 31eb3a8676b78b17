"""Read the compute, pricing tier and custom parameters of Azure Databricks workspaces. Pure functions.

Properties: databricks/resource-manager/Microsoft.Databricks/Databricks/stable/2026-01-01/openapi.json
(WorkspaceProperties, WorkspaceCustomParameters)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assessments.estate.view import View

_MODES: Final = frozenset({"serverless", "hybrid"})
_TIERS: Final = frozenset({"premium", "standard", "trial"})
_FLAGS: Final = {"true": True, "false": False}


def is_serverless(workspace: View) -> bool:
    """Return whether the workspace has only serverless compute, which runs in networks of Databricks. Raise Unreadable
    if a property is missing or invalid.

    API versions before 2026-01-01 have no property `computeMode`, and return only workspaces that are not serverless.
    """
    return workspace.object("properties").choice("computeMode", _MODES, default="Hybrid") == "serverless"


def is_in_managed_network(workspace: View) -> bool:
    """Return whether Azure states that the clusters of the workspace run in a network that Databricks manages."""
    custom = workspace.raw("properties.parameters")
    is_hybrid = str(workspace.raw("properties.computeMode") or "Hybrid").casefold() == "hybrid"
    return (
        is_hybrid
        and isinstance(custom, Mapping)
        and not workspace.raw("properties.parameters.customVirtualNetworkId.value")
    )


def is_standard(workspace: View) -> bool:
    """Return whether the workspace has the tier Standard, which lacks most security features. The tier Trial has the
    features of Premium. Raise Unreadable if a property is missing or invalid.
    """
    return workspace.choice("sku.name", _TIERS) == "standard"


def parameters(workspace: View) -> View:
    """Return the custom parameters of the workspace. Raise Unreadable if Azure did not return them."""
    return workspace.object("properties").object("parameters")


def text_parameter(workspace: View, name: str) -> str:
    """Return the value of a custom parameter, or an empty text if the workspace does not set the parameter. Raise
    Unreadable if a property is missing or invalid.
    """
    return parameters(workspace).object(name, default={}).text("value", default="").strip()


def flag_parameter(workspace: View, name: str) -> bool:
    """Return the value of a custom parameter, which is a boolean or the text “true” or “false”. Raise Unreadable if a
    property is missing or invalid.
    """
    parameter = parameters(workspace).object(name)
    value = parameter.raw("value")
    if isinstance(value, str):
        if value.casefold() not in _FLAGS:
            raise parameter.unknown_value("value", value)
        return _FLAGS[value.casefold()]
    return parameter.flag("value")
